package race

import (
	"iter"
	"maps"
	"slices"

	"github.com/ravelgo/ravel/sched"
)

// Map is a map[K]V that tasks share. The zero value is empty. As with Go's map,
// a write conflicts with any other access, whatever the keys: where Go's
// runtime ends the process, a simulation reports a data race. A Map must not be
// copied after first use.
type Map[K comparable, V any] struct {
	obj sched.Object
	v   map[K]V

	// Simulations only.
	number map[K]int // of each key seen, for the tracker
	order  []K       // the keys by number
}

const kindMap sched.Kind = "map"

// keySet is the item that stands for which keys there are; the keys are those from
// 1.
const keySet = 0

// Load returns the value of k, or the zero V. It is one operation.
func (m *Map[K, V]) Load(k K) V {
	t := sched.Current()
	if t == nil {
		return m.v[k]
	}
	t.Read(&m.obj, kindMap, -1, m.item(k))
	v := m.v[k]
	if t.Recording() {
		t.Value(entry[K, V]{k, v})
	}
	return v
}

// Lookup returns the value of k and whether there is one. It is one operation. To
// store a value of k because there is none is to check and then act: if another
// task has stored one in between that is an atomicity violation.
func (m *Map[K, V]) Lookup(k K) (V, bool) {
	t := sched.Current()
	if t == nil {
		v, ok := m.v[k]
		return v, ok
	}
	var v V
	var ok bool
	t.Find(&m.obj, kindMap, -1, m.item(k), func() bool {
		v, ok = m.v[k]
		return ok
	})
	if t.Recording() {
		if ok {
			t.Value(entry[K, V]{k, v})
		} else {
			t.Value(sched.Text("no " + sched.FormatValue(k)))
		}
	}
	return v, ok
}

// Store makes v the value of k. It is one operation. What is said of [Var.Store]
// holds for each key.
func (m *Map[K, V]) Store(k K, v V) {
	t := sched.Current()
	if t != nil {
		t.Write(&m.obj, kindMap, -1, m.item(k))
	}
	m.store(t, k, v)
}

// Set is [Map.Store] of a value that does not depend on what that of k was; see
// [Var.Set].
func (m *Map[K, V]) Set(k K, v V) {
	t := sched.Current()
	if t != nil {
		t.Set(&m.obj, kindMap, -1, m.item(k))
	}
	m.store(t, k, v)
}

func (m *Map[K, V]) store(t *sched.Task, k K, v V) {
	if m.v == nil {
		m.v = map[K]V{}
	}
	m.v[k] = v
	if t != nil && t.Recording() {
		t.Value(entry[K, V]{k, v})
	}
}

// Delete removes k. It is one operation, and a blind one, as [Map.Set] is.
func (m *Map[K, V]) Delete(k K) {
	if t := sched.Current(); t != nil {
		t.Change(&m.obj, kindMap, -1, m.item(k), func() bool {
			_, ok := m.v[k]
			return ok
		})
		if t.Recording() {
			t.Value(k)
		}
	}
	delete(m.v, k)
}

// Update makes fn of the value of k, or of the zero V, its value and returns
// it. It is two operations, a read and a write.
func (m *Map[K, V]) Update(k K, fn func(V) V) V {
	v := fn(m.Load(k))
	m.Store(k, v)
	return v
}

// Len returns the number of keys. It is one operation.
func (m *Map[K, V]) Len() int {
	if t := sched.Current(); t != nil {
		t.Read(&m.obj, kindMap, -1, keySet)
		if t.Recording() {
			t.Value(len(m.v))
		}
	}
	return len(m.v)
}

// All returns the entries: in a simulation in the order of [sched.SortKeys], else
// in no order. Reading all of them is one operation there, at the start.
func (m *Map[K, V]) All() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		t := sched.Current()
		if t == nil {
			maps.All(m.v)(yield)
			return
		}
		t.ReadAll(&m.obj, kindMap)
		keys := slices.Clone(m.order)
		sched.SortKeys(keys)
		for _, k := range keys {
			if v, ok := m.v[k]; ok && !yield(k, v) {
				return
			}
		}
	}
}

// item returns the number of k, from 1.
func (m *Map[K, V]) item(k K) int {
	n, ok := m.number[k]
	if !ok {
		if m.number == nil {
			m.number = map[K]int{}
		}
		m.order = append(m.order, k)
		n = len(m.order)
		m.number[k] = n
	}
	return n
}

// entry is what reports show of an access.
type entry[K comparable, V any] struct {
	key   K
	value V
}
