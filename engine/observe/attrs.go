package observe

import (
	"log/slog"
	"time"

	"github.com/ravelgo/ravel/engine/event"
)

// attrs are attributes; those that are zero are not added.
type attrs []slog.Attr

func (as *attrs) add(a slog.Attr) { *as = append(*as, a) }

func (as *attrs) text(key, value string) {
	if value != "" {
		as.add(slog.String(key, value))
	}
}

func (as *attrs) int(key string, value int) {
	if value != 0 {
		as.add(slog.Int(key, value))
	}
}

func (as *attrs) uint(key string, value uint64) {
	if value != 0 {
		as.add(slog.Uint64(key, value))
	}
}

func (as *attrs) flag(key string, value bool) {
	if value {
		as.add(slog.Bool(key, value))
	}
}

func (as *attrs) duration(key string, value time.Duration) {
	if value != 0 {
		as.add(slog.Duration(key, value))
	}
}

func (as *attrs) group(key string, value []slog.Attr) {
	if len(value) > 0 {
		as.add(slog.GroupAttrs(key, value...))
	}
}

// list adds a list unless it is empty.
func list[T any](as *attrs, key string, value []T) {
	if len(value) > 0 {
		as.add(slog.Any(key, value))
	}
}

// details returns the attributes for e.Data.
func details(e event.Event) []slog.Attr {
	var as attrs
	switch d := e.Data.(type) {
	case event.Started:
		as.text("plan", d.PlanHash)
		as.uint("seed", d.Seed)
		as.flag("resumed", d.Resumed)
		as.group("labels", d.Labels)
	case event.Finished:
		as.finished(d)
	case event.MapStarted:
		if d.Count >= 0 {
			as.add(slog.Int("count", d.Count))
		}
	case event.MapCompleted:
		as.counts(d)
	case event.Barrier:
		list(&as, "arrived", d.Arrived)
		list(&as, "awaited", d.Awaited)
		as.duration("waited", d.Waited)
	case event.Unmet:
		as.int("needed", d.Needed)
		list(&as, "arrived", d.Arrived)
		list(&as, "missing", d.Missing)
	default:
		as.rest(e)
	}
	return as
}

// rest adds what is about an attempt, a hook, the store or a cancelled run.
func (as *attrs) rest(e event.Event) {
	switch d := e.Data.(type) {
	case event.Emitted:
		as.add(slog.Any("value", d.Value))
	case event.Ended:
		as.text("control", d.Control)
		as.text("error", d.Error)
		as.flag("handled", d.Handled)
		as.flag("late", d.Late)
		as.duration("duration", d.Duration)
	case event.Retried:
		as.text("error", d.Error)
		as.duration("delay", d.Delay)
		as.duration("duration", d.Duration)
	case event.Failed:
		as.failed(d)
	case event.Suspended:
		as.text("reason", d.Reason)
		as.duration("duration", d.Duration)
	case event.Checkpointed:
		as.add(slog.Int("number", d.Number))
		as.text("cut", d.Cut)
		as.int("bytes", d.Bytes)
	case event.HookFailed:
		as.text("hook", d.Hook)
		as.add(slog.Int("hook_index", d.Index))
		as.text("error", d.Error)
	case event.Interrupted:
		as.text("cause", d.Cause)
	}
}

func (as *attrs) failed(d event.Failed) {
	as.text("reason", d.Reason)
	as.text("error", d.Error)
	as.text("source", d.Source)
	as.flag("derived", d.Derived)
	as.flag("abandoned", d.Abandoned)
	as.duration("duration", d.Duration)
	as.text("stack", d.Stack)
}

func (as *attrs) finished(d event.Finished) {
	as.text("status", d.Status)
	as.text("reason", d.Reason)
	list(as, "failures", d.Failures)
	as.duration("duration", d.Duration)
	as.group("metrics", metrics(d.Metrics))
	as.group("labels", d.Labels)
}

func (as *attrs) counts(d event.MapCompleted) {
	as.add(slog.Int("started", d.Started))
	as.int("ok", d.OK)
	as.int("skipped", d.Skipped)
	as.int("failed", d.Failed)
	as.int("cancelled", d.Cancelled)
}

// metrics returns those that a line is not too short for: not those of nodes
// and of types of events.
func metrics(m event.Metrics) []slog.Attr {
	var as attrs
	as.int("started", m.Started)
	as.int("ok", m.OK)
	as.int("skipped", m.Skipped)
	as.int("failed", m.Failed)
	as.int("cancelled", m.Cancelled)
	as.int("retries", m.Retries)
	as.int("peak", m.Peak)
	as.int("tokens", m.Tokens)
	as.int("backlog", m.Backlog)
	as.duration("blocked", m.Blocked)
	as.int("observer_panics", m.ObserverPanics)
	as.int("checkpoints", m.Checkpoints)
	as.int("checkpoint_bytes", int(m.CheckpointBytes))
	as.duration("checkpoint_time", m.CheckpointTime)
	var counts attrs
	for _, c := range m.Counts {
		counts.add(slog.Int64(c.Name, c.Value))
	}
	as.group("counts", counts)
	return as
}
