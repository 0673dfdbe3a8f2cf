package otel

import (
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/ravelgo/ravel/engine/event"
)

// outcome is how an attempt or a run has ended.
type outcome struct {
	name     string
	failed   bool   // the span has status Error
	err      string // text of that status
	kind     string // error.type
	stack    string
	attrs    []attribute.KeyValue
	duration time.Duration
}

// outcomeOf returns the outcome of an attempt, of which e is the end.
func outcomeOf(e event.Event) outcome {
	switch e.Type {
	case event.StepRetry:
		d, _ := e.Data.(event.Retried)
		return outcome{name: "retried", failed: true, err: d.Error, duration: d.Duration,
			attrs: []attribute.KeyValue{attribute.Float64("ravel.delay", d.Delay.Seconds())}}
	case event.StepError, event.StepCancelled:
		d, _ := e.Data.(event.Failed)
		return failed(e.Type, d)
	case event.Suspend:
		d, _ := e.Data.(event.Suspended)
		return outcome{name: "suspended", attrs: texts("ravel.reason", d.Reason), duration: d.Duration}
	}
	d, _ := e.Data.(event.Ended)
	return ended(d)
}

func ended(d event.Ended) outcome {
	out := outcome{name: "ok", duration: d.Duration, attrs: texts("ravel.control", d.Control, "ravel.error", d.Error)}
	switch {
	case d.Handled:
		out.name = "handled"
	case d.Control == "skip":
		out.name = "skipped"
	}
	if d.Late {
		out.attrs = append(out.attrs, attribute.Bool("ravel.late", true))
	}
	return out
}

func failed(t event.Type, d event.Failed) outcome {
	out := outcome{name: "failed", failed: true, err: d.Error, kind: d.Reason, stack: d.Stack, duration: d.Duration,
		attrs: texts("ravel.reason", d.Reason, "ravel.source", d.Source)}
	switch {
	case d.Abandoned:
		out.name, out.kind = "abandoned", "abandoned"
	case t == event.StepCancelled:
		out.name, out.failed, out.kind = "cancelled", false, ""
		out.attrs = append(out.attrs, texts("ravel.cause", d.Error)...)
	}
	if d.Derived {
		out.attrs = append(out.attrs, attribute.Bool("ravel.derived", true))
	}
	return out
}

// unended returns the outcome of what has not ended when what it is in does.
func unended(duration time.Duration) outcome {
	return outcome{name: "abandoned", failed: true, err: "has not ended", kind: "abandoned", duration: duration}
}

// finished returns the outcome of a run.
func finished(d event.Finished) outcome {
	out := outcome{name: d.Status, duration: d.Duration, attrs: texts("ravel.reason", d.Reason)}
	if d.Status == "failed" || d.Status == "timeout" {
		out.failed, out.err, out.kind = true, d.Reason, d.Status
		if len(d.Failures) > 0 {
			out.err = d.Failures[0]
		}
	}
	if len(d.Failures) > 0 {
		out.attrs = append(out.attrs, attribute.StringSlice("ravel.failures", d.Failures))
	}
	for _, c := range d.Metrics.Counts {
		out.attrs = append(out.attrs, attribute.Int64("ravel.count."+c.Name, c.Value))
	}
	return out
}

// tell writes an outcome on a span, its name under the given key.
func (out outcome) tell(span trace.Span, key attribute.Key, at time.Time) {
	span.SetAttributes(key.String(out.name))
	span.SetAttributes(out.attrs...)
	span.SetAttributes(texts("error.type", out.kind)...)
	if out.failed {
		span.SetStatus(codes.Error, out.err)
	}
	if out.stack != "" {
		span.AddEvent("exception", trace.WithTimestamp(at), trace.WithAttributes(
			texts("exception.type", out.kind, "exception.message", out.err, "exception.stacktrace", out.stack)...))
	}
}
