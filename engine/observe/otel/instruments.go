package otel

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/ravelgo/ravel/engine/event"
)

// instruments are the metrics that the package comment lists.
type instruments struct {
	runs, attempts, retries, tokens, checkpoints metric.Int64Counter
	activeRuns, activeInvocations                metric.Int64UpDownCounter
	runDuration, attemptDuration, barrierWait    metric.Float64Histogram
	checkpointSize                               metric.Int64Histogram
}

// maker makes instruments and collects errors.
type maker struct {
	meter metric.Meter
	errs  []error
}

func newInstruments(meter metric.Meter) (*instruments, error) {
	m := &maker{meter: meter}
	return &instruments{
		runs:              m.counter("ravel.runs", "{run}", "Runs that ended."),
		attempts:          m.counter("ravel.attempts", "{attempt}", "Attempts that ended."),
		retries:           m.counter("ravel.retries", "{retry}", "Attempts that are to be followed by another one."),
		tokens:            m.counter("ravel.tokens", "{token}", "Values that were emitted."),
		checkpoints:       m.counter("ravel.checkpoints", "{checkpoint}", "Checkpoints that were written."),
		activeRuns:        m.active("ravel.active_runs", "{run}", "Runs between start and end."),
		activeInvocations: m.active("ravel.active_invocations", "{invocation}", "Invocations between start and end."),
		runDuration:       m.seconds("ravel.run.duration", "Duration of runs."),
		attemptDuration:   m.seconds("ravel.attempt.duration", "Duration of attempts."),
		barrierWait:       m.seconds("ravel.barrier.wait_time", "How long joins have waited after the first arrival."),
		checkpointSize:    m.bytes("ravel.checkpoint.size", "Size of checkpoints."),
	}, errors.Join(m.errs...)
}

func (m *maker) counter(name, unit, what string) metric.Int64Counter {
	c, err := m.meter.Int64Counter(name, metric.WithUnit(unit), metric.WithDescription(what))
	m.errs = append(m.errs, err)
	return c
}

func (m *maker) active(name, unit, what string) metric.Int64UpDownCounter {
	c, err := m.meter.Int64UpDownCounter(name, metric.WithUnit(unit), metric.WithDescription(what))
	m.errs = append(m.errs, err)
	return c
}

func (m *maker) seconds(name, what string) metric.Float64Histogram {
	h, err := m.meter.Float64Histogram(name, metric.WithUnit("s"), metric.WithDescription(what),
		metric.WithExplicitBucketBoundaries(.001, .005, .01, .05, .1, .5, 1, 5, 10, 60, 300, 1800, 7200))
	m.errs = append(m.errs, err)
	return h
}

func (m *maker) bytes(name, what string) metric.Int64Histogram {
	h, err := m.meter.Int64Histogram(name, metric.WithUnit("By"), metric.WithDescription(what),
		metric.WithExplicitBucketBoundaries(1<<8, 1<<10, 1<<12, 1<<14, 1<<16, 1<<18, 1<<20, 1<<22, 1<<24))
	m.errs = append(m.errs, err)
	return h
}

func ofRun(r *run) []attribute.KeyValue {
	return []attribute.KeyValue{attribute.String("ravel.pipeline", r.pipeline), attribute.Bool("ravel.inner", r.inner)}
}

func ofNode(e event.Event) []attribute.KeyValue {
	return texts("ravel.pipeline", e.Pipeline, "ravel.node", e.Node, "ravel.kind", string(e.Kind))
}

func (m *instruments) runBegins(r *run) {
	m.activeRuns.Add(r.ctx, 1, metric.WithAttributes(ofRun(r)...))
}

func (m *instruments) runEnds(r *run, out outcome) {
	m.activeRuns.Add(r.ctx, -1, metric.WithAttributes(ofRun(r)...))
	attrs := append(append(ofRun(r), attribute.String("ravel.status", out.name)), texts("error.type", out.kind)...)
	m.runs.Add(r.ctx, 1, metric.WithAttributes(attrs...))
	m.runDuration.Record(r.ctx, out.duration.Seconds(), metric.WithAttributes(attrs...))
}

func (m *instruments) invocationBegins(inv *invocation) {
	m.activeInvocations.Add(inv.ctx, 1, metric.WithAttributes(ofNode(inv.begun)...))
}

func (m *instruments) invocationEnds(inv *invocation) {
	m.activeInvocations.Add(inv.ctx, -1, metric.WithAttributes(ofNode(inv.begun)...))
}

func (m *instruments) attemptEnds(inv *invocation, out outcome) {
	attrs := append(ofNode(inv.begun), texts("ravel.outcome", out.name, "error.type", out.kind)...)
	with := metric.WithAttributes(attrs...)
	m.attempts.Add(inv.inside, 1, with)
	m.attemptDuration.Record(inv.inside, out.duration.Seconds(), with)
}

func (m *instruments) retried(inv *invocation) {
	m.retries.Add(inv.inside, 1, metric.WithAttributes(ofNode(inv.begun)...))
}

// point counts an event that neither begins nor ends anything.
func (m *instruments) point(ctx context.Context, e event.Event) {
	pipeline := metric.WithAttributes(attribute.String("ravel.pipeline", e.Pipeline))
	switch d := e.Data.(type) {
	case event.Emitted:
		m.tokens.Add(ctx, 1, metric.WithAttributes(ofNode(e)...))
	case event.Barrier:
		if e.Type != event.BarrierWait {
			m.waited(ctx, e, d.Waited)
		}
	case event.Checkpointed:
		m.checkpoints.Add(ctx, 1, pipeline)
		m.checkpointSize.Record(ctx, int64(d.Bytes), pipeline)
	}
}

func (m *instruments) waited(ctx context.Context, e event.Event, d time.Duration) {
	outcome := "released"
	if e.Type == event.BarrierTimeout {
		outcome = "timeout"
	}
	attrs := append(ofNode(e), attribute.String("ravel.outcome", outcome))
	m.barrierWait.Record(ctx, d.Seconds(), metric.WithAttributes(attrs...))
}
