package engine_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/enginetest"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/sched"
)

// dying is a store whose process dies after so many writes.
type dying struct {
	store.Store
	left    int
	ended   map[store.Owner]uint64 // Seq of the end of an invocation
	covered map[store.Owner]bool   // those ended before an acknowledged checkpoint
	callers map[string]store.Owner // of inner runs
	within  map[store.Owner]bool   // invocations in which such a one ended
}

func newDying() *dying {
	return &dying{Store: store.NewMemory(), ended: map[store.Owner]uint64{}, covered: map[store.Owner]bool{},
		callers: map[string]store.Owner{}, within: map[store.Owner]bool{}}
}

var errDead = errors.New("the process is dead")

func (d *dying) Append(ctx context.Context, l store.Lease, b store.Batch) error {
	if d.left == 0 {
		return errDead
	}
	d.left--
	if err := d.Store.Append(ctx, l, b); err != nil {
		return err
	}
	for _, r := range b.Runs {
		d.callers[r.ID] = store.Owner{RunID: r.ParentID, Invocation: r.ParentInvocation}
	}
	for _, e := range b.Events {
		switch inv := (store.Owner{RunID: e.RunID, Invocation: e.Invocation}); e.Type {
		case string(event.Start): // what no checkpoint has is forgotten
			clear(d.ended)
		case string(event.StepEnd):
			d.ended[inv] = e.Seq
		case string(event.StepStart): // perhaps again
			delete(d.ended, inv)
		}
	}
	if c := b.Checkpoint; c != nil {
		for inv, seq := range d.ended { // the order does not matter
			if seq <= c.Seq {
				d.cover(inv)
			}
		}
	}
	return nil
}

func (d *dying) cover(inv store.Owner) {
	d.covered[inv] = true
	for caller, ok := d.callers[inv.RunID]; ok; caller, ok = d.callers[caller.RunID] {
		d.within[caller] = true
	}
}

// crashPlan is a pipeline that is drawn.
type crashPlan struct {
	policy engine.Policy
	nodes  []crashNode
	jumps  bool // the last node jumps to the first one, twice
}

type crashNode struct {
	kind  event.Kind // or "gather" or "submap"
	prev  []int
	fails int   // attempts that fail; of a map, of each item
	err   error // how
	items int
	limit int
	inner *crashPlan
}

func drawCrashPlan(r *rapid.T, depth int, jumps bool) *crashPlan {
	n := rapid.IntRange(1, 6-2*depth).Draw(r, "nodes")
	p := &crashPlan{policy: rapid.SampledFrom([]engine.Policy{engine.FailFast, engine.FinishSiblings}).Draw(r, "policy")}
	p.jumps = jumps && n > 1 && rapid.IntRange(0, 3).Draw(r, "jumps") == 3
	for i := range n {
		kinds := []event.Kind{event.Step, event.Map, "gather", event.Sub, "submap"}
		if depth == 2 {
			kinds = kinds[:3]
		}
		c := crashNode{kind: rapid.SampledFrom(kinds).Draw(r, "kind"), fails: max(0, rapid.IntRange(-3, 1).Draw(r, "failures"))}
		if c.items = 1; c.kind != event.Step && c.kind != event.Sub {
			c.items, c.limit = rapid.IntRange(1, 4).Draw(r, "items"), rapid.IntRange(0, 3).Draw(r, "limit")
		}
		if c.kind == event.Sub || c.kind == "submap" {
			c.inner = drawCrashPlan(r, depth+1, jumps)
		}
		ways := []error{errBad, engine.Suspend("a reason"), engine.Retry}
		if c.inner != nil {
			ways = ways[:2] // as another attempt begins a new run
		}
		c.err = rapid.SampledFrom(ways).Draw(r, "by")
		for j := range i {
			if p.jumps && j == i-1 || !p.jumps && rapid.IntRange(0, 1).Draw(r, "edge") == 1 {
				c.prev = append(c.prev, j) // without jumps; with them, what is found depends on the schedule
			}
		}
		p.nodes = append(p.nodes, c)
	}
	return p
}

// kept1 and kept2 are states; each node has eight numbers. The second is kept
// while steps run.
type kept1 struct{ Done []int }
type kept2 struct{ Done []int }

func (s *kept2) Snapshot() ([]byte, error) { return json.Marshal(s) }

func doneOf(state any) []int {
	if s, ok := state.(*kept1); ok {
		return s.Done
	}
	return state.(*kept2).Done
}

func newKept[S kept1 | kept2]() *S { return &S{Done: make([]int, 48)} }

// crashWorld is what outlives the processes.
type crashWorld struct {
	t     assert.TestingT
	store *dying
	fails map[string]int // that have happened
	fine  bool           // nothing fails
}

// crashBuilder makes one pipeline of a plan.
type crashBuilder[S kept1 | kept2] struct {
	*crashPlan
	world *crashWorld
	all   []*engine.Node[S]
}

func crashPipeline[S kept1 | kept2](w *crashWorld, plan *crashPlan) *engine.Pipeline[S] {
	p := engine.New[S]("p", engine.Options{MultiRoot: true, Policy: plan.policy})
	b := &crashBuilder[S]{plan, w, nil}
	for i, c := range plan.nodes {
		b.all = append(b.all, b.node(p, i, c))
		for _, j := range c.prev {
			b.all[j].To(b.all[i])
		}
	}
	if plan.jumps {
		b.all[len(b.all)-1].MayGoto(b.all[0])
	}
	return p
}

// call is what a function of the user begins with: nothing that a checkpoint has is
// called again.
func (w *crashWorld) call(ctx context.Context, c crashNode) error {
	info := engine.Info(ctx)
	inv := store.Owner{RunID: info.RunID, Invocation: info.Invocation}
	assert.False(w.t, w.store.covered[inv], "%s is kept, and runs again", info.Path)
	sched.Sleep(1)
	if w.fails[info.Path] < c.fails && !w.fine {
		w.fails[info.Path]++
		return c.err
	}
	return nil
}

// found is what node i finds in the state.
func (b *crashBuilder[S]) found(s *S, i int) int {
	sum := 1
	for _, j := range b.nodes[i].prev {
		for _, n := range doneOf(s)[8*j : 8*j+8] {
			sum += n
		}
	}
	return sum
}

func (b *crashBuilder[S]) node(p *engine.Pipeline[S], i int, c crashNode) *engine.Node[S] {
	name, opts := fmt.Sprint(i), engine.MapOptions{MaxConcurrency: c.limit}
	set := func(s *S, index, value int) { doneOf(s)[8*i+index] = value }
	do := func(ctx context.Context, s *S, item int) (int, error) {
		return 10*item + b.found(s, i), b.world.call(ctx, c)
	}
	in := func(ctx context.Context, _ *S, _ int) (*S, error) {
		info := engine.Info(ctx)
		inv := store.Owner{RunID: info.RunID, Invocation: info.Invocation}
		assert.False(b.world.t, b.world.store.within[inv], "%s has a run inside that is kept, and begins again", info.Path)
		return newKept[S](), nil
	}
	out := func(ctx context.Context, s *S, index int, inner *S) error {
		sum := b.found(s, i)
		for _, n := range doneOf(inner) {
			sum += n
		}
		err := b.world.call(ctx, c)
		if err == nil {
			set(s, index, sum)
		}
		return err
	}
	switch c.kind {
	case event.Map:
		return engine.Map(p, name, engine.Each[S, int]{Items: numbers[S](c.items), Do: func(ctx context.Context, s *S, item int) error {
			n, err := do(ctx, s, item)
			if err == nil {
				set(s, item, n)
			}
			return err
		}}, opts)
	case "gather":
		return engine.MapGather(p, name, engine.Gather[S, int, int]{Items: numbers[S](c.items), Do: do,
			Collect: func(ctx context.Context, s *S, index, result int) error {
				sched.Yield()
				set(s, index, result)
				return nil
			}}, opts)
	case event.Sub:
		return engine.Sub(p, name, engine.Bind[S, S]{Inner: crashPipeline[S](b.world, c.inner),
			In:  func(ctx context.Context, s *S) (*S, error) { return in(ctx, s, 0) },
			Out: func(ctx context.Context, s, inner *S) error { return out(ctx, s, 0, inner) }}, opts.NodeOptions)
	case "submap":
		return engine.MapSub(p, name, engine.EachSub[S, int, S]{Items: numbers[S](c.items), Inner: crashPipeline[S](b.world, c.inner), In: in, Out: out}, opts)
	}
	return p.Step(name, func(ctx context.Context, s *S) error {
		n, err := do(ctx, s, 0)
		if err != nil {
			return err
		}
		set(s, 0, n)
		if count := &doneOf(s)[8*i+7]; b.jumps && i == len(b.nodes)-1 && *count < 2 {
			*count++
			return engine.Goto("0")
		}
		return nil
	}, opts.NodeOptions)
}

// Whenever a process dies, another one goes on, and comes to the state that one
// without a crash does; what a checkpoint has does not run again.
func TestCrashAndResume(t *testing.T) {
	runs := 600
	if testing.Short() {
		runs = 60
	}
	check.Config{Runs: runs}.Prop(t, func(t *check.T, r *rapid.T) { crashAndResume(t, t.Context(), r) })
}

func crashAndResume(t require.TestingT, ctx context.Context, r *rapid.T) {
	if rapid.Bool().Draw(r, "snapshots") {
		crashing[kept2](t, ctx, r, drawCrashPlan(r, 0, false))
	} else {
		crashing[kept1](t, ctx, r, drawCrashPlan(r, 0, true))
	}
}

func crashing[S kept1 | kept2](t require.TestingT, ctx context.Context, r *rapid.T, plan *crashPlan) {
	plain := atOnce[S](t, ctx, plan)
	w := &crashWorld{t: t, store: newDying(), fails: map[string]int{}}
	c := &crashes[S]{crashWorld: w, plan: plan, opts: engine.RunOptions{ID: "r", Store: w.store}, state: newKept[S]()}
	c.opts.CheckpointEvery = time.Duration(rapid.IntRange(0, 2).Draw(r, "every"))
	for tries := 0; ; tries++ {
		require.Less(t, tries, 300, "it never ends")
		if w.store.left, c.opts.Timeout, c.rival = 1000, 0, -1; tries < 20 {
			w.store.left = rapid.IntRange(0, 12).Draw(r, "writes")
			c.opts.Timeout = time.Duration(max(0, rapid.IntRange(-20, 20).Draw(r, "timeout")))
			c.rival = time.Duration(rapid.IntRange(-30, 10).Draw(r, "rival"))
		}
		if err := c.process(ctx); err == nil || errors.Is(err, engine.ErrNotResumable) { // the rival has done it
			break
		}
		c.opts.ID, c.opts.Resume, c.state = "", "r", nil
		sched.Sleep(31 * time.Second) // until the lease is over
	}
	saved, err := w.store.Load(ctx, "r")
	require.NoError(t, err)
	assert.Equal(t, store.Success, saved.Run.Status)
	s, err := crashPipeline[S](w, plan).Load(ctx, w.store, "r")
	require.NoError(t, err)
	assert.Equal(t, plain, s)
	rows, err := w.store.Store.(store.History).Events(ctx, "r")
	require.NoError(t, err)
	checkRows(t, rows)
	c.audit()
}

// atOnce makes two runs of one pipeline at once, which must come to the same state, and
// returns that.
func atOnce[S kept1 | kept2](t require.TestingT, ctx context.Context, plan *crashPlan) *S {
	p := crashPipeline[S](&crashWorld{t: t, store: newDying(), fine: true}, plan)
	states := []*S{newKept[S](), newKept[S]()}
	var g sched.Group
	for _, s := range states {
		g.Go(func() error {
			_, err := p.Run(ctx, s, engine.RunOptions{})
			return err
		})
	}
	require.NoError(t, g.Wait())
	assert.Equal(t, states[0], states[1])
	return states[0]
}

// crashes are the processes that have a run, one after the other.
type crashes[S kept1 | kept2] struct {
	*crashWorld
	plan   *crashPlan
	opts   engine.RunOptions
	state  *S              // nil for the stored one
	rival  time.Duration   // when another process tries to have the run too; negative for never
	events [][]event.Event // that the store has, by process
}

// process is one of them, with a rival.
func (c *crashes[S]) process(ctx context.Context) error {
	var wg sched.WaitGroup
	if c.rival >= 0 {
		wg.Go(func() {
			sched.Sleep(c.rival)
			_ = c.run(ctx, nil, engine.RunOptions{Store: c.store, Resume: "r"})
		})
	}
	err := c.run(ctx, c.state, c.opts)
	wg.Wait()
	return err
}

func (c *crashes[S]) run(ctx context.Context, state *S, opts engine.RunOptions) error {
	rec := &recorder{}
	opts.Observers = []engine.Observer{rec}
	_, err := crashPipeline[S](c.crashWorld, c.plan).Run(ctx, state, opts)
	if saved, err := c.store.Load(ctx, "r"); err == nil {
		rec.events = slices.DeleteFunc(rec.events, func(e event.Event) bool { return e.Seq > saved.Run.LastSeq })
	}
	if len(rec.events) > 0 {
		c.events = append(c.events, rec.events)
	}
	return err
}

// audit looks at the events of all processes, and of each.
func (c *crashes[S]) audit() {
	of := crashPipeline[S](c.crashWorld, c.plan).Describe()
	slices.SortFunc(c.events, func(a, b []event.Event) int { return cmp.Compare(a[0].Seq, b[0].Seq) })
	assert.Empty(c.t, enginetest.Audit(of, c.events[0], c.events[1:]...))
	for _, events := range c.events {
		if events[len(events)-1].Type == event.Finish {
			assert.Empty(c.t, enginetest.Audit(of, events), "one of %d processes alone", len(c.events))
		}
	}
}

// checkRows checks that no attempt is there twice.
func checkRows(t require.TestingT, rows []store.Event) {
	seen := map[string]bool{}
	for i, e := range rows {
		assert.EqualValues(t, i+1, e.Seq)
		key := fmt.Sprintf("%s/%d#%d", e.RunID, e.Invocation, e.Attempt)
		if e.Type == string(event.StepStart) {
			assert.False(t, seen[key], "attempt %s of %s began twice", key, e.Path)
			seen[key] = true
		}
	}
}
