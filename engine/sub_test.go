package engine_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/sched"
)

// innerOf makes a pipeline of the given steps, one after the other.
func innerOf(name string, steps ...step) *pipeline {
	p := engine.New[state](name, engine.Options{})
	var last *engine.Node[state]
	for i, fn := range steps {
		n := p.Step(fmt.Sprint("c", i), fn, engine.NodeOptions{})
		if last != nil {
			last.To(n)
		}
		last = n
	}
	return p
}

// mapSub adds a map over n items with an inner run each.
func mapSub(p *pipeline, name string, n int, inner *pipeline, opts engine.MapOptions) *engine.Node[state] {
	return engine.MapSub(p, name, engine.EachSub[state, int, state]{Items: numbers[state](n), Inner: inner,
		In: func(context.Context, *state, int) (*state, error) { return &state{}, nil }}, opts)
}

// bound adds a sub whose In and Out are told what to return; out counts the calls
// of Out.
func bound(p *pipeline, inner *pipeline, in, out func() error, calls *int) *engine.Node[state] {
	*calls = 0
	return engine.Sub(p, "s", engine.Bind[state, state]{
		Inner: inner,
		In:    func(context.Context, *state) (*state, error) { return &state{}, in() },
		Out: func(context.Context, *state, *state) error {
			*calls++
			err := out()
			if err == errPanic {
				panic(err)
			}
			return err
		},
	}, engine.NodeOptions{}).To(p.Step("z", ok, engine.NodeOptions{}))
}

const (
	goodRun = "START S(s) >(s) S(s/c0) E(s/c0) <(s)=success "
	goodEnd = "E(s) S(z) E(z) FINISH=success"
)

// What In, the inner run and Out come to means something for the node, and Out is
// called only after success or stop.
func TestSubResults(t *testing.T) {
	tests := map[string]struct {
		in    error
		inner step
		out   error
		want  string
		calls int
	}{
		"good":         {nil, ok, nil, goodRun + goodEnd, 1},
		"In fails":     {errBad, ok, nil, "START S(s) X(s) FINISH=failed", 0},
		"In skips":     {engine.Skip, ok, nil, "START S(s) E(s)=skip FINISH=success", 0},
		"In stops":     {engine.Stop, ok, nil, "START S(s) E(s)=stop FINISH=stopped", 0},
		"In retries":   {engine.Retry, ok, nil, "START S(s) R(s) S(s)#2 >(s) S(s/c0) E(s/c0) <(s)=success E(s)#2 S(z) E(z) FINISH=success", 1},
		"In suspends":  {engine.Suspend("tea"), ok, nil, "START S(s) Z(s) FINISH=suspended", 0},
		"inner fails":  {nil, fail, nil, "START S(s) >(s) S(s/c0) X(s/c0) <(s)=failed X(s) FINISH=failed", 0},
		"inner stops":  {nil, returns(engine.Stop), nil, "START S(s) >(s) S(s/c0) E(s/c0)=stop <(s)=stopped " + goodEnd, 1},
		"inner skips":  {nil, returns(engine.Skip), nil, "START S(s) >(s) S(s/c0) E(s/c0)=skip <(s)=success " + goodEnd, 1},
		"inner halts":  {nil, returns(engine.Suspend("tea")), nil, "START S(s) >(s) S(s/c0) Z(s/c0) <(s)=suspended Z(s) FINISH=suspended", 0},
		"Out fails":    {nil, ok, errBad, goodRun + "X(s) FINISH=failed", 1},
		"Out skips":    {nil, ok, engine.Skip, goodRun + "E(s)=skip FINISH=success", 1},
		"Out stops":    {nil, ok, engine.Stop, goodRun + "E(s)=stop FINISH=stopped", 1},
		"Out retries":  {nil, ok, engine.Retry, goodRun + "R(s) S(s)#2 >(s) S(s/c0) E(s/c0) <(s)=success E(s)#2 S(z) E(z) FINISH=success", 2},
		"Out panics":   {nil, ok, errPanic, goodRun + "X(s) FINISH=failed", 1},
		"Out suspends": {nil, ok, engine.Suspend("tea"), goodRun + "Z(s) FINISH=suspended", 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			calls := 0
			events, _, _ := simulateRun(t, func(p *pipeline) {
				bound(p, innerOf("inner", test.inner), once(test.in), once(test.out), &calls)
			}, context.Background())
			assert.Equal(t, test.want, trace(events))
			assert.Equal(t, test.calls, calls)
		})
	}
}

// errPanic is what Out panics with.
var errPanic = errors.New("oh")

// A pipeline may be in several nodes and runs at once, in any depth; all events
// tell where they are.
func TestSubNesting(t *testing.T) {
	events, _, err := simulateRun(t, func(p *pipeline) {
		lowest := innerOf("lowest", ok)
		middle := engine.New[state]("middle", engine.Options{})
		mapSub(middle, "m", 2, lowest, engine.MapOptions{MaxConcurrency: 1}).To(sub(middle, "again", lowest, engine.NodeOptions{}))
		p.Step("r", ok, engine.NodeOptions{}).To(sub(p, "s", middle, engine.NodeOptions{}).To(sub(p, "t", lowest, engine.NodeOptions{})))
	}, context.Background())
	require.NoError(t, err)
	assert.Equal(t, "START S(r) E(r) S(s) >(s) S(s/m) M(s/m)=2 S(s/m[0]) >(s/m[0]) S(s/m[0]/c0) E(s/m[0]/c0) <(s/m[0])=success E(s/m[0]) "+
		"S(s/m[1]) >(s/m[1]) S(s/m[1]/c0) E(s/m[1]/c0) <(s/m[1])=success E(s/m[1]) D(s/m) E(s/m) "+
		"S(s/again) >(s/again) S(s/again/c0) E(s/again/c0) <(s/again)=success E(s/again) <(s)=success E(s) "+
		"S(t) >(t) S(t/c0) E(t/c0) <(t)=success E(t) FINISH=success", trace(events))
	runs := map[string]event.Event{} // by RunID
	for _, e := range events {
		assert.Equal(t, "r", e.RootRunID)
		if e.Type == event.SubStart || e.Type == event.Start {
			assert.NotContains(t, runs, e.RunID)
			runs[e.RunID] = e
		}
		start := runs[e.RunID]
		assert.Equal(t, start.ParentRunID, e.ParentRunID)
		assert.Equal(t, start.Pipeline, e.Pipeline)
		if e.Node == "c0" {
			assert.Equal(t, []any{"lowest", 1, 0, 1, start.Path + "/c0"}, []any{e.Pipeline, e.Invocation, e.Parent, e.Owner, e.Path})
		}
		if e.Path == "s/m[1]" && e.Type == event.SubStart {
			assert.Equal(t, 3, e.Owner, "m is 1 in its run, m[0] is 2")
			assert.Equal(t, event.Run, e.Kind)
		}
	}
	assert.Len(t, runs, 6)
}

// Policies of inner runs are their own.
func TestSubPolicies(t *testing.T) {
	events, result, _ := setting{opts: engine.Options{Policy: engine.FinishSiblings}}.run(t, func(p *pipeline) {
		inner := engine.New[state]("inner", engine.Options{Policy: engine.ContinueOnError})
		inner.Step("c", fail, engine.NodeOptions{}).To(inner.Step("d", ok, engine.NodeOptions{}))
		sub(p, "s", inner, engine.NodeOptions{}).To(p.Step("z", ok, engine.NodeOptions{}))
		p.Step("b", pause, engine.NodeOptions{}).To(p.Step("b2", ok, engine.NodeOptions{}))
	})
	assert.Equal(t, "START S(s) S(b) >(s) S(s/c) X(s/c) S(s/d) E(s/d) <(s)=failed X(s) E(b) S(b2) E(b2) FINISH=failed", trace(events))
	assert.Equal(t, engine.LeftFailed, result.Nodes[1].Left)
}

// Cancelling passes inwards with its cause, hooks of the inner run are called, and
// what is cancelled inside is no failure outside.
func TestSubCancelled(t *testing.T) {
	define := func(outer step, add func(p, inner *pipeline)) (func(p *pipeline), *error, *int) {
		var cause error
		var took time.Duration
		hooks := 0
		return func(p *pipeline) {
			hooks = 0
			inner := innerOf("inner", until(&took, &cause, nil), ok)
			inner.OnFinish(func(ctx context.Context, _ *state, r engine.Result) error {
				hooks++
				assert.NoError(t, ctx.Err())
				assert.Equal(t, engine.Cancelled, r.Status)
				return nil
			})
			p.Step("a", func(ctx context.Context, s *state) error { sched.Sleep(time.Second); return outer(ctx, s) }, engine.NodeOptions{})
			add(p, inner)
		}, &cause, &hooks
	}
	in, cause, hooks := define(fail, func(p, inner *pipeline) { sub(p, "s", inner, engine.NodeOptions{}) })
	events, result, _ := simulateRun(t, in, context.Background())
	assert.Equal(t, "START S(a) S(s) >(s) S(s/c0) X(a) CANCELLED(s) C(s/c0) <(s)=cancelled C(s) FINISH=failed", trace(events))
	assert.ErrorIs(t, *cause, engine.ErrSibling)
	assert.ErrorIs(t, *cause, errBad)
	assert.Equal(t, 1, *hooks)
	assert.Len(t, result.Failures, 1)

	in, cause, hooks = define(fail, func(p, inner *pipeline) { mapSub(p, "m", 2, inner, engine.MapOptions{}) })
	events, result, _ = simulateRun(t, in, context.Background())
	assert.Equal(t, 2, *hooks)
	assert.ErrorIs(t, *cause, engine.ErrSibling)
	assert.Len(t, result.Failures, 1)
	assert.Contains(t, trace(events), " C(m[0]) ")
	assert.Contains(t, trace(events), "D(m) C(m) FINISH=failed")
}

// A failure inside that has nothing to do with cancelling is not lost.
func TestSubFailsWhileCancelled(t *testing.T) {
	_, result, err := simulateRun(t, func(p *pipeline) {
		inner := innerOf("inner", func(ctx context.Context, s *state) error { _ = wait(ctx, s); return errWorse })
		p.Step("a", func(context.Context, *state) error { sched.Sleep(time.Second); return errBad }, engine.NodeOptions{})
		sub(p, "s", inner, engine.NodeOptions{})
	}, context.Background())
	assert.ErrorIs(t, err, errBad)
	assert.ErrorIs(t, err, errWorse)
	assert.Equal(t, "a", result.Failure().Path)
}

// An item fails alone, under MapSub as elsewhere, and Out takes the others in order.
func TestMapSubOut(t *testing.T) {
	for policy, want := range map[engine.Policy][]int{engine.FailFast: {0}, engine.FinishSiblings: {0, 2, 3}} {
		var outs []int
		_, result, err := setting{opts: engine.Options{Policy: policy}}.run(t, func(p *pipeline) {
			outs = nil
			inner := engine.New[int]("inner", engine.Options{})
			inner.Step("c", func(_ context.Context, n *int) error {
				if *n == 1 {
					return errBad
				}
				*n *= 10
				return nil
			}, engine.NodeOptions{})
			engine.MapSub(p, "m", engine.EachSub[state, int, int]{Items: numbers[state](4), Inner: inner,
				In: func(_ context.Context, _ *state, item int) (*int, error) { return &item, nil },
				Out: func(_ context.Context, _ *state, index int, n *int) error {
					assert.Equal(t, index*10, *n)
					outs = append(outs, index)
					return nil
				}}, engine.MapOptions{MaxConcurrency: 1})
		})
		assert.Equal(t, want, outs, policy)
		assert.ErrorIs(t, err, errBad)
		require.Len(t, result.Failures, 1)
		assert.Equal(t, "m[1]", result.Failures[0].Path)
	}
}

// An inner run inherits the deadline of its caller, and ends by it.
func TestSubRunTimeout(t *testing.T) {
	events, _, err := setting{with: engine.RunOptions{Timeout: time.Second}}.run(t, func(p *pipeline) {
		sub(p, "s", innerOf("inner", wait, ok), engine.NodeOptions{})
	})
	assert.Equal(t, "START S(s) >(s) S(s/c0) TIMEOUT TIMEOUT(s) C(s/c0) <(s)=timeout C(s) FINISH=timeout", trace(events))
	assert.ErrorIs(t, err, engine.ErrRunTimeout)
}

// In real time too the outer run tells first that it was cancelled.
func TestSubCancelledInRealTime(t *testing.T) {
	for range 20 {
		ctx, cancel := context.WithCancel(context.Background())
		rec := &recorder{}
		p := engine.New[state]("p", engine.Options{})
		sub(p, "s", innerOf("inner", func(ctx context.Context, _ *state) error { cancel(); return ctx.Err() }), engine.NodeOptions{})
		_, err := p.Run(ctx, &state{}, engine.RunOptions{Observers: []engine.Observer{rec}})
		assert.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, "START S(s) >(s) S(s/c0) CANCELLED CANCELLED(s) C(s/c0) <(s)=cancelled C(s) FINISH=cancelled", trace(rec.events))
	}
}
