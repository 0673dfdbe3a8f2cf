package std

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/internal/once"
)

// onceOf returns the twin of a sync.Once.
func onceOf(t *sched.Task, std *sync.Once) *sched.Once {
	o, ok := t.Twin(unsafe.Pointer(std)).(*sched.Once)
	if !ok {
		o = &sched.Once{}
		if onceKnown && isDone(std) {
			sched.Outside(func() { o.Do(func() {}) })
		}
		t.SetTwin(unsafe.Pointer(std), o)
	}
	return o
}

// isDone reports whether the function of o has been called.
func isDone(o *sync.Once) bool { return (*atomic.Bool)(unsafe.Pointer(o)).Load() }

// onceKnown says that sync.Once is laid out as isDone takes it to be.
var onceKnown = func() bool {
	var o sync.Once
	if unsafe.Sizeof(o) < unsafe.Sizeof(atomic.Bool{}) || unsafe.Alignof(o) < unsafe.Alignof(atomic.Bool{}) || isDone(&o) {
		return false
	}
	o.Do(func() {})
	return isDone(&o)
}()

// OnceDo is [sync.Once.Do].
func OnceDo(o *sync.Once, f func()) {
	t := sched.Current()
	if t == nil {
		o.Do(f)
		return
	}
	onceOf(t, o).Do(func() {
		f()
		// If f panics, or the run ends in it, the next run is to do it again.
		o.Do(func() {})
	})
}

// OnceFunc is [sync.OnceFunc].
func OnceFunc(f func()) func() { return once.Func(doOnce(), f) }

// OnceValue is [sync.OnceValue].
func OnceValue[T any](f func() T) func() T { return once.Value(doOnce(), f) }

// OnceValues is [sync.OnceValues].
func OnceValues[T, U any](f func() (T, U)) func() (T, U) { return once.Values(doOnce(), f) }

// doOnce returns OnceDo of a new sync.Once.
func doOnce() once.Do {
	var o sync.Once
	return func(f func()) { OnceDo(&o, f) }
}
