package engine_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/sched"
)

// These are the reference traces that need options.
var settingCases = []struct {
	name   string
	with   setting
	define func(p *pipeline)
	want   string
}{
	{"continue on error", setting{opts: engine.Options{Policy: engine.ContinueOnError}}, func(p *pipeline) {
		p.Step("a", fail, engine.NodeOptions{}).To(p.Step("b", ok, engine.NodeOptions{}))
	}, "START S(a) X(a) S(b) E(b) FINISH=failed"},
	{"a handler", setting{}, func(p *pipeline) {
		p.Step("a", fail, engine.NodeOptions{}).OnError(handled(nil)).To(p.Step("b", ok, engine.NodeOptions{}))
	}, "START S(a) E(a)! S(b) E(b) FINISH=success"},
	{"any", setting{}, func(p *pipeline) { joined(p, engine.Any, ok, ok) },
		"START S(r) E(r) S(a) S(b) E(a) S(j) E(b) E(j) FINISH=success"},
	{"finish siblings", setting{opts: engine.Options{Policy: engine.FinishSiblings}}, func(p *pipeline) {
		n := nodes(p, ok, "r", "b", "j", "c")
		a := p.Step("a", fail, engine.NodeOptions{}).To(n[2])
		n[0].To(a, n[1])
		n[1].To(n[2], n[3])
	}, "START S(r) E(r) S(a) S(b) X(a) E(b) S(c) E(c) FINISH=failed"},
	{"attempts", setting{}, func(p *pipeline) {
		p.Step("a", fail, engine.NodeOptions{Retry: engine.RetryPolicy{MaxAttempts: 2}})
	}, "START S(a) R(a) S(a)#2 X(a)#2 FINISH=failed"},
	{"switch", setting{}, func(p *pipeline) {
		n := nodes(p, ok, "x", "y", "x2", "j")
		n[0].To(n[2])
		n[2].To(n[3])
		n[1].To(n[3])
		choose(p, "s", "x", n[0], n[1])
	}, "START S(s) E(s)=x S(x) E(x) S(x2) E(x2) S(j) E(j) FINISH=success"},
	{"unmet", setting{}, func(p *pipeline) {
		n := nodes(p, ok, "x", "y")
		j := p.Step("j", ok, engine.NodeOptions{Join: engine.AtLeast(2)})
		n[0].To(j)
		n[1].To(j)
		choose(p, "s", "x", n[0], n[1])
	}, "START S(s) E(s)=x S(x) E(x) U(j) FINISH=failed"},
	{"sub", setting{}, func(p *pipeline) {
		inner := engine.New[state]("inner", engine.Options{})
		nodes(inner, ok, "c")
		sub(p, "r", inner, engine.NodeOptions{}).To(p.Step("z", ok, engine.NodeOptions{}))
	}, "START S(r) >(r) S(r/c) E(r/c) <(r)=success E(r) S(z) E(z) FINISH=success"},
	{"run timeout", setting{with: engine.RunOptions{Timeout: time.Second}}, func(p *pipeline) {
		p.Step("a", wait, engine.NodeOptions{})
	}, "START S(a) TIMEOUT C(a) FINISH=timeout"},
	{"barrier timeout", setting{}, func(p *pipeline) {
		r, a := p.Step("r", ok, engine.NodeOptions{}), p.Step("a", ok, engine.NodeOptions{})
		c, j := p.Step("c", wait, engine.NodeOptions{}), p.Step("j", ok, engine.NodeOptions{BarrierTimeout: time.Second})
		r.To(a, c)
		a.To(j)
		c.To(j)
	}, "START S(r) E(r) S(a) S(c) E(a) W(j) B(j) C(c) FINISH=failed"},
	{"a hook of OnStart fails", setting{}, func(p *pipeline) {
		nodes(p, ok, "a")
		p.OnStart(fail)
	}, "START H FINISH=failed"},
	{"a hook of OnFinish fails", setting{}, func(p *pipeline) {
		nodes(p, ok, "a")
		p.OnFinish(func(context.Context, *state, engine.Result) error { return errBad })
	}, "START S(a) E(a) H FINISH=failed"},
	// Beyond the table.
	{"per arrival", setting{}, func(p *pipeline) {
		n := joined(p, engine.PerArrival, ok, ok)
		n[3].To(p.Step("z", ok, engine.NodeOptions{}))
	}, "START S(r) E(r) S(a) S(b) E(a) S(j) E(b) S(j) E(j) S(z) E(z) E(j) S(z) E(z) FINISH=success"},
	{"any of which one fails", setting{opts: engine.Options{Policy: engine.FinishSiblings}}, func(p *pipeline) {
		joined(p, engine.Any, fail, ok)
	}, "START S(r) E(r) S(a) S(b) X(a) E(b) S(j) E(j) FINISH=failed"},
	{"none of any succeeds", setting{opts: engine.Options{Policy: engine.FinishSiblings}}, func(p *pipeline) {
		joined(p, engine.Any, fail, returns(engine.Skip))
	}, "START S(r) E(r) S(a) S(b) X(a) E(b)=skip FINISH=failed"},
	{"two of two, one skips", setting{}, func(p *pipeline) {
		joined(p, engine.AtLeast(2), ok, returns(engine.Skip))
	}, "START S(r) E(r) S(a) S(b) E(a) W(j) E(b)=skip FINISH=success"},
	{"a loop to a join that does not wait", setting{}, func(p *pipeline) {
		w := p.Step("w", ok, engine.NodeOptions{Join: engine.Any})
		c := p.Step("c", returns(engine.Goto("w"), nil), engine.NodeOptions{}).MayGoto(w)
		w.To(c)
		p.Step("r", ok, engine.NodeOptions{}).To(w)
	}, "START S(r) E(r) S(w) E(w) S(c) E(c)=goto:w S(w) E(w) S(c) E(c) FINISH=success"},
	{"a switch skips", setting{}, func(p *pipeline) {
		n := nodes(p, ok, "x", "y")
		engine.Switch(p, "s", engine.Choice[state, string]{
			Key:   func(context.Context, *state) (string, error) { return "", engine.Skip },
			Cases: []engine.Case[state, string]{{Key: "x", To: n[0]}, {Key: "y", To: n[1]}},
		}, engine.NodeOptions{})
	}, "START S(s) E(s)=skip FINISH=success"},
	{"a switch in a loop", setting{}, func(p *pipeline) {
		n := nodes(p, ok, "x", "y", "j")
		n[0].To(n[2])
		n[1].To(n[2])
		s := choose(p, "s", "x", n[0], n[1])
		n[2].MayGoto(s)
		p.Step("first", ok, engine.NodeOptions{}).To(s)
	}, "START S(first) E(first) S(s) E(s)=x S(x) E(x) S(j) E(j) FINISH=success"},
	{"barrier timeout, handled", setting{}, func(p *pipeline) {
		expiring(p, nil)
	}, "START S(r) E(r) S(a) S(c) E(a) W(j) B(j) S(z) E(z) E(c) FINISH=success"},
	{"barrier timeout, and go", setting{}, func(p *pipeline) {
		expiring(p, engine.Retry)
	}, "START S(r) E(r) S(a) S(c) E(a) W(j) B(j) G(j) S(j) E(j) S(z) E(z) E(c) FINISH=success"},
	{"barrier timeout, others finish", setting{opts: engine.Options{Policy: engine.FinishSiblings}}, func(p *pipeline) {
		expiring(p, errBad)
	}, "START S(r) E(r) S(a) S(c) E(a) W(j) B(j) E(c) FINISH=failed"},
	{"start in the middle", setting{with: engine.RunOptions{Start: "a"}}, func(p *pipeline) { joined(p, engine.All, ok, ok) },
		"START S(a) E(a) S(j) E(j) FINISH=success"},
	{"an inner run fails", setting{}, func(p *pipeline) {
		inner := engine.New[state]("inner", engine.Options{})
		inner.Step("c", fail, engine.NodeOptions{})
		sub(p, "r", inner, engine.NodeOptions{Retry: engine.RetryPolicy{MaxAttempts: 2, BaseDelay: time.Second}})
	}, "START S(r) >(r) S(r/c) X(r/c) <(r)=failed R(r) S(r)#2 >(r) S(r/c) X(r/c) <(r)=failed X(r)#2 FINISH=failed"},
	{"an inner run suspends", setting{}, func(p *pipeline) {
		inner := engine.New[state]("inner", engine.Options{})
		inner.Step("c", returns(engine.Suspend("wait")), engine.NodeOptions{})
		sub(p, "r", inner, engine.NodeOptions{})
	}, "START S(r) >(r) S(r/c) Z(r/c) <(r)=suspended Z(r) FINISH=suspended"},
	{"an inner run is over time", setting{}, func(p *pipeline) {
		inner := engine.New[state]("inner", engine.Options{})
		inner.Step("c", wait, engine.NodeOptions{})
		sub(p, "r", inner, engine.NodeOptions{Timeout: time.Second})
	}, "START S(r) >(r) S(r/c) TIMEOUT(r) C(r/c) <(r)=timeout X(r) FINISH=failed"},
	{"a step is over time", setting{}, func(p *pipeline) {
		p.Step("a", wait, engine.NodeOptions{Timeout: time.Second, Retry: engine.RetryPolicy{MaxAttempts: 2}})
	}, "START S(a) R(a) S(a)#2 X(a)#2 FINISH=failed"},
	{"a map is over time", setting{}, func(p *pipeline) {
		engine.Map(p, "m", engine.Each[state, int]{
			Items: numbers[state](3),
			Do:    func(ctx context.Context, s *state, _ int) error { return wait(ctx, s) },
		}, engine.MapOptions{MaxConcurrency: 1, MapTimeout: time.Second})
	}, "START S(m) M(m)=3 S(m[0]) C(m[0]) D(m) X(m) FINISH=failed"},
	{"too many items", setting{}, func(p *pipeline) {
		engine.Map(p, "m", engine.Each[state, int]{
			Items: numbers[state](3),
			Do:    func(context.Context, *state, int) error { return nil },
		}, engine.MapOptions{MaxConcurrency: 1, MaxItems: 2})
	}, "START S(m) M(m)=3 S(m[0]) E(m[0]) S(m[1]) E(m[1]) D(m) X(m) FINISH=failed"},
	{"a step does not return", setting{with: engine.RunOptions{Timeout: time.Second, Grace: time.Second}}, func(p *pipeline) {
		p.Step("a", func(context.Context, *state) error { sched.Sleep(time.Minute); return nil }, engine.NodeOptions{}).
			To(p.Step("b", ok, engine.NodeOptions{}))
	}, "START S(a) TIMEOUT C(a) FINISH=timeout"},
}

// handled is a handler that returns err.
func handled(err error) engine.Handler[state] {
	return func(context.Context, *state, *engine.StepError) error { return err }
}

// joined adds r, which leads to a and b, and j, to which these lead.
func joined(p *pipeline, join engine.Join, a, b step) []*engine.Node[state] {
	n := []*engine.Node[state]{p.Step("r", ok, engine.NodeOptions{}), p.Step("a", a, engine.NodeOptions{}),
		p.Step("b", b, engine.NodeOptions{}), p.Step("j", pause, engine.NodeOptions{Join: join})}
	n[0].To(n[1], n[2])
	n[1].To(n[3])
	n[2].To(n[3])
	return n
}

// pause lets others run.
func pause(context.Context, *state) error { sched.Yield(); return nil }

// expiring adds a join that waits for a second for a step that takes two, and a
// handler that returns err then.
func expiring(p *pipeline, err error) {
	r, a := p.Step("r", ok, engine.NodeOptions{}), p.Step("a", ok, engine.NodeOptions{})
	c := p.Step("c", func(context.Context, *state) error { sched.Sleep(2 * time.Second); return nil }, engine.NodeOptions{})
	j := p.Step("j", ok, engine.NodeOptions{BarrierTimeout: time.Second}).OnError(handled(err))
	r.To(a, c)
	a.To(j)
	c.To(j)
	j.To(p.Step("z", ok, engine.NodeOptions{}))
}

// choose adds a switch with the given key between nodes, by their names.
func choose(p *pipeline, name, key string, between ...*engine.Node[state]) *engine.Node[state] {
	body := engine.Choice[state, string]{Key: func(context.Context, *state) (string, error) { return key, nil }}
	for _, n := range between {
		body.Cases = append(body.Cases, engine.Case[state, string]{Key: n.Name(), To: n})
	}
	return engine.Switch(p, name, body, engine.NodeOptions{})
}

// sub adds a node that runs a pipeline on the same state.
func sub(p *pipeline, name string, inner *pipeline, opts engine.NodeOptions) *engine.Node[state] {
	return engine.Sub(p, name, engine.Bind[state, state]{
		Inner: inner, In: func(_ context.Context, s *state) (*state, error) { return s, nil },
	}, opts)
}

// What options do shows in the events, one by one.
func TestReferenceTracesWithOptions(t *testing.T) {
	for _, c := range settingCases {
		t.Run(c.name, func(t *testing.T) {
			events, _, _ := c.with.run(t, c.define)
			assert.Equal(t, c.want, trace(events))
		})
	}
}

// Under every schedule, and if time may pass at any point, the events hold what
// they must, nothing blocks and no task is left.
func TestReferencesUnderSearch(t *testing.T) {
	runs := 200
	if testing.Short() {
		runs = 40
	}
	for _, c := range settingCases {
		result := check.Config{Runs: runs, AnyTime: true}.Search(t.Name()+"/"+c.name, func(t *check.T) {
			opts := c.with.opts
			opts.MultiRoot = true
			p := engine.New[state]("p", opts)
			c.define(p)
			rec := &recorder{}
			with := c.with.with
			with.Observers = []engine.Observer{rec}
			_, err := p.Run(t.Context(), &state{}, with)
			checkEvents(t, p, rec.events)
			checkResult(t, rec.events, err)
		})
		if c.name != "a step does not return" { // which is left behind, as it says
			assert.Empty(t, result.Findings, c.name)
		}
	}
}

// checkResult checks that the error of a run says what its last event does.
func checkResult(t require.TestingT, events []event.Event, err error) {
	last := events[len(events)-1].Data.(event.Finished)
	var failed *engine.RunError
	if !errors.As(err, &failed) {
		assert.Contains(t, []string{"success", "stopped"}, last.Status)
		return
	}
	assert.Equal(t, last.Status, string(failed.Result.Status))
	assert.Equal(t, last.Reason, failed.Result.Reason)
	assert.Len(t, failed.Result.Failures, len(last.Failures))
	assert.Equal(t, last.Metrics, failed.Result.Metrics)
}
