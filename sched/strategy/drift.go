package strategy

import (
	"fmt"
	"slices"

	"github.com/ravelgo/ravel/sched"
)

// Drift is how a run differs from the trace that it was to follow: as an error,
// how much is the same and what differs first.
type Drift struct {
	// Choices of the OfChoices deviations of the trace were made.
	Choices, OfChoices int
	// Steps of the OfSteps operations that the trace has are in the run too, in
	// the same order, perhaps with others in between: the length of the longest
	// common subsequence.
	Steps, OfSteps int
	// First is what differs first: a choice that was not made, an operation, or
	// both.
	First string
}

func (d *Drift) Error() string {
	text := ""
	if d.OfChoices > 0 {
		text = fmt.Sprintf("%d of %d choices", d.Choices, d.OfChoices)
	}
	if d.OfSteps > 0 {
		if text != "" {
			text += " and "
		}
		text += fmt.Sprintf("%d of %d operations", d.Steps, d.OfSteps)
	}
	return text + " matched; first difference: " + d.First
}

// Drift compares the last run, which has the record rec, with the trace. It
// returns nil if all choices were made and the run began with the operations
// that the trace has.
func (r *Replayer) Drift(rec *sched.Record) *Drift {
	ran := rec.TraceSteps()
	missed, step := r.firstMissed(), r.firstOther(ran)
	if missed < 0 && step < 0 {
		return nil
	}
	d := &Drift{Choices: len(r.Taken()), OfChoices: len(r.found), Steps: r.common(ran), OfSteps: len(r.trace.Steps)}
	switch {
	case missed < 0 || step >= 0 && step < r.trace.Deviations[missed].Done:
		d.First = r.otherStep(rec, ran, step)
	case step < 0:
		d.First = r.missedChoice(missed)
	default:
		d.First = r.missedChoice(missed) + "; " + r.otherStep(rec, ran, step)
	}
	return d
}

// firstMissed returns the number of the first deviation that was left out, or
// -1.
func (r *Replayer) firstMissed() int {
	return slices.IndexFunc(r.found, func(f found) bool { return !f.done })
}

// firstOther returns the number, from 0, of the first operation that is not
// that of the trace, or -1.
func (r *Replayer) firstOther(ran []sched.TraceStep) int {
	for i, want := range r.trace.Steps {
		if i >= len(ran) || ran[i] != want {
			return i
		}
	}
	return -1
}

func (r *Replayer) missedChoice(i int) string {
	d := r.trace.Deviations[i]
	text := fmt.Sprintf("choice %d, %q, ", i+1, d)
	switch {
	case !r.found[i].came:
		return text + "did not come up"
	case d.Kind == sched.TaskChoice:
		return text + "came up when " + d.To + " could not go on"
	}
	return text + "came up without that option"
}

func (r *Replayer) otherStep(rec *sched.Record, ran []sched.TraceStep, i int) string {
	want := r.trace.Steps[i]
	if i >= len(ran) {
		return fmt.Sprintf("the run ends after operation %d, the trace goes on with %v", len(ran), want)
	}
	place := ""
	if pos := rec.Operation(i + 1).Pos; pos.Line > 0 {
		place = fmt.Sprintf(" (%v)", pos)
	}
	return fmt.Sprintf("operation %d: %s does %s%s, the trace has %v", i+1, ran[i].Task, ran[i].What, place, want)
}

// common returns the length of the longest common subsequence of the trace and
// the run.
func (r *Replayer) common(ran []sched.TraceStep) int {
	// length[j] is that for the run so far and the first j steps of the trace.
	length := make([]int, len(r.trace.Steps)+1)
	for _, got := range ran {
		diagonal := 0
		for j, want := range r.trace.Steps {
			next := length[j+1]
			if got == want {
				length[j+1] = diagonal + 1
			} else {
				length[j+1] = max(next, length[j])
			}
			diagonal = next
		}
	}
	return length[len(r.trace.Steps)]
}
