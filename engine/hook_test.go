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

// Hooks before run in order, those after in the opposite one, all around the steps.
func TestHookOrder(t *testing.T) {
	var order []string
	note := func(name string) step {
		return func(context.Context, *state) error { order = append(order, name); return nil }
	}
	_, _, err := simulateRun(t, func(p *pipeline) {
		order = nil
		p.OnStart(note("start 1"))
		p.OnFinish(func(ctx context.Context, s *state, _ engine.Result) error { return note("finish 1")(ctx, s) })
		p.OnStart(note("start 2"))
		p.OnFinish(func(ctx context.Context, s *state, _ engine.Result) error { return note("finish 2")(ctx, s) })
		p.Step("a", note("a"), engine.NodeOptions{})
	}, context.Background())
	require.NoError(t, err)
	assert.Equal(t, []string{"start 1", "start 2", "a", "finish 2", "finish 1"}, order)
}

// badHooks are the ways in which a hook can fail.
var badHooks = map[string]struct {
	hook   step
	is     error
	reason string
	text   string
}{
	"error":   {fail, errBad, "hook", "bad"},
	"panic":   {func(context.Context, *state) error { panic("oh") }, nil, "panic", "panic: oh"},
	"Goexit":  {func(context.Context, *state) error { runtime.Goexit(); return nil }, engine.ErrGoexit, "goexit", "step called runtime.Goexit"},
	"Skip":    {returns(engine.Skip), engine.ErrControl, "control", "a hook must not return engine.Skip"},
	"Stop":    {returns(engine.Stop), engine.ErrControl, "control", "a hook must not return engine.Stop"},
	"Retry":   {returns(engine.Retry), engine.ErrControl, "control", "a hook must not return engine.Retry"},
	"Suspend": {returns(engine.Suspend("tea")), engine.ErrControl, "control", "a hook must not return"},
	"Goto":    {returns(engine.Goto("a")), engine.ErrControl, "control", "a hook must not return"},
}

// The first failing hook before the roots leaves out the others and all steps; the
// hooks after are called.
func TestStartHookFails(t *testing.T) {
	for name, bad := range badHooks {
		t.Run(name, func(t *testing.T) {
			calls := 0
			events, result, err := simulateRun(t, func(p *pipeline) {
				calls = 0
				p.OnStart(ok)
				p.OnStart(bad.hook)
				p.OnStart(func(context.Context, *state) error { calls++; return nil })
				p.OnError(handled(nil)) // is for nodes
				p.OnFinish(func(_ context.Context, _ *state, r engine.Result) error {
					calls += 10
					assert.Equal(t, engine.Failed, r.Status)
					assert.Len(t, r.Failures, 1)
					return nil
				})
				nodes(p, func(context.Context, *state) error { calls++; return nil }, "a", "b")
			}, context.Background())
			assert.Equal(t, 10, calls)
			assert.Equal(t, "START H FINISH=failed", trace(events))
			assert.Equal(t, "start", events[1].Data.(event.HookFailed).Hook)
			assert.Equal(t, 1, events[1].Data.(event.HookFailed).Index)
			checkHook(t, result, err, engine.KindStartup, "OnStart[1]", bad.is, bad.reason, bad.text)
			assert.Equal(t, engine.CutOff, result.Nodes[0].Left)
		})
	}
}

func checkHook(t *testing.T, result engine.Result, err error, kind engine.FailureKind, path string, is error, reason, text string) {
	t.Helper()
	require.Len(t, result.Failures, 1)
	f := result.Failures[0]
	assert.Equal(t, []any{kind, path, reason, 0, 0, -1}, []any{f.Kind, f.Path, f.Reason, f.Invocation, f.Attempt, f.Index})
	assert.Contains(t, f.Error(), path+": ")
	assert.ErrorContains(t, err, text)
	if is != nil {
		assert.ErrorIs(t, err, is)
	}
}

// A hook after the steps that fails makes a good run a failed one; all others are
// called.
func TestFinishHookFails(t *testing.T) {
	for name, bad := range badHooks {
		t.Run(name, func(t *testing.T) {
			calls := 0
			events, result, err := simulateRun(t, func(p *pipeline) {
				calls = 0
				p.OnFinish(func(_ context.Context, _ *state, r engine.Result) error {
					calls++
					assert.Len(t, r.Failures, 1)
					return nil
				})
				p.OnFinish(func(ctx context.Context, s *state, r engine.Result) error {
					assert.Empty(t, r.Failures)
					assert.Equal(t, engine.Success, r.Status)
					assert.Equal(t, 1, r.Nodes[0].Invocations)
					return bad.hook(ctx, s)
				})
				nodes(p, ok, "a")
			}, context.Background())
			assert.Equal(t, 1, calls)
			assert.Equal(t, "START S(a) E(a) H FINISH=failed", trace(events))
			assert.Equal(t, event.HookFailed{Hook: "finish", Index: 1, Error: result.Failures[0].Err.Error()}, events[3].Data)
			checkHook(t, result, err, engine.KindFinish, "OnFinish[1]", bad.is, bad.reason, bad.text)
		})
	}
}

// What a failing hook after the steps makes of each status.
func TestFinishHookStatuses(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	tests := map[string]struct {
		step step
		ctx  context.Context
		want engine.Status
	}{
		"success":   {ok, nil, engine.Failed},
		"stopped":   {returns(engine.Stop), nil, engine.Failed},
		"suspended": {returns(engine.Suspend("tea")), nil, engine.Suspended},
		"failed":    {fail, nil, engine.Failed},
		"cancelled": {ok, ctx, engine.Cancelled},
	}
	for name, test := range tests {
		_, result, err := setting{ctx: test.ctx}.run(t, func(p *pipeline) {
			nodes(p, test.step, "a")
			p.OnFinish(func(context.Context, *state, engine.Result) error { return errWorse })
		})
		assert.Equal(t, test.want, result.Status, name)
		assert.ErrorIs(t, err, errWorse, name)
	}
}

// After cancelling the hooks have a context that lives, with the values of the
// run's, and what the run has come to.
func TestFinishHookAfterCancel(t *testing.T) {
	type key struct{}
	ctx, cancel := context.WithCancelCause(context.WithValue(context.Background(), key{}, 7))
	var result engine.Result
	hooks := 0
	p := engine.New[state]("p", engine.Options{})
	p.Step("a", func(ctx context.Context, _ *state) error { cancel(errWorse); <-ctx.Done(); return ctx.Err() }, engine.NodeOptions{})
	p.OnFinish(func(ctx context.Context, _ *state, r engine.Result) error {
		hooks++
		result = r
		deadline, limited := ctx.Deadline()
		assert.True(t, limited)
		assert.InDelta(t, 30, time.Until(deadline).Seconds(), 10)
		assert.Equal(t, 7, ctx.Value(key{}))
		return ctx.Err()
	})
	after, err := p.Run(ctx, &state{}, engine.RunOptions{ID: "r"})
	assert.Equal(t, 1, hooks)
	assert.Equal(t, engine.Cancelled, result.Status)
	assert.Equal(t, "worse", result.Reason)
	assert.Equal(t, "r", result.RunID)
	assert.Equal(t, after.Nodes, result.Nodes)
	assert.Empty(t, after.Failures)
	assert.ErrorIs(t, err, errWorse)
}

// Each hook after the steps has its limit, and a cause that says so.
func TestHookTimeout(t *testing.T) {
	var cause error
	var took time.Duration
	hook := func(ctx context.Context, s *state, _ engine.Result) error { return until(&took, &cause, nil)(ctx, s) }
	events, result, err := setting{opts: engine.Options{HookTimeout: time.Second}}.run(t, func(p *pipeline) {
		nodes(p, ok, "a")
		p.OnFinish(hook)
		p.OnFinish(hook)
	})
	assert.Equal(t, "START S(a) E(a) H H FINISH=failed", trace(events))
	assert.Equal(t, 2*time.Second, length(events))
	assert.Equal(t, time.Second, took)
	assert.Len(t, result.Failures, 2)
	assert.EqualError(t, cause, "context deadline exceeded: hook 1 of OnFinish took longer than 1s")
	assert.ErrorIs(t, err, context.DeadlineExceeded)

	events, _, _ = setting{}.run(t, func(p *pipeline) { nodes(p, ok, "a"); p.OnFinish(hook) })
	assert.Equal(t, 30*time.Second, length(events))
}

// A run that is cancelled while its first hooks run starts nothing, and is
// cancelled, whatever the hook makes of it.
func TestCancelledInStartHook(t *testing.T) {
	for name, result := range map[string]func(ctx context.Context) error{
		"nil": func(context.Context) error { return nil }, "ctx": context.Context.Err, "cause": context.Cause,
		"own": func(context.Context) error { return errBad },
	} {
		t.Run(name, func(t *testing.T) {
			var events []event.Event
			sim := sched.NewSim(sched.Config{})
			defer sim.Close()
			r := sim.Run(lowestFirst{}, 1, func() {
				ctx, cancel := sched.WithCancelCause(context.Background())
				rec := &recorder{}
				p := engine.New[state]("p", engine.Options{})
				nodes(p, ok, "a")
				p.OnStart(func(ctx context.Context, _ *state) error { cancel(errWorse); return result(ctx) })
				res, err := p.Run(ctx, &state{}, engine.RunOptions{Observers: []engine.Observer{rec}})
				assert.Equal(t, engine.Cancelled, res.Status)
				assert.ErrorIs(t, err, errWorse)
				assert.Equal(t, name == "own", errors.Is(err, errBad))
				checkEvents(t, p, rec.events)
				events = rec.events
			})
			require.NoError(t, r.End)
			want := "START CANCELLED H FINISH=cancelled"
			if name == "nil" {
				want = "START CANCELLED FINISH=cancelled"
			}
			assert.Equal(t, want, trace(events))
		})
	}
}

// In real time too a hook that fails after it was cancelled does not decide.
func TestCancelledInStartHookInRealTime(t *testing.T) {
	for range 20 {
		ctx, cancel := context.WithCancel(context.Background())
		p := engine.New[state]("p", engine.Options{})
		nodes(p, ok, "a")
		p.OnStart(func(context.Context, *state) error { cancel(); return errBad })
		result, err := p.Run(ctx, &state{}, engine.RunOptions{})
		assert.Equal(t, engine.Cancelled, result.Status)
		assert.ErrorIs(t, err, errBad)
	}
}

// Hooks of an inner run belong to it.
func TestInnerHooks(t *testing.T) {
	events, result, err := simulateRun(t, func(p *pipeline) {
		inner := innerOf("inner", ok)
		inner.OnFinish(func(context.Context, *state, engine.Result) error { return errBad })
		sub(p, "s", inner, engine.NodeOptions{})
	}, context.Background())
	assert.Equal(t, "START S(s) >(s) S(s/c0) E(s/c0) H(s) <(s)=failed X(s) FINISH=failed", trace(events))
	assert.ErrorIs(t, err, errBad)
	var within *engine.RunError
	require.ErrorAs(t, result.Failures[0].Err, &within)
	assert.Equal(t, "s/OnFinish[0]", within.Result.Failures[0].Path)
	assert.Equal(t, "s/OnFinish[0]: bad", fmt.Sprint(within.Result.Failures[0]))
}
