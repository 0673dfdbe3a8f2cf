package atomic

import (
	"sync/atomic"

	"github.com/ravelgo/ravel/sched"
)

// Int32 is an [atomic.Int32].
type Int32 struct {
	obj sched.Object
	v   atomic.Int32
}

// Load returns the value.
func (x *Int32) Load() int32 {
	if t := sched.Current(); t != nil {
		t.AtomicLoad(&x.obj)
		return note(t, x.v.Load())
	}
	return x.v.Load()
}

// Store sets the value.
func (x *Int32) Store(v int32) {
	if t := sched.Current(); t != nil {
		t.AtomicStore(&x.obj)
		note(t, v)
	}
	x.v.Store(v)
}

// Swap sets the value and returns the old one.
func (x *Int32) Swap(v int32) (old int32) {
	if t := sched.Current(); t != nil {
		return modify(t, &x.obj, func() int32 { return x.v.Swap(v) })
	}
	return x.v.Swap(v)
}

// CompareAndSwap sets the value to v if it is old and reports whether it was.
func (x *Int32) CompareAndSwap(old, v int32) (swapped bool) {
	if t := sched.Current(); t != nil {
		return attempt(t, &x.obj, func() bool { return x.v.CompareAndSwap(old, v) })
	}
	return x.v.CompareAndSwap(old, v)
}

// Add adds delta and returns the new value.
func (x *Int32) Add(delta int32) int32 {
	if t := sched.Current(); t != nil {
		return modify(t, &x.obj, func() int32 { return x.v.Add(delta) })
	}
	return x.v.Add(delta)
}

// And sets the value to its bitwise AND with mask and returns the old value.
func (x *Int32) And(mask int32) (old int32) {
	if t := sched.Current(); t != nil {
		return modify(t, &x.obj, func() int32 { return x.v.And(mask) })
	}
	return x.v.And(mask)
}

// Or sets the value to its bitwise OR with mask and returns the old value.
func (x *Int32) Or(mask int32) (old int32) {
	if t := sched.Current(); t != nil {
		return modify(t, &x.obj, func() int32 { return x.v.Or(mask) })
	}
	return x.v.Or(mask)
}

// Int64 is an [atomic.Int64].
type Int64 struct {
	obj sched.Object
	v   atomic.Int64
}

// Load returns the value.
func (x *Int64) Load() int64 {
	if t := sched.Current(); t != nil {
		t.AtomicLoad(&x.obj)
		return note(t, x.v.Load())
	}
	return x.v.Load()
}

// Store sets the value.
func (x *Int64) Store(v int64) {
	if t := sched.Current(); t != nil {
		t.AtomicStore(&x.obj)
		note(t, v)
	}
	x.v.Store(v)
}

// Swap sets the value and returns the old one.
func (x *Int64) Swap(v int64) (old int64) {
	if t := sched.Current(); t != nil {
		return modify(t, &x.obj, func() int64 { return x.v.Swap(v) })
	}
	return x.v.Swap(v)
}

// CompareAndSwap sets the value to v if it is old and reports whether it was.
func (x *Int64) CompareAndSwap(old, v int64) (swapped bool) {
	if t := sched.Current(); t != nil {
		return attempt(t, &x.obj, func() bool { return x.v.CompareAndSwap(old, v) })
	}
	return x.v.CompareAndSwap(old, v)
}

// Add adds delta and returns the new value.
func (x *Int64) Add(delta int64) int64 {
	if t := sched.Current(); t != nil {
		return modify(t, &x.obj, func() int64 { return x.v.Add(delta) })
	}
	return x.v.Add(delta)
}

// And sets the value to its bitwise AND with mask and returns the old value.
func (x *Int64) And(mask int64) (old int64) {
	if t := sched.Current(); t != nil {
		return modify(t, &x.obj, func() int64 { return x.v.And(mask) })
	}
	return x.v.And(mask)
}

// Or sets the value to its bitwise OR with mask and returns the old value.
func (x *Int64) Or(mask int64) (old int64) {
	if t := sched.Current(); t != nil {
		return modify(t, &x.obj, func() int64 { return x.v.Or(mask) })
	}
	return x.v.Or(mask)
}
