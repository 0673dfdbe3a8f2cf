package engine_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/sched"
)

// slowly reads the events of a run, with a pause after each, and returns them with what
// the run has come to.
func slowly(t *testing.T, opts engine.RunOptions, pause time.Duration, define func(p *pipeline)) (events []event.Event, result engine.Result, err error) {
	t.Helper()
	inSim(t, func() {
		opts.ID = "r"
		run, _ := streamed(t, opts, define)
		for e := range run.Events() {
			events = append(events, e)
			sched.Sleep(pause)
		}
		result, err = run.Wait()
	})
	return events, result, err
}

// The time in which the events of a step wait for the consumer is not that of the step,
// but that in which Emit waits is.
func TestLimitsAndTheConsumer(t *testing.T) {
	limit := engine.NodeOptions{Timeout: time.Minute}
	events, _, err := slowly(t, engine.RunOptions{Buffer: 1}, time.Hour, func(p *pipeline) {
		p.Step("a", after(time.Second, nil), limit).To(p.Step("b", after(time.Second, nil), limit))
	})
	require.NoError(t, err)
	assert.Equal(t, "START S(a) E(a) S(b) E(b) FINISH=success", trace(events))
	for _, e := range events {
		if d, ok := e.Data.(event.Ended); ok {
			assert.False(t, d.Late)
		}
	}
	var began, emitted time.Time
	events, _, err = slowly(t, engine.RunOptions{Buffer: 1}, time.Hour, func(p *pipeline) {
		p.Step("a", func(ctx context.Context, _ *state) error {
			began = sched.Now()
			defer func() { emitted = sched.Now() }()
			for {
				if err := engine.Emit(ctx, "x"); err != nil {
					return err
				}
			}
		}, limit)
	})
	assert.ErrorIs(t, err, engine.ErrStepTimeout)
	assert.Contains(t, trace(events), "X(a) FINISH=failed")
	assert.Equal(t, time.Minute, emitted.Sub(began))
}

// A value reaches the consumer as it is, not as a copy.
func TestEmitDoesNotCopy(t *testing.T) {
	sent := &state{}
	events, _, err := slowly(t, engine.RunOptions{}, 0, func(p *pipeline) { p.Step("a", emitting(&sent), engine.NodeOptions{}) })
	require.NoError(t, err)
	assert.Same(t, &sent, events[2].Data.(event.Emitted).Value)
}

// The limit of a run ends what it does, and leaves the consumer alone, who reads all.
func TestRunTimeoutAndTheConsumer(t *testing.T) {
	events, result, err := slowly(t, engine.RunOptions{Timeout: time.Minute}, time.Hour, func(p *pipeline) {
		p.Step("a", wait, engine.NodeOptions{}).To(p.Step("b", fail, engine.NodeOptions{}))
	})
	assert.ErrorIs(t, err, engine.ErrRunTimeout)
	assert.Equal(t, "START S(a) TIMEOUT C(a) FINISH=timeout", trace(events))
	assert.Equal(t, time.Minute, result.Duration)
	assert.Equal(t, "engine: run timed out (1m0s)", events[2].Data.(event.Interrupted).Cause)

	events, result, err = slowly(t, engine.RunOptions{Timeout: time.Minute}, time.Hour, func(p *pipeline) { nodes(p, ok, "a") })
	require.NoError(t, err)
	assert.Len(t, events, 4)
	assert.Zero(t, result.Duration)
}

// The longest backlog, and how long tasks have waited for who reads, are told; so is
// what checkpoints have cost.
func TestMetricsOfDelivery(t *testing.T) {
	_, result, err := slowly(t, engine.RunOptions{Buffer: 2}, time.Second, func(p *pipeline) {
		p.Step("a", emitting(1, 2, 3), engine.NodeOptions{}).To(p.Step("b", ok, engine.NodeOptions{}))
	})
	require.NoError(t, err)
	assert.Equal(t, 3, result.Metrics.Backlog, "Buffer, and what one transition publishes")
	assert.Positive(t, result.Metrics.Blocked)
	assert.LessOrEqual(t, result.Metrics.Blocked, result.Duration)

	inSim(t, func() {
		p := engine.New[kept]("p", engine.Options{})
		p.Step("a", func(context.Context, *kept) error { return nil }, engine.NodeOptions{}).
			To(p.Step("b", func(context.Context, *kept) error { return nil }, engine.NodeOptions{}))
		rec := &recorder{}
		result, err := p.Run(context.Background(), &kept{}, engine.RunOptions{Store: &lazy{store.NewMemory()}, Observers: []engine.Observer{rec}})
		require.NoError(t, err)
		bytes := 0
		for _, e := range rec.events {
			if d, ok := e.Data.(event.Checkpointed); ok {
				bytes += d.Bytes
			}
		}
		m := result.Metrics
		assert.Equal(t, []any{2, int64(bytes), 2 * time.Second}, []any{m.Checkpoints, m.CheckpointBytes, m.CheckpointTime})
	})
}

// lazy is a store that takes a second to write a checkpoint.
type lazy struct{ *store.Memory }

func (l *lazy) Append(ctx context.Context, lease store.Lease, b store.Batch) error {
	if b.Checkpoint != nil {
		sched.Sleep(time.Second)
	}
	return l.Memory.Append(ctx, lease, b)
}

// An observer may cancel the run that it observes.
func TestObserverCancels(t *testing.T) {
	inSim(t, func() {
		var run *engine.Run
		rec := &recorder{}
		run, _ = streamed(t, engine.RunOptions{Observers: []engine.Observer{rec, observerFunc(func(e event.Event) {
			if e.Type == event.StepStart {
				run.Cancel(errWorse)
			}
		})}}, func(p *pipeline) {
			p.OnStart(pause) // run is there then
			p.Step("a", wait, engine.NodeOptions{}).To(p.Step("b", fail, engine.NodeOptions{}))
		})
		_, err := run.Wait()
		assert.ErrorIs(t, err, errWorse)
		assert.Equal(t, "START S(a) CANCELLED C(a) FINISH=cancelled", trace(rec.events))
	})
}

// Without a grace a run waits for steps that do not look at their contexts, whatever has
// ended it; what they have done counts.
func TestStepsAreNotKilled(t *testing.T) {
	for name, test := range map[string]struct {
		with engine.RunOptions
		end  step
		want string
	}{
		"a failure":  {engine.RunOptions{}, fail, "START S(a) S(b) X(b) E(a) FINISH=failed"},
		"a time-out": {engine.RunOptions{Timeout: time.Second}, wait, "START S(a) S(b) TIMEOUT C(b) E(a) FINISH=timeout"},
		"Stop":       {engine.RunOptions{}, returns(engine.Stop), "START S(a) S(b) E(b)=stop E(a) FINISH=stopped"},
		"Suspend":    {engine.RunOptions{}, returns(engine.Suspend("tea")), "START S(a) S(b) Z(b) E(a) FINISH=suspended"},
	} {
		events, result, _ := setting{with: test.with}.run(t, func(p *pipeline) {
			p.Step("a", after(time.Hour, nil), engine.NodeOptions{}).To(p.Step("c", fail, engine.NodeOptions{}))
			p.Step("b", test.end, engine.NodeOptions{})
		})
		assert.Equal(t, test.want, trace(events), name)
		assert.Equal(t, time.Hour, length(events), name)
		assert.Positive(t, result.Metrics.OK, name)
	}
}

// What fails after the run was cancelled is not tried again.
func TestNoRetryAfterCancelling(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	events, _, err := setting{ctx: ctx}.run(t, func(p *pipeline) {
		p.Step("a", func(context.Context, *state) error { cancel(errWorse); return errBad },
			engine.NodeOptions{Retry: engine.RetryPolicy{MaxAttempts: 3}})
	})
	assert.Equal(t, "START S(a) CANCELLED X(a) FINISH=cancelled", trace(events))
	assert.ErrorIs(t, err, errWorse)
	assert.ErrorIs(t, err, errBad)
}
