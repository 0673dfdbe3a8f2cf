package atomic

import (
	"sync/atomic"

	"github.com/ravelgo/ravel/sched"
)

// Bool is an [atomic.Bool].
type Bool struct {
	obj sched.Object
	v   atomic.Bool
}

// Load returns the value.
func (x *Bool) Load() bool {
	if t := sched.Current(); t != nil {
		t.AtomicLoad(&x.obj)
		return note(t, x.v.Load())
	}
	return x.v.Load()
}

// Store sets the value.
func (x *Bool) Store(v bool) {
	if t := sched.Current(); t != nil {
		t.AtomicStore(&x.obj)
		note(t, v)
	}
	x.v.Store(v)
}

// Swap sets the value and returns the old one.
func (x *Bool) Swap(v bool) (old bool) {
	if t := sched.Current(); t != nil {
		return modify(t, &x.obj, func() bool { return x.v.Swap(v) })
	}
	return x.v.Swap(v)
}

// CompareAndSwap sets the value to v if it is old and reports whether it was.
func (x *Bool) CompareAndSwap(old, v bool) (swapped bool) {
	if t := sched.Current(); t != nil {
		return attempt(t, &x.obj, func() bool { return x.v.CompareAndSwap(old, v) })
	}
	return x.v.CompareAndSwap(old, v)
}

// Pointer is an [atomic.Pointer].
type Pointer[T any] struct {
	obj sched.Object
	v   atomic.Pointer[T]
}

// Load returns the value.
func (x *Pointer[T]) Load() *T {
	if t := sched.Current(); t != nil {
		t.AtomicLoad(&x.obj)
		return note(t, x.v.Load())
	}
	return x.v.Load()
}

// Store sets the value.
func (x *Pointer[T]) Store(v *T) {
	if t := sched.Current(); t != nil {
		t.AtomicStore(&x.obj)
		note(t, v)
	}
	x.v.Store(v)
}

// Swap sets the value and returns the old one.
func (x *Pointer[T]) Swap(v *T) (old *T) {
	if t := sched.Current(); t != nil {
		return modify(t, &x.obj, func() *T { return x.v.Swap(v) })
	}
	return x.v.Swap(v)
}

// CompareAndSwap sets the value to v if it is old and reports whether it was.
func (x *Pointer[T]) CompareAndSwap(old, v *T) (swapped bool) {
	if t := sched.Current(); t != nil {
		return attempt(t, &x.obj, func() bool { return x.v.CompareAndSwap(old, v) })
	}
	return x.v.CompareAndSwap(old, v)
}

// Value is an [atomic.Value]: like it, it panics if the value is nil or not of
// the type of the first one.
type Value struct {
	obj sched.Object
	v   atomic.Value
}

// Load returns the value, nil if there is none.
func (x *Value) Load() any {
	if t := sched.Current(); t != nil {
		t.AtomicLoad(&x.obj)
		return note(t, x.v.Load())
	}
	return x.v.Load()
}

// Store sets the value.
func (x *Value) Store(v any) {
	if t := sched.Current(); t != nil {
		t.AtomicStore(&x.obj)
		note(t, v)
	}
	x.v.Store(v)
}

// Swap sets the value and returns the old one.
func (x *Value) Swap(v any) (old any) {
	if t := sched.Current(); t != nil {
		return modify(t, &x.obj, func() any { return x.v.Swap(v) })
	}
	return x.v.Swap(v)
}

// CompareAndSwap sets the value to v if it is old and reports whether it was.
func (x *Value) CompareAndSwap(old, v any) (swapped bool) {
	if t := sched.Current(); t != nil {
		return attempt(t, &x.obj, func() bool { return x.v.CompareAndSwap(old, v) })
	}
	return x.v.CompareAndSwap(old, v)
}
