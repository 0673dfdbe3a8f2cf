package fuzz

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/race"
)

// probe is the state of a run. It notes what the functions of the pipeline do, in
// plain fields, and uses variables that the engine must have ordered: another order
// is reported as a race.
type probe struct {
	t     *check.T
	p     *plan
	nodes []nodeProbe
	over  bool // the run has returned

	ends    map[effect]bool     // how functions have ended
	broken  map[string][]effect // the failures of each path
	causes  []doneContext       // contexts that were done
	calls   int                 // of steps and items
	emitted int
	last    context.Context // of a call
}

// doneContext is a context that was done in a call: whose, and why.
type doneContext struct {
	path  string
	cause error
}

// nodeProbe is what is known of a node. All but runs and calls is of its last
// invocation.
type nodeProbe struct {
	runs, calls int
	attempt     int
	live        int    // calls between begin and end
	gave        effect // what its last call came to
	items       []itemProbe
	busy        int // items between first start and last end
	waiting     int // results that are not collected
	collecting  bool
	collected   []int
	late        int // calls of Collect after the context was done

	cells []race.Var[int] // of a step, or of the items
	turn  race.Var[int]   // used by all items, with a limit of 1
	sum   race.Var[int]   // used by Collect
}

type itemProbe struct {
	calls   int // in all invocations
	attempt int
	live    bool
	came    effect
	ended   bool
}

func newProbe(t *check.T, p *plan) *probe {
	s := &probe{t: t, p: p, nodes: make([]nodeProbe, len(p.nodes)), ends: map[effect]bool{}, broken: map[string][]effect{}}
	for i, n := range p.nodes {
		s.nodes[i].cells = make([]race.Var[int], max(1, len(n.items)))
		s.nodes[i].items = make([]itemProbe, len(n.items))
	}
	return s
}

// note notes how a call ends.
func (s *probe) note(path string, e effect) {
	s.ends[e] = true
	if e.failed() {
		s.broken[path] = append(s.broken[path], e)
	}
}

// look is what every call does: it emits, and looks at its context.
func (s *probe) look(ctx context.Context) {
	assert.False(s.t, s.over, "a call after the end of the run")
	s.calls++
	s.last = ctx
	if err := engine.Emit(ctx, s.calls); err == nil {
		s.emitted++
	} else {
		assert.Equal(s.t, ctx.Err(), err)
	}
	if ctx.Err() != nil {
		s.causes = append(s.causes, doneContext{engine.Info(ctx).Path, context.Cause(ctx)})
	}
}

// begin is what node i does first in an invocation: it uses what the nodes before it
// have done.
func (s *probe) begin(i int) {
	np := &s.nodes[i]
	np.runs++
	np.gave, np.collected, np.waiting, np.busy, np.attempt = none, nil, 0, 0, 0
	for k := range np.items {
		np.items[k].ended, np.items[k].attempt = false, 0
	}
	for k := range s.nodes {
		from := &s.nodes[k]
		edge, goes := slices.Contains(s.p.nodes[i].from, k), s.p.nodes[k].target == i
		if s.p.chain || edge || goes {
			assert.False(s.t, from.busyNow(), "node %d begins while %d runs", i, k)
		}
		if from.runs > 0 && (s.p.chain || edge && from.gave == none || goes && from.gave == jumped) && k != i {
			from.load()
		}
	}
}

func (np *nodeProbe) busyNow() bool {
	return np.live > 0 || np.collecting || slices.ContainsFunc(np.items, func(it itemProbe) bool { return it.live })
}

// load reads all that a node has written.
func (np *nodeProbe) load() {
	for k := range np.cells {
		np.cells[k].Load()
	}
	np.turn.Load()
	np.sum.Load()
}

func increment(n int) int { return n + 1 }

// step is the function of node i.
func (s *probe) step(ctx context.Context, i int) error {
	n, np := &s.p.nodes[i], &s.nodes[i]
	if np.calls == 0 || n.calls.at(np.calls-1) != retry {
		s.begin(i)
	}
	a := n.calls.at(np.calls)
	np.calls++
	np.attempt++
	np.live++
	assert.Equal(s.t, 1, np.live, "node %d runs twice at once", i)
	np.cells[0].Update(increment)
	s.look(ctx)
	defer func() {
		e := a.effect(inStep, np.attempt, s.p.retries)
		if e == jumped && s.ends[jumped] && s.p.chain && s.jumps() > s.p.jumps {
			e = "jumps"
		}
		np.live--
		np.gave = e
		s.note(fmt.Sprint(i), e)
	}()
	return a.end(ctx, n, n.calls.pause)
}

// jumps counts the Gotos of a chain, with the one that is about to be returned.
func (s *probe) jumps() int {
	all := 0
	for i, n := range s.p.nodes {
		if n.kind == step {
			all += min(max(s.nodes[i].calls-n.calls.retries, 0), n.calls.jumps)
		}
	}
	return all
}

// list is the function of the items of map i.
func (s *probe) list(ctx context.Context, i int) ([]int, error) {
	n, np := &s.p.nodes[i], &s.nodes[i]
	s.begin(i)
	a := n.calls.at(np.calls)
	np.calls++
	np.live++
	for k := range np.cells {
		np.cells[k].Store(k)
	}
	s.last = ctx
	defer func() {
		np.live--
		np.gave = a.effect(inItems, 1, s.p.retries)
		s.note(fmt.Sprint(i), np.gave)
	}()
	all := make([]int, len(n.items))
	for k := range all {
		all[k] = k
	}
	return all, a.end(ctx, n, n.calls.pause)
}

// iterate is the iterator of map i.
func (s *probe) iterate(i int) iter.Seq[int] {
	s.begin(i)
	return func(yield func(int) bool) {
		np := &s.nodes[i]
		np.live++
		defer func() { np.live-- }()
		for k := range np.items {
			np.cells[k].Store(k)
			if !yield(k) {
				return
			}
		}
	}
}

// item is the function of item k of map i. Its result says so.
func (s *probe) item(ctx context.Context, i, k int) (string, error) {
	n, np := &s.p.nodes[i], &s.nodes[i]
	it := &np.items[k]
	a := n.items[k].at(it.calls)
	it.calls++
	if it.attempt++; it.attempt == 1 {
		np.busy++
	}
	assert.False(s.t, it.live, "item %d of node %d runs twice at once", k, i)
	it.live = true
	if n.limit > 0 {
		assert.LessOrEqual(s.t, np.busy, n.limit, "items of node %d", i)
		assert.LessOrEqual(s.t, np.waiting, 5*n.limit, "results of node %d", i)
	}
	np.cells[k].Update(increment)
	if n.limit == 1 {
		np.turn.Update(increment)
	}
	s.look(ctx)
	defer func() {
		it.came = a.effect(inItem, it.attempt, s.p.retries)
		it.live = false
		if it.came != again {
			np.busy--
			it.ended = true
			if n.kind == gather && it.came == none {
				np.waiting++
			}
		}
		s.note(fmt.Sprintf("%d[%d]", i, k), it.came)
	}()
	return fmt.Sprint(k), a.end(ctx, n, n.items[k].pause)
}

// collect is Collect of map i.
func (s *probe) collect(ctx context.Context, i, k int, result string) error {
	n, np := &s.p.nodes[i], &s.nodes[i]
	assert.False(s.t, s.over || np.collecting, "Collect of node %d at once with another one", i)
	if ctx.Err() != nil { // since it was decided to call it
		np.late++
		assert.Equal(s.t, 1, np.late, "Collect of node %d goes on after the end", i)
	}
	assert.Equal(s.t, fmt.Sprint(k), result, "result of node %d", i)
	for j := range k + 1 {
		it := &np.items[j]
		cut := !it.live && it.came == again && s.ends[stopped] // Stop has kept it from another attempt
		assert.True(s.t, it.ended || cut, "node %d collects %d before item %d has ended", i, k, j)
	}
	np.collected = append(np.collected, k)
	np.waiting--
	np.collecting = true
	np.cells[k].Update(increment)
	np.sum.Update(increment)
	a := fine
	if k == n.at {
		a = n.collect
	}
	defer func() {
		np.collecting = false
		s.note(fmt.Sprint(i), a.effect(inCollect, 1, s.p.retries))
	}()
	return a.end(ctx, n, 0)
}
