package check

import (
	"slices"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// Bounds of shrinking, in runs and in operations, so that it takes the same
// steps on every machine.
const (
	maxTries       = 600
	maxShrinkSteps = 2_000_000
)

// shrinker makes the schedule of a failing run smaller, while it still shows
// the problem with the key.
type shrinker struct {
	*search
	key   string
	seed  uint64
	tries int
	steps int
	best  attempt
}

// attempt is a schedule that shows the problem.
type attempt struct {
	deviations  []sched.Deviation // those that really happened
	preemptions int
	steps       int
	draws       int
	tries       int
}

// smaller orders attempts: fewest preemptions, then fewest deviations from the
// plain schedule, then fewest operations.
func (a attempt) smaller(b attempt) bool {
	if a.preemptions != b.preemptions {
		return a.preemptions < b.preemptions
	}
	if len(a.deviations) != len(b.deviations) {
		return len(a.deviations) < len(b.deviations)
	}
	return a.steps < b.steps
}

// shrink returns the smallest schedule that it finds for the problem of c.
//
// It looks first at the plain schedule; then it leaves out deviations in ever
// smaller groups, as delta debugging does (Zeller and Hildebrandt, Simplifying
// and Isolating Failure-Inducing Input, TSE 2002). At last it tries the
// schedules with a single deviation in a fixed order, so that searches that
// start from different schedules end with the same one.
func (s *search) shrink(c candidate) attempt {
	h := &shrinker{search: s, key: c.key, seed: c.seed,
		best: attempt{deviations: c.deviations, preemptions: c.preemptions, steps: 1 << 62}}
	if c.key == keyBlocked { // each try takes a time-out
		return attempt{deviations: c.deviations, preemptions: c.preemptions, draws: 1}
	}
	h.try(c.deviations)
	if !h.try(nil) {
		h.leaveOut()
		h.singles()
	}
	h.best.tries = h.tries
	return h.best
}

func (h *shrinker) exhausted() bool { return h.tries >= maxTries || h.steps >= maxShrinkSteps }

// try runs the schedule with the given deviations and reports whether it is
// smaller than the best one and shows the problem; it is the best one then.
func (h *shrinker) try(deviations []sched.Deviation) bool {
	if h.exhausted() {
		return false
	}
	replay, err := strategy.Replay(&sched.Trace{Deviations: deviations})
	if err != nil {
		return false
	}
	h.tries++
	replay.Next()
	t, r := h.slow.run(replay, h.seed)
	h.steps += r.Steps
	shows := slices.ContainsFunc(problems(t, r, h.slow.tracker.Findings()), func(p problem) bool { return p.key == h.key })
	a := attempt{deviations: replay.Taken(), preemptions: r.Preemptions, steps: r.Steps, draws: r.Draws}
	if shows && a.smaller(h.best) {
		h.best = a
		return true
	}
	return false
}

// leaveOut removes groups of deviations: halves first, single ones last.
func (h *shrinker) leaveOut() {
	for size := (len(h.best.deviations) + 1) / 2; size > 0 && !h.exhausted(); {
		removed := false
		for from := 0; from < len(h.best.deviations); {
			d := h.best.deviations
			rest := append(append([]sched.Deviation{}, d[:from]...), d[min(from+size, len(d)):]...)
			if h.try(rest) {
				removed = true
			} else {
				from += size
			}
		}
		if !removed || size > len(h.best.deviations) {
			size /= 2
		}
	}
}

// singles looks for the first schedule with one deviation, in the order of the
// run, that is no worse than the best.
func (h *shrinker) singles() {
	options := strategy.Options()
	options.Next()
	h.tries++
	h.slow.run(options, h.seed)
	if len(h.best.deviations) == 1 {
		h.best.steps = 1 << 62 // how many operations it has matters less than the order
	}
	for _, d := range options.All() {
		if h.try([]sched.Deviation{d}) && h.best.preemptions <= 1 {
			return
		}
	}
}
