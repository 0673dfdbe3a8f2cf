package engine_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/sched"
)

var errWorse = errors.New("worse")

// handlerPlaces add a node that fails at some place, with node z after it, and the
// jump target g.
var handlerPlaces = map[string]func(p *pipeline, h engine.Handler[state]){
	"step": func(p *pipeline, h engine.Handler[state]) {
		p.Step("a", fail, engine.NodeOptions{}).OnError(h).To(p.Step("z", ok, engine.NodeOptions{})).MayGoto(p.Step("g", ok, engine.NodeOptions{}))
	},
	"item": func(p *pipeline, h engine.Handler[state]) {
		mapOf(p, "m", 1, func(context.Context, int) error { return errBad }, 0).OnError(h).To(p.Step("z", ok, engine.NodeOptions{}))
	},
	"items": func(p *pipeline, h engine.Handler[state]) {
		engine.Map(p, "m", engine.Each[state, int]{
			Items: engine.Slice(func(context.Context, *state) ([]int, error) { return nil, errBad }),
			Do:    func(context.Context, *state, int) error { return nil },
		}, engine.MapOptions{}).OnError(h).To(p.Step("z", ok, engine.NodeOptions{}))
	},
	"switch": func(p *pipeline, h engine.Handler[state]) {
		z := p.Step("z", ok, engine.NodeOptions{})
		engine.Switch(p, "s", engine.Choice[state, int]{
			Key:   func(context.Context, *state) (int, error) { return 0, errBad },
			Cases: []engine.Case[state, int]{{To: z}},
		}, engine.NodeOptions{}).OnError(h).MayGoto(z)
	},
	"sub": func(p *pipeline, h engine.Handler[state]) {
		inner := engine.New[state]("inner", engine.Options{})
		inner.Step("c", fail, engine.NodeOptions{})
		sub(p, "s", inner, engine.NodeOptions{}).OnError(h).To(p.Step("z", ok, engine.NodeOptions{}))
	},
}

const (
	mapOf1 = "START S(m) M(m)=1 S(m[0]) "
	subRun = "START S(s) >(s) S(s/c) X(s/c) <(s)=failed "
)

var handlerCases = []struct {
	place, name string
	result      error
	want        string
}{
	{"step", "nil", nil, "START S(a) E(a)! S(z) E(z) FINISH=success"},
	{"step", "Skip", engine.Skip, "START S(a) E(a)=skip! FINISH=success"},
	{"step", "Stop", engine.Stop, "START S(a) E(a)=stop! FINISH=stopped"},
	{"step", "Suspend", engine.Suspend("tea"), "START S(a) Z(a) FINISH=suspended"},
	{"step", "Goto", engine.Goto("g"), "START S(a) E(a)=goto:g! S(g) E(g) FINISH=success"},
	{"step", "Goto, undeclared", engine.Goto("z"), "START S(a) X(a) FINISH=failed"},
	{"step", "error", errWorse, "START S(a) X(a) FINISH=failed"},
	{"step", "joined", errors.Join(errWorse, engine.Skip), "START S(a) X(a) FINISH=failed"},
	{"item", "nil", nil, mapOf1 + "E(m[0])! D(m) E(m) S(z) E(z) FINISH=success"},
	{"item", "Skip", engine.Skip, mapOf1 + "E(m[0])=skip! D(m) E(m) S(z) E(z) FINISH=success"},
	{"item", "Stop", engine.Stop, mapOf1 + "E(m[0])=stop! D(m) E(m) FINISH=stopped"},
	{"item", "Goto", engine.Goto("z"), mapOf1 + "X(m[0]) D(m) X(m) FINISH=failed"},
	{"item", "error", errWorse, mapOf1 + "X(m[0]) D(m) X(m) FINISH=failed"},
	{"items", "nil", nil, "START S(m) M(m)=0 D(m) E(m)! S(z) E(z) FINISH=success"},
	{"items", "Skip", engine.Skip, "START S(m) M(m)=0 D(m) E(m)=skip! FINISH=success"},
	{"switch", "nil", nil, "START S(s) E(s)! FINISH=success"},
	{"switch", "Skip", engine.Skip, "START S(s) E(s)=skip! FINISH=success"},
	{"switch", "Goto", engine.Goto("z"), "START S(s) E(s)=goto:z! S(z) E(z) FINISH=success"},
	{"sub", "nil", nil, subRun + "E(s)! S(z) E(z) FINISH=success"},
	{"sub", "Skip", engine.Skip, subRun + "E(s)=skip! FINISH=success"},
	{"sub", "error", errWorse, subRun + "X(s) FINISH=failed"},
}

// What a handler returns means at each place what the result of that place means.
// The end tells the failure; one that is handled is not in Failures.
func TestHandlerResults(t *testing.T) {
	for _, c := range handlerCases {
		t.Run(c.place+"/"+c.name, func(t *testing.T) {
			events, result, err := simulateRun(t, func(p *pipeline) { handlerPlaces[c.place](p, handled(c.result)) }, context.Background())
			assert.Equal(t, c.want, trace(events))
			for _, e := range events {
				if d, ok := e.Data.(event.Ended); ok && d.Handled {
					assert.Contains(t, d.Error, "bad")
				}
			}
			switch {
			case result.Status != engine.Failed:
				assert.Empty(t, result.Failures)
			case c.result == errWorse:
				assert.ErrorIs(t, err, errBad)
				assert.ErrorIs(t, err, errWorse)
			}
			again, _, _ := simulateRun(t, func(p *pipeline) {
				p.OnError(handled(c.result))
				handlerPlaces[c.place](p, func(context.Context, *state, *engine.StepError) error { return errWorse })
			}, context.Background())
			assert.Equal(t, c.want, trace(again), "the same of the handler of the pipeline")
		})
	}
}

// The handler of the node comes first and that of the pipeline second, each sees
// what came before, wrapped, and where it was.
func TestHandlerOrder(t *testing.T) {
	var seen []*engine.StepError
	keep := func(err error) engine.Handler[state] {
		return func(ctx context.Context, _ *state, e *engine.StepError) error {
			assert.Equal(t, "a", engine.Info(ctx).Path)
			assert.Equal(t, e.Attempt, engine.Info(ctx).Attempt)
			seen = append(seen, e)
			return err
		}
	}
	tests := map[string]struct {
		node, whole error
		calls       int
		want        string
	}{
		"the first handles":  {nil, errWorse, 1, "START S(a) R(a) E(a)#2! FINISH=success"},
		"the second handles": {errWorse, nil, 2, "START S(a) R(a) E(a)#2! FINISH=success"},
		"neither":            {errWorse, errors.New("worst"), 2, "START S(a) R(a) X(a)#2 FINISH=failed"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.want = fmt.Sprintf("START S(a) R(a) S(a)#2%s", test.want[len("START S(a) R(a)"):])
			events, result, _ := simulateRun(t, func(p *pipeline) {
				seen = nil
				p.OnError(keep(test.whole))
				p.Step("a", fail, engine.NodeOptions{Retry: engine.RetryPolicy{MaxAttempts: 2}}).OnError(keep(test.node))
			}, context.Background())
			assert.Equal(t, test.want, trace(events))
			require.Len(t, seen, test.calls)
			assert.Equal(t, errBad, seen[0].Err)
			assert.Equal(t, "error", seen[0].Reason)
			assert.Equal(t, 2, seen[0].Attempt)
			if test.calls == 2 {
				assert.ErrorIs(t, seen[1].Err, errBad)
				assert.ErrorIs(t, seen[1].Err, errWorse)
				assert.EqualError(t, seen[1].Err, "worse, in the handler of: bad")
			}
			if len(result.Failures) > 0 {
				assert.EqualError(t, result.Failures[0].Err, "worst, in the handler of: worse, in the handler of: bad")
			}
		})
	}
}

// A panic or runtime.Goexit in a handler is a failure like its error.
func TestHandlerFails(t *testing.T) {
	ways := map[string]struct {
		handler engine.Handler[state]
		text    string
	}{
		"panic":  {func(context.Context, *state, *engine.StepError) error { panic("oh") }, "panic: oh, in the handler of: bad"},
		"Goexit": {func(context.Context, *state, *engine.StepError) error { runtime.Goexit(); return nil }, "engine: step called runtime.Goexit in the handler of: bad"},
	}
	for name, way := range ways {
		for place, define := range handlerPlaces {
			t.Run(name+"/"+place, func(t *testing.T) {
				_, result, err := simulateRun(t, func(p *pipeline) { define(p, way.handler) }, context.Background())
				assert.ErrorIs(t, err, errBad)
				if place != "sub" {
					assert.ErrorContains(t, err, way.text)
				}
				assert.Len(t, result.Failures, 1)
				second := 0
				_, result, err = simulateRun(t, func(p *pipeline) {
					second = 0
					p.OnError(func(context.Context, *state, *engine.StepError) error { second++; return nil })
					define(p, way.handler)
				}, context.Background())
				require.NoError(t, err)
				assert.Equal(t, 1, second)
				assert.Equal(t, engine.Success, result.Status)
			})
		}
	}
}

// After cancelling no handler is called, whatever has failed: not for what was
// running, not the second one, and not for too many retries.
func TestNoHandlerAfterCancelling(t *testing.T) {
	called := 0
	never := func(context.Context, *state, *engine.StepError) error { called++; return nil }
	cancelling := func(err error) func(p *pipeline, cancel func(error)) {
		return func(p *pipeline, cancel func(error)) {
			p.OnError(never)
			p.Step("a", func(context.Context, *state) error { cancel(errWorse); return err }, engine.NodeOptions{}).OnError(never)
		}
	}
	tests := map[string]struct {
		define func(p *pipeline, cancel func(error))
		want   string
	}{
		"error":  {cancelling(errBad), "START S(a) CANCELLED X(a) FINISH=cancelled"},
		"cancel": {cancelling(context.Canceled), "START S(a) CANCELLED C(a) FINISH=cancelled"},
		"cause":  {cancelling(errWorse), "START S(a) CANCELLED C(a) FINISH=cancelled"},
		"retry": {func(p *pipeline, cancel func(error)) {
			p.OnError(never)
			p.Step("a", func(context.Context, *state) error { cancel(errWorse); return engine.Retry },
				engine.NodeOptions{Retry: engine.RetryPolicy{MaxAttempts: 1}})
		}, "START S(a) CANCELLED X(a) FINISH=cancelled"},
		"by a handler": {func(p *pipeline, cancel func(error)) {
			p.OnError(never)
			p.Step("a", fail, engine.NodeOptions{}).OnError(
				func(context.Context, *state, *engine.StepError) error { cancel(errWorse); return errors.New("own") })
		}, "START S(a) CANCELLED X(a) FINISH=cancelled"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var events []event.Event
			sim := sched.NewSim(sched.Config{})
			defer sim.Close()
			r := sim.Run(lowestFirst{}, 1, func() {
				p := engine.New[state]("p", engine.Options{})
				var run *engine.Run
				test.define(p, func(err error) { run.Cancel(err) })
				p.OnStart(pause) // run is there then
				var err error
				run, err = p.Stream(context.Background(), &state{}, engine.RunOptions{ID: "r"})
				require.NoError(t, err)
				events = read(run)
				_, err = run.Wait()
				assert.ErrorIs(t, err, errWorse)
				assert.ErrorIs(t, err, context.Canceled)
			})
			require.NoError(t, r.End)
			assert.Equal(t, test.want, trace(events))
			assert.Zero(t, called)
		})
	}
}

// A handler may ask for another attempt, as often as there may be attempts; the
// one of too many retries ends it.
func TestHandlerRetries(t *testing.T) {
	tests := map[string]struct {
		policy engine.RetryPolicy
		result error
		calls  int // of the handler
		tries  int
		took   time.Duration
	}{
		"MaxRetries":    {engine.RetryPolicy{}, engine.Retry, 5, 4, 0},
		"RetryAfter":    {engine.RetryPolicy{}, engine.RetryAfter(time.Second), 5, 4, 3 * time.Second},
		"with a policy": {engine.RetryPolicy{MaxAttempts: 3}, engine.Retry, 1, 3, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			calls := 0
			events, result, err := setting{opts: engine.Options{MaxRetries: 3}}.run(t, func(p *pipeline) {
				calls = 0
				p.Step("a", fail, engine.NodeOptions{Retry: test.policy}).OnError(func(context.Context, *state, *engine.StepError) error {
					calls++
					return test.result
				})
			})
			require.ErrorIs(t, err, engine.ErrRetries)
			assert.Equal(t, "retries", result.Failures[0].Reason)
			assert.Equal(t, test.tries, result.Metrics.Nodes[0].Attempts)
			assert.Equal(t, test.took, length(events))
			assert.LessOrEqual(t, calls, test.calls)
		})
	}
	events, _, err := simulateRun(t, func(p *pipeline) {
		p.Step("a", returns(errBad, nil), engine.NodeOptions{}).OnError(handled(engine.Retry))
	}, context.Background())
	require.NoError(t, err)
	assert.Equal(t, "START S(a) R(a) S(a)#2 E(a)#2 FINISH=success", trace(events))
}

// The time limit of a step is over for its handler.
func TestHandlerHasTime(t *testing.T) {
	events, _, err := simulateRun(t, func(p *pipeline) {
		p.Step("a", wait, engine.NodeOptions{Timeout: time.Second}).OnError(func(ctx context.Context, _ *state, e *engine.StepError) error {
			assert.NoError(t, ctx.Err())
			assert.ErrorIs(t, e, engine.ErrStepTimeout)
			assert.Equal(t, "timeout", e.Reason)
			sched.Sleep(time.Minute)
			return ctx.Err()
		})
	}, context.Background())
	require.NoError(t, err)
	assert.Equal(t, time.Minute+time.Second, length(events))
}
