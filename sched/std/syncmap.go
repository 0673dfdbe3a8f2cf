package std

import (
	"sync"

	"github.com/ravelgo/ravel/sched"
)

// MapLoad is [sync.Map.Load].
func MapLoad(m *sync.Map, key any) (value any, ok bool) {
	if t := sched.Current(); t != nil {
		return sched.MapOf(t, m).Load(key)
	}
	return m.Load(key)
}

// MapStore is [sync.Map.Store].
func MapStore(m *sync.Map, key, value any) {
	if t := sched.Current(); t != nil {
		sched.MapOf(t, m).Store(key, value)
		return
	}
	m.Store(key, value)
}

// MapLoadOrStore is [sync.Map.LoadOrStore].
func MapLoadOrStore(m *sync.Map, key, value any) (actual any, loaded bool) {
	if t := sched.Current(); t != nil {
		return sched.MapOf(t, m).LoadOrStore(key, value)
	}
	return m.LoadOrStore(key, value)
}

// MapLoadAndDelete is [sync.Map.LoadAndDelete].
func MapLoadAndDelete(m *sync.Map, key any) (value any, loaded bool) {
	if t := sched.Current(); t != nil {
		return sched.MapOf(t, m).LoadAndDelete(key)
	}
	return m.LoadAndDelete(key)
}

// MapDelete is [sync.Map.Delete].
func MapDelete(m *sync.Map, key any) {
	if t := sched.Current(); t != nil {
		sched.MapOf(t, m).Delete(key)
		return
	}
	m.Delete(key)
}

// MapSwap is [sync.Map.Swap].
func MapSwap(m *sync.Map, key, value any) (previous any, loaded bool) {
	if t := sched.Current(); t != nil {
		return sched.MapOf(t, m).Swap(key, value)
	}
	return m.Swap(key, value)
}

// MapCompareAndSwap is [sync.Map.CompareAndSwap].
func MapCompareAndSwap(m *sync.Map, key, old, new any) (swapped bool) {
	if t := sched.Current(); t != nil {
		return sched.MapOf(t, m).CompareAndSwap(key, old, new)
	}
	return m.CompareAndSwap(key, old, new)
}

// MapCompareAndDelete is [sync.Map.CompareAndDelete].
func MapCompareAndDelete(m *sync.Map, key, old any) (deleted bool) {
	if t := sched.Current(); t != nil {
		return sched.MapOf(t, m).CompareAndDelete(key, old)
	}
	return m.CompareAndDelete(key, old)
}

// MapRange is [sync.Map.Range]; in a simulation in the order that
// [sched.Map.Range] has.
func MapRange(m *sync.Map, f func(key, value any) bool) {
	if t := sched.Current(); t != nil {
		sched.MapOf(t, m).Range(f)
		return
	}
	m.Range(f)
}

// MapClear is [sync.Map.Clear].
func MapClear(m *sync.Map) {
	if t := sched.Current(); t != nil {
		sched.MapOf(t, m).Clear()
		return
	}
	m.Clear()
}
