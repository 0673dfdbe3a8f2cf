package engine_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/sched"
)

// action is what a function of a random pipeline does in one call.
type action struct {
	sleep  time.Duration
	emit   int
	yields bool
	waits  bool // for the end of its context
	result string
}

// results are the results of functions; "goto" becomes a Goto to a declared node.
var results = []string{"", "", "", "", "error", "skip", "stop", "suspend", "retry", "later", "panic", "goexit", "goto"}

// random draws pipelines. Functions look up what they do in scripts, by what they
// are, so that the pipeline does the same under each schedule.
type random struct {
	r     *rapid.T
	world *world
	depth int
	calm  bool // nothing goes wrong
}

// world is what functions of a run share.
type world struct {
	t    assert.TestingT
	unit time.Duration // of what takes time
	mu   sync.Mutex    // guards what functions note, on real goroutines
	over bool          // Run has returned
}

func (g *random) chance(label string, in int) bool {
	return rapid.IntRange(0, in-1).Draw(g.r, label) == in-1
}

func (g *random) small(label string) time.Duration {
	return time.Duration(rapid.IntRange(0, 4).Draw(g.r, label)) * g.world.unit
}

// limit draws a duration that is mostly none.
func (g *random) limit(label string) time.Duration {
	if !g.chance(label+"?", 5) {
		return 0
	}
	return g.small(label) + g.world.unit
}

func (g *random) action(label string) action {
	a := action{yields: g.chance(label+" yields", 2)}
	if g.calm || !g.chance(label+" does more", 2) {
		return a
	}
	a.result = rapid.SampledFrom(results).Draw(g.r, label+" returns")
	if g.chance(label+" sleeps", 4) {
		a.sleep = g.small(label + " sleep")
	}
	if g.chance(label+" emits", 4) {
		a.emit = rapid.IntRange(1, 3).Draw(g.r, label+" emit")
	}
	a.waits = g.chance(label+" waits", 12)
	return a
}

// script draws what a function does in its calls; then it does nothing.
func (g *random) script(label string) []action {
	script := make([]action, rapid.IntRange(0, 3).Draw(g.r, label+" calls"))
	for i := range script {
		script[i] = g.action(fmt.Sprint(label, " ", i))
	}
	return script
}

// player plays a script; jumps are where it may go.
type player struct {
	w      *world
	script []action
	calls  int
	jumps  []string
}

func (g *random) player(label string) *player { return &player{w: g.world, script: g.script(label)} }

func (p *player) next() action {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	assert.False(p.w.t, p.w.over, "a function runs after Run has returned")
	p.calls++
	if p.calls > len(p.script) {
		return action{}
	}
	return p.script[p.calls-1]
}

// count is how often it was called.
func (p *player) count() int {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	return p.calls
}

func (p *player) play(ctx context.Context) error {
	a := p.next()
	if a.yields {
		sched.Yield()
	}
	if a.sleep > 0 {
		sched.Sleep(a.sleep)
	}
	for i := range a.emit {
		if err := engine.Emit(ctx, i); err != nil {
			return err
		}
	}
	if a.waits {
		ctx, cancel := sched.WithTimeout(ctx, 60*p.w.unit)
		defer cancel()
		sched.Done(ctx).Recv()
		return context.Cause(ctx)
	}
	return p.result(a)
}

func (p *player) result(a action) error {
	switch a.result {
	case "error":
		return errBad
	case "skip":
		return engine.Skip
	case "stop":
		return engine.Stop
	case "suspend":
		return engine.Suspend("tea")
	case "retry":
		return engine.Retry
	case "later":
		return engine.RetryAfter(p.w.unit)
	case "panic":
		panic("oh")
	case "goexit":
		runtime.Goexit()
	case "goto":
		if len(p.jumps) > 0 {
			return engine.Goto(p.jumps[p.count()%len(p.jumps)])
		}
		return engine.Goto("nowhere")
	}
	return nil
}

// pipeline draws a pipeline. It may have mistakes.
func (g *random) pipeline(name string) *pipeline {
	p := engine.New[state](name, engine.Options{
		Policy:     rapid.SampledFrom([]engine.Policy{engine.FailFast, engine.FinishSiblings, engine.ContinueOnError}).Draw(g.r, "policy"),
		MultiRoot:  true,
		MaxRetries: 2,
		MaxJumps:   5,
	})
	n := rapid.IntRange(1, 7).Draw(g.r, "nodes")
	all := make([]*engine.Node[state], n)
	for i := n - 1; i >= 0; i-- { // so that a switch knows what is behind it
		g.node(p, all, i)
	}
	if g.chance("handler", 5) {
		h := g.player("handler")
		p.OnError(func(ctx context.Context, _ *state, _ *engine.StepError) error { return h.play(ctx) })
	}
	g.hooks(p)
	return p
}

func (g *random) hooks(p *pipeline) {
	for g.chance("start hook", 6) {
		h := g.player("start")
		p.OnStart(func(ctx context.Context, _ *state) error { return h.play(ctx) })
	}
	for g.chance("finish hook", 6) {
		h := g.player("finish")
		p.OnFinish(func(ctx context.Context, _ *state, _ engine.Result) error { return h.play(ctx) })
	}
	if g.chance("middleware", 5) {
		p.Use(func(next engine.StepFunc[state]) engine.StepFunc[state] {
			return func(ctx context.Context, s *state) error { return next(ctx, s) }
		})
	}
}

// node draws node i, and edges to later ones.
func (g *random) node(p *pipeline, all []*engine.Node[state], i int) {
	label := fmt.Sprint("node ", i)
	var after []*engine.Node[state]
	for _, m := range all[i+1:] {
		if g.chance(label+" to "+m.Name(), 3) {
			after = append(after, m)
		}
	}
	kinds := []string{"step", "step", "step", "map", "gather"}
	if len(after) > 0 {
		kinds = append(kinds, "switch")
	}
	if g.depth < 1 {
		kinds = append(kinds, "sub", "mapsub")
	}
	pl := g.player(label)
	kind := rapid.SampledFrom(kinds).Draw(g.r, label+" kind")
	node := nodeKinds()[kind](g, p, drawn{label, fmt.Sprint("n", i), pl, after})
	all[i] = node
	if kind != "switch" {
		node.To(after...)
	}
	if g.chance(label+" jumps", 6) {
		for _, m := range all[i:] {
			if g.chance(label+" jumps to "+m.Name(), 2) {
				node.MayGoto(m)
				pl.jumps = append(pl.jumps, m.Name())
			}
		}
	}
	if g.chance(label+" handler", 5) {
		h := g.player(label + " handler")
		h.jumps = pl.jumps
		node.OnError(func(ctx context.Context, _ *state, err *engine.StepError) error { return h.play(ctx) })
	}
}

// options draws options of a node. Joins that mean nothing are mistakes.
func (g *random) options(label string) engine.NodeOptions {
	o := engine.NodeOptions{Timeout: g.limit(label + " timeout")}
	if g.chance(label+" join", 3) {
		o.Join = rapid.SampledFrom([]engine.Join{engine.Any, engine.AtLeast(2), engine.PerArrival}).Draw(g.r, label+" join")
	}
	if g.chance(label+" barrier", 4) {
		o.BarrierTimeout = g.limit(label + " barrier timeout")
	}
	if g.chance(label+" retry", 4) {
		o.Retry = engine.RetryPolicy{MaxAttempts: rapid.IntRange(0, 3).Draw(g.r, label+" attempts"),
			BaseDelay: g.small(label + " delay"), Jitter: rapid.SampledFrom([]float64{0, 0.5}).Draw(g.r, label+" jitter")}
	}
	return o
}

// check runs a pipeline and checks what must hold.
func (g *random) check(p *pipeline, w *world, ctx context.Context) {
	opts := engine.RunOptions{ID: "r", Buffer: rapid.IntRange(1, 4).Draw(g.r, "buffer"), Timeout: g.limit("run timeout")}
	rec := &recorder{}
	opts.Observers = []engine.Observer{rec}
	if g.chance("store", 3) {
		opts.Store, opts.CheckpointEvery = store.NewMemory(), g.limit("every")
	}
	if g.chance("another observer", 4) {
		opts.Observers = append(opts.Observers, observerFunc(func(e event.Event) {
			assert.Equal(w.t, rec.events[len(rec.events)-1], e)
		}))
	}
	if g.chance("grace?", 5) {
		opts.Grace = g.limit("grace")
	}
	cancel := rapid.IntRange(-8, 4).Draw(g.r, "cancel")
	leave := rapid.IntRange(-20, 20).Draw(g.r, "leave")
	run, err := p.Stream(ctx, &state{}, opts)
	if err != nil {
		var bad *engine.DefinitionError
		assert.ErrorAs(w.t, err, &bad)
		return
	}
	var wg sched.WaitGroup
	if cancel >= 0 {
		wg.Add(1)
		sched.Go(func() {
			defer wg.Done()
			sched.Sleep(time.Duration(cancel) * w.unit)
			run.Cancel(errStop)
		})
	}
	var seen []event.Event
	for e := range run.Events() {
		if seen = append(seen, e); leave > 0 && len(seen) == leave {
			break
		}
	}
	result, err := run.Wait()
	if opts.Grace == 0 { // else a function may be left behind before it has begun
		w.end()
	}
	wg.Wait()
	checkEvents(w.t.(interface {
		assert.TestingT
		FailNow()
	}), p, rec.events)
	checkResult(w.t.(interface {
		assert.TestingT
		FailNow()
	}), rec.events, err)
	checkNodes(w.t, result)
	assert.Equal(w.t, seen, rec.events[:len(seen)], "the consumer sees what the observers see")
	if leave <= 0 {
		assert.Len(w.t, seen, len(rec.events))
	}
	if opts.Store != nil {
		rows, err := opts.Store.(store.History).Events(context.Background(), "r")
		assert.NoError(w.t, err)
		assert.Len(w.t, rows, len(rec.events))
		checkRows(w.t.(require.TestingT), rows)
	}
}

func (w *world) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
}

// checkNodes checks that each node has run or says why not, and that the counts of the
// nodes add up to those of the run.
func checkNodes(t assert.TestingT, result engine.Result) {
	m := result.Metrics
	sum := event.Metrics{}
	for i, n := range result.Nodes {
		assert.Equal(t, n.Invocations == 0, n.Left != "", "node %s", n.Name)
		nm := m.Nodes[i]
		assert.Equal(t, n.Name, nm.Name)
		assert.True(t, nm.Min <= nm.Max && nm.Max <= nm.Total || nm.Attempts == 0, "times of %s", n.Name)
		sum.OK, sum.Skipped, sum.Failed, sum.Cancelled = sum.OK+nm.OK, sum.Skipped+nm.Skipped, sum.Failed+nm.Failed, sum.Cancelled+nm.Cancelled
	}
	assert.Equal(t, []int{m.OK, m.Skipped, m.Failed, m.Cancelled}, []int{sum.OK, sum.Skipped, sum.Failed, sum.Cancelled})
}

var errStop = errors.New("stop it")
