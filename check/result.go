package check

import (
	"fmt"
	"strings"
	"time"

	"github.com/ravelgo/ravel/check/internal/say"
)

// Result is what a search found.
type Result struct {
	// Findings are what went wrong, the most telling first; none if nothing
	// did.
	Findings []Finding
	// More counts findings beyond those that are listed.
	More int
	// Runs counts the schedules that were tried, Cut those that a strategy left
	// half-way because all that could follow had been seen. Steps counts the
	// operations of all of them.
	Runs, Cut, Steps int
	// Skipped counts the runs that the body has skipped, or that found no input.
	Skipped int
	// Distinct counts the traces among them: schedules that differ only in the
	// order of operations that can be exchanged are one. Beyond some ten thousand
	// it is an estimate, within a few in a hundred.
	Distinct int
	// Preemptions is the most of a schedule.
	Preemptions int
	// Complete is set if every trace was tried: nothing else can happen.
	Complete bool
	// Limits say why it is not, although a strategy tried all that it would.
	Limits []string
	// Stopped says what ended the search before its runs were used up; empty if
	// nothing did.
	Stopped string
	// Unseen estimates the chance that another run shows a new trace, Traces,
	// from below, and Schedules how many there are; see [strategy.Census].
	// Schedules is 0 if it is not known, as for a property, whose inputs differ.
	Unseen, Traces, Schedules float64
	// Missed are upper bounds of the probability that a bug was missed which
	// needs 1, 2 or 3 orderings of operations, as [strategy.PCT] guarantees
	// them; 0 if it was not used, and for properties.
	Missed [3]float64
	// Never says which cases of selects no schedule took.
	Never []string
	// Peak is the most tasks that could go on at once, and Average how many could
	// at an operation: what locks and limits leave of parallelism.
	Peak    int
	Average float64
	// Waits tell of the locks that tasks had to wait for, those first that cost
	// most, in the runs that were recorded: the first few and those with findings.
	Waits []LockWait
	// Possible says what the locks of some run suggest and no run has shown: a
	// data race or a deadlock of another schedule. It fails no test.
	Possible []string
	// Elapsed is how long the search took, by the wall clock.
	Elapsed time.Duration
	// Hash identifies all that happened in the search: equal searches have
	// equal hashes in every process and with any number of workers.
	Hash uint64
}

// Values of Result.Stopped.
const (
	stoppedByTime      = "the time limit"
	stoppedByDeadline  = "the deadline of the test"
	stoppedByInterrupt = "an interrupt"
)

// String returns the statistics of the search.
func (r *Result) String() string {
	parts := []string{r.searched()}
	if r.Cut > 0 {
		parts = append(parts, fmt.Sprintf("%d more cut short", r.Cut))
	}
	if r.Skipped > 0 {
		parts = append(parts, fmt.Sprintf("%d of them skipped", r.Skipped))
	}
	if r.Preemptions > 0 {
		parts = append(parts, "up to "+say.Plural(r.Preemptions, "preemption"))
	}
	rate := float64(r.Runs+r.Cut) / max(r.Elapsed.Seconds(), 1e-9)
	parts = append(parts, say.Plural(r.Steps, "operation"), fmt.Sprintf("%.0f schedules/s", rate))
	text := "ravel: " + strings.Join(parts, ", ")
	if r.Peak > 1 {
		text += fmt.Sprintf("; up to %d tasks could go on at once, %.1f on average", r.Peak, r.Average)
	}
	if len(r.Waits) > 0 {
		w := r.Waits[0]
		text += fmt.Sprintf("; most was waited for %s: by %d of %d who took it", w.Lock, w.Waited, w.Taken)
	}
	if len(r.Never) > 0 {
		text += "; never taken: " + strings.Join(r.Never, ", ")
	}
	if r.Complete {
		return text
	}
	if r.Stopped != "" {
		text += "; stopped by " + r.Stopped
	}
	if len(r.Limits) > 0 {
		text += "; not exhaustive: " + strings.Join(r.Limits, ", ")
	} else if r.Runs > 1 {
		chance := "of " + percent(r.Unseen)
		if r.Unseen == 0 { // an estimate, and not a certainty
			chance = "below " + percent(1/float64(r.Runs))
		}
		text += r.left() + "; another run shows a new trace with a chance " + chance
		for i, p := range r.Missed {
			if p > 0 && p < 0.995 && (i == 1 || r.Missed[1] == 0) {
				text += fmt.Sprintf("; a bug that needs %s was missed with a probability below %s", say.Plural(i+1, "ordering"), percent(max(p, 1e-5)))
			}
		}
	}
	return text
}

// left says how much there seems to be.
func (r *Result) left() string {
	text := fmt.Sprintf("; there are at least some %s traces", number(max(r.Traces, float64(r.Distinct))))
	if r.Schedules > 0 && r.Schedules < 1e100 {
		text += fmt.Sprintf(", in some %s schedules", number(r.Schedules))
	}
	return text
}

// number returns a large number in a few digits.
func number(n float64) string {
	if n < 100_000 {
		return fmt.Sprintf("%.0f", n)
	}
	return fmt.Sprintf("%.1g", n)
}

// searched says how much of what there is was tried.
func (r *Result) searched() string {
	switch {
	case r.Complete && len(r.Findings) == 0 && r.Distinct == 1:
		return "verified: the only trace, in " + say.Plural(r.Runs, "schedule")
	case r.Complete && len(r.Findings) == 0:
		return fmt.Sprintf("verified: all %s, in %s", say.Plural(r.Distinct, "trace"), say.Plural(r.Runs, "schedule"))
	case r.Complete && r.Distinct == 1:
		return say.Plural(r.Runs, "schedule") + ", the only trace there is"
	case r.Complete:
		return fmt.Sprintf("%s, all %s there are", say.Plural(r.Runs, "schedule"), say.Plural(r.Distinct, "trace"))
	}
	return fmt.Sprintf("%s, %s", say.Plural(r.Runs, "schedule"), say.Plural(r.Distinct, "distinct trace"))
}

// percent returns a probability in percent.
func percent(p float64) string {
	if p >= 0.1 {
		return fmt.Sprintf("%.0f %%", 100*p)
	}
	return fmt.Sprintf("%.2g %%", 100*p)
}
