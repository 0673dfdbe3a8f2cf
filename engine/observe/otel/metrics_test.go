package otel_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/ravelgo/ravel/engine/event"
)

// metrics returns the value of each series, of histograms the sum and the count
// under NAME.count. A series is called by the name and the attributes.
func (r recorded) metrics(t *testing.T) map[string]float64 {
	t.Helper()
	var all metricdata.ResourceMetrics
	require.NoError(t, r.reader.Collect(context.Background(), &all))
	got := map[string]float64{}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			addMetric(t, got, m)
		}
	}
	return got
}

func addMetric(t *testing.T, got map[string]float64, m metricdata.Metrics) {
	t.Helper()
	switch d := m.Data.(type) {
	case metricdata.Sum[int64]:
		for _, p := range d.DataPoints {
			got[m.Name+series(p.Attributes)] = float64(p.Value)
		}
	case metricdata.Histogram[float64]:
		for _, p := range d.DataPoints {
			got[m.Name+series(p.Attributes)] = p.Sum
			got[m.Name+".count"+series(p.Attributes)] = float64(p.Count)
		}
	case metricdata.Histogram[int64]:
		for _, p := range d.DataPoints {
			got[m.Name+series(p.Attributes)] = float64(p.Sum)
		}
	default:
		t.Fatalf("%s is a %T", m.Name, d)
	}
}

func series(set attribute.Set) string {
	s := ""
	for _, a := range set.ToSlice() {
		s += fmt.Sprintf(" %s=%s", a.Key, a.Value.String())
	}
	return s
}

func TestMetrics(t *testing.T) {
	r := record(t, nil)
	r.tell(story()[:12]...)
	half := r.metrics(t)
	assert.Equal(t, 1.0, half["ravel.active_runs ravel.inner=false ravel.pipeline=orders"])
	assert.Equal(t, 1.0, half["ravel.active_runs ravel.inner=true ravel.pipeline=refund"])
	assert.Equal(t, 1.0, half["ravel.active_invocations ravel.kind=worker ravel.node=pages ravel.pipeline=orders"])
	r = record(t, nil)
	r.tell(story()...)
	got := r.metrics(t)
	for name, want := range map[string]float64{
		"ravel.runs error.type=failed ravel.inner=false ravel.pipeline=orders ravel.status=failed":                   1,
		"ravel.runs ravel.inner=true ravel.pipeline=refund ravel.status=success":                                     1,
		"ravel.run.duration error.type=failed ravel.inner=false ravel.pipeline=orders ravel.status=failed":           24,
		"ravel.run.duration.count error.type=failed ravel.inner=false ravel.pipeline=orders ravel.status=failed":     1,
		"ravel.attempts ravel.kind=worker ravel.node=pages ravel.outcome=retried ravel.pipeline=orders":              1,
		"ravel.attempts ravel.kind=worker ravel.node=pages ravel.outcome=ok ravel.pipeline=orders":                   1,
		"ravel.attempts ravel.kind=step ravel.node=pay ravel.outcome=ok ravel.pipeline=refund":                       1,
		"ravel.attempt.duration.count ravel.kind=step ravel.node=load ravel.outcome=ok ravel.pipeline=orders":        1,
		"ravel.retries ravel.kind=worker ravel.node=pages ravel.pipeline=orders":                                     1,
		"ravel.tokens ravel.kind=step ravel.node=load ravel.pipeline=orders":                                         1,
		"ravel.checkpoints ravel.pipeline=orders":                                                                    1,
		"ravel.checkpoint.size ravel.pipeline=orders":                                                                300,
		"ravel.barrier.wait_time ravel.kind=step ravel.node=join ravel.outcome=released ravel.pipeline=orders":       1,
		"ravel.barrier.wait_time.count ravel.kind=step ravel.node=join ravel.outcome=released ravel.pipeline=orders": 1,
	} {
		assert.Equal(t, want, got[name], name)
	}
	for name, value := range got {
		if strings.HasPrefix(name, "ravel.active_") {
			assert.Zero(t, value, name)
		}
	}
}

// Series are made of what a pipeline has, not of runs, items or errors.
func TestSeriesAreFew(t *testing.T) {
	r := record(t, nil)
	count := func() int { return len(r.metrics(t)) }
	r.tell(story()...)
	before := count()
	for i := range 20 {
		events := story()
		for j := range events {
			events[j].RunID = strings.Replace(events[j].RunID, "r", fmt.Sprint(i, "r"), 1)
			events[j].ParentRunID = strings.Replace(events[j].ParentRunID, "r", fmt.Sprint(i, "r"), 1)
			events[j].RootRunID = fmt.Sprint(i, "r1")
			if events[j].Index >= 0 {
				events[j].Index = i
			}
		}
		r.tell(events...)
	}
	assert.Equal(t, before, count())
}

func TestBarrierTimeout(t *testing.T) {
	r := record(t, nil)
	r.tell(run(event.Start, nil), of(event.BarrierTimeout, "join", 0, 0, event.Barrier{Waited: 2e9}), run(event.Finish, nil))
	assert.Equal(t, 2.0, r.metrics(t)["ravel.barrier.wait_time ravel.kind=step ravel.node=join ravel.outcome=timeout ravel.pipeline=orders"])
}

// All metrics have a unit and a description.
func TestUnits(t *testing.T) {
	r := record(t, nil)
	r.tell(story()...)
	var all metricdata.ResourceMetrics
	require.NoError(t, r.reader.Collect(context.Background(), &all))
	var names []string
	for _, m := range all.ScopeMetrics[0].Metrics {
		assert.NotEmpty(t, m.Unit, m.Name)
		assert.NotEmpty(t, m.Description, m.Name)
		names = append(names, m.Name)
	}
	slices.Sort(names)
	assert.Equal(t, []string{"ravel.active_invocations", "ravel.active_runs", "ravel.attempt.duration", "ravel.attempts", "ravel.barrier.wait_time",
		"ravel.checkpoint.size", "ravel.checkpoints", "ravel.retries", "ravel.run.duration", "ravel.runs", "ravel.tokens"}, names)
}
