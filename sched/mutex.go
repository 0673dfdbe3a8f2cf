package sched

import "sync"

// Mutex is a [sync.Mutex]. Lock and Unlock are scheduling points. Unlock of an
// unlocked Mutex ends a simulation with a [Misuse].
type Mutex struct {
	std sync.Mutex
	obj Object
}

// Lock locks m, and waits while it is locked.
func (m *Mutex) Lock() {
	if t := Current(); t != nil {
		m.lock(t)
		return
	}
	m.std.Lock()
}

// TryLock locks m if it is not locked and reports whether it did.
func (m *Mutex) TryLock() bool {
	if t := Current(); t != nil {
		return m.tryLock(t)
	}
	return m.std.TryLock()
}

// Unlock unlocks m. Any task may do so, not only the one that locked it.
func (m *Mutex) Unlock() {
	if t := Current(); t != nil {
		m.unlock(t)
		return
	}
	m.std.Unlock()
}

// in binds m; a Mutex that is locked outside the simulation is so inside too.
func (m *Mutex) in(t *Task) *object {
	o := m.obj.in(t, kindMutex)
	if o.n == 0 {
		o.n, o.gate = 1, m
		if m.obj.probe(m.std.TryLock, m.std.Unlock) {
			o.queues[0].open = true
			return o
		}
		o.holders = append(o.holders, outside)
	}
	return o
}

func (m *Mutex) regulate(o *object) { o.sim.setOpen(&o.queues[0], o.free()) }

func (m *Mutex) ready(t *Task) bool { return t.obj.free() }

func (m *Mutex) lock(t *Task) {
	o := m.in(t)
	t.await(opLock, o, &o.queues[0], m)
	o.hold(t)
	t.lockEffect(EventAcquire, o, 0, TakesLock)
}

func (m *Mutex) tryLock(t *Task) bool {
	o := m.in(t)
	t.point(opTryLock, o, -1)
	if !o.free() {
		return false
	}
	o.hold(t)
	t.lockEffect(EventAcquire, o, 0, TriesLock)
	return true
}

func (m *Mutex) unlock(t *Task) {
	o := m.in(t)
	t.point(opUnlock, o, -1)
	if o.free() {
		t.misuse("unlock of unlocked mutex", t.sim.deedOn(o))
		return
	}
	o.letGo(t)
	t.remember(o)
	t.lockEffect(EventRelease, o, 0, LeavesLock)
}
