package engine_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/sched"
)

// run runs a pipeline that define makes.
func run(ctx context.Context, define func(p *pipeline)) (engine.Result, error) {
	p := engine.New[state]("p", engine.Options{MultiRoot: true})
	define(p)
	return p.Run(ctx, &state{}, engine.RunOptions{})
}

// Whatever a step does, Run returns and tells.
func TestStepFailures(t *testing.T) {
	broken := fmt.Errorf("wrapped: %w", errBad)
	tests := map[string]struct {
		step step
		text string
		is   error
	}{
		"error":          {func(context.Context, *state) error { return broken }, `engine: pipeline "p": step a: wrapped: bad`, errBad},
		"panic":          {func(context.Context, *state) error { panic("oh") }, `engine: pipeline "p": step a: panic: oh`, nil},
		"panic error":    {func(context.Context, *state) error { panic(broken) }, `engine: pipeline "p": step a: panic: wrapped: bad`, errBad},
		"runtime panic":  {func(context.Context, *state) error { var s []int; s[1] = 2; return nil }, "index out of range", nil},
		"Goexit":         {func(context.Context, *state) error { runtime.Goexit(); return nil }, "step called runtime.Goexit", engine.ErrGoexit},
		"panic, then Go": {func(context.Context, *state) error { defer runtime.Goexit(); panic("oh") }, "step called runtime.Goexit", engine.ErrGoexit},
	}
	for name, test := range tests {
		for _, kind := range []string{"step", "item", "items"} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				result, err := run(context.Background(), func(p *pipeline) { addFailing(p, kind, test.step) })
				var failed *engine.RunError
				require.ErrorAs(t, err, &failed)
				assert.Equal(t, result, failed.Result)
				assert.Equal(t, engine.Failed, result.Status)
				require.Len(t, result.Failures, 1)
				if kind == "step" {
					assert.Contains(t, err.Error(), test.text)
				}
				if test.is != nil {
					assert.ErrorIs(t, err, test.is)
				}
				checkFailure(t, kind, name, result.Failures[0])
			})
		}
	}
}

// Which limit has passed is told once, also by a step that returns the cause of its
// context.
func TestTimeoutIsToldOnce(t *testing.T) {
	const told = `engine: pipeline "p": step a: engine: step timed out: step a took longer than 1s`
	for _, test := range []struct {
		err  func(context.Context) error
		want string
	}{
		{context.Cause, told},
		{func(ctx context.Context) error { return fmt.Errorf("read: %w", context.Cause(ctx)) },
			`engine: pipeline "p": step a: read: engine: step timed out: step a took longer than 1s`},
		{context.Context.Err, told + ": context deadline exceeded"},
		{func(context.Context) error { return errBad }, told + ": bad"},
	} {
		check.Run(t, func(t *check.T) {
			result, err := run(t.Context(), func(p *pipeline) {
				p.Step("a", func(ctx context.Context, _ *state) error {
					sched.Done(ctx).Recv()
					return test.err(ctx)
				}, engine.NodeOptions{Timeout: time.Second})
			})
			require.EqualError(t, err, test.want)
			require.ErrorIs(t, err, engine.ErrStepTimeout)
			require.Equal(t, "timeout", result.Failure().Reason)
		})
	}
}

// A join that too few have come to says who has not.
func TestUnmetNamesWhoIsMissing(t *testing.T) {
	_, err := run(context.Background(), func(p *pipeline) {
		j := p.Step("j", ok, engine.NodeOptions{Join: engine.AtLeast(2)})
		x, y, z := p.Step("x", ok, engine.NodeOptions{}), p.Step("y", ok, engine.NodeOptions{}), p.Step("z", ok, engine.NodeOptions{})
		for _, n := range []*engine.Node[state]{x, y, z} {
			n.To(j)
		}
		engine.Switch(p, "s", engine.Choice[state, int]{
			Key:   func(context.Context, *state) (int, error) { return 2, nil },
			Cases: []engine.Case[state, int]{{Key: 1, To: x}, {Key: 2, To: y}, {Key: 3, To: z}},
		}, engine.NodeOptions{})
	})
	require.ErrorIs(t, err, engine.ErrUnmet)
	assert.ErrorContains(t, err, "1 of 3, want 2; missing: x, z")
}

// addFailing adds node a, in which fn is the step, the function of an item or
// what makes the items.
func addFailing(p *pipeline, kind string, fn step) {
	var a *engine.Node[state]
	switch kind {
	case "step":
		a = p.Step("a", fn, engine.NodeOptions{})
	case "item":
		a = mapOf(p, "a", 1, func(ctx context.Context, _ int) error { return fn(ctx, nil) }, 0)
	case "items":
		a = engine.Map(p, "a", engine.Each[state, int]{
			Items: engine.Slice(func(ctx context.Context, s *state) ([]int, error) { return nil, fn(ctx, s) }),
			Do:    func(context.Context, *state, int) error { return nil },
		}, engine.MapOptions{})
	}
	a.To(p.Step("b", func(context.Context, *state) error { panic("b started") }, engine.NodeOptions{}))
}

func checkFailure(t *testing.T, kind, name string, f *engine.StepError) {
	t.Helper()
	path, index := "a", -1
	if kind == "item" {
		path, index = "a[0]", 0
	}
	assert.Equal(t, path, f.Path)
	assert.Equal(t, index, f.Index)
	var p *engine.PanicError
	if errors.As(f, &p) {
		assert.Contains(t, string(p.Stack), "failure_test.go", name)
	}
}

// A failure cancels the others with a cause that says why.
func TestSiblingsAreCancelled(t *testing.T) {
	var cause error
	started := make(chan struct{})
	result, err := run(context.Background(), func(p *pipeline) {
		p.Step("a", func(ctx context.Context, _ *state) error {
			close(started)
			<-ctx.Done()
			cause = context.Cause(ctx)
			return ctx.Err()
		}, engine.NodeOptions{})
		p.Step("b", func(context.Context, *state) error { <-started; return errBad }, engine.NodeOptions{})
	})
	require.ErrorIs(t, err, errBad)
	assert.NotErrorIs(t, err, engine.ErrSibling)
	assert.Len(t, result.Failures, 1)
	assert.ErrorIs(t, cause, engine.ErrSibling)
	assert.ErrorIs(t, cause, errBad)
}

// A step that fails for a reason of its own while the run ends is a failure
// too.
func TestSeveralFailures(t *testing.T) {
	other := errors.New("other")
	started := make(chan struct{})
	result, err := run(context.Background(), func(p *pipeline) {
		p.Step("a", func(ctx context.Context, _ *state) error { close(started); <-ctx.Done(); return other }, engine.NodeOptions{})
		p.Step("b", func(context.Context, *state) error { <-started; return errBad }, engine.NodeOptions{})
	})
	require.ErrorIs(t, err, errBad)
	require.ErrorIs(t, err, other)
	require.Len(t, result.Failures, 2)
	assert.Equal(t, "b", result.Failures[0].Path)
	assert.Equal(t, `engine: pipeline "p": step b: bad (and 1 more)`, err.Error())
}

func TestCallerCancels(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	result, err := run(ctx, func(p *pipeline) {
		p.Step("a", func(ctx context.Context, _ *state) error {
			cancel(errBad)
			<-ctx.Done()
			return ctx.Err()
		}, engine.NodeOptions{}).To(p.Step("b", fail, engine.NodeOptions{}))
	})
	assert.Equal(t, engine.Cancelled, result.Status)
	assert.ErrorIs(t, err, errBad)
	assert.Empty(t, result.Failures)
	assert.Equal(t, `engine: pipeline "p": cancelled: bad`, err.Error())

	var none context.Context
	_, err = run(none, func(p *pipeline) { nodes(p, ok, "a") })
	assert.NoError(t, err)
}

// An iterator may fail in all ways, at any item.
func TestIterators(t *testing.T) {
	tests := map[string]struct {
		seq  iter.Seq[int]
		want int // items done
		text string
	}{
		"nil":    {nil, 0, ""},
		"empty":  {func(func(int) bool) {}, 0, ""},
		"three":  {func(yield func(int) bool) { _ = yield(0) && yield(1) && yield(2) }, 3, ""},
		"panics": {func(yield func(int) bool) { yield(0); panic("oh") }, 1, "step m: panic: oh"},
		"Goexit": {func(yield func(int) bool) { yield(0); runtime.Goexit() }, 1, "step called runtime.Goexit"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			done := make(chan int, 10)
			_, err := run(context.Background(), func(p *pipeline) {
				engine.Map(p, "m", engine.Each[state, int]{
					Items: engine.Seq(func(context.Context, *state) iter.Seq[int] { return test.seq }),
					Do:    func(_ context.Context, _ *state, item int) error { done <- item; return nil },
				}, engine.MapOptions{MaxConcurrency: 2})
			})
			assert.Len(t, done, test.want)
			if test.text == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, test.text)
			}
		})
	}
}
