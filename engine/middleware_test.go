package engine_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/sched"
)

// around is a middleware that notes what it sees.
func around(name string, seen *[]string) engine.Middleware[state] {
	return func(next step) step {
		return func(ctx context.Context, s *state) error {
			i := engine.Info(ctx)
			*seen = append(*seen, fmt.Sprintf("%s: %s %s #%d", name, i.Kind, i.Path, i.Attempt))
			err := next(ctx, s)
			*seen = append(*seen, fmt.Sprintf("%s: %v", name, err))
			return err
		}
	}
}

// The first middleware is outermost, sees every function of the nodes with what it
// belongs to, each attempt and its result; not those of inner pipelines.
func TestMiddleware(t *testing.T) {
	var seen []string
	_, _, err := simulateRun(t, func(p *pipeline) {
		seen = nil
		p.Use(around("one", &seen), around("two", &seen))
		p.Step("a", returns(engine.Retry, nil), engine.NodeOptions{})
	}, context.Background())
	require.NoError(t, err)
	assert.Equal(t, []string{"one: step a #1", "two: step a #1", "two: engine.Retry", "one: engine.Retry",
		"one: step a #2", "two: step a #2", "two: <nil>", "one: <nil>"}, seen)

	_, _, err = simulateRun(t, func(p *pipeline) {
		seen = nil
		p.Use(around("m", &seen))
		x := p.Step("x", returns(engine.Skip), engine.NodeOptions{})
		g := engine.MapGather(p, "g", engine.Gather[state, int, int]{Items: numbers[state](1),
			Do:      func(context.Context, *state, int) (int, error) { return 7, nil },
			Collect: func(_ context.Context, _ *state, _, result int) error { assert.Equal(t, 7, result); return nil }}, engine.MapOptions{})
		inner := innerOf("inner", ok)
		inner.Use(around("inner", &seen))
		g.To(mapOf(p, "m", 1, pass, 0).To(mapSub(p, "n", 1, inner, engine.MapOptions{}).To(
			sub(p, "s", inner, engine.NodeOptions{}).To(choose(p, "k", "x", x)))))
		p.OnStart(ok)
		p.OnError(handled(nil))
	}, context.Background())
	require.NoError(t, err)
	assert.Equal(t, []string{"m: worker g[0] #1", "m: <nil>", "m: worker m[0] #1", "m: <nil>",
		"m: worker n[0] #1", "m: <nil>", "inner: step n[0]/c0 #1", "inner: <nil>",
		"m: sub s #1", "m: <nil>", "inner: step s/c0 #1", "inner: <nil>",
		"m: switch k #1", "m: <nil>", "m: step x #1", "m: engine.Skip"}, seen)
}

// A middleware may leave out, repeat and replace what it wraps.
func TestMiddlewareActs(t *testing.T) {
	calls := 0
	counting := func(context.Context, *state) error { calls++; return errBad }
	tests := map[string]struct {
		mw    engine.Middleware[state]
		calls int
		want  string
	}{
		"leaves out": {func(step) step { return ok }, 0, "START S(a) E(a) FINISH=success"},
		"skips":      {func(step) step { return returns(engine.Skip) }, 0, "START S(a) E(a)=skip FINISH=success"},
		"repeats": {func(next step) step {
			return func(ctx context.Context, s *state) error { _ = next(ctx, s); return next(ctx, s) }
		}, 2, "START S(a) X(a) FINISH=failed"},
		"forgives": {func(next step) step {
			return func(ctx context.Context, s *state) error { _ = next(ctx, s); return nil }
		}, 1, "START S(a) E(a) FINISH=success"},
		"derives": {func(next step) step {
			return func(ctx context.Context, s *state) error {
				ctx, cancel := context.WithCancel(ctx)
				defer cancel()
				return next(ctx, s)
			}
		}, 1, "START S(a) X(a) FINISH=failed"},
		"panics": {func(step) step { return func(context.Context, *state) error { panic("oh") } }, 0, "START S(a) X(a) FINISH=failed"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			events, _, _ := simulateRun(t, func(p *pipeline) {
				calls = 0
				p.Use(test.mw)
				p.Step("a", counting, engine.NodeOptions{})
			}, context.Background())
			assert.Equal(t, test.want, trace(events))
			assert.Equal(t, test.calls, calls)
		})
	}
	foreign := func(next step) step {
		return func(_ context.Context, s *state) error { return next(context.Background(), s) }
	}
	_, result, err := simulateRun(t, func(p *pipeline) { p.Use(foreign); nodes(p, ok, "a") }, context.Background())
	require.ErrorContains(t, err, "a middleware has called its next function with a context that is not derived from its own")
	assert.Equal(t, "a", result.Failures[0].Path)
}

type note1 struct{}

// Info tells where a function is, in every place and in contexts derived from its
// own; elsewhere it is zero.
func TestInfo(t *testing.T) {
	var got []engine.StepInfo
	note := func(ctx context.Context) {
		ctx, cancel := context.WithCancel(context.WithValue(ctx, note1{}, 1))
		defer cancel()
		got = append(got, engine.Info(ctx))
	}
	_, _, err := simulateRun(t, func(p *pipeline) {
		got = nil
		p.OnStart(func(ctx context.Context, _ *state) error { note(ctx); return nil })
		a := p.Step("a", func(ctx context.Context, _ *state) error { note(ctx); return errBad }, engine.NodeOptions{}).
			OnError(func(ctx context.Context, _ *state, _ *engine.StepError) error { note(ctx); return nil })
		a.To(engine.MapGather(p, "g", engine.Gather[state, int, int]{
			Items:   engine.Slice(func(ctx context.Context, _ *state) ([]int, error) { note(ctx); return []int{5}, nil }),
			Do:      func(ctx context.Context, _ *state, _ int) (int, error) { note(ctx); return 0, nil },
			Collect: func(ctx context.Context, _ *state, _, _ int) error { note(ctx); return nil }}, engine.MapOptions{}))
		p.OnFinish(func(ctx context.Context, _ *state, _ engine.Result) error { note(ctx); return nil })
	}, context.Background())
	require.NoError(t, err)
	a := engine.StepInfo{Pipeline: "p", RunID: "r", Node: "a", Path: "a", Kind: event.Step, Invocation: 1, Owner: 1, Attempt: 1, Index: -1}
	g := engine.StepInfo{Pipeline: "p", RunID: "r", Node: "g", Path: "g", Kind: event.Map, Invocation: 2, Parent: 1, Owner: 2, Attempt: 1, Index: -1}
	item := engine.StepInfo{Pipeline: "p", RunID: "r", Node: "g", Path: "g[0]", Kind: event.Worker, Invocation: 3, Parent: 2, Owner: 2, Attempt: 1}
	assert.Equal(t, []engine.StepInfo{{}, a, a, g, item, g, {}}, got)
	assert.Zero(t, engine.Info(context.Background()))
	var none context.Context
	assert.Zero(t, engine.Info(none))
}

// Notes are on the event that ends their attempt, and only there; what comes after
// is dropped, as are counts after the end of the run.
func TestNoteAndCount(t *testing.T) {
	var kept context.Context
	events, result, err := simulateRun(t, func(p *pipeline) {
		tries := 0
		p.Step("a", func(ctx context.Context, _ *state) error {
			kept = ctx
			engine.Note(ctx, slog.Int("try", tries), slog.String("k", "v"))
			engine.Note(ctx, slog.Bool("more", true))
			engine.Count(ctx, "b", 2)
			engine.Count(ctx, "a", 1)
			engine.Count(ctx, "b", -5)
			if tries++; tries < 2 {
				return engine.Retry
			}
			return errBad
		}, engine.NodeOptions{}).OnError(func(ctx context.Context, _ *state, _ *engine.StepError) error {
			engine.Note(ctx, slog.Bool("handler", true))
			return nil
		})
		p.Step("b", func(context.Context, *state) error { engine.Note(kept, slog.Int("late", 1)); return nil }, engine.NodeOptions{})
	}, context.Background())
	require.NoError(t, err)
	notes := map[string][]slog.Attr{}
	for _, e := range events {
		if e.Notes != nil {
			notes[trace([]event.Event{e})] = e.Notes
		}
	}
	note := func(try int, more ...slog.Attr) []slog.Attr {
		return append([]slog.Attr{slog.Int("try", try), slog.String("k", "v"), slog.Bool("more", true)}, more...)
	}
	assert.Equal(t, map[string][]slog.Attr{"R(a)": note(0), "E(a)#2!": note(1, slog.Bool("handler", true))}, notes)
	assert.Equal(t, []event.Count{{Name: "a", Value: 2}, {Name: "b", Value: -6}}, result.Metrics.Counts)
	engine.Note(kept, slog.Int("late", 1))
	engine.Count(kept, "late", 1)
	engine.Count(context.Background(), "outside", 1)
	engine.Note(context.Background())
	assert.Len(t, result.Metrics.Counts, 2)
	assert.ErrorIs(t, engine.Emit(kept, 1), context.Canceled)
	assert.ErrorContains(t, engine.Emit(context.Background(), 1), "Emit outside a step")
}

// Emit gives the error of its context, or says that the attempt is over.
func TestEmitRules(t *testing.T) {
	var errs []error
	events, result, err := simulateRun(t, func(p *pipeline) {
		errs = nil
		a := p.Step("a", func(ctx context.Context, _ *state) error {
			errs = append(errs, engine.Emit(ctx, 1))
			limited, cancel := sched.WithCancel(ctx)
			cancel()
			errs = append(errs, engine.Emit(limited, 2))
			sched.Go(func() {
				sched.Sleep(time.Second)
				errs = append(errs, engine.Emit(ctx, 3))
			})
			return nil
		}, engine.NodeOptions{})
		a.To(p.Step("b", after(time.Minute, nil), engine.NodeOptions{}))
	}, context.Background())
	require.NoError(t, err)
	assert.Equal(t, []error{nil, context.Canceled, engine.ErrEnded}, errs)
	assert.Equal(t, "START S(a) T(a)=1 E(a) S(b) E(b) FINISH=success", trace(events))
	assert.Equal(t, 1, result.Metrics.Tokens)
	assert.False(t, errors.Is(errs[2], context.Canceled))
}
