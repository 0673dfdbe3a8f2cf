package check

import (
	"fmt"
	"runtime"

	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

// Invariant declares, in the body of a check, that holds returns nil whenever no
// task is inside a stage or holds a lock: a stage is a step of a pipeline, the
// work on an item of a map, or what [race.Atomic] calls. It is called between the
// operations of the run, from now on, and when a task ends. An error fails the run,
// once, as a broken invariant.
//
// What holds reads are no operations; it must only read, and not wait. A panic in
// it counts as an error. Invariant panics outside a check.
func Invariant(holds func() error) { declare(invariant{holds: holds}) }

// Always is [Invariant] for what holds at every moment: it is called before every
// operation, also inside stages and under locks.
func Always(holds func() error) { declare(invariant{holds: holds, always: true}) }

func declare(inv invariant) {
	if inv.holds == nil {
		panic("check: the invariant is nil")
	}
	t := sched.Current()
	if t == nil {
		panic("check: an invariant is declared outside the body of a check")
	}
	runtime.Callers(3, inv.pc[:])
	t.Declare(inv)
}

type invariant struct {
	holds  func() error
	always bool
	pc     [1]uintptr // of the declaration
}

// pos returns where the invariant was declared.
func (inv invariant) pos() sched.Pos {
	f, _ := runtime.CallersFrames(inv.pc[:]).Next()
	return sched.Pos{File: f.File, Line: f.Line}
}

// violation is that an invariant did not hold after so many operations of a run.
type violation struct {
	invariant
	err  error
	step int
}

// watcher observes the runs of a runner: it is the tracker, and it looks after the
// invariants of the body.
type watcher struct {
	race.Tracker
	links      *links // to note the orders of operations in, or nil
	named      *named // accesses of memory that are operations by their names, or nil
	invariants []invariant
	inside     int // stages that tasks are in and locks that they hold
	violation  *violation
}

// Begin forgets the last run.
func (w *watcher) Begin() {
	w.invariants, w.inside, w.violation = w.invariants[:0], 0, nil
	if w.links != nil {
		w.links.begin()
	}
	w.Tracker.Begin()
}

// Declare takes in an invariant.
func (w *watcher) Declare(task int, what any) {
	if inv, ok := what.(invariant); ok {
		w.invariants = append(w.invariants, inv)
		return
	}
	w.Tracker.Declare(task, what)
}

// Observe looks at the invariants before the effect of an operation.
func (w *watcher) Observe(e *sched.Event) {
	if len(w.invariants) > 0 {
		switch e.Kind {
		case sched.EventPoint: // only some runs have it
		case sched.EventStart, sched.EventRenew, sched.EventStage, sched.EventAtomic, sched.EventLeave, sched.EventEnd:
			w.look(e.Step) // they are no operations: the last one has happened
		default:
			w.look(e.Step - 1)
		}
	}
	switch e.Kind {
	case sched.EventStage, sched.EventAtomic:
		w.inside++
	case sched.EventLeave:
		w.inside--
	case sched.EventAcquire, sched.EventRelease:
		switch e.Manner {
		case sched.LeavesLock:
			w.inside--
		case sched.PlainManner:
		default:
			w.inside++
		}
	}
	if w.links != nil {
		w.links.observe(e)
	}
	w.Tracker.Observe(e)
}

// look evaluates the invariants after so many operations, until one is broken.
func (w *watcher) look(step int) {
	for _, inv := range w.invariants {
		if w.violation != nil {
			return
		}
		if inv.always || w.inside == 0 {
			if err := inv.evaluate(); err != nil {
				w.violation = &violation{inv, err, step}
			}
		}
	}
}

func (inv invariant) evaluate() (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	sched.Outside(func() { err = inv.holds() })
	return err
}

// problem puts a violation into words; rec is nil if the run was not recorded.
func (v *violation) problem(rec *sched.Record) problem {
	pos := v.pos()
	p := problem{kind: keyInvariant, summary: keyInvariant + at(pos) + ": " + firstLine(v.err.Error()), key: keyInvariant + at(pos), rank: rankFailure,
		advice: advice{why: "What must hold between the stages of all tasks did not: who looks at it then goes on with what is wrong.", page: "broken-invariant"}}
	if rec == nil {
		return p
	}
	if v.step < 1 {
		p.details = []string{"It did not hold from the beginning."}
		return p
	}
	s := rec.Operation(v.step)
	p.details = []string{fmt.Sprintf("It did not hold after the %s.", opName(rec, s))}
	p.steps = []int{s.N} // and all tasks, as any may have to do with it
	return p
}

// opName names an operation in a sentence.
func opName(rec *sched.Record, s sched.Step) string {
	text := s.Op.String()
	if s.Object >= 0 {
		text += " of " + rec.Objects[s.Object].Name
	}
	return fmt.Sprintf("%s by %s%s", text, rec.Tasks[s.Task].Name, at(s.Pos))
}
