package atomic

import (
	"unsafe"

	"github.com/ravelgo/ravel/sched"
)

// note shows v beside the operation that t has done, and returns it.
func note[T any](t *sched.Task, v T) T {
	if t.Recording() {
		t.Value(v)
	}
	return v
}

// modify is an operation that stores what do makes of the variable, and returns
// what do returns.
func modify[T any](t *sched.Task, o *sched.Object, do func() T) (v T) {
	t.AtomicModify(o, func() bool { v = do(); return true })
	return note(t, v)
}

// attempt is a CompareAndSwap, which do does.
func attempt(t *sched.Task, o *sched.Object, do func() bool) (swapped bool) {
	t.AtomicModify(o, func() bool { swapped = do(); return swapped })
	return note(t, swapped)
}

// at returns the object of a plain variable.
func at[T any](t *sched.Task, addr *T) *sched.Object { return t.ObjectAt(unsafe.Pointer(addr)) }
