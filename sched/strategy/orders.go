package strategy

import (
	"cmp"
	"slices"

	"github.com/ravelgo/ravel/sched"
)

// Operation is one of a run in terms that hold in other runs too: that of the
// task with the [sched.Task.Key], counted from 1, if it is on an object of the kind
// and changes it or not.
type Operation struct {
	Task   uint64
	Op     int
	Kind   sched.Kind
	Writes bool
}

// OperationOf returns that of a transition.
func OperationOf(tr *sched.Transition) Operation {
	writes := slices.ContainsFunc(tr.Touches, func(t sched.Touch) bool { return t.Write })
	return Operation{tr.Key, tr.Op, tr.Kind, writes}
}

// Order says that one operation happens, and another one, of another task, not
// before it. If Both is set that one happens too.
type Order struct {
	First, Then Operation
	Both        bool
}

// Conflict is an order of a run that could matter: the operations used the same
// place, and one changed it.
type Conflict struct {
	Order
	// FirstAt and ThenAt are the numbers of the operations in the run, from 1.
	// ThenAt is 0 if it never came; ThenTask is the number of its task.
	FirstAt, ThenAt, ThenTask int
	// Direct is set if no conflict between the two makes it necessary.
	Direct bool
}

// maxConflicts is how many are noted that are not direct.
const maxConflicts = 2000

// Observed returns the strategy that does what st does and notes the conflicts.
func Observed(st sched.Strategy) *Observer {
	return &Observer{Strategy: st, uses: map[int32][]used{}}
}

// Observer is the strategy that [Observed] returns.
type Observer struct {
	sched.Strategy
	uses      map[int32][]used // by object
	count     int
	conflicts []Conflict
}

// used is the use of a place by an operation.
type used struct {
	sched.Touch
	Operation
	task, at int
}

// Next begins anew.
func (o *Observer) Next() bool {
	clear(o.uses)
	o.conflicts, o.count = nil, 0
	return o.Strategy.Next()
}

// Follow notes the conflicts of an operation.
func (o *Observer) Follow(tr *sched.Transition) {
	o.count++
	o.note(tr, o.count)
	for _, t := range tr.Touches {
		o.uses[t.Object] = append(o.uses[t.Object], used{t, OperationOf(tr), tr.Task, o.count})
	}
}

// Finish notes the conflicts of the operations that never came.
func (o *Observer) Finish(pending []sched.Transition) {
	for i := range pending {
		o.note(&pending[i], 0)
	}
}

// note adds the conflicts of an operation with those before it. What came before
// the last change of a place is no direct one.
func (o *Observer) note(tr *sched.Transition, at int) {
	for _, t := range tr.Touches {
		direct := true
		for _, u := range slices.Backward(o.uses[t.Object]) {
			if !direct && len(o.conflicts) >= maxConflicts {
				break
			}
			if !u.Conflicts(t) || u.at == at {
				continue
			}
			if u.task != tr.Task {
				o.add(Conflict{Order{u.Operation, OperationOf(tr), at > 0}, u.at, at, tr.Task, direct})
			}
			direct = direct && !(u.Write && u.Loc == t.Loc)
		}
	}
}

// add adds a conflict that may be known from another place.
func (o *Observer) add(c Conflict) {
	for i := len(o.conflicts) - 1; i >= 0 && o.conflicts[i].Then == c.Then; i-- {
		if known := &o.conflicts[i]; known.First == c.First {
			known.Direct = known.Direct || c.Direct
			return
		}
	}
	o.conflicts = append(o.conflicts, c)
}

// Conflicts returns those of the last run, in its order.
func (o *Observer) Conflicts() []Conflict { return o.conflicts }

// Ordered returns the strategy of runs in which the orders hold: a task is held
// back from an operation as long as what must come first has not. The first run
// is the plain schedule otherwise; of the others every second one goes by random
// priorities of the tasks, and those between are random walks. It never runs out.
func Ordered(seed uint64, orders []Order) *Orderer {
	return &Orderer{dice: dice{seed: seed}, orders: orders}
}

// Orderer is the strategy that [Ordered] returns.
type Orderer struct {
	dice
	orders     []Order
	came, then []bool // the operations of each order
	broken     bool
	priorities []uint64
}

// Next begins anew.
func (o *Orderer) Next() bool {
	o.came, o.then, o.broken = make([]bool, len(o.orders)), make([]bool, len(o.orders)), false
	o.priorities = o.priorities[:0]
	return o.dice.Next()
}

// Held reports whether the orders held in the last run: all that were to come
// did.
func (o *Orderer) Held() bool {
	for i, order := range o.orders {
		if !o.came[i] || order.Both && !o.then[i] {
			return false
		}
	}
	return !o.broken
}

// Choose returns one of the tasks that are not held, if there is one.
func (o *Orderer) Choose(c *sched.Choice) int {
	if c.Kind != sched.TaskChoice {
		return o.below(c.N)
	}
	var free []int
	for i := range c.N {
		if t := c.Task(i); !o.early(t.Key(), t.Ops()) {
			free = append(free, i)
		}
	}
	switch usual := plain(c); {
	case len(free) == 0:
		return usual
	case o.run == 1 && slices.Contains(free, usual):
		return usual
	case o.run%2 == 0 && !c.Tired:
		return slices.MaxFunc(free, func(i, j int) int { return cmp.Compare(o.priority(c.Task(i)), o.priority(c.Task(j))) })
	}
	return free[o.below(len(free))]
}

func (o *Orderer) priority(t *sched.Task) uint64 {
	for len(o.priorities) <= t.ID() {
		o.priorities = append(o.priorities, o.draw())
	}
	return o.priorities[t.ID()]
}

// early reports whether something must come before an operation of a task.
func (o *Orderer) early(task uint64, op int) bool {
	for i, order := range o.orders {
		if order.Then.Task == task && order.Then.Op == op && !o.came[i] {
			return true
		}
	}
	return false
}

// Follow notes what has come.
func (o *Orderer) Follow(tr *sched.Transition) {
	op := OperationOf(tr)
	o.broken = o.broken || o.early(op.Task, op.Op)
	for i, order := range o.orders {
		if order.First == op {
			o.came[i] = true
		}
		if order.Then.Task == op.Task && order.Then.Op == op.Op {
			o.then[i] = true
			o.broken = o.broken || order.Then != op
		}
	}
}

// Finish does nothing.
func (o *Orderer) Finish([]sched.Transition) {}
