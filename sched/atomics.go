package sched

import "unsafe"

const kindAtomic Kind = "atomic"

// AtomicLoad is the scheduling point and the effect of an atomic load of o. The
// caller loads after the call. By the Go memory model a load is ordered after
// the store that it observes.
func (t *Task) AtomicLoad(o *Object) {
	b := o.in(t, kindAtomic)
	t.point(opLoad, b, -1)
	t.effect(EventAcquire, b, 0, false)
}

// AtomicStore is the same for a store.
func (t *Task) AtomicStore(o *Object) {
	b := o.in(t, kindAtomic)
	t.point(opStore, b, -1)
	t.effect(EventReplace, b, 0, false)
}

// AtomicModify is the same for a load and a store in one. The caller does both
// in do, which reports whether it has stored.
func (t *Task) AtomicModify(o *Object, do func() bool) {
	b := o.in(t, kindAtomic)
	t.point(opModify, b, -1)
	kind := EventAcquire
	if do() {
		kind = EventExchange
	}
	t.effect(kind, b, 0, true)
}

// ObjectAt returns the Object that stands for a variable which has none of its
// own, by its address. It is the same one throughout a run.
func (t *Task) ObjectAt(address unsafe.Pointer) *Object {
	s := t.sim
	o := s.addresses[address]
	if o == nil {
		if s.addresses == nil {
			s.addresses = map[unsafe.Pointer]*Object{}
		}
		o = &Object{}
		s.addresses[address] = o
	}
	return o
}
