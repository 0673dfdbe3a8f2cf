package check

import (
	"slices"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// Bounds of shrinking, in runs and in operations, so that it takes the same
// steps on every machine. An operation of a recorded run counts as several.
const (
	maxTries        = 600 // recorded runs
	maxShrinkSteps  = 400_000
	recordedIsDoing = 10
)

// shrinker makes the schedule of a failing run smaller, while it still shows
// the problem, at the same places in the source.
type shrinker struct {
	*search
	candidate
	tries int
	steps int
	best  attempt
}

// attempt is a schedule that shows the problem.
type attempt struct {
	deviations  []sched.Deviation // those that really happened
	preemptions int
	tasks       int
	steps       int
	draws       int
	tries       int  // runs that it took to find it
	minimal     bool // none has fewer preemptions
}

// none is larger than any attempt.
var none = attempt{preemptions: 1 << 30}

// smaller orders attempts: fewest preemptions, then fewest tasks that do
// anything, fewest operations, and fewest deviations from the plain schedule.
func (a attempt) smaller(b attempt) bool {
	return slices.Compare([]int{a.preemptions, a.tasks, a.steps, len(a.deviations)},
		[]int{b.preemptions, b.tasks, b.steps, len(b.deviations)}) < 0
}

// shrink returns the smallest schedule that it finds for the problem of c.
//
// It leaves out deviations in ever smaller groups, as delta debugging does
// (Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, TSE
// 2002). Then it looks at those with a single deviation, and if that is not enough
// at all schedules, those with the fewest preemptions first, until it has seen all
// with as few as the smallest that shows the problem: so searches that start from
// different schedules end with the same one, and none has fewer.
func (s *search) shrink(c candidate) attempt {
	h := &shrinker{search: s, candidate: c, best: none}
	if c.key == keyBlocked { // each try takes a time-out
		return attempt{deviations: c.deviations, preemptions: c.preemptions, draws: 1}
	}
	h.try(c.deviations)
	if h.best.preemptions == none.preemptions {
		return attempt{deviations: c.deviations, preemptions: c.preemptions, draws: 1}
	}
	leaveOut(h.best.deviations, h.exhausted, func(rest []sched.Deviation) ([]sched.Deviation, bool) {
		ok := h.try(rest)
		return h.best.deviations, ok
	})
	left := h.best
	h.best = none
	h.try(nil)
	h.singles()
	most := min(left.preemptions, h.best.preemptions)
	if len(h.best.deviations) <= 1 && h.best.preemptions == most {
		most-- // enough to know that it is the smallest
	}
	if most >= 0 {
		h.byPreemptions(most)
	}
	if left.smaller(h.best) {
		h.best, left = left, h.best
		h.best.minimal = left.minimal && left.preemptions == h.best.preemptions
	}
	h.best.minimal = h.best.minimal || h.best.preemptions == 0
	h.best.tries = h.tries
	return h.best
}

func (h *shrinker) exhausted() bool {
	return h.tries >= maxTries || h.steps >= maxShrinkSteps || h.hurries()
}

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
	return h.judge(replay, replay.Taken)
}

// judge does what try does, for a strategy that notes the deviations.
func (h *shrinker) judge(st sched.Strategy, deviations func() []sched.Deviation) bool {
	h.tries++
	st.Next()
	t, r := h.slow.run(st, h.start)
	h.steps += recordedIsDoing * r.Steps
	if !slices.ContainsFunc(problems(t, r, h.slow.watch.Findings()), func(p problem) bool { return p.key == h.key && p.sites == h.sites }) {
		return false
	}
	a := attempt{deviations: deviations(), preemptions: r.Preemptions, tasks: tasksIn(r.Record), steps: r.Steps, draws: r.Draws}
	if !a.smaller(h.best) {
		return false
	}
	h.best = a
	return true
}

// leaveOut leaves out groups of items, halves first and single ones last, as long
// as try allows it: it is given the rest, and returns what of that is needed.
func leaveOut[E any](items []E, stop func() bool, try func(rest []E) (needed []E, ok bool)) []E {
	for size := (len(items) + 1) / 2; size > 0 && !stop(); {
		removed := false
		for from := 0; from < len(items) && !stop(); {
			rest := append(slices.Clone(items[:from]), items[min(from+size, len(items)):]...)
			if needed, ok := try(rest); ok {
				items, removed = needed, true
			} else {
				from += size
			}
		}
		if !removed || size > len(items) {
			size /= 2
		}
	}
	return items
}

// singles looks at the schedules with one deviation, in the order of the run.
func (h *shrinker) singles() {
	if h.exhausted() || h.best.preemptions == 0 {
		return
	}
	options := strategy.Options()
	options.Next()
	h.tries++
	_, r := h.slow.run(options, h.start)
	h.steps += recordedIsDoing * r.Steps
	for _, d := range options.All() {
		h.try([]sched.Deviation{d})
	}
}

// byPreemptions looks at all schedules with at most so many preemptions, those
// with the fewest first, until it has seen all that have as few as the first
// that shows the problem.
func (h *shrinker) byPreemptions(most int) {
	st := strategy.PreemptionBounded(most)
	r := h.worker(0)
	for st.Next() && st.Cost() <= min(most, h.best.preemptions) {
		if h.exhausted() {
			return
		}
		t, res := r.run(st, h.start)
		h.steps += res.Steps
		if slices.Contains(signs(t, res, r.watch.Findings()), h.sign) {
			repeat := strategy.Repeat(slices.Clone(res.Log))
			h.judge(repeat, repeat.Deviations)
		}
	}
	h.best.minimal = st.Err() == nil
}
