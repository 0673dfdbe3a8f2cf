package check

import (
	"fmt"
	"slices"

	"github.com/ravelgo/ravel/check/internal/say"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// Bounds of looking for the cause, so that it takes the same steps on every
// machine.
const (
	maxCauseSteps = 400_000 // operations
	maxOrders     = 6       // that are worth telling
	maxObserved   = 5000    // operations of a run
	fewRuns       = 32      // schedules that tell whether orders suffice
	manyRuns      = 256
)

// causes says, for people, what the finding of a run depends on: on which orders
// of operations, and on which choice.
type causes struct {
	fast, slow *runner
	stop       func() bool // whether somebody waits
	problem
	start   start // of the run
	log     []int32
	rec     *sched.Record
	draws   bool // the run draws random numbers
	steps   int
	held    int // runs of the last test
	least   []strategy.Conflict
	minimal bool // each of them is needed
}

// explain returns sentences, after which least is set; none if looking for them
// would take long.
func (a *causes) explain() []string {
	if a.key == keyBlocked || len(a.log) == 0 || len(a.rec.Steps) > maxObserved {
		return nil
	}
	return append(a.orders(a.observe()), a.nearest()...)
}

// observe repeats the run and returns its conflicts.
func (a *causes) observe() []strategy.Conflict {
	observer := strategy.Observed(strategy.Repeat(a.log))
	observer.Next()
	a.slow.run(observer, a.start)
	return observer.Conflicts()
}

// shows makes a run and reports whether it shows the problem. Only a recorded run
// tells races on different variables apart.
func (a *causes) shows(st sched.Strategy) bool {
	st.Next()
	if a.sign == a.key {
		t, r := a.fast.run(st, a.start)
		a.steps += r.Steps
		return slices.Contains(signs(t, r, a.fast.watch.Findings()), a.sign)
	}
	t, r := a.slow.run(st, a.start)
	a.steps += recordedIsDoing * r.Steps
	return slices.ContainsFunc(problems(t, r, a.slow.watch.Findings()), func(p problem) bool { return p.key == a.key })
}

func (a *causes) exhausted() bool { return a.steps >= maxCauseSteps || a.stop() }

// test counts the runs in which the conflicts come in the same order, up to so many
// and to one that does not show the problem: then passed is set.
func (a *causes) test(conflicts []strategy.Conflict, runs int) (held int, passed bool) {
	var orders []strategy.Order
	for _, c := range conflicts {
		orders = append(orders, c.Order)
	}
	st := strategy.Ordered(1, orders)
	for n := 0; n < 8*runs && held < runs && !a.exhausted(); n++ {
		shows := a.shows(st)
		if st.Held() {
			held++
			if !shows {
				return held, true
			}
		}
	}
	return held, false
}

// suffices reports whether the problem shows in all such runs. Where tasks that
// are held back keep others from going on there are fewer, but a quarter of them
// at least.
func (a *causes) suffices(conflicts []strategy.Conflict, runs int) bool {
	held, passed := a.test(conflicts, runs)
	a.held = held
	return !passed && held >= runs/4
}

// needed reports whether, for each of the conflicts, a run was found that has the
// others in order and does not show the problem.
func (a *causes) needed(conflicts []strategy.Conflict) bool {
	for i := range conflicts {
		if _, passed := a.test(slices.Delete(slices.Clone(conflicts), i, i+1), manyRuns); !passed {
			return false
		}
	}
	return true
}

// orders tells the smallest set of orders that it finds with which the problem
// shows whatever else happens.
func (a *causes) orders(conflicts []strategy.Conflict) []string {
	if a.suffices(nil, fewRuns) {
		same := ""
		if a.draws {
			same = ", for the same random numbers,"
		}
		return []string{fmt.Sprintf("It does not depend on the schedule: all of %s that were tried%s show it too.", say.Plural(a.held, "other"), same)}
	}
	a.least = a.necessary(conflicts)
	if len(a.least) == 0 {
		return nil
	}
	all := []string{"It happens whenever"}
	for _, c := range a.least {
		all = append(all, fmt.Sprintf("- %s comes before %s", a.name(c, true), a.name(c, false)))
	}
	without := "without that there are schedules that do not show it"
	switch {
	case !a.minimal:
		without = "there are others that show it"
	case len(a.least) > 1:
		without = "with only some of these orders there are schedules that do not show it"
	}
	return append(all, fmt.Sprintf("in all of %d such schedules that were tried; %s.", a.held, without))
}

// necessary returns the smallest set of conflicts that it finds whose order
// suffices, and each of which is needed: among the operations that the finding is
// about, or among accesses to data, or among all but those of wait groups, or
// among all. If there is none it is one of the first kind that only suffices, as where
// other tasks do the same.
func (a *causes) necessary(conflicts []strategy.Conflict) []strategy.Conflict {
	only := func(want func(c strategy.Conflict) bool) []strategy.Conflict {
		return slices.DeleteFunc(slices.Clone(conflicts), func(c strategy.Conflict) bool { return !want(c) })
	}
	var spare []strategy.Conflict
	for i, from := range [][]strategy.Conflict{
		only(func(c strategy.Conflict) bool {
			return slices.Contains(a.problem.steps, c.FirstAt) && slices.Contains(a.problem.steps, c.ThenAt)
		}),
		only(func(c strategy.Conflict) bool {
			return c.Direct && c.ThenAt > 0 && isData(a.rec.Operation(c.FirstAt)) && isData(a.rec.Operation(c.ThenAt))
		}),
		only(func(c strategy.Conflict) bool { return c.Direct && a.known(c) && a.kindOf(c) != "waitgroup" }),
		only(func(c strategy.Conflict) bool { return c.Direct && a.known(c) }),
	} {
		for _, runs := range []int{fewRuns, manyRuns} {
			if len(from) == 0 || !a.suffices(from, runs) {
				break
			}
			least := leaveOut(from, a.exhausted, func(rest []strategy.Conflict) ([]strategy.Conflict, bool) {
				return rest, a.suffices(rest, runs)
			})
			ok := len(least) <= maxOrders && a.suffices(least, manyRuns)
			a.minimal = ok && a.needed(least)
			if a.minimal {
				return least
			}
			if ok && i == 0 {
				spare = least
			}
			if a.exhausted() {
				return spare
			}
		}
	}
	return spare
}

// isData reports whether an operation is on what people think of as data.
func isData(s sched.Step) bool {
	switch s.Op.String() {
	case "read", "write", "load", "store", "modify", "delete", "range", "clear":
		return true
	}
	return false
}

// kindOf returns the kind of the object of a conflict.
func (a *causes) kindOf(c strategy.Conflict) sched.Kind {
	if s := a.rec.Operation(c.FirstAt); s.Object >= 0 {
		return a.rec.Objects[s.Object].Kind
	}
	return ""
}

// wait returns what the second task of a conflict waits for for ever, or nil.
func (a *causes) wait(c strategy.Conflict) *sched.Wait {
	i := slices.IndexFunc(a.blocked, func(w sched.Wait) bool { return w.ID == c.ThenTask })
	if c.ThenAt > 0 || i < 0 {
		return nil
	}
	return &a.blocked[i]
}

// known reports whether both operations of a conflict have a name.
func (a *causes) known(c strategy.Conflict) bool { return c.ThenAt > 0 || a.wait(c) != nil }

// name returns the name of an operation of a conflict, the first or the other
// one.
func (a *causes) name(c strategy.Conflict, first bool) string {
	switch {
	case first:
		return nameStep(a.rec, c.FirstAt, a.blocked)
	case c.ThenAt > 0:
		return nameStep(a.rec, c.ThenAt, a.blocked)
	}
	w := a.wait(c)
	name := nameOf(w.Task, w.Op.String(), w.Object, "", w.Pos)
	if before := count(a.rec, name, len(a.rec.Steps)); before > 0 {
		name = nameOf(w.Task, w.Op.String(), w.Object, fmt.Sprintf(" #%d", before+1), w.Pos)
	}
	return name
}

// nameStep returns the name of operation n of a run: with its number among
// those of its task that are called the same, if there are several. The pending
// ones of the run count too.
func nameStep(rec *sched.Record, n int, pending []sched.Wait) string {
	step := rec.Operation(n)
	name := nameIn(rec, step, "")
	all := count(rec, name, len(rec.Steps))
	for _, w := range pending {
		if nameOf(w.Task, w.Op.String(), w.Object, "", w.Pos) == name {
			all++
		}
	}
	if all == 1 {
		return name
	}
	return nameIn(rec, step, fmt.Sprintf(" #%d", count(rec, name, n)))
}

// count returns how many operations up to number n have a name.
func count(rec *sched.Record, name string, n int) int {
	all := 0
	for _, s := range rec.Steps {
		if !s.Side && s.N <= n && nameIn(rec, s, "") == name {
			all++
		}
	}
	return all
}

func nameIn(rec *sched.Record, s sched.Step, number string) string {
	object := ""
	if s.Object >= 0 {
		object = rec.Objects[s.Object].Name
	}
	return nameOf(rec.Tasks[s.Task].Name, s.Op.String(), object, number, s.Pos)
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
// still have been avoided, by the plain schedule from there on.
func (a *causes) nearest() []string {
	repeat := strategy.Repeat(a.log)
	if !a.shows(repeat) {
		return nil
	}
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
				_, _, a.passing = a.slow.record(other, a.start)
				return a.differs(a.passing.rec)
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
		a.parts = s.N
		return []string{fmt.Sprintf("A schedule that begins the same but has %s as operation %d instead of %s does not show it.",
			nameStep(passes, p.N, nil), s.N, nameStep(a.rec, s.N, a.blocked))}
	}
	return nil
}
