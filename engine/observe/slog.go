// Package observe has observers of pipeline runs that need nothing but the
// standard library. Module engine/observe/otel has one for OpenTelemetry.
package observe

import (
	"context"
	"log/slog"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
)

// Slog returns an observer that logs each event of at least the given level, if
// logger is enabled for it too. A nil logger is [slog.Default] of now. The
// observer may serve any number of runs at once.
//
//	Error  failures of attempts, joins and hooks; the time limit of a run;
//	       a run that ends as failed or timeout
//	Warn   waits of joins and for another attempt; attempts that suspend the run,
//	       failed but were handled, or were abandoned; cancelling; a run that
//	       ends as suspended, cancelled or closed
//	Info   all else about runs, maps, steps and joins
//	Debug  emitted values and checkpoints; what would be Info, of an item of a map
//	       or its inner run: a line of the map sums the items up
//
// A line has the time of its event, which in a simulation is virtual. What is
// zero is left out. Attributes that begin a line are seq, pipeline and run; then,
// of an inner run, parent_run and root_run; of a node path, node if it is not the
// path, kind, invocation and attempt; others are called as the fields of the
// event. Labels are in a group labels, notes in a group notes, and the counts of
// a run in a group metrics.
//
// An emitted value is given to the handler of logger as it is. One that keeps
// it, to write it later, reads what the steps may have changed by then.
func Slog(logger *slog.Logger, level slog.Level) engine.Observer {
	if logger == nil {
		logger = slog.Default()
	}
	return &slogObserver{logger.Handler(), level}
}

type slogObserver struct {
	handler slog.Handler
	lowest  slog.Level
}

func (o *slogObserver) Observe(e event.Event) {
	ctx := context.Background()
	level := levelOf(e)
	if level < o.lowest || !o.handler.Enabled(ctx, level) {
		return
	}
	r := slog.NewRecord(e.Time, level, message(e), 0)
	r.AddAttrs(envelope(e)...)
	r.AddAttrs(details(e)...)
	if len(e.Notes) > 0 {
		r.AddAttrs(slog.GroupAttrs("notes", e.Notes...))
	}
	_ = o.handler.Handle(ctx, r) // as slog.Logger does
}

// envelope returns the attributes that begin a line.
func envelope(e event.Event) []slog.Attr {
	var as attrs
	as.uint("seq", e.Seq)
	as.text("pipeline", e.Pipeline)
	as.text("run", e.RunID)
	if e.ParentRunID != "" {
		as.text("parent_run", e.ParentRunID)
		as.text("root_run", e.RootRunID)
	}
	as.text("path", e.Path)
	if e.Node != e.Path {
		as.text("node", e.Node)
	}
	as.text("kind", string(e.Kind))
	as.int("invocation", e.Invocation)
	if e.Type == event.StepStart {
		as.int("parent", e.Parent)
	}
	if e.Owner != e.Invocation {
		as.int("owner", e.Owner)
	}
	as.int("attempt", e.Attempt)
	if e.Kind == event.Worker {
		as.add(slog.Int("index", e.Index))
	}
	return as
}
