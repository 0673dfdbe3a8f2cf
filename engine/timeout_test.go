package engine_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/sched"
)

// until waits for its context and returns err, and for how long it has.
func until(took *time.Duration, cause *error, err error) step {
	return func(ctx context.Context, _ *state) error {
		began := sched.Now()
		sched.Done(ctx).Recv()
		*took, *cause = sched.Since(began), context.Cause(ctx)
		if err == nil {
			return ctx.Err()
		}
		return err
	}
}

// A step's context is done exactly at its limit with a cause that says so, and an
// error that comes after is a time-out, whatever it is; nil is late and good.
func TestStepTimeout(t *testing.T) {
	sleep := func(d time.Duration, err error) step {
		return func(context.Context, *state) error { sched.Sleep(d); return err }
	}
	var took time.Duration
	var cause error
	tests := map[string]struct {
		step   step
		want   string
		reason string
		is     []error
		length time.Duration
		late   bool
	}{
		"waits":         {until(&took, &cause, nil), "START S(a) X(a) FINISH=failed", "timeout", []error{engine.ErrStepTimeout, context.DeadlineExceeded}, time.Second, false},
		"another error": {until(&took, &cause, errBad), "START S(a) X(a) FINISH=failed", "timeout", []error{engine.ErrStepTimeout, errBad}, time.Second, false},
		"in time":       {sleep(time.Second-1, errBad), "START S(a) X(a) FINISH=failed", "error", []error{errBad}, time.Second - 1, false},
		"late success":  {sleep(time.Minute, nil), "START S(a) E(a) FINISH=success", "", nil, time.Minute, true},
		"late skip":     {sleep(time.Minute, engine.Skip), "START S(a) E(a)=skip FINISH=success", "", nil, time.Minute, true},
		"just success":  {sleep(time.Second-1, nil), "START S(a) E(a) FINISH=success", "", nil, time.Second - 1, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			events, result, err := simulateRun(t, func(p *pipeline) {
				p.Step("a", test.step, engine.NodeOptions{Timeout: time.Second})
			}, context.Background())
			assert.Equal(t, test.want, trace(events))
			assert.Equal(t, test.length, length(events))
			for _, is := range test.is {
				assert.ErrorIs(t, err, is)
			}
			if test.reason != "" {
				assert.Equal(t, test.reason, result.Failures[0].Reason)
				assert.Equal(t, test.reason == "timeout", errors.Is(err, engine.ErrStepTimeout))
			}
			if d, ok := events[2].Data.(event.Ended); ok {
				assert.Equal(t, test.late, d.Late)
			}
		})
	}
	assert.Equal(t, time.Second, took)
	assert.ErrorIs(t, cause, engine.ErrStepTimeout)
	assert.EqualError(t, cause, "engine: step timed out: step a took longer than 1s")
}

// Each attempt has its limit, and the wait between them is not in it.
func TestTimeoutOfAttempts(t *testing.T) {
	events, _, err := simulateRun(t, func(p *pipeline) {
		p.Step("a", wait, engine.NodeOptions{Timeout: time.Second, Retry: engine.RetryPolicy{MaxAttempts: 3, BaseDelay: time.Minute, Multiplier: 1}})
	}, context.Background())
	assert.ErrorIs(t, err, engine.ErrStepTimeout)
	assert.Equal(t, 2*time.Minute+3*time.Second, length(events))
}

// Of two limits the one that comes first counts, with its cause and its status; at
// the same time the outer one.
func TestEarliestTimeout(t *testing.T) {
	tests := map[string]struct {
		run, step time.Duration
		err       error
		want      string
		is, not   error
		cause     error
	}{
		"step":             {2, 1, nil, "START S(a) X(a) FINISH=failed", engine.ErrStepTimeout, engine.ErrRunTimeout, engine.ErrStepTimeout},
		"run":              {1, 2, nil, "START S(a) TIMEOUT C(a) FINISH=timeout", engine.ErrRunTimeout, engine.ErrStepTimeout, engine.ErrRunTimeout},
		"both":             {1, 1, nil, "START S(a) TIMEOUT C(a) FINISH=timeout", engine.ErrRunTimeout, nil, engine.ErrRunTimeout},
		"run, other error": {1, 2, errBad, "START S(a) TIMEOUT X(a) FINISH=timeout", errBad, engine.ErrStepTimeout, engine.ErrRunTimeout},
		"run, success":     {1, 2, engine.Skip, "START S(a) TIMEOUT E(a)=skip FINISH=timeout", engine.ErrRunTimeout, engine.ErrStepTimeout, engine.ErrRunTimeout},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var took time.Duration
			var cause error
			events, result, err := setting{with: engine.RunOptions{Timeout: test.run * time.Second}}.run(t, func(p *pipeline) {
				p.Step("a", until(&took, &cause, test.err), engine.NodeOptions{Timeout: test.step * time.Second})
			})
			assert.Equal(t, test.want, trace(events))
			assert.ErrorIs(t, err, test.is)
			assert.ErrorIs(t, err, context.DeadlineExceeded)
			assert.ErrorIs(t, cause, test.cause)
			assert.Equal(t, time.Second, took)
			if test.not != nil {
				assert.NotErrorIs(t, err, test.not)
			}
			for _, e := range events {
				if d, ok := e.Data.(event.Failed); ok && test.not != nil {
					assert.NotContains(t, d.Error, test.not.Error())
				}
				if d, ok := e.Data.(event.Ended); ok {
					assert.False(t, d.Late)
				}
			}
			for _, f := range result.Failures {
				assert.Equal(t, test.err == nil, f.Reason == "timeout")
			}
		})
	}
}

// The run's limit is not the deadline of the caller: each is told as what it is.
func TestRunTimeoutAndDeadline(t *testing.T) {
	body := func(with engine.RunOptions, caller time.Duration, cause error) (result engine.Result, took time.Duration, err error) {
		sim := sched.NewSim(sched.Config{})
		defer sim.Close()
		r := sim.Run(lowestFirst{}, 1, func() {
			began := sched.Now()
			ctx, cancel := sched.WithTimeoutCause(context.Background(), caller, cause)
			defer cancel()
			p := engine.New[state]("p", engine.Options{})
			p.Step("a", wait, engine.NodeOptions{})
			result, err = p.Run(ctx, &state{}, with)
			took = sched.Since(began)
		})
		require.NoError(t, r.End)
		return result, took, err
	}
	result, took, err := body(engine.RunOptions{Timeout: time.Second}, time.Minute, errBad)
	assert.Equal(t, engine.TimedOut, result.Status)
	assert.Equal(t, time.Second, took)
	assert.ErrorIs(t, err, engine.ErrRunTimeout)
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	assert.NotErrorIs(t, err, errBad)
	assert.EqualError(t, err, `engine: pipeline "p": timeout: engine: run timed out (1s)`)

	result, took, err = body(engine.RunOptions{Timeout: time.Minute}, time.Second, errBad)
	assert.Equal(t, engine.TimedOut, result.Status)
	assert.Equal(t, time.Second, took)
	assert.NotErrorIs(t, err, engine.ErrRunTimeout)
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	assert.ErrorIs(t, err, errBad)
	assert.Empty(t, result.Failures)
}

// The run's limit covers the hooks of OnStart, not those of OnFinish.
func TestRunTimeoutOfHooks(t *testing.T) {
	events, _, err := setting{with: engine.RunOptions{Timeout: time.Second}}.run(t, func(p *pipeline) {
		p.OnStart(wait)
		nodes(p, ok, "a")
	})
	assert.ErrorIs(t, err, engine.ErrRunTimeout)
	assert.Equal(t, "START TIMEOUT H FINISH=timeout", trace(events))
	assert.Equal(t, time.Second, length(events))

	events, _, err = setting{with: engine.RunOptions{Timeout: time.Second}}.run(t, func(p *pipeline) {
		nodes(p, ok, "a")
		p.OnFinish(func(ctx context.Context, _ *state, _ engine.Result) error {
			sched.Sleep(10 * time.Second)
			return ctx.Err()
		})
	})
	require.NoError(t, err)
	assert.Equal(t, 10*time.Second, length(events))
}

// The limits of a map: of an item, and of all.
func TestMapTimeouts(t *testing.T) {
	var took time.Duration
	var cause error
	define := func(item, whole time.Duration, err error) func(p *pipeline) {
		return func(p *pipeline) {
			body := engine.Each[state, int]{Items: numbers[state](2), Do: func(ctx context.Context, s *state, item int) error {
				if item == 0 {
					return until(&took, &cause, err)(ctx, s)
				}
				return nil
			}}
			engine.Map(p, "m", body, engine.MapOptions{NodeOptions: engine.NodeOptions{Timeout: item * time.Second}, MapTimeout: whole * time.Second})
		}
	}
	const mapOf2 = "START S(m) M(m)=2 S(m[0]) S(m[1]) E(m[1]) "
	events, result, err := simulateRun(t, define(1, 2, nil), context.Background())
	assert.Equal(t, mapOf2+"X(m[0]) D(m) X(m) FINISH=failed", trace(events))
	assert.EqualError(t, cause, "engine: step timed out: step m[0] took longer than 1s")
	require.Len(t, result.Failures, 1)
	assert.Equal(t, "m[0]", result.Failures[0].Path)
	assert.Equal(t, "timeout", result.Failures[0].Reason)
	assert.ErrorIs(t, err, engine.ErrStepTimeout)

	events, result, err = simulateRun(t, define(2, 1, nil), context.Background())
	assert.Equal(t, mapOf2+"C(m[0]) D(m) X(m) FINISH=failed", trace(events))
	assert.Equal(t, time.Second, length(events))
	assert.EqualError(t, cause, "engine: step timed out: map m took longer than 1s")
	require.Len(t, result.Failures, 1)
	assert.Equal(t, "m", result.Failures[0].Path)
	assert.Equal(t, "timeout", result.Failures[0].Reason)
	assert.ErrorIs(t, err, engine.ErrStepTimeout)

	events, result, err = simulateRun(t, define(2, 1, errBad), context.Background())
	assert.Equal(t, mapOf2+"X(m[0]) D(m) X(m) FINISH=failed", trace(events))
	assert.Equal(t, "error", result.Failures[0].Reason, "its own limit has not passed")
	assert.ErrorIs(t, err, errBad)
}

// An iterator that waits for its context ends with the map's limit.
func TestMapTimeoutOfItems(t *testing.T) {
	events, _, err := simulateRun(t, func(p *pipeline) {
		engine.Map(p, "m", engine.Each[state, int]{
			Items: engine.Slice(func(ctx context.Context, s *state) ([]int, error) { return nil, wait(ctx, s) }),
			Do:    func(context.Context, *state, int) error { return nil },
		}, engine.MapOptions{MapTimeout: time.Second})
	}, context.Background())
	assert.Equal(t, "START S(m) M(m)=0 D(m) X(m) FINISH=failed", trace(events))
	assert.ErrorIs(t, err, engine.ErrStepTimeout)
	assert.Equal(t, time.Second, length(events))
}

// The limit of a sub ends its inner run with a time-out, and fails it.
func TestSubTimeout(t *testing.T) {
	var took time.Duration
	var cause error
	events, result, err := simulateRun(t, func(p *pipeline) {
		inner := engine.New[state]("inner", engine.Options{})
		inner.Step("c", until(&took, &cause, nil), engine.NodeOptions{})
		sub(p, "s", inner, engine.NodeOptions{Timeout: time.Second, Retry: engine.RetryPolicy{MaxAttempts: 2}})
	}, context.Background())
	assert.Equal(t, "START S(s) >(s) S(s/c) TIMEOUT(s) C(s/c) <(s)=timeout R(s) "+
		"S(s)#2 >(s) S(s/c) TIMEOUT(s) C(s/c) <(s)=timeout X(s)#2 FINISH=failed", trace(events))
	assert.Equal(t, 2*time.Second, length(events))
	assert.EqualError(t, cause, "engine: step timed out: step s took longer than 1s")
	assert.ErrorIs(t, err, engine.ErrStepTimeout)
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	require.Len(t, result.Failures, 1)
	assert.Equal(t, "timeout", result.Failures[0].Reason)
	assert.Equal(t, engine.Engine, result.Failures[0].Source)
}

// The limit of a switch is for its key.
func TestSwitchTimeout(t *testing.T) {
	events, _, err := simulateRun(t, func(p *pipeline) {
		engine.Switch(p, "s", engine.Choice[state, int]{
			Key:   func(ctx context.Context, s *state) (int, error) { return 0, wait(ctx, s) },
			Cases: []engine.Case[state, int]{{To: p.Step("x", ok, engine.NodeOptions{})}},
		}, engine.NodeOptions{Timeout: time.Second})
	}, context.Background())
	assert.Equal(t, "START S(s) X(s) FINISH=failed", trace(events))
	assert.ErrorIs(t, err, engine.ErrStepTimeout)
	assert.Equal(t, time.Second, length(events))
}

// A limit that has passed first counts, also when the run is cancelled before the
// step returns; and a panic is one whenever it comes.
func TestStepTimeoutComesFirst(t *testing.T) {
	events, result, err := setting{with: engine.RunOptions{Timeout: 2 * time.Second}}.run(t, func(p *pipeline) {
		p.Step("a", after(3*time.Second, errBad), engine.NodeOptions{Timeout: time.Second})
	})
	assert.Equal(t, "START S(a) TIMEOUT X(a) FINISH=timeout", trace(events))
	assert.ErrorIs(t, err, errBad)
	assert.ErrorIs(t, err, engine.ErrStepTimeout)
	assert.Equal(t, "timeout", result.Failure().Reason)

	for reason, end := range map[string]func(){"panic": func() { panic("oh") }, "goexit": runtime.Goexit} {
		_, result, err := simulateRun(t, func(p *pipeline) {
			p.Step("a", func(context.Context, *state) error { sched.Sleep(time.Minute); end(); return nil }, engine.NodeOptions{Timeout: time.Second})
		}, context.Background())
		assert.Equal(t, reason, result.Failure().Reason)
		assert.ErrorIs(t, err, engine.ErrStepTimeout)
	}
}
