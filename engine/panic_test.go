package engine_test

import (
	"context"
	"iter"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/sched"
)

// userCode are the functions of a pipeline that a user writes, each of which calls bad.
var userCode = map[string]func(p *pipeline, bad func()){
	"step": func(p *pipeline, bad func()) {
		nodes(p, func(context.Context, *state) error { bad(); return nil }, "a")
	},
	"slice": func(p *pipeline, bad func()) {
		mapItems(p, engine.Slice(func(context.Context, *state) ([]int, error) { bad(); return nil, nil }), engine.MapOptions{})
	},
	"iterator": func(p *pipeline, bad func()) {
		mapItems(p, engine.Seq(func(context.Context, *state) iter.Seq[int] {
			return func(yield func(int) bool) { yield(0); bad() }
		}), engine.MapOptions{})
	},
	"item": func(p *pipeline, bad func()) {
		mapOf(p, "m", 3, func(context.Context, int) error { bad(); return nil }, 2)
	},
	"gathered item": func(p *pipeline, bad func()) {
		gatherOf(p, bad, func() {})
	},
	"Collect": func(p *pipeline, bad func()) { gatherOf(p, func() {}, bad) },
	"Key": func(p *pipeline, bad func()) {
		x := nodes(p, ok, "x")[0]
		engine.Switch(p, "s", engine.Choice[state, int]{Key: func(context.Context, *state) (int, error) { bad(); return 0, nil },
			Cases: []engine.Case[state, int]{{To: x}}}, engine.NodeOptions{})
	},
	"In":          func(p *pipeline, bad func()) { subOf(p, bad, func() {}) },
	"Out":         func(p *pipeline, bad func()) { subOf(p, func() {}, bad) },
	"In of a map": func(p *pipeline, bad func()) { mapSubOf(p, bad, func() {}) },
	"Out of a map": func(p *pipeline, bad func()) {
		mapSubOf(p, func() {}, bad)
	},
	"inner step": func(p *pipeline, bad func()) {
		sub(p, "s", innerOf("inner", func(context.Context, *state) error { bad(); return nil }), engine.NodeOptions{})
	},
	"handler": func(p *pipeline, bad func()) {
		p.Step("a", fail, engine.NodeOptions{}).OnError(func(context.Context, *state, *engine.StepError) error { bad(); return nil })
	},
	"handler of all": func(p *pipeline, bad func()) {
		nodes(p, fail, "a")
		p.OnError(func(context.Context, *state, *engine.StepError) error { bad(); return nil })
	},
	"handler of a barrier": func(p *pipeline, bad func()) {
		j := p.Step("j", ok, engine.NodeOptions{BarrierTimeout: time.Second}).OnError(func(context.Context, *state, *engine.StepError) error { bad(); return nil })
		p.Step("b", ok, engine.NodeOptions{}).To(j)
		p.Step("c", wait, engine.NodeOptions{}).To(j)
	},
	"OnStart": func(p *pipeline, bad func()) {
		nodes(p, ok, "a")
		p.OnStart(func(context.Context, *state) error { bad(); return nil })
	},
	"OnFinish": func(p *pipeline, bad func()) {
		nodes(p, ok, "a")
		p.OnFinish(func(context.Context, *state, engine.Result) error { bad(); return nil })
	},
	"middleware": func(p *pipeline, bad func()) {
		nodes(p, ok, "a")
		p.Use(func(next step) step { return func(context.Context, *state) error { bad(); return nil } })
	},
}

func gatherOf(p *pipeline, do, collect func()) {
	engine.MapGather(p, "m", engine.Gather[state, int, int]{Items: numbers[state](3),
		Do:      func(context.Context, *state, int) (int, error) { do(); return 0, nil },
		Collect: func(context.Context, *state, int, int) error { collect(); return nil }}, engine.MapOptions{MaxConcurrency: 2})
}

func subOf(p *pipeline, in, out func()) {
	engine.Sub(p, "s", engine.Bind[state, state]{Inner: innerOf("inner", ok),
		In:  func(context.Context, *state) (*state, error) { in(); return &state{}, nil },
		Out: func(context.Context, *state, *state) error { out(); return nil }}, engine.NodeOptions{})
}

func mapSubOf(p *pipeline, in, out func()) {
	engine.MapSub(p, "m", engine.EachSub[state, int, state]{Items: numbers[state](3), Inner: innerOf("inner", ok),
		In:  func(context.Context, *state, int) (*state, error) { in(); return &state{}, nil },
		Out: func(context.Context, *state, int, *state) error { out(); return nil }}, engine.MapOptions{MaxConcurrency: 2})
}

// Whatever function of a user panics or ends its goroutine: the run fails with that,
// nothing of it is left, and nothing reaches the caller.
func TestNothingEscapes(t *testing.T) {
	for place, define := range userCode {
		for way, bad := range map[string]func(){"panic": func() { panic(errBad) }, "goexit": runtime.Goexit} {
			t.Run(place+"/"+way, func(t *testing.T) {
				_, result, err := simulateRun(t, func(p *pipeline) { define(p, bad) }, context.Background())
				require.Error(t, err)
				assert.Equal(t, engine.Failed, result.Status)
				if way == "panic" {
					var p *engine.PanicError
					require.ErrorAs(t, err, &p)
					assert.Equal(t, errBad, p.Value)
					assert.Contains(t, string(p.Stack), "panic_test.go")
				} else {
					require.ErrorIs(t, err, engine.ErrGoexit)
				}
			})
		}
	}
	panics := func(any) engine.Source { panic("oh") }
	for name, opts := range map[string]engine.Options{"": {}, "classifier": {Classify: func(f *engine.StepError) engine.Source { return panics(f) }}} {
		_, _, err := setting{opts: opts, with: engine.RunOptions{}}.run(t, func(p *pipeline) {
			p.Step("a", fail, engine.NodeOptions{Retry: engine.RetryPolicy{MaxAttempts: 2, Retryable: func(err error) bool { return panics(err) == "" }}})
		})
		assert.ErrorIs(t, err, errBad, name)
	}
}

// What each end of an attempt tells: how long it took, why, and of a panic where.
func TestEventData(t *testing.T) {
	const s = time.Second
	data := func(define func(p *pipeline), path string) (all []any) {
		events, _, _ := simulateRun(t, define, context.Background())
		for _, e := range events {
			if e.Path == path && e.Data != nil {
				all = append(all, e.Data)
			}
		}
		return all
	}
	one := func(fn step) func(p *pipeline) {
		return func(p *pipeline) {
			p.Step("a", fn, engine.NodeOptions{Retry: engine.RetryPolicy{MaxAttempts: 2, BaseDelay: 3 * s}})
		}
	}
	assert.Equal(t, []any{event.Ended{Duration: s}}, data(one(after(s, nil)), "a"))
	assert.Equal(t, []any{event.Ended{Control: "skip", Duration: s}}, data(one(after(s, engine.Skip)), "a"))
	assert.Equal(t, []any{event.Suspended{Reason: "tea", Duration: s}}, data(one(after(s, engine.Suspend("tea"))), "a"))
	assert.Equal(t, []any{event.Retried{Error: "bad", Delay: 3 * s, Duration: s}, event.Failed{Reason: "error", Source: "user", Error: "bad", Duration: s}},
		data(one(after(s, errBad)), "a"))
	assert.Equal(t, []any{event.Retried{Error: "engine.RetryAfter(5s)", Delay: 5 * s, Duration: s}, event.Ended{Duration: s}},
		data(func(p *pipeline) {
			later := returns(engine.RetryAfter(5*s), nil)
			one(func(ctx context.Context, st *state) error { sched.Sleep(s); return later(ctx, st) })(p)
		}, "a"))
	assert.Equal(t, []any{event.Failed{Reason: "cancelled", Error: "context canceled", Duration: s}}, data(func(p *pipeline) {
		p.Step("a", wait, engine.NodeOptions{})
		p.Step("b", after(s, errBad), engine.NodeOptions{})
	}, "a"))
	got := data(one(func(context.Context, *state) error { panic("oh") }), "a")
	require.Len(t, got, 1)
	failed := got[0].(event.Failed)
	assert.Equal(t, []any{"panic", "user", "panic: oh"}, []any{failed.Reason, failed.Source, failed.Error})
	assert.Contains(t, failed.Stack, "TestEventData")
	assert.NotContains(t, failed.Stack, "0x")
}
