package sched

import (
	"sync"
	"sync/atomic"

	"github.com/ravelgo/ravel/sched/internal/once"
)

// Once is a [sync.Once]. Do is a scheduling point. What is done in a simulation
// is not done in the next run.
type Once struct {
	done atomic.Bool
	mu   sync.Mutex
	obj  Object
}

// Do calls f if it is the first call of Do for o, and returns when that call of
// f has ended, however it ends. Do inside f deadlocks.
func (o *Once) Do(f func()) {
	if t := Current(); t != nil {
		o.do(t, f)
		return
	}
	if !o.done.Load() {
		o.doReal(f)
	}
}

func (o *Once) doReal(f func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.done.Load() {
		defer o.done.Store(true)
		f()
	}
}

// ready: the object is held while f runs.
func (o *Once) ready(t *Task) bool { return t.obj.free() }

func (o *Once) regulate(b *object) { b.sim.setOpen(&b.queues[0], b.free()) }

func (o *Once) do(t *Task, f func()) {
	b := o.obj.in(t, kindOnce)
	if b.gate == nil {
		b.gate, b.queues[0].open = o, true
	}
	t.await(opDo, b, &b.queues[0], o)
	if b.flag || o.done.Load() {
		t.effect(EventAcquire, b, 0, false)
		return
	}
	b.hold(t)
	defer func() {
		b.flag = true
		b.letGo(t)
		t.effect(EventRelease, b, 0, false)
	}()
	f()
}

// OnceFunc returns a function that calls f once, however often it is called and
// by however many tasks. If f panics, every call panics with the same value.
func OnceFunc(f func()) func() { return once.Func(new(Once).Do, f) }

// OnceValue is [OnceFunc] for a function that returns a value.
func OnceValue[T any](f func() T) func() T { return once.Value(new(Once).Do, f) }

// OnceValues is [OnceFunc] for a function that returns two values.
func OnceValues[T, U any](f func() (T, U)) func() (T, U) { return once.Values(new(Once).Do, f) }
