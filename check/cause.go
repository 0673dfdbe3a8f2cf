package check

import (
	"fmt"
	"slices"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// Bounds of looking for the cause, so that it takes the same steps on every
// machine.
const (
	maxCauseSteps = 400_000 // operations
	maxOrders     = 6       // that are worth telling
	fewRuns       = 64      // schedules that tell whether orders suffice
	manyRuns      = 512
)

// causes says, for people, what a finding depends on: on which orders of
// operations, and on which choice.
type causes struct {
	*search
	candidate
	worker  *runner
	steps   int
	held    int // runs of the last test
	rec     *sched.Record
	log     []int32
	blocked []sched.Wait
	about   []int // numbers of the operations that the finding is about
}

// causes returns sentences about the schedule that the search has found for c.
func (s *search) causes(c candidate, small attempt) []string {
	if c.key == keyBlocked { // each try takes a time-out
		return nil
	}
	a, conflicts := s.observe(c, small)
	return append(a.orders(conflicts), a.nearest()...)
}

// observe repeats the schedule and returns its conflicts.
func (s *search) observe(c candidate, small attempt) (*causes, []strategy.Conflict) {
	a := &causes{search: s, candidate: c, worker: s.worker(0)}
	for _, other := range s.candidates {
		if other.sign == c.sign && other.key != c.key {
			a.worker = s.slow // only a recorded run tells them apart
		}
	}
	replay, err := strategy.Replay(&sched.Trace{Deviations: small.deviations})
	if err != nil {
		panic(err) // the deviations are those of a run
	}
	observer := strategy.Observed(replay)
	observer.Next()
	t, r := s.slow.run(observer, c.seed)
	for _, p := range problems(t, r, s.slow.tracker.Findings()) {
		if p.key == c.key {
			a.blocked, a.about = p.blocked, p.steps
		}
	}
	a.rec, a.log = r.Record, slices.Clone(r.Log)
	return a, observer.Conflicts()
}

// shows makes a run and reports whether it shows the problem.
func (a *causes) shows(st sched.Strategy) bool {
	st.Next()
	t, r := a.worker.run(st, a.seed)
	if found := a.worker.tracker.Findings(); a.worker != a.slow {
		a.steps += r.Steps
		return slices.Contains(signs(t, r, found), a.sign)
	} else {
		a.steps += recordedIsDoing * r.Steps
		return slices.ContainsFunc(problems(t, r, found), func(p problem) bool { return p.key == a.key })
	}
}

func (a *causes) exhausted() bool { return a.steps >= maxCauseSteps }

// suffices reports whether the problem shows in each of so many runs in which
// the conflicts come in the same order. Where tasks that are held back keep
// others from going on there are fewer such runs, but a quarter of them at least.
func (a *causes) suffices(conflicts []strategy.Conflict, runs int) bool {
	var orders []strategy.Order
	for _, c := range conflicts {
		orders = append(orders, c.Order)
	}
	st := strategy.Ordered(a.cfg.Seed, orders)
	held := 0
	for n := 0; n < 8*runs && held < runs && !a.exhausted(); n++ {
		shows := a.shows(st)
		if st.Held() {
			held++
			if !shows {
				return false
			}
		}
	}
	a.held = held
	return held >= runs/4
}

// orders tells the smallest set of orders that it finds with which the problem
// shows whatever else happens. Each of them has been left out, and some schedule
// did not show it.
func (a *causes) orders(conflicts []strategy.Conflict) []string {
	if a.suffices(nil, fewRuns) {
		return []string{fmt.Sprintf("It does not depend on the schedule: all of %d others show it too.", fewRuns)}
	}
	least := a.necessary(conflicts)
	if least == nil {
		return nil
	}
	all := []string{"It happens whenever"}
	for _, c := range least {
		all = append(all, fmt.Sprintf("- %s comes before %s", a.name(c, true), a.name(c, false)))
	}
	without := "without that order"
	if len(least) > 1 {
		without = "without any one of these orders"
	}
	return append(all, fmt.Sprintf("in all of %d such schedules; some schedules %s do not show it.", a.held, without))
}

// necessary returns the smallest set of conflicts that it finds whose order
// suffices: among the operations that the finding is about, or among accesses to
// data, or among all.
func (a *causes) necessary(conflicts []strategy.Conflict) []strategy.Conflict {
	only := func(want func(c strategy.Conflict) bool) []strategy.Conflict {
		return slices.DeleteFunc(slices.Clone(conflicts), func(c strategy.Conflict) bool { return !want(c) })
	}
	for _, from := range [][]strategy.Conflict{
		only(func(c strategy.Conflict) bool {
			return slices.Contains(a.about, c.FirstAt) && slices.Contains(a.about, c.ThenAt)
		}),
		only(func(c strategy.Conflict) bool {
			return c.Direct && c.ThenAt > 0 && isData(a.rec.Operation(c.FirstAt)) && isData(a.rec.Operation(c.ThenAt))
		}),
		only(func(c strategy.Conflict) bool { return c.Direct && a.name(c, false) != "" }),
	} {
		for _, runs := range []int{fewRuns, manyRuns} {
			if len(from) == 0 || !a.suffices(from, runs) {
				break
			}
			least := a.least(from, runs)
			if enough := a.suffices(least, manyRuns); a.exhausted() || len(least) > maxOrders {
				return nil
			} else if enough {
				return least
			}
		}
	}
	return nil
}

// isData reports whether an operation is on what people think of as data.
func isData(s sched.Step) bool {
	switch s.Op.String() {
	case "read", "write", "load", "store", "modify", "delete", "range", "clear":
		return true
	}
	return false
}

// least leaves out what is not needed, in ever smaller groups.
func (a *causes) least(conflicts []strategy.Conflict, runs int) []strategy.Conflict {
	for size := (len(conflicts) + 1) / 2; size > 0; size /= 2 {
		for from := 0; from < len(conflicts) && !a.exhausted(); {
			rest := append(slices.Clone(conflicts[:from]), conflicts[min(from+size, len(conflicts)):]...)
			if a.suffices(rest, runs) {
				conflicts = rest
			} else {
				from += size
			}
		}
	}
	return conflicts
}

// name returns the name of an operation of a conflict, the first or the other
// one; empty if it is not known.
func (a *causes) name(c strategy.Conflict, first bool) string {
	if first {
		return nameStep(a.rec, c.FirstAt)
	}
	if c.ThenAt > 0 {
		return nameStep(a.rec, c.ThenAt)
	}
	i := slices.IndexFunc(a.blocked, func(w sched.Wait) bool { return w.ID == c.ThenTask })
	if i < 0 {
		return ""
	}
	w := a.blocked[i]
	return nameOf(w.Task, w.Op.String(), w.Object, "", w.Pos)
}

// nameStep returns the name of operation n of a run: with its number among
// those of its task that are called the same, if there are several.
func nameStep(rec *sched.Record, n int) string {
	name := func(s sched.Step, number string) string {
		object := ""
		if s.Object >= 0 {
			object = rec.Objects[s.Object].Name
		}
		return nameOf(rec.Tasks[s.Task].Name, s.Op.String(), object, number, s.Pos)
	}
	step := rec.Operation(n)
	nth, all := 0, 0
	for _, s := range rec.Steps {
		if s.Side || name(s, "") != name(step, "") {
			continue
		}
		if all++; s.N <= n {
			nth++
		}
	}
	if all == 1 {
		return name(step, "")
	}
	return name(step, fmt.Sprintf(" #%d", nth))
}

func nameOf(task, op, object, number string, pos sched.Pos) string {
	text := task + "'s " + op
	if object != "" {
		text += " of " + object
	}
	text += number
	if pos.Line > 0 {
		text += " (" + pos.String() + ")"
	}
	return text
}

// nearest tells the last choice of the schedule with which the problem could
// still have been avoided.
func (a *causes) nearest() []string {
	repeat := strategy.Repeat(a.log)
	a.shows(repeat)
	options := slices.Clone(repeat.Options())
	for at := len(a.log) - 1; at >= 0; at-- {
		for i := range int32(options[at]) {
			if i == a.log[at] {
				continue
			}
			if a.exhausted() {
				return nil
			}
			other := strategy.Repeat(append(slices.Clone(a.log[:at]), i))
			if !a.shows(other) {
				other.Next()
				_, r := a.slow.run(other, a.seed)
				return a.differs(r.Record)
			}
		}
	}
	return nil
}

// differs tells the first operation in which the schedule differs from one that
// does not show the problem.
func (a *causes) differs(passes *sched.Record) []string {
	for i, s := range a.rec.Steps[:min(len(a.rec.Steps), len(passes.Steps))] {
		p := passes.Steps[i]
		if s.Task == p.Task && s.Op == p.Op && s.Object == p.Object && s.Peer == p.Peer && s.Pos == p.Pos {
			continue
		}
		return []string{fmt.Sprintf("It does not happen if operation %d is %s instead of %s.",
			s.N, nameStep(passes, p.N), nameStep(a.rec, s.N))}
	}
	return nil
}
