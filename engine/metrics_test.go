package engine_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/sched"
)

// The metrics of a run are those that one counts by hand.
func TestMetrics(t *testing.T) {
	const s = time.Second
	events, result, err := setting{with: engine.RunOptions{Labels: []slog.Attr{slog.String("k", "v")}}}.run(t, func(p *pipeline) {
		r := p.Step("r", after(s, nil), engine.NodeOptions{})
		tries := 0
		a := p.Step("a", func(ctx context.Context, _ *state) error { // 2 s, waits 1 s, 4 s
			tries++
			sched.Sleep(time.Duration(2*tries) * s)
			if tries == 1 {
				return engine.RetryAfter(s)
			}
			return engine.Emit(ctx, "x")
		}, engine.NodeOptions{})
		m := mapOf(p, "m", 3, func(_ context.Context, item int) error { // 0 to 1 s, 1 to 3 s, 3 to 6 s
			sched.Sleep(time.Duration(item+1) * s)
			if item == 1 {
				return engine.Skip
			}
			return nil
		}, 1)
		j := p.Step("j", after(0, engine.Skip), engine.NodeOptions{})
		r.To(a.To(j), m.To(j))
		j.To(p.Step("z", ok, engine.NodeOptions{}))
	})
	require.NoError(t, err)
	got := result.Metrics
	assert.Equal(t, events[len(events)-1].Data.(event.Finished).Metrics, got)
	assert.Equal(t, 8*s, result.Duration)
	assert.Equal(t, result.Duration, length(events))
	want := event.Metrics{
		Started: 7, OK: 5, Skipped: 2, Retries: 1, Tokens: 1,
		Peak:    3,                       // a, m and an item
		Running: (1*1 + 6*3 + 1*1) / 8.0, // r; a, m and an item; a
		Backlog: got.Backlog,
		Events: map[event.Type]int{event.Start: 1, event.StepStart: 8, event.StepEnd: 7, event.StepRetry: 1, event.Token: 1,
			event.MapStart: 1, event.MapComplete: 1, event.BarrierWait: 1, event.BarrierRelease: 1, event.Finish: 1},
		Nodes: []event.NodeMetrics{
			{Name: "r", Attempts: 1, OK: 1, Min: s, Max: s, Total: s},
			{Name: "a", Attempts: 2, OK: 1, Min: 2 * s, Max: 4 * s, Total: 6 * s},
			{Name: "m", Attempts: 3, OK: 3, Skipped: 1, Min: s, Max: 3 * s, Total: 6 * s},
			{Name: "j", Attempts: 1, Skipped: 1, Waited: s},
			{Name: "z"},
		},
	}
	assert.Equal(t, want, got)
	assert.Equal(t, []slog.Attr{slog.String("k", "v")}, result.Labels)
	assert.Equal(t, result.Labels, events[0].Data.(event.Started).Labels)
	assert.Equal(t, result.Labels, events[len(events)-1].Data.(event.Finished).Labels)
	assert.Equal(t, "r", result.RunID)
	assert.Equal(t, events[0].Time, result.Started)
	assert.Nil(t, result.Failure())
	assert.Empty(t, result.Reason)
	for _, e := range events {
		assert.Equal(t, e.Time.Sub(events[0].Time), e.Elapsed)
	}
}

// A run that nobody observes counts the same, but no events.
func TestMetricsUnobserved(t *testing.T) {
	define := func(p *pipeline) {
		mapOf(p, "m", 5, func(_ context.Context, item int) error { return []error{nil, engine.Skip}[item%2] }, 2).
			To(p.Step("a", returns(engine.Retry, nil), engine.NodeOptions{}))
	}
	result, err := run(context.Background(), define)
	require.NoError(t, err)
	m := result.Metrics
	assert.Equal(t, []int{7, 5, 2, 1, 0}, []int{m.Started, m.OK, m.Skipped, m.Retries, m.Failed})
	assert.Nil(t, m.Events)
	assert.Zero(t, m.Backlog)
	assert.Empty(t, result.RunID)
	assert.Len(t, m.Nodes, 2)
}

// Failed and cancelled attempts are counted by node too, and an inner run counts for
// itself.
func TestMetricsOfFailures(t *testing.T) {
	events, result, _ := simulateRun(t, func(p *pipeline) {
		p.Step("a", after(time.Second, errBad), engine.NodeOptions{})
		p.Step("b", wait, engine.NodeOptions{})
		sub(p, "s", innerOf("inner", ok, wait), engine.NodeOptions{})
	}, context.Background())
	m := result.Metrics
	assert.Equal(t, []int{3, 0, 1, 2}, []int{m.Started, m.OK, m.Failed, m.Cancelled})
	assert.Equal(t, 1, m.Nodes[0].Failed)
	assert.Equal(t, 1, m.Nodes[1].Cancelled)
	for _, e := range events {
		if e.Type == event.SubFinish {
			inner := e.Data.(event.Finished).Metrics
			assert.Equal(t, []int{2, 1, 1}, []int{inner.Started, inner.OK, inner.Cancelled})
			assert.Equal(t, map[event.Type]int{event.SubStart: 1, event.StepStart: 2, event.StepEnd: 1, event.Cancelled: 1,
				event.StepCancelled: 1, event.SubFinish: 1}, inner.Events)
		}
	}
}

// Observers are told the events of inner runs too, in one sequence, and one that
// panics is counted and told the next.
func TestObserversOfInnerRuns(t *testing.T) {
	var first, second recorder
	panics := 0
	p := engine.New[state]("p", engine.Options{})
	mapSub(p, "m", 3, innerOf("inner", ok, ok), engine.MapOptions{})
	result, err := p.Run(context.Background(), &state{}, engine.RunOptions{Observers: []engine.Observer{&first,
		observerFunc(func(event.Event) { panics++; panic("oh") }), &second}})
	require.NoError(t, err)
	assert.Equal(t, first.events, second.events)
	assert.Equal(t, len(first.events), panics)
	assert.Equal(t, panics, result.Metrics.ObserverPanics)
	for i, e := range first.events {
		assert.Equal(t, uint64(i+1), e.Seq)
	}
	checkEvents(t, p, first.events)
	count := map[event.Type]int{}
	for _, e := range first.events {
		count[e.Type]++
	}
	assert.Equal(t, []int{3, 3, 10}, []int{count[event.SubStart], count[event.SubFinish], count[event.StepStart]})
}
