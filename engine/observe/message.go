package observe

import (
	"log/slog"
	"strings"

	"github.com/ravelgo/ravel/engine/event"
)

// line is how events of a type are logged, if their data do not change that.
type line struct {
	level slog.Level
	text  string // without what it is about, if about is set
	about bool   // the kind stands before text: step failed
}

var lines = map[event.Type]line{
	event.Start:          {slog.LevelInfo, "run started", false},
	event.SubStart:       {slog.LevelInfo, "inner run started", false},
	event.HookError:      {slog.LevelError, "hook failed", false},
	event.StepStart:      {slog.LevelInfo, "started", true},
	event.Token:          {slog.LevelDebug, "emitted a value", true},
	event.MapStart:       {slog.LevelInfo, "starts its items", true},
	event.StepEnd:        {slog.LevelInfo, "ended", true},
	event.StepRetry:      {slog.LevelWarn, "to be retried", true},
	event.StepError:      {slog.LevelError, "failed", true},
	event.StepCancelled:  {slog.LevelInfo, "cancelled", true},
	event.Suspend:        {slog.LevelWarn, "asks to suspend the run", true},
	event.MapComplete:    {slog.LevelInfo, "items ended", true},
	event.BarrierWait:    {slog.LevelWarn, "join waits", false},
	event.BarrierRelease: {slog.LevelInfo, "join released", false},
	event.BarrierTimeout: {slog.LevelError, "join timed out", false},
	event.JoinUnmet:      {slog.LevelError, "join unmet", false},
	event.Checkpoint:     {slog.LevelDebug, "checkpoint written", false},
	event.Timeout:        {slog.LevelError, "run reached its time limit", false},
	event.Cancelled:      {slog.LevelWarn, "run is cancelled", false},
}

// endings are the lines for FINISH and SUB_FINISH by status.
var endings = map[string]line{
	"success":   {slog.LevelInfo, "run succeeded", false},
	"stopped":   {slog.LevelInfo, "run stopped", false},
	"suspended": {slog.LevelWarn, "run suspended", false},
	"failed":    {slog.LevelError, "run failed", false},
	"cancelled": {slog.LevelWarn, "run ended by cancelling", false},
	"closed":    {slog.LevelWarn, "run closed by its consumer", false},
	"timeout":   {slog.LevelError, "run timed out", false},
}

func lineOf(e event.Event) line {
	l, known := lines[e.Type]
	switch d := e.Data.(type) {
	case event.Finished:
		if l, known = endings[d.Status]; known && e.Type == event.SubFinish {
			l.text = "inner " + l.text
		}
	case event.Ended:
		if d.Handled {
			return line{slog.LevelWarn, "failed, which was handled", true}
		}
	case event.Failed:
		if d.Abandoned {
			return line{slog.LevelWarn, "abandoned", true}
		}
	}
	if !known {
		return line{slog.LevelInfo, string(e.Type), false}
	}
	return l
}

// levelOf returns the level of e. A map may have a million items.
func levelOf(e event.Event) slog.Level {
	level := lineOf(e).level
	if inItem := strings.Contains(e.Path, "["); inItem && level == slog.LevelInfo {
		return slog.LevelDebug
	}
	return level
}

func message(e event.Event) string {
	l := lineOf(e)
	switch {
	case !l.about:
		return l.text
	case e.Kind == event.Worker:
		return "item " + l.text
	}
	return string(e.Kind) + " " + l.text
}
