package sched

import (
	"errors"
	"time"
)

// ChoiceKind is what a decision is about.
type ChoiceKind uint8

const (
	// TaskChoice is which ready task does its pending operation.
	TaskChoice ChoiceKind = iota
	// CaseChoice is which of the ready cases a select takes.
	CaseChoice
	// PartnerChoice is which of the waiting tasks an operation on an
	// unbuffered channel meets.
	PartnerChoice
)

func (k ChoiceKind) String() string { return [...]string{"task", "case", "partner"}[k] }

// Choice is one decision that a run needs. It is valid until Choose returns.
type Choice struct {
	Kind ChoiceKind
	// N is the number of options, at least 2: what only one task can do is
	// nobody's choice.
	N int
	// Current is the number, for Task, of the task that did the last operation,
	// or -1 if it has ended or cannot go on. Choosing another one is a
	// preemption.
	Current int
	// Tired is set if that task has gone on a thousand times in a row while
	// others could: it may wait for one of them in a loop. It is no preemption
	// then to choose another one, and a strategy that never does may keep the
	// run from ending.
	Tired bool

	sim *Sim
}

// Task returns ready task i, for a TaskChoice. The order of the tasks says
// nothing and follows from the run so far.
func (c *Choice) Task(i int) *Task { return c.sim.option(i) }

// Moment says when in a run a decision is made, in terms that hold in other
// schedules too: the task that did the last operation and the operation that it
// has come to. A task that has ended has come to the one after its last. No two
// decisions of one kind in a run have the same Moment.
type Moment struct {
	// Task is the [Task.Key] of that task, 0 before any operation.
	Task uint64
	// ID is its number in the run, or -1.
	ID int
	// Op is the operation, counted from 1 in the task.
	Op int
}

// Moment returns when the decision is made.
func (c *Choice) Moment() Moment {
	if t := c.sim.cur; t != nil {
		return Moment{Task: t.key, ID: int(t.id), Op: int(t.ops)}
	}
	return c.sim.left
}

// Point returns the point that the task of the Moment has come to. In a run
// that is not recorded, and before any operation, it is the zero Point.
func (c *Choice) Point() Point {
	r, m := c.sim.rec, c.Moment()
	if r == nil || m.ID < 0 {
		return Point{}
	}
	p := r.points[m.ID]
	p.Done = c.sim.result.Steps
	if c.Kind != TaskChoice {
		p.Done-- // the operation is under way
	}
	return p
}

// Path returns the path of the task of a Moment of this run, as a [Trace]
// names it.
func (c *Choice) Path(m Moment) string {
	if m.ID < 0 {
		return noTask
	}
	return c.sim.path(m.ID)
}

// A Strategy makes the choices of a search, run by run. It is used by one
// goroutine at a time. Its choices may depend on nothing but its own state and
// what it is given: not on addresses, map order or the clock.
type Strategy interface {
	// Next prepares for another run. It reports false if there is nothing
	// left to try; the strategy must not be used for a run then.
	Next() bool
	// Choose returns a number in [0, c.N), or [Cut].
	Choose(c *Choice) int
}

// Cut is what Choose returns to end the run, because to go on would show
// nothing new. Result.End is ErrCut then, if nothing had ended the run before.
const Cut = -1

// ErrCut is the end of a run that its strategy has ended.
var ErrCut = errors.New("sched: the strategy has ended the run")

// Result is how a run went.
type Result struct {
	// End is why the run ended: nil if all tasks did, else a *Deadlock,
	// *Leak, *Panic, *StepLimit, *Misuse, *Blocked, *Uncontrolled, [ErrCut] or
	// the argument of [Abort].
	End error
	// Steps, Preemptions and Tasks count the operations, the switches away
	// from a task that could have gone on, and the tasks of the run.
	Steps, Preemptions, Tasks int
	// Peak is the most tasks that could go on at once, and Ready their number
	// added up over all operations.
	Peak, Ready int
	// Forced counts the turns of tasks that had waited for theirs very long.
	Forced int
	// Draws counts the random numbers that tasks drew.
	Draws int
	// Hash identifies what happened: which task did what to which object, in
	// which order. Equal schedules of one body have equal hashes in every
	// process.
	Hash uint64
	// Log is the choices, in order. It repeats the run under a strategy that
	// makes them again.
	Log []int32
	// Elapsed is how far the virtual clock has moved.
	Elapsed time.Duration
	// Record holds the operations, if Config.Record was set.
	Record *Record
}
