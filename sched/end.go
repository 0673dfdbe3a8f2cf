package sched

import "runtime"

// Abort ends the run that the caller is in; Result.End is err. It does not
// return: the deferred calls of the caller and of every other task run, then
// the run is over. Outside a simulation it is [runtime.Goexit].
func Abort(err error) {
	t := Current()
	if t == nil {
		runtime.Goexit()
	}
	t.abort(err)
}

func (t *Task) abort(err error) {
	if !t.sim.killing {
		t.sim.fail(err)
		transfer(t, &t.sim.host)
	}
	exitTask()
}

// misuse ends the run because of what t did, after what was done before.
func (t *Task) misuse(what string, before *Deed) {
	if t.sim.killing {
		return
	}
	t.abort(&Misuse{What: what, Task: t.sim.taskName(t.id), Object: t.sim.objectName(t.obj), Pos: t.pos(), Before: before})
}

// rootEnded reports whether the first task has ended; another one may have its place.
func (s *Sim) rootEnded() bool { return !s.root.alive || s.root.id != 0 }

// Over reports whether the run of the task is over, and it is being unwound: its
// deferred calls run.
func (t *Task) Over() bool { return t.sim.killing }

// fail notes why the run ends, unless it does already.
func (s *Sim) fail(err error) {
	if s.end == nil {
		s.end = err
	}
}

// exitTask ends the calling task. Its deferred calls run.
func exitTask() { runtime.Goexit() }

// overtime is what an operation does while the run is being unwound: it
// happens at once if it can, else the task ends there.
func (t *Task) overtime(ready bool) {
	t.met = false // whoever it has met is being unwound too
	t.sim.over++
	if !ready || t.sim.over > maxOvertime {
		exitTask()
	}
}

// maxOvertime bounds the operations of deferred calls that never end.
const maxOvertime = 100_000

// How the function of a task ended.
type ending uint8

const (
	endReturn ending = iota
	endPanic
	endGoexit
	endChoice // it had ended; what came after panicked, which is the strategy
)

// finishBadly is finish for a task that did not simply return, or after which
// the strategy panicked.
func (s *Sim) finishBadly(t *Task, how ending, value any) (next *Task) {
	if how == endChoice {
		s.pool.idle = append(s.pool.idle, t)
		return s.panicked(t, value)
	}
	defer func() {
		if value := recover(); value != nil {
			s.pool.idle = append(s.pool.idle, t)
			next = s.panicked(t, value)
		}
	}()
	return s.finish(t, how, value)
}

// panicked ends the run because of a panic in t and returns who is next.
func (s *Sim) panicked(t *Task, value any) *Task {
	s.fail(&Panic{Task: s.taskName(t.id), ID: int(t.id), Value: value, Stack: panicStack(), Before: s.deedOn(t.chargedWith(value))})
	return &s.host
}

// finish notes that the function of t has ended and returns who is next. The
// goroutine is free for another task only then: what is picked may start one.
func (s *Sim) finish(t *Task, how ending, value any) *Task {
	s.emit(Event{Kind: EventEnd, Task: t.id, Object: -1, Loc: -1})
	s.setReady(t, false)
	if s.rec != nil {
		s.rec.settle(t)
	}
	t.alive = false
	t.leaf = 0
	s.live--
	s.leaveTurn(t)
	lost := t.relabel()
	next := &s.host
	switch {
	case s.killing:
	case how == endPanic:
		s.panicked(t, value)
	case lost:
		s.fail(&Misuse{What: "pprof.Do or pprof.SetGoroutineLabels called", Task: s.taskName(t.id)})
	default:
		next = s.pick()
	}
	s.pool.idle = append(s.pool.idle, t)
	return next
}

// unwind ends every task that has not ended.
func (s *Sim) unwind() {
	s.killing = true
	s.flags.Or(flagOver)
	if s.live == 0 {
		return
	}
	for _, t := range s.alive() {
		s.watch.beat.Add(1)
		if t.begun {
			transfer(&s.host, t)
			s.resumed()
			continue
		}
		t.alive = false
		s.pool.idle = append(s.pool.idle, t)
	}
}
