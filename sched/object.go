package sched

import (
	"sync"
	"sync/atomic"
	"unsafe"
)

// Kind is the kind of an object, the word that reports use for it.
type Kind string

const (
	kindMutex     Kind = "mutex"
	kindRWMutex   Kind = "rwmutex"
	kindWait      Kind = "waitgroup"
	kindChan      Kind = "chan"
	kindEdge      Kind = "edge"
	kindCond      Kind = "cond"
	kindTimer     Kind = "timer"
	kindOnce      Kind = "once"
	kindContext   Kind = "context"
	kindSemaphore Kind = "semaphore"
	kindPool      Kind = "pool"
	kindMap       Kind = "map"
	kindLeaf      Kind = "leaf"
)

// Object is the identity of something that tasks share. Types whose operations
// are to be scheduling points have one as a field. The zero value is ready to
// use, outside and inside simulations and in several at once: it binds to a
// simulation at first use. An Object must not be copied after first use.
type Object struct {
	cache atomic.Pointer[object]
	run   atomic.Uint64 // that cache is of: what it points to is used again
}

// object is what one simulation knows of an Object in one run.
type object struct {
	sim  *Sim    // for ever; objects are used again run after run
	key  *Object // the Object it stands for in this run
	run  uint64  // the run
	id   int32
	kind Kind

	// waiters are the tasks whose pending operation is on the object and may
	// have to wait, in the order in which they announced it; but for those in
	// queues, whose meaning belongs to the primitive.
	waiters []*Task
	queues  [2]queue
	gate    gate // opens and closes the queues, or nil
	// holders are the tasks that hold the lock. The number outside means that
	// it was locked before the run, by someone who is not part of it.
	holders []int32
	// The meaning of these belongs to the primitive.
	n, m int64
	flag bool
	data any
	meet bool // an unbuffered channel that is sent to
	// It is plain memory, or a map of Go.
	plain bool
}

const outside int32 = -1

// in returns what t's simulation knows of o, and binds o at first use.
func (o *Object) in(t *Task, kind Kind) *object {
	if b := o.cache.Load(); b != nil && b.sim == t.sim && b.key == o && b.run == t.sim.run {
		return b
	}
	t.refuseCopy(o)
	return t.sim.bind(o, kind)
}

// bind finds or makes the object for o. Simulations that run at once and share
// o fight for its cache, hence the map.
func (s *Sim) bind(o *Object, kind Kind) *object {
	b := s.bound[o]
	if b == nil {
		if s.nobjects == len(s.objects) {
			s.objects = append(s.objects, &object{sim: s})
		}
		b = s.objects[s.nobjects]
		// All but b.sim, which other simulations look at.
		b.key, b.run, b.id, b.kind = o, s.run, int32(s.nobjects), kind
		b.waiters, b.holders = b.waiters[:0], b.holders[:0]
		b.queues[0].reset()
		b.queues[1].reset()
		b.gate = nil
		b.n, b.m, b.flag, b.data, b.meet, b.plain = 0, 0, false, nil, false, false
		s.nobjects++
		s.bound[o] = b
	}
	o.cache.Store(b)
	o.run.Store(s.run)
	return b
}

// probing is held, one of them, while a simulation looks at a lock: those that
// look at once at a lock that they share must not take each other for holders.
var probing [64]struct {
	sync.Mutex
	_ [56]byte // a cache line each
}

// probe reports whether the lock that o belongs to is free outside simulations.
func (o *Object) probe(tryLock func() bool, unlock func()) bool {
	p := &probing[uintptr(unsafe.Pointer(o))/unsafe.Sizeof(*o)%uintptr(len(probing))]
	p.Lock()
	defer p.Unlock()
	if !tryLock() {
		return false
	}
	unlock()
	return true
}

// free reports whether nobody holds the lock.
func (o *object) free() bool { return len(o.holders) == 0 }

// hold notes that t holds the lock now.
func (o *object) hold(t *Task) {
	o.holders = append(o.holders, t.id)
	if t.sim.rec != nil {
		t.held = append(t.held, o.id)
	}
	o.wake()
}

// letGo notes that t no longer holds the lock, or, if it never did, that the
// one who has held it longest doesn't: Go's locks belong to nobody.
func (o *object) letGo(t *Task) {
	i := 0
	for j, h := range o.holders {
		if h == t.id {
			i = j
		}
	}
	o.holders = append(o.holders[:i], o.holders[i+1:]...)
	if t.sim.rec != nil {
		t.sim.rec.drop(t, o.id)
	}
	o.wake()
}

// gate is a primitive whose tasks wait in queues.
type gate interface {
	// regulate opens and closes the queues of o after a change.
	regulate(o *object)
}

// wake looks again at the tasks that wait: after a change of the object some
// can go on and some no longer can.
func (o *object) wake() {
	if o.sim.killing {
		return // nobody waits any more
	}
	o.touch(true)
	if o.gate != nil {
		o.gate.regulate(o)
	}
	for _, w := range o.waiters {
		o.sim.setReady(w, w.by.ready(w))
	}
}

// leave removes t from the waiters.
func (o *object) leave(t *Task) {
	for i, w := range o.waiters {
		if w == t {
			o.waiters = append(o.waiters[:i], o.waiters[i+1:]...)
			return
		}
	}
}

// ---- how operations are announced ----

// point stops t before an operation that never waits. It returns when the
// operation is to happen. It is small enough to be inlined: returning through a
// frame costs more than usual after a switch to another stack.
func (t *Task) point(op Op, o *object, loc int32) {
	t.op, t.obj, t.loc, t.by = op, o, loc, nil
	t.stop()
}

// wait stops t before an operation that waits until by is ready for it.
func (t *Task) wait(op Op, o *object, by blocker) {
	t.op, t.obj, t.loc, t.by = op, o, -1, by
	if !t.sim.killing {
		o.waiters = append(o.waiters, t)
	}
	t.stop()
	o.leave(t)
}

// effect tells the observer what the operation of t did. It and lockEffect are
// emit for what happens most often: an Event is large to pass.
func (t *Task) effect(kind EventKind, o *object, slot int32, soft bool) {
	if s := t.sim; s.observed() {
		s.event = Event{Kind: kind, Soft: soft, Task: t.id, Object: o.id, Slot: slot, Loc: -1, Step: s.result.Steps}
		s.observer.Observe(&s.event)
	}
	t.sim.publish()
}

// lockEffect tells the observer that t takes or leaves a lock.
func (t *Task) lockEffect(kind EventKind, o *object, slot int32, manner Manner) {
	if s := t.sim; s.observed() {
		s.event = Event{Kind: kind, Soft: true, Manner: manner, Task: t.id, Object: o.id, Slot: slot, Loc: -1, Step: s.result.Steps}
		s.observer.Observe(&s.event)
	}
	t.sim.publish()
}

// ---- for types outside this package ----

// Read is the scheduling point and the effect of reading shared data of the
// given kind ("var", "map"): loc and item are those of [Event]. The caller
// reads after the call.
func (t *Task) Read(o *Object, kind Kind, loc, item int) {
	b := o.in(t, kind)
	t.point(opRead, b, int32(loc))
	t.access(EventRead, PlainManner, b, loc, item)
}

// ReadAll is [Task.Read] of all that there is.
func (t *Task) ReadAll(o *Object, kind Kind) {
	b := o.in(t, kind)
	t.every = true
	t.point(opRead, b, -1)
	t.every = false
	t.access(EventRead, Everything, b, -1, -1)
}

// Find is [Task.Read] of something that may have no value: has tells, when the
// operation happens, whether it has one.
func (t *Task) Find(o *Object, kind Kind, loc, item int, has func() bool) {
	b := o.in(t, kind)
	t.point(opRead, b, int32(loc))
	manner := PlainManner
	if !has() {
		manner = Misses
	}
	t.access(EventRead, manner, b, loc, item)
}

// Write is [Task.Read] for writing.
func (t *Task) Write(o *Object, kind Kind, loc, item int) {
	b := o.in(t, kind)
	t.point(opWrite, b, int32(loc))
	t.access(EventWrite, PlainManner, b, loc, item)
}

// Set is [Task.Write] of what does not depend on what was there before.
func (t *Task) Set(o *Object, kind Kind, loc, item int) {
	b := o.in(t, kind)
	t.point(opWrite, b, int32(loc))
	t.access(EventWrite, Blind, b, loc, item)
}

// Change is [Task.Set] of something that perhaps stays as it is: changes tells, when
// the operation happens, whether it does not.
func (t *Task) Change(o *Object, kind Kind, loc, item int, changes func() bool) {
	b := o.in(t, kind)
	t.point(opWrite, b, int32(loc))
	manner := Blind
	if !changes() {
		manner = Idle
	}
	t.access(EventWrite, manner, b, loc, item)
}

// access tells the observer of an access.
func (t *Task) access(kind EventKind, manner Manner, o *object, loc, item int) {
	if s := t.sim; s.observed() {
		s.event = Event{Kind: kind, Manner: manner, Task: t.id, Object: o.id, Loc: int32(loc), Item: int32(item), Step: s.result.Steps}
		s.observer.Observe(&s.event)
	}
	t.sim.publish()
}

// Number returns the number of o in the run, as [Event] has it.
func (t *Task) Number(o *Object, kind Kind) int { return int(o.in(t, kind).id) }

// EnterStage says that t enters a stage, which is one in a stage if it is in one
// already; atomic, that it is meant to be as if nothing else happened meanwhile.
// It is no scheduling point.
func (t *Task) EnterStage(atomic bool) {
	kind := EventStage
	if atomic {
		kind = EventAtomic
	}
	t.sim.emit(Event{Kind: kind, Task: t.id, Object: -1, Loc: -1})
}

// LeaveStage says that t leaves the stage that it entered last.
func (t *Task) LeaveStage() {
	t.sim.emit(Event{Kind: EventLeave, Task: t.id, Object: -1, Loc: -1})
}

// Declare tells the observer of the simulation something, in terms that this
// package does not know.
func (t *Task) Declare(what any) {
	if s := t.sim; s.observer != nil && !s.killing {
		s.observer.Declare(int(t.id), what)
	}
}

// Outside calls fn as code that belongs to no simulation: what it reads are no
// operations, and it must not wait. It is for looking at shared data between the
// operations of a run.
func Outside(fn func()) {
	label := getProfLabel()
	setProfLabel(nil)
	defer setProfLabel(label)
	fn()
}

// Value shows v beside the operation that t has just done, if the run is
// recorded. Nothing of v is kept.
func (t *Task) Value(v any) {
	if t.sim.rec != nil && !t.sim.killing {
		t.sim.rec.value(t, v)
	}
}

// Recording reports whether the run is recorded, so that a caller can spare
// itself the cost of [Task.Value].
func (t *Task) Recording() bool { return t.sim.rec != nil }
