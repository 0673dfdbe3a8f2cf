package otel

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/ravelgo/ravel/engine/event"
)

// stream is a run with its inner runs, whose events come one at a time.
type stream struct {
	*observer
	runs  map[string]*run // that have not ended, by RunID
	begun int             // how many there were
}

// run is a run that has not ended.
type run struct {
	id          string
	number      int // in the order of their starts
	begun       time.Time
	pipeline    string
	inner       bool
	ctx         context.Context // with the span
	span        trace.Span
	invocations map[int]*invocation
	// ended are the invocations that have ended and may have released others:
	// not those of items.
	ended map[int]trace.SpanContext
}

// invocation is an invocation that has not ended.
type invocation struct {
	begun   event.Event     // the STEP_START of its first attempt
	ctx     context.Context // with the span
	span    trace.Span
	attempt trace.Span      // nil while it waits for the next one
	since   time.Time       // when the attempt began
	inside  context.Context // with the span of the attempt, or of the last one
}

func (s *stream) observe(e event.Event) {
	switch e.Type {
	case event.Start, event.SubStart:
		s.beginRun(e)
	case event.StepStart:
		s.beginAttempt(e)
	case event.StepEnd, event.StepRetry, event.StepError, event.StepCancelled, event.Suspend:
		s.endAttempt(e)
	case event.SubFinish:
		if r := s.runs[e.RunID]; r != nil {
			s.endRun(r, e)
		}
	case event.Finish:
		s.finish(e)
	default:
		s.point(e)
	}
}

func (s *stream) beginRun(e event.Event) {
	r := &run{id: e.RunID, number: s.begun, begun: e.Time, pipeline: e.Pipeline, inner: e.Type == event.SubStart,
		invocations: map[int]*invocation{}, ended: map[int]trace.SpanContext{}}
	s.begun++
	attrs := attributes(e)
	if d, ok := e.Data.(event.Started); ok {
		attrs = append(attrs, started(d)...)
	}
	r.ctx, r.span = s.tracer.Start(s.caller(e), "run "+e.Pipeline, trace.WithTimestamp(e.Time), trace.WithAttributes(attrs...))
	s.runs[e.RunID] = r
	s.instruments.runBegins(r)
}

// caller returns the context for the span of a run.
func (s *stream) caller(e event.Event) context.Context {
	if e.Type == event.Start {
		return s.parent(e)
	}
	outer := s.runs[e.ParentRunID]
	if outer == nil {
		return s.parent(e)
	}
	if inv := outer.invocations[e.Owner]; inv != nil {
		return inv.inside
	}
	return outer.ctx
}

func (s *stream) beginAttempt(e event.Event) {
	r := s.runs[e.RunID]
	if r == nil {
		return
	}
	inv := r.invocations[e.Invocation]
	if inv == nil {
		inv = s.invoke(r, e)
	}
	inv.since = e.Time
	inv.inside, inv.attempt = s.tracer.Start(inv.ctx, "attempt "+e.Node, trace.WithTimestamp(e.Time),
		trace.WithAttributes(attributes(e)...), trace.WithAttributes(attribute.Int("ravel.attempt", e.Attempt)))
}

// invoke begins the span of an invocation.
func (s *stream) invoke(r *run, e event.Event) *invocation {
	inv := &invocation{begun: e}
	ctx := r.ctx
	if m := r.invocations[e.Owner]; e.Kind == event.Worker && m != nil {
		ctx = m.ctx
	}
	opts := []trace.SpanStartOption{trace.WithTimestamp(e.Time), trace.WithAttributes(attributes(e)...)}
	if released, ok := r.ended[e.Parent]; ok {
		opts = append(opts, trace.WithLinks(trace.Link{SpanContext: released}))
	}
	inv.ctx, inv.span = s.tracer.Start(ctx, kindName(e.Kind)+" "+e.Node, opts...)
	r.invocations[e.Invocation] = inv
	s.instruments.invocationBegins(inv)
	return inv
}

// kindName returns what a reader calls a kind.
func kindName(k event.Kind) string {
	if k == event.Worker {
		return "item"
	}
	return string(k)
}

func (s *stream) endAttempt(e event.Event) {
	r := s.runs[e.RunID]
	if r == nil {
		return
	}
	inv := r.invocations[e.Invocation]
	if inv == nil || inv.attempt == nil {
		return
	}
	out := outcomeOf(e)
	if e.Type == event.Suspend {
		inv.attempt.AddEvent(string(e.Type), trace.WithTimestamp(e.Time), trace.WithAttributes(out.attrs...))
	}
	inv.attempt.SetAttributes(logged("ravel.note.", e.Notes)...)
	s.conclude(inv, e.Time, out)
	if e.Type == event.StepRetry {
		s.instruments.retried(inv)
		return
	}
	s.endInvocation(r, inv, e.Time, out)
}

// conclude ends the span of an attempt.
func (s *stream) conclude(inv *invocation, at time.Time, out outcome) {
	s.instruments.attemptEnds(inv, out)
	out.tell(inv.attempt, "ravel.outcome", at)
	inv.attempt.End(trace.WithTimestamp(at))
	inv.attempt = nil
}

func (s *stream) endInvocation(r *run, inv *invocation, at time.Time, out outcome) {
	inv.span.SetAttributes(attribute.String("ravel.outcome", out.name))
	if out.failed {
		inv.span.SetStatus(codes.Error, out.err)
	}
	inv.span.End(trace.WithTimestamp(at))
	s.instruments.invocationEnds(inv)
	delete(r.invocations, inv.begun.Invocation)
	if inv.begun.Kind != event.Worker {
		r.ended[inv.begun.Invocation] = inv.span.SpanContext()
	}
}

// point adds an event to a span.
func (s *stream) point(e event.Event) {
	r := s.runs[e.RunID]
	if r == nil {
		return
	}
	ctx, span := r.ctx, r.span
	if inv := r.invocations[e.Invocation]; inv != nil && inv.attempt != nil {
		ctx, span = inv.inside, inv.attempt
	}
	span.AddEvent(string(e.Type), trace.WithTimestamp(e.Time), trace.WithAttributes(pointAttributes(e)...))
	s.instruments.point(ctx, e)
}

// finish ends all that has not ended, what began last first.
func (s *stream) finish(e event.Event) {
	last := slices.SortedFunc(maps.Values(s.runs), func(a, b *run) int { return cmp.Compare(b.number, a.number) })
	for _, r := range last {
		s.endRun(r, e)
	}
}

// endRun ends the span of a run, by its own FINISH or by that of an outer one.
func (s *stream) endRun(r *run, e event.Event) {
	ids := slices.Sorted(maps.Keys(r.invocations))
	slices.Reverse(ids) // items before their map
	for _, id := range ids {
		s.abandon(r, r.invocations[id], e.Time)
	}
	out := unended(e.Time.Sub(r.begun))
	if d, ok := e.Data.(event.Finished); ok && r.id == e.RunID {
		out = finished(d)
	}
	out.tell(r.span, "ravel.status", e.Time)
	s.instruments.runEnds(r, out)
	r.span.End(trace.WithTimestamp(e.Time))
	delete(s.runs, r.id)
}

// abandon ends an invocation that will not end any more, or waits for an attempt
// that will not come.
func (s *stream) abandon(r *run, inv *invocation, at time.Time) {
	out := outcome{name: "cancelled"}
	if inv.attempt != nil {
		out = unended(at.Sub(inv.since))
		s.conclude(inv, at, out)
	}
	s.endInvocation(r, inv, at, out)
}
