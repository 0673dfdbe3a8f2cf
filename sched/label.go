package sched

import (
	"runtime"
	"sync/atomic"
	"unsafe"
)

// simulated is set by the first simulation of this process. Before that, as in
// production, every call of this package is the standard library's. It stays
// set, as goroutines that a simulation did not control may outlive it.
var simulated atomic.Bool

// The profiler label of a goroutine is the one word of state that the runtime
// keeps for each goroutine and hands down to the goroutines it starts. A task
// stores a pointer to itself there. The runtime's own readers (CPU profiles,
// tracebacks) expect a slice of key and value, so a Task begins with one.
//
// Both functions are on the Go project's list of names that keep working for
// packages outside the standard library.

//go:linkname getProfLabel runtime/pprof.runtime_getProfLabel
func getProfLabel() unsafe.Pointer

//go:linkname setProfLabel runtime/pprof.runtime_setProfLabel
func setProfLabel(unsafe.Pointer)

// label is what runtime/pprof keeps of one label.
type label struct{ key, value string }

// labelled returns the task whose label the calling goroutine has, or nil. A label is
// a task's if its list lies where a Task has it, which no other label's does.
func labelled() *Task {
	p := getProfLabel()
	if p == nil {
		return nil
	}
	list := unsafe.SliceData(*(*[]label)(p))
	if uintptr(unsafe.Pointer(list)) != uintptr(p)+unsafe.Offsetof(Task{}.text) {
		return nil
	}
	return (*Task)(p)
}

// current returns the task that the calling goroutine is, or nil.
func current() *Task {
	t := labelled()
	if t != nil && t.g.Load() != getg() {
		t.dismissed()
	}
	return t
}

// relabel gives the calling goroutine back the label of t, which it serves, and
// reports whether it had lost it: to pprof.Do or pprof.SetGoroutineLabels. Code
// after that was not seen to be the task's.
func (t *Task) relabel() bool {
	lost := getProfLabel() != t.profLabel()
	if lost {
		setProfLabel(t.profLabel())
	}
	return lost
}

// dismissed ends the calling goroutine, which has the label of t but is not
// what serves it: it was started by t behind the scheduler's back, or was t
// until the simulation gave up on it.
func (t *Task) dismissed() {
	if !t.abandoned.Load() {
		t.sim.reportUncontrolled()
	}
	runtime.Goexit()
}
