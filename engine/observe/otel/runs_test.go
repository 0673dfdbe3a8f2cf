package otel_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/engine/observe/otel"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/schedtest"
)

type state struct{}

// pipeline has a map, a retry, a value that is emitted and, after an hour of
// sleep, a failure.
func pipeline(items int) *engine.Pipeline[state] {
	p := engine.New[state]("p", engine.Options{})
	pages := engine.Map(p, "pages", engine.Each[state, int]{
		Items: engine.Slice(func(context.Context, *state) ([]int, error) { return make([]int, items), nil }),
		Do:    func(ctx context.Context, _ *state, _ int) error { return engine.Emit(ctx, "v") },
	}, engine.MapOptions{MaxConcurrency: 2})
	retried := false
	again := p.Step("again", func(context.Context, *state) error {
		if retried = !retried; retried {
			return engine.Retry
		}
		return nil
	}, engine.NodeOptions{})
	fails := p.Step("fails", func(context.Context, *state) error {
		sched.Sleep(time.Hour)
		return errors.New("oh")
	}, engine.NodeOptions{})
	pages.To(again)
	again.To(fails)
	return p
}

// Under every schedule the spans are those of the run, and have its virtual times.
func TestSimulatedRun(t *testing.T) {
	r := record(t, nil)
	schedtest.Explore(t, sched.Config{}, func() {
		r.spans.Reset()
		_, err := pipeline(2).Run(context.Background(), &state{}, engine.RunOptions{ID: "r1", Observers: []engine.Observer{r}})
		require.Error(t, err)
		assert.Len(t, r.spans.Ended(), 1+2+2*2+3+2)
		assert.Len(t, r.spans.Started(), len(r.spans.Ended()))
		assert.Zero(t, otel.Kept(r.Observer))
		for _, s := range r.spans.Ended() {
			switch s.Name() {
			case "run p", "step fails", "attempt fails":
				assert.Equal(t, time.Hour, s.EndTime().Sub(s.StartTime()))
			default:
				assert.Zero(t, s.EndTime().Sub(s.StartTime()))
			}
		}
	}, func(r *sched.Result) { require.NoError(t, r.End) })
}

// One observer serves runs of several goroutines at once.
func TestRunsAtOnce(t *testing.T) {
	r := record(t, nil)
	p := engine.New[state]("p", engine.Options{})
	engine.Map(p, "pages", engine.Each[state, int]{
		Items: engine.Slice(func(context.Context, *state) ([]int, error) { return make([]int, 50), nil }),
		Do:    func(ctx context.Context, _ *state, _ int) error { return engine.Emit(ctx, "v") },
	}, engine.MapOptions{MaxConcurrency: 3})
	const runs = 8
	done := make(chan error, runs)
	for range runs {
		go func() {
			_, err := p.Run(context.Background(), &state{}, engine.RunOptions{Observers: []engine.Observer{r}})
			done <- err
		}()
	}
	for range runs {
		require.NoError(t, <-done)
	}
	assert.Len(t, r.spans.Ended(), runs*(1+2+2*50))
	traces := map[string]int{}
	for _, s := range r.spans.Ended() {
		traces[s.SpanContext().TraceID().String()]++
	}
	assert.Len(t, traces, runs, "a trace for each run")
	assert.Zero(t, otel.Kept(r.Observer))
	assert.Equal(t, float64(runs*50), r.metrics(t)["ravel.tokens ravel.kind=worker ravel.node=pages ravel.pipeline=p"])
}

// Without providers the global ones are used, which do nothing unless set.
func TestGlobalProviders(t *testing.T) {
	o, err := otel.New(otel.Options{})
	require.NoError(t, err)
	for _, e := range story() {
		o.Observe(e)
	}
	assert.Zero(t, otel.Kept(o))
}

// What is kept of a run does not grow with its items.
func TestItemsAreForgotten(t *testing.T) {
	r := record(t, nil)
	r.tell(run(event.Start, nil), as(event.Map, of(event.StepStart, "m", 1, 0, nil)))
	for i := range 1000 {
		r.tell(item(i, 1, of(event.StepStart, "m", 2+i, 1, nil)), item(i, 1, of(event.StepEnd, "m", 2+i, 1, nil)))
	}
	assert.Equal(t, 1, otel.KeptInvocations(r.Observer))
}
