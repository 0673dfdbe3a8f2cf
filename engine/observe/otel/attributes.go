package otel

import (
	"fmt"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/ravelgo/ravel/engine/event"
)

// attributes returns those that the span of a run, an invocation or an attempt
// begins with.
func attributes(e event.Event) []attribute.KeyValue {
	as := texts("ravel.pipeline", e.Pipeline, "ravel.run.id", e.RunID, "ravel.run.parent_id", e.ParentRunID,
		"ravel.node", e.Node, "ravel.path", e.Path, "ravel.kind", string(e.Kind))
	if e.Type != event.StepStart {
		return as
	}
	as = append(as, attribute.Int("ravel.invocation", e.Invocation))
	if e.Kind == event.Worker {
		as = append(as, attribute.Int("ravel.index", e.Index))
	}
	return as
}

// texts returns attributes for pairs of key and value; not for empty values.
func texts(pairs ...string) []attribute.KeyValue {
	var as []attribute.KeyValue
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			as = append(as, attribute.String(pairs[i], pairs[i+1]))
		}
	}
	return as
}

func started(d event.Started) []attribute.KeyValue {
	as := texts("ravel.plan.hash", d.PlanHash)
	if d.Seed != 0 {
		as = append(as, attribute.String("ravel.seed", fmt.Sprint(d.Seed))) // may be too large for a number
	}
	if d.Resumed {
		as = append(as, attribute.Bool("ravel.resumed", true))
	}
	return append(as, logged("ravel.label.", d.Labels)...)
}

// pointAttributes returns those of an event on a span.
func pointAttributes(e event.Event) []attribute.KeyValue {
	switch d := e.Data.(type) {
	case event.Emitted:
		return texts("ravel.token.type", fmt.Sprintf("%T", d.Value))
	case event.MapStarted:
		return []attribute.KeyValue{attribute.Int("ravel.map.count", d.Count)}
	case event.MapCompleted:
		return []attribute.KeyValue{attribute.Int("ravel.map.started", d.Started), attribute.Int("ravel.map.ok", d.OK),
			attribute.Int("ravel.map.skipped", d.Skipped), attribute.Int("ravel.map.failed", d.Failed),
			attribute.Int("ravel.map.cancelled", d.Cancelled)}
	case event.Barrier:
		return append(texts("ravel.node", e.Node, "ravel.path", e.Path), attribute.IntSlice("ravel.arrived", d.Arrived),
			attribute.StringSlice("ravel.awaited", d.Awaited), attribute.Float64("ravel.waited", d.Waited.Seconds()))
	case event.Unmet:
		return append(texts("ravel.node", e.Node, "ravel.path", e.Path), attribute.IntSlice("ravel.arrived", d.Arrived),
			attribute.StringSlice("ravel.missing", d.Missing), attribute.Int("ravel.needed", d.Needed))
	case event.Checkpointed:
		return append(texts("ravel.cut", d.Cut), attribute.Int("ravel.checkpoint.number", d.Number),
			attribute.Int("ravel.checkpoint.bytes", d.Bytes))
	case event.HookFailed:
		return append(texts("ravel.hook", d.Hook, "ravel.error", d.Error), attribute.Int("ravel.hook.index", d.Index))
	case event.Interrupted:
		return texts("ravel.cause", d.Cause)
	}
	return nil
}

// logged returns attributes of a log, with a prefix before their keys and those
// of groups joined by dots.
func logged(prefix string, attrs []slog.Attr) []attribute.KeyValue {
	var as []attribute.KeyValue
	for _, a := range attrs {
		key, v := prefix+a.Key, a.Value.Resolve()
		switch v.Kind() {
		case slog.KindGroup:
			inside := key + "."
			if a.Key == "" {
				inside = prefix
			}
			as = append(as, logged(inside, v.Group())...)
		case slog.KindBool:
			as = append(as, attribute.Bool(key, v.Bool()))
		case slog.KindInt64:
			as = append(as, attribute.Int64(key, v.Int64()))
		case slog.KindFloat64:
			as = append(as, attribute.Float64(key, v.Float64()))
		case slog.KindTime:
			as = append(as, attribute.String(key, v.Time().Format(time.RFC3339Nano)))
		default:
			as = append(as, attribute.String(key, v.String()))
		}
	}
	return as
}
