package sched

import "sync"

// Map is a [sync.Map]. Each method is a scheduling point. What orders what is as
// documented there: a write comes before a read of the same key that sees it.
//
// In a simulation Range goes over the keys in the order of [SortKeys], and sees the
// values that they have when it is called.
type Map struct {
	std sync.Map
	at  *sync.Map // that it stands for in a simulation, in place of std; or nil
	obj Object
}

// real returns the map that holds what is in m.
func (m *Map) real() *sync.Map {
	if m.at != nil {
		return m.at
	}
	return &m.std
}

// Load returns the value of key, or nil and false if there is none.
func (m *Map) Load(key any) (value any, ok bool) {
	m.do(opLoad, key, func() effect {
		value, ok = m.real().Load(key)
		return effect{EventAcquire, value}
	})
	return value, ok
}

// Store sets the value of key.
func (m *Map) Store(key, value any) {
	m.do(opStore, key, func() effect {
		m.real().Store(key, value)
		return effect{EventReplace, value}
	})
}

// Swap sets the value of key and returns the one before, if there was one.
func (m *Map) Swap(key, value any) (previous any, loaded bool) {
	m.do(opModify, key, func() effect {
		previous, loaded = m.real().Swap(key, value)
		return effect{EventExchange, value}
	})
	return previous, loaded
}

// LoadOrStore returns the value of key, which it sets if there is none; loaded
// reports whether there was one.
func (m *Map) LoadOrStore(key, value any) (actual any, loaded bool) {
	m.do(opModify, key, func() effect {
		actual, loaded = m.real().LoadOrStore(key, value)
		return effect{exchangeIf(!loaded), actual}
	})
	return actual, loaded
}

// LoadAndDelete deletes key and returns the value that it had, if any.
func (m *Map) LoadAndDelete(key any) (value any, loaded bool) {
	m.do(opDelete, key, func() effect {
		value, loaded = m.real().LoadAndDelete(key)
		return effect{exchangeIf(loaded), value}
	})
	return value, loaded
}

// Delete deletes key.
func (m *Map) Delete(key any) { m.LoadAndDelete(key) }

// CompareAndSwap sets the value of key to new if it is old, which must be
// comparable, and reports whether it was.
func (m *Map) CompareAndSwap(key, old, new any) (swapped bool) {
	m.do(opModify, key, func() effect {
		swapped = m.real().CompareAndSwap(key, old, new)
		return effect{exchangeIf(swapped), new}
	})
	return swapped
}

// CompareAndDelete deletes key if its value is old, which must be comparable,
// and reports whether it was.
func (m *Map) CompareAndDelete(key, old any) (deleted bool) {
	m.do(opDelete, key, func() effect {
		deleted = m.real().CompareAndDelete(key, old)
		return effect{exchangeIf(deleted), old}
	})
	return deleted
}

// Clear deletes all keys.
func (m *Map) Clear() {
	if t := Current(); t != nil {
		o, keys := m.all(t, opClear)
		for _, k := range keys {
			t.effect(EventReplace, o, k.slot, false)
		}
	}
	m.real().Clear()
}

// Range calls f for each key and its value until f returns false. f may use the
// map.
func (m *Map) Range(f func(key, value any) bool) {
	t := Current()
	if t == nil {
		m.real().Range(f)
		return
	}
	o, keys := m.all(t, opRange)
	for _, k := range keys {
		t.effect(EventAcquire, o, k.slot, false)
	}
	for _, k := range keys {
		if !f(k.key, k.value) {
			return
		}
	}
}

// effect is what an operation on a key did, and the value that it was about.
type effect struct {
	kind  EventKind
	value any
}

func exchangeIf(written bool) EventKind {
	if written {
		return EventExchange
	}
	return EventAcquire
}

// do is an operation on one key; in a simulation it is a scheduling point.
func (m *Map) do(op Op, key any, do func() effect) {
	t := Current()
	if t == nil {
		do()
		return
	}
	o, ks := m.in(t)
	slot := ks.slot(key)
	t.point(op, o, slot)
	e := do()
	t.effect(e.kind, o, slot, op == opModify || op == opDelete)
	if t.Recording() {
		t.Value([]any{key, e.value})
	}
}

// mapEntry is a key that has a value, and the number of the key in the run.
type mapEntry struct {
	key, value any
	slot       int32
}

// mapKeys are the keys that a run has used.
type mapKeys struct {
	order []any
	slots map[any]int32
}

func (ks *mapKeys) slot(key any) int32 {
	n, ok := ks.slots[key]
	if !ok {
		n = int32(len(ks.order))
		ks.slots[key] = n
		ks.order = append(ks.order, key)
	}
	return n
}

// in binds m, and returns the keys of this run.
func (m *Map) in(t *Task) (*object, *mapKeys) {
	o := m.obj.in(t, kindMap)
	if !o.flag {
		ks := &mapKeys{slots: map[any]int32{}}
		var before []any
		m.real().Range(func(key, _ any) bool { before = append(before, key); return true })
		SortKeys(before)
		for _, key := range before {
			ks.slot(key)
		}
		o.flag, o.data = true, ks
	}
	return o, o.data.(*mapKeys)
}

// all is the scheduling point of an operation on all keys, and returns what
// there is then.
func (m *Map) all(t *Task, op Op) (*object, []mapEntry) {
	o, ks := m.in(t)
	t.point(op, o, -1)
	var keys []any
	for _, key := range ks.order {
		if _, ok := m.real().Load(key); ok {
			keys = append(keys, key)
		}
	}
	SortKeys(keys)
	var entries []mapEntry
	for _, key := range keys {
		value, _ := m.real().Load(key)
		entries = append(entries, mapEntry{key, value, ks.slots[key]})
	}
	return o, entries
}
