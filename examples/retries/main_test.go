package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

const want = `     0s  forecast, attempt 1: 503 service unavailable; again in 900ms
  900ms  forecast, attempt 2: 503 service unavailable; again in 1.2s
   2.1s  forecast, attempt 3: 503 service unavailable; again in 2.9s
     5s  forecast, attempt 4: done
     5s  quota, attempt 1: engine.RetryAfter(1m0s); again in 1m0s
   1m5s  quota, attempt 2: done
   1m5s  radar, attempt 1: handled: 410 gone
success: "rain", "yesterday's map"
     0s  forecast, attempt 1: 503 service unavailable; again in 500ms
  500ms  forecast, attempt 2: 503 service unavailable; again in 1s
   1.6s  forecast, attempt 3: 503 service unavailable; again in 2.9s
   4.5s  forecast, attempt 4: 503 service unavailable; again in 4.3s
   8.8s  forecast, attempt 5: failed: 503 service unavailable
failed: "", ""
`

// The same is printed every time, to the tenth of a second.
func TestRun(t *testing.T) {
	var out strings.Builder
	require.NoError(t, simulate(&out))
	assert.Equal(t, want, out.String())
}

// delays notes how long it takes to the next attempt.
type delays struct{ all []time.Duration }

// Observe takes in one event.
func (d *delays) Observe(e event.Event) {
	if r, ok := e.Data.(event.Retried); ok && e.Node == "forecast" {
		d.all = append(d.all, r.Delay)
	}
}

// Whatever the random numbers are, each delay is within the bounds of the policy, and
// the run takes as long as its delays.
func TestDelays(t *testing.T) {
	check.Config{Runs: 10_000, Time: time.Second / 2}.Run(t, func(t *check.T) {
		var d delays
		result, err := pipeline().Run(t.Context(), &Weather{Failures: 9}, engine.RunOptions{Observers: []engine.Observer{&d}})
		require.ErrorIs(t, err, errBusy)
		require.Len(t, d.all, 4)
		var sum time.Duration
		for i, got := range d.all {
			longest := time.Second << i
			require.LessOrEqual(t, got, longest)
			require.GreaterOrEqual(t, got, longest/2)
			sum += got
		}
		require.Equal(t, sum, result.Duration)
	})
}

// Bank is the state of a run that pays: its answers take up to two seconds.
type Bank struct {
	mu   sched.Mutex // guards the fields below
	Seen race.Map[string, bool]
	Paid race.Var[int]
}

// Pay pays once for each key.
func (b *Bank) Pay(ctx context.Context, key string) error {
	b.mu.Lock()
	if !b.Seen.Load(key) {
		b.Seen.Store(key, true)
		b.Paid.Update(func(n int) int { return n + 10 })
	}
	b.mu.Unlock()
	sched.Sleep(time.Duration(sched.Rand().IntN(2000)) * time.Millisecond)
	return ctx.Err()
}

// paying returns the body of a check: pay, with a key, and wait a second for the
// answer, some times.
func paying(key func(engine.StepInfo) string) func(*check.T) {
	p := engine.New[Bank]("pay", engine.Options{})
	p.Step("pay", func(ctx context.Context, b *Bank) error { return b.Pay(ctx, key(engine.Info(ctx))) },
		engine.NodeOptions{Timeout: time.Second, Retry: engine.RetryPolicy{MaxAttempts: 3}})
	return func(t *check.T) {
		b := &Bank{}
		_, err := p.Run(t.Context(), b, engine.RunOptions{ID: "order 17"})
		if err != nil {
			require.ErrorIs(t, err, engine.ErrStepTimeout)
		}
		require.Equal(t, 10, b.Paid.Load())
	}
}

// That no answer has come does not mean that nothing was done. A key that is the same
// for all attempts lets the server tell that it has seen them before.
func TestPayOnce(t *testing.T) {
	check.Config{Runs: 10_000, Time: time.Second / 2}.Run(t, paying(func(i engine.StepInfo) string { return fmt.Sprint(i.RunID, i.Invocation) }))
}

// A key for each attempt pays once more with each of them.
func TestPayTwice(t *testing.T) {
	r := check.Config{}.Search(t.Name(), paying(func(i engine.StepInfo) string { return fmt.Sprint(i.RunID, i.Invocation, i.Attempt) }))
	require.NotEmpty(t, r.Findings)
	assert.Equal(t, "failed assertion", r.Findings[0].Kind)
	assert.Contains(t, r.Findings[0].Summary, "expected: 10 actual: 20")
}
