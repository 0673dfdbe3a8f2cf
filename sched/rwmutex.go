package sched

import "sync"

// RWMutex is a [sync.RWMutex]: many readers or one writer, and a writer that
// waits keeps new readers out. In a simulation Lock is two scheduling points,
// the announcement that keeps readers out and the lock itself, so that a
// reader that locks again behind a waiting writer is seen to deadlock.
type RWMutex struct {
	std sync.RWMutex
	obj Object
}

// The clocks of an RWMutex: readers wait for writers, writers for both.
const (
	slotWrite = 0
	slotRead  = 1
)

// Lock locks rw for writing, and waits until no reader and no other writer
// holds it.
func (rw *RWMutex) Lock() {
	if t := Current(); t != nil {
		rw.lock(t)
		return
	}
	rw.std.Lock()
}

// TryLock locks rw for writing if nobody holds it and reports whether it did.
func (rw *RWMutex) TryLock() bool {
	if t := Current(); t != nil {
		return rw.tryLock(t)
	}
	return rw.std.TryLock()
}

// Unlock unlocks rw for writing.
func (rw *RWMutex) Unlock() {
	if t := Current(); t != nil {
		rw.unlock(t)
		return
	}
	rw.std.Unlock()
}

// RLock locks rw for reading, and waits while a writer holds it or waits.
func (rw *RWMutex) RLock() {
	if t := Current(); t != nil {
		rw.rlock(t)
		return
	}
	rw.std.RLock()
}

// TryRLock locks rw for reading if RLock would not wait and reports whether it
// did.
func (rw *RWMutex) TryRLock() bool {
	if t := Current(); t != nil {
		return rw.tryRLock(t)
	}
	return rw.std.TryRLock()
}

// RUnlock undoes one RLock.
func (rw *RWMutex) RUnlock() {
	if t := Current(); t != nil {
		rw.runlock(t)
		return
	}
	rw.std.RUnlock()
}

// RLocker returns a [sync.Locker] whose methods are RLock and RUnlock.
func (rw *RWMutex) RLocker() sync.Locker { return (*rlocker)(rw) }

type rlocker RWMutex

func (r *rlocker) Lock()   { (*RWMutex)(r).RLock() }
func (r *rlocker) Unlock() { (*RWMutex)(r).RUnlock() }

// rwState is o.n of an RWMutex.
const (
	rwUnbound = iota
	rwReading // nobody, or readers, in o.holders
	rwWriting // the writer in o.holders
)

// in binds rw; one that is locked outside the simulation is so inside too.
func (rw *RWMutex) in(t *Task) *object {
	o := rw.obj.in(t, kindRWMutex)
	if o.n != rwUnbound {
		return o
	}
	o.n = rwReading
	switch {
	case rw.obj.probe(rw.std.TryLock, rw.std.Unlock):
	case rw.obj.probe(rw.std.TryRLock, rw.std.RUnlock):
		o.holders = append(o.holders, outside)
	default:
		o.holders = append(o.holders, outside)
		o.n, o.flag = rwWriting, true
	}
	return o
}

// ready: o.flag is set from the announcement of a writer to its Unlock.
func (rw *RWMutex) ready(t *Task) bool {
	if t.op == opLock {
		return t.obj.free()
	}
	return !t.obj.flag
}

func (rw *RWMutex) lock(t *Task) {
	o := rw.in(t)
	t.wait(opAnnounce, o, rw)
	o.flag = true
	o.wake()
	t.wait(opLock, o, rw)
	rw.locked(t, o, TakesLock)
}

func (rw *RWMutex) locked(t *Task, o *object, manner Manner) {
	o.n, o.flag = rwWriting, true
	o.hold(t)
	t.lockEffect(EventAcquire, o, slotWrite, manner)
	t.effect(EventAcquire, o, slotRead, true)
}

func (rw *RWMutex) tryLock(t *Task) bool {
	o := rw.in(t)
	t.point(opTryLock, o, -1)
	if o.flag || !o.free() {
		return false
	}
	rw.locked(t, o, TriesLock)
	return true
}

func (rw *RWMutex) unlock(t *Task) {
	o := rw.in(t)
	t.point(opUnlock, o, -1)
	if o.n != rwWriting {
		t.misuse("unlock of rwmutex that is not locked for writing", t.sim.deedOn(o))
		return
	}
	o.n, o.flag = rwReading, false
	o.letGo(t)
	t.remember(o)
	t.lockEffect(EventRelease, o, slotWrite, LeavesLock)
}

func (rw *RWMutex) rlock(t *Task) {
	o := rw.in(t)
	t.wait(opRLock, o, rw)
	o.hold(t)
	t.lockEffect(EventAcquire, o, slotWrite, TakesReadLock)
}

func (rw *RWMutex) tryRLock(t *Task) bool {
	o := rw.in(t)
	t.point(opTryRLock, o, -1)
	if o.flag {
		return false
	}
	o.hold(t)
	t.lockEffect(EventAcquire, o, slotWrite, TriesReadLock)
	return true
}

func (rw *RWMutex) runlock(t *Task) {
	o := rw.in(t)
	t.point(opRUnlock, o, -1)
	if o.n != rwReading || o.free() {
		t.misuse("runlock of rwmutex that is not locked for reading", t.sim.deedOn(o))
		return
	}
	o.letGo(t)
	t.remember(o)
	t.lockEffect(EventRelease, o, slotRead, LeavesLock)
}
