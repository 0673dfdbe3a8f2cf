package enginetest

import (
	"fmt"
	"strings"

	"github.com/ravelgo/ravel/engine/event"
)

// letters abbreviate the types of events in a trace.
var letters = map[event.Type]string{
	event.StepStart: "S", event.StepEnd: "E", event.StepRetry: "R", event.StepError: "X", event.StepCancelled: "C",
	event.Suspend: "Z", event.Token: "T", event.BarrierWait: "W", event.BarrierRelease: "G", event.BarrierTimeout: "B",
	event.JoinUnmet: "U", event.MapStart: "M", event.MapComplete: "D", event.SubStart: ">", event.SubFinish: "<",
	event.Checkpoint: "K", event.HookError: "H",
}

// Trace writes events in a line: a letter for the type and the path of what it is
// about in parentheses,
//
//	START S(a) T(a)=7 R(a) S(a)#2 E(a)#2 S(b) X(b) FINISH=failed
//
// The letters are S start, E end, R retry, X error, C cancelled and Z suspend of an
// attempt, T token, W G B wait, release and timeout of a barrier and U a join that
// is unmet, M and D start and completion of a map, > and < start and finish of an
// inner run, K checkpoint, H error of a hook. #n is attempt n, if that is not the
// first, and ! an end that a handler has made of a failure; after = is what else
// there is to say.
func Trace(events []event.Event) string {
	parts := make([]string, len(events))
	for i, e := range events {
		parts[i] = short(e)
	}
	return strings.Join(parts, " ")
}

func short(e event.Event) string {
	text := string(e.Type)
	if l := letters[e.Type]; l != "" {
		text = l
	}
	if e.Path != "" {
		text += "(" + e.Path + ")"
	}
	if e.Attempt > 1 {
		text += fmt.Sprintf("#%d", e.Attempt)
	}
	switch d := e.Data.(type) {
	case event.Ended:
		if d.Control != "" {
			text += "=" + strings.TrimPrefix(d.Control, "route:")
		}
		if d.Handled {
			text += "!"
		}
	case event.Emitted:
		text += fmt.Sprintf("=%v", d.Value)
	case event.MapStarted:
		text += fmt.Sprintf("=%d", d.Count)
	case event.Finished:
		text += "=" + d.Status
	}
	return text
}
