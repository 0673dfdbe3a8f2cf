package atomic

import (
	"sync/atomic"

	"github.com/ravelgo/ravel/sched"
)

// Uint32 is an [atomic.Uint32].
type Uint32 struct {
	obj sched.Object
	v   atomic.Uint32
}

// Load returns the value.
func (x *Uint32) Load() uint32 {
	if t := sched.Current(); t != nil {
		t.AtomicLoad(&x.obj)
		return note(t, x.v.Load())
	}
	return x.v.Load()
}

// Store sets the value.
func (x *Uint32) Store(v uint32) {
	if t := sched.Current(); t != nil {
		t.AtomicStore(&x.obj)
		note(t, v)
	}
	x.v.Store(v)
}

// Swap sets the value and returns the old one.
func (x *Uint32) Swap(v uint32) (old uint32) {
	if t := sched.Current(); t != nil {
		return modify(t, &x.obj, func() uint32 { return x.v.Swap(v) })
	}
	return x.v.Swap(v)
}

// CompareAndSwap sets the value to v if it is old and reports whether it was.
func (x *Uint32) CompareAndSwap(old, v uint32) (swapped bool) {
	if t := sched.Current(); t != nil {
		return attempt(t, &x.obj, func() bool { return x.v.CompareAndSwap(old, v) })
	}
	return x.v.CompareAndSwap(old, v)
}

// Add adds delta and returns the new value.
func (x *Uint32) Add(delta uint32) uint32 {
	if t := sched.Current(); t != nil {
		return modify(t, &x.obj, func() uint32 { return x.v.Add(delta) })
	}
	return x.v.Add(delta)
}

// And sets the value to its bitwise AND with mask and returns the old value.
func (x *Uint32) And(mask uint32) (old uint32) {
	if t := sched.Current(); t != nil {
		return modify(t, &x.obj, func() uint32 { return x.v.And(mask) })
	}
	return x.v.And(mask)
}

// Or sets the value to its bitwise OR with mask and returns the old value.
func (x *Uint32) Or(mask uint32) (old uint32) {
	if t := sched.Current(); t != nil {
		return modify(t, &x.obj, func() uint32 { return x.v.Or(mask) })
	}
	return x.v.Or(mask)
}

// Uint64 is an [atomic.Uint64].
type Uint64 struct {
	obj sched.Object
	v   atomic.Uint64
}

// Load returns the value.
func (x *Uint64) Load() uint64 {
	if t := sched.Current(); t != nil {
		t.AtomicLoad(&x.obj)
		return note(t, x.v.Load())
	}
	return x.v.Load()
}

// Store sets the value.
func (x *Uint64) Store(v uint64) {
	if t := sched.Current(); t != nil {
		t.AtomicStore(&x.obj)
		note(t, v)
	}
	x.v.Store(v)
}

// Swap sets the value and returns the old one.
func (x *Uint64) Swap(v uint64) (old uint64) {
	if t := sched.Current(); t != nil {
		return modify(t, &x.obj, func() uint64 { return x.v.Swap(v) })
	}
	return x.v.Swap(v)
}

// CompareAndSwap sets the value to v if it is old and reports whether it was.
func (x *Uint64) CompareAndSwap(old, v uint64) (swapped bool) {
	if t := sched.Current(); t != nil {
		return attempt(t, &x.obj, func() bool { return x.v.CompareAndSwap(old, v) })
	}
	return x.v.CompareAndSwap(old, v)
}

// Add adds delta and returns the new value.
func (x *Uint64) Add(delta uint64) uint64 {
	if t := sched.Current(); t != nil {
		return modify(t, &x.obj, func() uint64 { return x.v.Add(delta) })
	}
	return x.v.Add(delta)
}

// And sets the value to its bitwise AND with mask and returns the old value.
func (x *Uint64) And(mask uint64) (old uint64) {
	if t := sched.Current(); t != nil {
		return modify(t, &x.obj, func() uint64 { return x.v.And(mask) })
	}
	return x.v.And(mask)
}

// Or sets the value to its bitwise OR with mask and returns the old value.
func (x *Uint64) Or(mask uint64) (old uint64) {
	if t := sched.Current(); t != nil {
		return modify(t, &x.obj, func() uint64 { return x.v.Or(mask) })
	}
	return x.v.Or(mask)
}

// Uintptr is an [atomic.Uintptr].
type Uintptr struct {
	obj sched.Object
	v   atomic.Uintptr
}

// Load returns the value.
func (x *Uintptr) Load() uintptr {
	if t := sched.Current(); t != nil {
		t.AtomicLoad(&x.obj)
		return note(t, x.v.Load())
	}
	return x.v.Load()
}

// Store sets the value.
func (x *Uintptr) Store(v uintptr) {
	if t := sched.Current(); t != nil {
		t.AtomicStore(&x.obj)
		note(t, v)
	}
	x.v.Store(v)
}

// Swap sets the value and returns the old one.
func (x *Uintptr) Swap(v uintptr) (old uintptr) {
	if t := sched.Current(); t != nil {
		return modify(t, &x.obj, func() uintptr { return x.v.Swap(v) })
	}
	return x.v.Swap(v)
}

// CompareAndSwap sets the value to v if it is old and reports whether it was.
func (x *Uintptr) CompareAndSwap(old, v uintptr) (swapped bool) {
	if t := sched.Current(); t != nil {
		return attempt(t, &x.obj, func() bool { return x.v.CompareAndSwap(old, v) })
	}
	return x.v.CompareAndSwap(old, v)
}

// Add adds delta and returns the new value.
func (x *Uintptr) Add(delta uintptr) uintptr {
	if t := sched.Current(); t != nil {
		return modify(t, &x.obj, func() uintptr { return x.v.Add(delta) })
	}
	return x.v.Add(delta)
}

// And sets the value to its bitwise AND with mask and returns the old value.
func (x *Uintptr) And(mask uintptr) (old uintptr) {
	if t := sched.Current(); t != nil {
		return modify(t, &x.obj, func() uintptr { return x.v.And(mask) })
	}
	return x.v.And(mask)
}

// Or sets the value to its bitwise OR with mask and returns the old value.
func (x *Uintptr) Or(mask uintptr) (old uintptr) {
	if t := sched.Current(); t != nil {
		return modify(t, &x.obj, func() uintptr { return x.v.Or(mask) })
	}
	return x.v.Or(mask)
}
