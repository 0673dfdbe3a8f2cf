package sched

import "math"

// A Follower is a Strategy that is told of every operation, chosen or not: what
// it needs to know which operations could as well have come in another order.
type Follower interface {
	Strategy
	// Follow is called after each operation, once its task and those that it
	// lets go on have come to their next points. The argument is valid until
	// it returns.
	Follow(tr *Transition)
	// Finish is called at the end of a run with the operations that tasks were
	// about to do: it would have been their turn later, or they wait for ever.
	// Those of timers are among them. Next, Disabled, Undone and Objects are not set.
	Finish(pending []Transition)
}

// Transition is an operation and all that it led to before the next one.
type Transition struct {
	// Task is the number of the task, Key its [Task.Key], Parent the number of
	// the task that started it, or -1, and Op the number of the operation in
	// the task, from 1.
	Task, Parent int
	Key          uint64
	Op           int
	// Kind is that of the object of the operation; empty if it has none.
	Kind Kind
	// Waits is set for operations that may have to wait for others, Ready, of
	// a pending one, if it could go on nevertheless.
	Waits, Ready bool
	// All is set if its order with any other operation matters: it ended the
	// run, or let the clock go on by choice.
	All bool
	// Later is set if the clock has gone on since the operation before, because
	// no task could.
	Later bool
	// Touches are the places that it used. Two operations without a common
	// place that one of them changes can be exchanged.
	Touches []Touch
	// Objects is how many objects were known before it. The numbers of those
	// that it is the first to use depend on the schedule.
	Objects int
	// Next are the numbers of the tasks that go on because of it, or begin,
	// Disabled those of tasks that could have gone on before it and now cannot.
	Next, Disabled []int
	// Undone are the pending operations of others that will never come because
	// of it: that of the task that it met, and those of timers that it stopped.
	Undone []Transition
}

// Touch is the use of a place.
type Touch struct {
	// Object is the number of the object in its run, Loc the element or key
	// that was used, or -1 for the whole or what all elements share.
	Object, Loc int32
	// Write is set unless it was a mere look.
	Write bool
}

// Conflicts reports whether the order of the two uses can matter.
func (a Touch) Conflicts(b Touch) bool {
	if a.Object != b.Object || !a.Write && !b.Write {
		return false
	}
	switch {
	case a.Loc == b.Loc:
		return true
	case a.Loc < 0: // an element's use looks at what all share
		return a.Write
	case b.Loc < 0:
		return b.Write
	}
	return false
}

// anyElement is the Loc of a place that stands for all elements of an object: who reads
// all of them changes it and who writes one looks at it, so that the order of these two
// matters, and that of two writes to different elements does not.
const anyElement = math.MaxInt32

// places appends to buf the places that the pending operation of t will use
// for sure.
func (t *Task) places(buf []Touch) []Touch {
	if t.cases != nil {
		for _, c := range t.cases {
			if c.end != nil {
				buf = append(buf, Touch{c.end.in(t).id, -1, true})
			}
		}
		return buf
	}
	if t.obj != nil {
		buf = append(buf, Touch{t.obj.id, t.loc, t.writes()})
		if t.every || t.loc >= 0 && t.op == opWrite {
			buf = append(buf, Touch{t.obj.id, anyElement, t.every})
		}
	}
	if t.timer != nil {
		buf = append(buf, Touch{t.timer.obj.in(t, kindTimer).id, -1, true})
	}
	return append(buf, t.spread...)
}

// writes reports whether the pending operation changes its object, as far as
// others can tell: each Done of a wait group lets a Wait come nearer, but the
// order of two of them does not matter.
func (t *Task) writes() bool {
	if t.obj.kind == kindWait {
		return t.op != opDone
	}
	return !reading(t.op)
}

// follow begins the transition of t.
func (s *Sim) follow(t *Task) {
	s.followed()
	tr := &s.step
	next, undone, disabled := tr.Next[:0], tr.Undone[:0], tr.Disabled[:0]
	*tr = t.transition(tr.Touches[:0])
	tr.Later, tr.Objects, tr.Next, tr.Undone, tr.Disabled = s.now != s.seen, s.nobjects, next, undone, disabled
	s.stepping, s.seen = true, s.now
}

// transition returns what is known of the pending operation of t.
func (t *Task) transition(buf []Touch) Transition {
	var kind Kind
	if t.obj != nil {
		kind = t.obj.kind
	}
	return Transition{Kind: kind, Task: int(t.id), Parent: t.Parent(), Key: t.key, Op: int(t.ops), Waits: t.by != nil || t.timer != nil,
		All: t.op == opAdvance, Ready: t.ready(), Touches: t.places(buf)}
}

// ready reports whether t can do its pending operation.
func (t *Task) ready() bool { return t.seat >= 0 || t.queue != nil && t.queue.open }

// followed ends a transition, if one is under way.
func (s *Sim) followed() {
	if s.stepping {
		s.tellFollower()
	}
}

func (s *Sim) tellFollower() {
	s.stepping = false
	for _, t := range s.stopped {
		if !t.ready() && t.id != int32(s.step.Task) {
			s.step.Disabled = append(s.step.Disabled, int(t.id))
		}
	}
	s.stopped = s.stopped[:0]
	s.follower.Follow(&s.step)
}

// followedAll ends the last transition.
func (s *Sim) followedAll() {
	switch s.end.(type) {
	case nil, *Deadlock, *Leak:
	default:
		s.step.All = true
	}
	s.followed()
	var pending []Transition
	for _, t := range s.alive() {
		pending = append(pending, t.transition(nil))
	}
	for _, t := range s.ready {
		if t.timer != nil {
			pending = append(pending, t.transition(nil))
		}
	}
	if s.clock != nil && len(s.sleepers) > 0 {
		s.setReady(s.clock, true)
		pending = append(pending, s.clock.transition(nil))
	}
	s.follower.Finish(pending)
}

// touch adds to the places that the transition uses.
func (o *object) touch(write bool) {
	if s := o.sim; s.stepping && o.kind != kindWait {
		s.step.Touches = append(s.step.Touches, Touch{o.id, -1, write})
	}
}

// undo notes that the pending operation of t will not come.
func (s *Sim) undo(t *Task) {
	if s.stepping {
		s.step.Undone = append(s.step.Undone, t.transition(nil))
	}
}

// disable notes that t can no longer go on.
func (s *Sim) disable(t *Task) {
	if s.stepping {
		s.stopped = append(s.stopped, t)
	}
}

// led adds to the tasks that the transition lets go on.
func (s *Sim) led(id int32) {
	if s.stepping {
		s.step.Next = append(s.step.Next, int(id))
	}
}
