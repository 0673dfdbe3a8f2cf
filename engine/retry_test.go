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

// delays returns those of the STEP_RETRY events, in order.
func delays(events []event.Event) (all []time.Duration) {
	for _, e := range events {
		if d, ok := e.Data.(event.Retried); ok {
			all = append(all, d.Delay)
		}
	}
	return all
}

// length is how long the run with the given events took.
func length(events []event.Event) time.Duration { return events[len(events)-1].Elapsed }

// retrying is a pipeline of one step that fails always.
func retrying(policy engine.RetryPolicy) func(p *pipeline) {
	return func(p *pipeline) { p.Step("a", fail, engine.NodeOptions{Retry: policy}) }
}

// The delay after attempt n is BaseDelay·Multiplier^(n−1), at most MaxDelay, and
// time passes accordingly.
func TestRetryDelays(t *testing.T) {
	const s = time.Second
	tests := map[string]struct {
		policy engine.RetryPolicy
		want   []time.Duration
	}{
		"none":             {engine.RetryPolicy{}, nil},
		"one":              {engine.RetryPolicy{MaxAttempts: 1, BaseDelay: s}, nil},
		"no delay":         {engine.RetryPolicy{MaxAttempts: 3}, []time.Duration{0, 0}},
		"doubles":          {engine.RetryPolicy{MaxAttempts: 5, BaseDelay: s}, []time.Duration{s, 2 * s, 4 * s, 8 * s}},
		"cap":              {engine.RetryPolicy{MaxAttempts: 5, BaseDelay: s, MaxDelay: 3 * s}, []time.Duration{s, 2 * s, 3 * s, 3 * s}},
		"cap at once":      {engine.RetryPolicy{MaxAttempts: 3, BaseDelay: s, MaxDelay: s}, []time.Duration{s, s}},
		"multiplier":       {engine.RetryPolicy{MaxAttempts: 4, BaseDelay: s, Multiplier: 1.5}, []time.Duration{s, 3 * s / 2, 9 * s / 4}},
		"constant":         {engine.RetryPolicy{MaxAttempts: 4, BaseDelay: s, Multiplier: 1}, []time.Duration{s, s, s}},
		"never an overrun": {engine.RetryPolicy{MaxAttempts: 3, BaseDelay: s, Multiplier: 1e300}, []time.Duration{s, 1<<62 - 1}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			limit := setting{}
			if name == "never an overrun" {
				limit.with.Timeout = time.Hour
			}
			events, result, err := limit.run(t, retrying(test.policy))
			require.Error(t, err)
			got := delays(events)
			var total time.Duration
			for i, d := range got {
				assert.InDelta(t, float64(test.want[i]), float64(d), 1e10*float64(min(1, d>>61)), "delay %d", i)
				total += d
			}
			assert.Len(t, got, len(test.want))
			if limit.with.Timeout == 0 {
				assert.Equal(t, total, length(events))
				assert.Equal(t, len(test.want)+1, result.Failures[0].Attempt)
			}
		})
	}
}

// Jitter makes a delay shorter by up to its part. The draws of a step differ from
// attempt to attempt, and do not depend on what else is drawn in the run.
func TestRetryJitter(t *testing.T) {
	policy := engine.RetryPolicy{MaxAttempts: 6, BaseDelay: time.Second, Multiplier: 1, Jitter: 0.25}
	alone, _, _ := setting{}.run(t, retrying(policy))
	got := delays(alone)
	require.Len(t, got, 5)
	seen := map[time.Duration]bool{}
	for _, d := range got {
		assert.LessOrEqual(t, d, time.Second)
		assert.Greater(t, d, 3*time.Second/4)
		seen[d] = true
	}
	assert.Len(t, seen, 5)

	more, _, _ := setting{opts: engine.Options{Policy: engine.FinishSiblings}}.run(t, func(p *pipeline) {
		p.Step("b", func(context.Context, *state) error { sched.Rand().Uint64(); return errBad }, engine.NodeOptions{Retry: policy})
		retrying(policy)(p)
		engine.Map(p, "m", engine.Each[state, int]{Items: numbers[state](3), Do: func(context.Context, *state, int) error { return errBad }},
			engine.MapOptions{NodeOptions: engine.NodeOptions{Retry: policy}})
	})
	of := map[string][]time.Duration{}
	for _, e := range more {
		if d, ok := e.Data.(event.Retried); ok {
			of[e.Path] = append(of[e.Path], d.Delay)
		}
	}
	assert.Equal(t, got, of["a"])
	for _, path := range []string{"b", "m[0]", "m[1]", "m[2]"} {
		assert.Len(t, of[path], 5, path)
		assert.NotEqual(t, got, of[path], path)
	}
	assert.NotEqual(t, of["m[0]"], of["m[1]"])

	none, _, _ := setting{}.run(t, retrying(engine.RetryPolicy{MaxAttempts: 2, BaseDelay: time.Second, Jitter: 1}))
	assert.Less(t, delays(none)[0], time.Second)
}

// By default errors and time limits are tried again, and no panic and no mistake.
func TestRetryableDefault(t *testing.T) {
	tests := map[string]struct {
		step step
		want int // attempts
	}{
		"error":       {fail, 3},
		"wrapped":     {returns(fmt.Errorf("x: %w", errBad)), 3},
		"deadline":    {returns(context.DeadlineExceeded), 3},
		"canceled":    {returns(context.Canceled), 3},
		"time-out":    {wait, 3},
		"panic":       {func(context.Context, *state) error { panic("oh") }, 1},
		"panic, late": {func(ctx context.Context, s *state) error { _ = wait(ctx, s); panic("oh") }, 1},
		"Goexit":      {func(context.Context, *state) error { runtime.Goexit(); return nil }, 1},
		"ErrControl":  {returns(errors.Join(errBad, engine.Skip)), 1},
		"unknown":     {returns(engine.Goto("nosuch")), 1},
		"undeclared":  {returns(engine.Goto("a")), 1},
		"no route":    {returns(fmt.Errorf("x: %w", engine.ErrNoRoute)), 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, result, err := simulateRun(t, func(p *pipeline) {
				p.Step("a", test.step, engine.NodeOptions{Timeout: time.Second, Retry: engine.RetryPolicy{MaxAttempts: 3}})
			}, context.Background())
			require.Error(t, err)
			assert.Equal(t, test.want, result.Metrics.Nodes[0].Attempts)
			assert.Equal(t, test.want, result.Failures[0].Attempt)
		})
	}
}

// Retryable decides alone if there is one, for steps, switches, items, inner runs.
func TestRetryable(t *testing.T) {
	with := func(retryable func(error) bool) engine.NodeOptions {
		return engine.NodeOptions{Retry: engine.RetryPolicy{MaxAttempts: 3, Retryable: retryable}}
	}
	yes, no := func(error) bool { return true }, func(error) bool { return false }
	panics := func(context.Context, *state) error { panic("oh") }
	tests := map[string]struct {
		step      step
		retryable func(error) bool
		want      int
	}{
		"yes, panic": {panics, yes, 3}, "no, error": {fail, no, 1},
		"of the error": {fail, func(err error) bool { return errors.Is(err, errBad) }, 3},
		"panics":       {fail, func(error) bool { panic("oh") }, 1},
		"exits":        {fail, func(error) bool { runtime.Goexit(); return true }, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			kinds := map[string]func(p *pipeline){
				"a": func(p *pipeline) { p.Step("a", test.step, with(test.retryable)) },
				"m": func(p *pipeline) {
					engine.Map(p, "m", engine.Each[state, int]{Items: numbers[state](1),
						Do: func(ctx context.Context, s *state, _ int) error { return test.step(ctx, s) }},
						engine.MapOptions{NodeOptions: with(test.retryable)})
				},
				"s": func(p *pipeline) {
					engine.Switch(p, "s", engine.Choice[state, int]{
						Key:   func(ctx context.Context, s *state) (int, error) { return 0, test.step(ctx, s) },
						Cases: []engine.Case[state, int]{{To: p.Step("x", ok, engine.NodeOptions{})}}}, with(test.retryable))
				},
				"i": func(p *pipeline) {
					inner := engine.New[state]("inner", engine.Options{})
					inner.Step("c", test.step, engine.NodeOptions{})
					sub(p, "i", inner, with(test.retryable))
				},
			}
			for kind, define := range kinds {
				events, _, err := simulateRun(t, define, context.Background())
				require.Error(t, err, kind)
				assert.Len(t, delays(events), test.want-1, kind)
			}
		})
	}
}

// Retry counts with the attempts of the policy; MaxAttempts bounds both, else
// MaxRetries does.
func TestRetryBounds(t *testing.T) {
	tests := map[string]struct {
		policy     engine.RetryPolicy
		maxRetries int
		results    []error
		attempts   int
		is         error
	}{
		"MaxRetries":               {engine.RetryPolicy{}, 4, []error{engine.Retry}, 5, engine.ErrRetries},
		"MaxAttempts":              {engine.RetryPolicy{MaxAttempts: 2}, 4, []error{engine.Retry}, 2, engine.ErrRetries},
		"MaxAttempts of 1":         {engine.RetryPolicy{MaxAttempts: 1}, 4, []error{engine.Retry}, 1, engine.ErrRetries},
		"MaxAttempts is more":      {engine.RetryPolicy{MaxAttempts: 5}, 1, []error{engine.Retry}, 5, engine.ErrRetries},
		"errors, then Retry":       {engine.RetryPolicy{MaxAttempts: 3}, 0, []error{errBad, errBad, engine.Retry}, 3, engine.ErrRetries},
		"Retry, then errors":       {engine.RetryPolicy{MaxAttempts: 3}, 0, []error{engine.Retry, errBad}, 3, errBad},
		"Retry, then an error":     {engine.RetryPolicy{}, 0, []error{engine.Retry, engine.Retry, errBad}, 3, errBad},
		"Retry is not classified":  {engine.RetryPolicy{MaxAttempts: 3, Retryable: func(error) bool { return false }}, 0, []error{engine.Retry, nil}, 2, nil},
		"neither does it wait":     {engine.RetryPolicy{MaxAttempts: 3, BaseDelay: time.Hour}, 0, []error{engine.Retry, nil}, 2, nil},
		"RetryAfter has its delay": {engine.RetryPolicy{MaxAttempts: 3, BaseDelay: time.Hour}, 0, []error{engine.RetryAfter(0), nil}, 2, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			events, result, err := setting{opts: engine.Options{MaxRetries: test.maxRetries}}.run(t, func(p *pipeline) {
				p.Step("a", returns(test.results...), engine.NodeOptions{Retry: test.policy})
			})
			assert.Equal(t, test.attempts, result.Metrics.Nodes[0].Attempts)
			assert.Zero(t, length(events))
			if test.is == nil {
				assert.NoError(t, err)
				return
			}
			assert.ErrorIs(t, err, test.is)
			if test.is == engine.ErrRetries {
				assert.ErrorIs(t, err, engine.Retry, "the last error is wrapped")
				assert.Equal(t, "retries", result.Failures[0].Reason)
			}
		})
	}
}

// A wait between attempts is cut short by whatever ends the run, or the map, that
// it is in, at that time, and no attempt follows.
func TestRetryWaitsAreCut(t *testing.T) {
	policy := engine.NodeOptions{Retry: engine.RetryPolicy{MaxAttempts: 2, BaseDelay: time.Hour}}
	after := func(fn step) step {
		return func(ctx context.Context, s *state) error { sched.Sleep(time.Minute); return fn(ctx, s) }
	}
	for name, end := range map[string]step{"Stop": returns(engine.Stop), "Suspend": returns(engine.Suspend("tea")), "failure": fail} {
		t.Run(name, func(t *testing.T) {
			events, result, _ := simulateRun(t, func(p *pipeline) {
				p.Step("a", fail, policy)
				p.Step("b", after(end), engine.NodeOptions{})
			}, context.Background())
			assert.Equal(t, time.Minute, length(events))
			assert.Equal(t, 1, result.Metrics.Nodes[0].Attempts)
			assert.Equal(t, 1, result.Metrics.Nodes[0].Cancelled)
		})
	}
	events, _, err := setting{with: engine.RunOptions{Timeout: time.Minute}}.run(t, retrying(policy.Retry))
	assert.Equal(t, time.Minute, length(events))
	assert.Equal(t, "START S(a) R(a) TIMEOUT FINISH=timeout", trace(events))
	assert.ErrorIs(t, err, engine.ErrRunTimeout)

	failing := engine.Each[state, int]{Items: numbers[state](2), Do: func(context.Context, *state, int) error { return errBad }}
	events, _, err = simulateRun(t, func(p *pipeline) {
		engine.Map(p, "m", failing, engine.MapOptions{NodeOptions: policy, MapTimeout: time.Minute})
	}, context.Background())
	assert.Equal(t, time.Minute, length(events))
	assert.Equal(t, "START S(m) M(m)=2 S(m[0]) S(m[1]) R(m[0]) R(m[1]) D(m) X(m) FINISH=failed", trace(events))
	assert.ErrorIs(t, err, engine.ErrStepTimeout)
}

// Who begins to wait when the run ends already does not wait either.
func TestRetryDoesNotWaitAtTheEnd(t *testing.T) {
	for _, end := range []error{engine.Stop, engine.Suspend("tea")} {
		events, result, _ := simulateRun(t, func(p *pipeline) {
			p.Step("a", after(2*time.Second, engine.RetryAfter(time.Hour)), engine.NodeOptions{})
			p.Step("b", after(time.Second, end), engine.NodeOptions{})
			p.Step("c", after(3*time.Second, engine.Suspend("milk")), engine.NodeOptions{})
		}, context.Background())
		assert.Equal(t, 3*time.Second, length(events))
		if result.Status == engine.Suspended {
			assert.Equal(t, "tea", result.Reason, "the first one")
		}
	}
}

// The wait of an item is cut short when Collect fails, or the iterator does.
func TestRetryWaitsAreCutByTheMap(t *testing.T) {
	events, _, err := simulateRun(t, func(p *pipeline) {
		engine.MapGather(p, "m", engine.Gather[state, int, int]{
			Items: numbers[state](2),
			Do: func(_ context.Context, _ *state, item int) (int, error) {
				if item == 1 {
					return 0, engine.RetryAfter(time.Hour)
				}
				sched.Sleep(time.Minute)
				return 0, nil
			},
			Collect: func(context.Context, *state, int, int) error { return errBad },
		}, engine.MapOptions{})
	}, context.Background())
	assert.ErrorIs(t, err, errBad)
	assert.Equal(t, time.Minute, length(events))
	assert.Equal(t, "START S(m) M(m)=2 S(m[0]) S(m[1]) R(m[1]) E(m[0]) D(m) X(m) FINISH=failed", trace(events))
}
