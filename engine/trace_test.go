package engine_test

import (
	"cmp"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/enginetest"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/schedtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// state is what most pipelines under test share: nothing.
type state struct{}

type (
	pipeline = engine.Pipeline[state]
	step     = engine.StepFunc[state]
)

func ok(context.Context, *state) error { return nil }

var errBad = errors.New("bad")

func fail(context.Context, *state) error { return errBad }

// wait waits until its context is done, in real time or in a simulation.
func wait(ctx context.Context, _ *state) error {
	sched.Done(ctx).Recv()
	return ctx.Err()
}

// mapOf adds a map over the numbers below n.
func mapOf(p *pipeline, name string, n int, do func(ctx context.Context, item int) error, limit int) *engine.Node[state] {
	return engine.Map(p, name, engine.Each[state, int]{
		Items: numbers[state](n),
		Do:    func(ctx context.Context, _ *state, item int) error { return do(ctx, item) },
	}, engine.MapOptions{MaxConcurrency: limit})
}

// numbers returns the numbers below n as items.
func numbers[S any](n int) engine.Items[S, int] {
	return engine.Slice(func(context.Context, *S) ([]int, error) {
		all := make([]int, n)
		for i := range all {
			all[i] = i
		}
		return all, nil
	})
}

// recorder keeps the events of a run.
type recorder struct{ events []event.Event }

func (r *recorder) Observe(e event.Event) { r.events = append(r.events, e) }

// trace writes events in a line.
func trace(events []event.Event) string { return enginetest.Trace(events) }

// traceCase is a pipeline and the events of its run on the reference schedule.
type traceCase struct {
	name   string
	define func(p *pipeline)
	want   string
}

// nodes adds a step for each name.
func nodes(p *pipeline, fn step, names ...string) []*engine.Node[state] {
	var all []*engine.Node[state]
	for _, name := range names {
		all = append(all, p.Step(name, fn, engine.NodeOptions{}))
	}
	return all
}

var traceCases = []traceCase{
	{"a step", func(p *pipeline) { nodes(p, ok, "a") }, "START S(a) E(a) FINISH=success"},
	{"two steps", func(p *pipeline) { n := nodes(p, ok, "a", "b"); n[0].To(n[1]) },
		"START S(a) E(a) S(b) E(b) FINISH=success"},
	{"the first of two fails", func(p *pipeline) {
		p.Step("a", fail, engine.NodeOptions{}).To(p.Step("b", ok, engine.NodeOptions{}))
	}, "START S(a) X(a) FINISH=failed"},
	{"join", func(p *pipeline) {
		n := nodes(p, ok, "r", "a", "b", "j")
		n[0].To(n[1], n[2])
		n[1].To(n[3])
		n[2].To(n[3])
	}, "START S(r) E(r) S(a) S(b) E(a) W(j) E(b) G(j) S(j) E(j) FINISH=success"},
	{"a branch fails while another waits", func(p *pipeline) {
		p.Step("r", ok, engine.NodeOptions{}).To(p.Step("a", fail, engine.NodeOptions{}), p.Step("b", wait, engine.NodeOptions{}))
	}, "START S(r) E(r) S(a) S(b) X(a) C(b) FINISH=failed"},
	{"a failed branch does not reach the join", func(p *pipeline) {
		r, a, b := p.Step("r", ok, engine.NodeOptions{}), p.Step("a", fail, engine.NodeOptions{}), p.Step("b", ok, engine.NodeOptions{})
		j := p.Step("j", ok, engine.NodeOptions{})
		r.To(a, b)
		a.To(j)
		b.To(j)
	}, "START S(r) E(r) S(a) S(b) X(a) E(b) FINISH=failed"},
	{"map", func(p *pipeline) {
		mapOf(p, "m", 3, pass, 0).To(p.Step("z", ok, engine.NodeOptions{}))
	}, "START S(m) M(m)=3 S(m[0]) S(m[1]) S(m[2]) E(m[0]) E(m[1]) E(m[2]) D(m) E(m) S(z) E(z) FINISH=success"},
	{"map, one at a time", func(p *pipeline) { mapOf(p, "m", 3, pass, 1) },
		"START S(m) M(m)=3 S(m[0]) E(m[0]) S(m[1]) E(m[1]) S(m[2]) E(m[2]) D(m) E(m) FINISH=success"},
	{"empty map", func(p *pipeline) {
		mapOf(p, "m", 0, pass, 0).To(p.Step("z", ok, engine.NodeOptions{}))
	}, "START S(m) M(m)=0 D(m) E(m) S(z) E(z) FINISH=success"},
	{"an item fails while others wait", func(p *pipeline) {
		var turn sched.Mutex
		mapOf(p, "m", 3, func(ctx context.Context, item int) error {
			if item == 1 {
				turn.Lock() // the others have started and wait
				return errBad
			}
			return wait(ctx, nil)
		}, 0)
	}, "START S(m) M(m)=3 S(m[0]) S(m[1]) S(m[2]) X(m[1]) C(m[0]) C(m[2]) D(m) X(m) FINISH=failed"},
	{"an item fails before the last starts", func(p *pipeline) {
		mapOf(p, "m", 3, func(_ context.Context, item int) error {
			if item == 1 {
				return errBad
			}
			return nil
		}, 1)
	}, "START S(m) M(m)=3 S(m[0]) E(m[0]) S(m[1]) X(m[1]) D(m) X(m) FINISH=failed"},
	{"a branch skips", func(p *pipeline) {
		n := diamond(p, returns(engine.Skip))
		n[3].To(p.Step("z", ok, engine.NodeOptions{})) // is skipped too
	}, "START S(r) E(r) S(a) S(b) E(a)=skip E(b) FINISH=success"},
	{"a branch stops", func(p *pipeline) {
		n := nodes(p, ok, "r", "b", "c")
		a := p.Step("a", returns(engine.Stop), engine.NodeOptions{})
		n[0].To(a, n[1])
		n[1].To(n[2])
	}, "START S(r) E(r) S(a) S(b) E(a)=stop E(b) FINISH=stopped"},
	{"retry twice", func(p *pipeline) { p.Step("a", returns(engine.Retry, engine.Retry, nil), engine.NodeOptions{}) },
		"START S(a) R(a) S(a)#2 R(a)#2 S(a)#3 E(a)#3 FINISH=success"},
	{"a loop", func(p *pipeline) {
		n := nodes(p, ok, "w", "d")
		c := p.Step("c", returns(engine.Goto("w"), nil), engine.NodeOptions{}).To(n[1]).MayGoto(n[0])
		n[0].To(c)
	}, "START S(w) E(w) S(c) E(c)=goto:w S(w) E(w) S(c) E(c) S(d) E(d) FINISH=success"},
	{"a loop before a join", func(p *pipeline) {
		n := nodes(p, ok, "r", "w", "o", "d")
		jump := returns(engine.Goto("w"), nil)
		c := p.Step("c", func(ctx context.Context, s *state) error { sched.Yield(); return jump(ctx, s) }, engine.NodeOptions{}).To(n[3]).MayGoto(n[1])
		n[0].To(n[1], n[2])
		n[1].To(c)
		n[2].To(n[3])
	}, "START S(r) E(r) S(w) S(o) E(w) S(c) E(o) W(d) E(c)=goto:w S(w) E(w) S(c) E(c) G(d) S(d) E(d) FINISH=success"},
	{"tokens", func(p *pipeline) {
		p.Step("a", func(ctx context.Context, _ *state) error {
			return errors.Join(engine.Emit(ctx, 1), engine.Emit(ctx, 2))
		}, engine.NodeOptions{})
	}, "START S(a) T(a)=1 T(a)=2 E(a) FINISH=success"},
}

// diamond adds steps r, a, b and j: r leads to a and b, and these to j.
func diamond(p *pipeline, a step) []*engine.Node[state] {
	n := nodes(p, ok, "r", "b", "j")
	n = []*engine.Node[state]{n[0], p.Step("a", a, engine.NodeOptions{}), n[1], n[2]}
	n[0].To(n[1], n[2])
	n[1].To(n[3])
	n[2].To(n[3])
	return n
}

// returns is a step that returns the given errors, one a call, and the last one
// from then on.
func returns(errs ...error) step {
	calls := 0
	return func(context.Context, *state) error {
		err := errs[min(calls, len(errs)-1)]
		calls++
		return err
	}
}

// pass lets others run and succeeds.
func pass(context.Context, int) error { sched.Yield(); return nil }

// The events of a run are those of the reference, one by one.
func TestReferenceTraces(t *testing.T) {
	for _, c := range traceCases {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, c.want, trace(simulate(t, c.define, context.Background())))
		})
	}
}

// lowestFirst is the reference schedule.
type lowestFirst = enginetest.Reference

// simulate runs a pipeline on the reference schedule and returns its events.
func simulate(t *testing.T, define func(p *pipeline), ctx context.Context) []event.Event {
	t.Helper()
	events, _, _ := simulateRun(t, define, ctx)
	return events
}

// simulateRun returns what the run came to, too.
func simulateRun(t *testing.T, define func(p *pipeline), ctx context.Context) ([]event.Event, engine.Result, error) {
	t.Helper()
	return setting{ctx: ctx}.run(t, define)
}

// setting is how a pipeline is run on the reference schedule. The zero value is
// the default.
type setting struct {
	ctx  context.Context
	opts engine.Options
	with engine.RunOptions
}

func (s setting) run(t *testing.T, define func(p *pipeline)) ([]event.Event, engine.Result, error) {
	t.Helper()
	ctx := cmp.Or(s.ctx, context.Background())
	s.opts.MultiRoot = true
	s.with.ID = "r"
	var rec *recorder
	var p *pipeline
	var result engine.Result
	var err error
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	body := func() {
		rec = &recorder{}
		p = engine.New[state]("p", s.opts)
		define(p)
		opts := s.with
		opts.Observers = []engine.Observer{rec}
		result, err = p.Run(ctx, &state{}, opts)
	}
	r := sim.Run(lowestFirst{}, 1, body)
	assert.NoError(t, r.End)
	if ctx.Done() == nil { // else what one run cancels the next one finds so
		schedtest.Repeats(t, sched.Config{}, r, 1, body)
	}
	checkEvents(t, p, rec.events)
	return rec.events, result, err
}

// A run whose caller cancels it, or whose time is over, says so.
func TestCancelledTraces(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	assert.Equal(t, "START S(a) CANCELLED C(a) FINISH=cancelled", trace(simulate(t, func(p *pipeline) {
		p.Step("a", func(ctx context.Context, _ *state) error {
			cancel(errBad)
			return context.Cause(ctx)
		}, engine.NodeOptions{})
	}, ctx)))
	assert.Equal(t, "START CANCELLED FINISH=cancelled", trace(simulate(t, func(p *pipeline) { nodes(p, ok, "a") }, ctx)))

	late, stop := context.WithDeadline(context.Background(), time.Unix(0, 0))
	defer stop()
	assert.Equal(t, "START TIMEOUT FINISH=timeout", trace(simulate(t, func(p *pipeline) { nodes(p, ok, "a") }, late)))
}
