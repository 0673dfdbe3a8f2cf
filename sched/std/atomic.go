package std

import (
	"unsafe"

	"github.com/ravelgo/ravel/sched"
)

// The functions of this file are the methods of the types of package sync/atomic:
// P is a pointer to one of them, A the type, V that of its values.

func atomicAt[A any](t *sched.Task, p *A) *sched.Object { return t.ObjectAt(unsafe.Pointer(p)) }

// AtomicLoad is the method Load.
func AtomicLoad[P interface {
	*A
	Load() V
}, A, V any](p P) V {
	if t := sched.Current(); t != nil {
		t.AtomicLoad(atomicAt(t, (*A)(p)))
		return shown(t, p.Load())
	}
	return p.Load()
}

// AtomicStore is the method Store.
func AtomicStore[P interface {
	*A
	Store(V)
}, A, V any](p P, v V) {
	if t := sched.Current(); t != nil {
		t.AtomicStore(atomicAt(t, (*A)(p)))
		shown(t, v)
	}
	p.Store(v)
}

// AtomicAdd is the method Add.
func AtomicAdd[P interface {
	*A
	Add(V) V
}, A, V any](p P, delta V) V {
	if t := sched.Current(); t != nil {
		return modified(t, (*A)(p), func() V { return p.Add(delta) })
	}
	return p.Add(delta)
}

// AtomicSwap is the method Swap.
func AtomicSwap[P interface {
	*A
	Swap(V) V
}, A, V any](p P, v V) V {
	if t := sched.Current(); t != nil {
		return modified(t, (*A)(p), func() V { return p.Swap(v) })
	}
	return p.Swap(v)
}

// AtomicAnd is the method And.
func AtomicAnd[P interface {
	*A
	And(V) V
}, A, V any](p P, mask V) V {
	if t := sched.Current(); t != nil {
		return modified(t, (*A)(p), func() V { return p.And(mask) })
	}
	return p.And(mask)
}

// AtomicOr is the method Or.
func AtomicOr[P interface {
	*A
	Or(V) V
}, A, V any](p P, mask V) V {
	if t := sched.Current(); t != nil {
		return modified(t, (*A)(p), func() V { return p.Or(mask) })
	}
	return p.Or(mask)
}

// AtomicCompareAndSwap is the method CompareAndSwap.
func AtomicCompareAndSwap[P interface {
	*A
	CompareAndSwap(V, V) bool
}, A, V any](p P, old, new V) (swapped bool) {
	t := sched.Current()
	if t == nil {
		return p.CompareAndSwap(old, new)
	}
	t.AtomicModify(atomicAt(t, (*A)(p)), func() bool {
		swapped = p.CompareAndSwap(old, new)
		return swapped
	})
	return shown(t, swapped)
}

// modified is an operation of t that does do, which loads and stores at p.
func modified[A, V any](t *sched.Task, p *A, do func() V) (v V) {
	t.AtomicModify(atomicAt(t, p), func() bool { v = do(); return true })
	return shown(t, v)
}

// shown shows v beside the operation that t has done, and returns it.
func shown[V any](t *sched.Task, v V) V {
	if t.Recording() {
		t.Value(v)
	}
	return v
}
