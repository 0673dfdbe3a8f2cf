package std

import (
	"sync"
	"unsafe"

	"github.com/ravelgo/ravel/sched"
)

// mutex is the twin of a sync.Mutex, which is locked whenever the twin is.
type mutex struct {
	sched.Mutex
	std  *sync.Mutex
	held bool // the run has locked std
}

func mutexOf(t *sched.Task, std *sync.Mutex) *mutex {
	m, ok := t.Twin(unsafe.Pointer(std)).(*mutex)
	if !ok {
		m = &mutex{std: std}
		if std.TryLock() {
			std.Unlock()
		} else if t.Alone() { // else it may be another run that has it locked for now
			sched.Outside(m.Lock)
		}
		t.SetTwin(unsafe.Pointer(std), m)
	}
	return m
}

// EndRun unlocks what the run has left locked.
func (m *mutex) EndRun() {
	if m.held {
		m.held = false
		m.std.Unlock()
	}
}

// take locks std with its twin.
func (m *mutex) take() {
	m.std.Lock()
	m.held = true
}

// MutexLock is [sync.Mutex.Lock].
func MutexLock(m *sync.Mutex) {
	if t := sched.Current(); t != nil {
		twin := mutexOf(t, m)
		twin.Lock()
		twin.take()
		return
	}
	m.Lock()
}

// MutexTryLock is [sync.Mutex.TryLock].
func MutexTryLock(m *sync.Mutex) bool {
	if t := sched.Current(); t != nil {
		twin := mutexOf(t, m)
		locked := twin.TryLock()
		if locked {
			twin.take()
		}
		return locked
	}
	return m.TryLock()
}

// MutexUnlock is [sync.Mutex.Unlock].
func MutexUnlock(m *sync.Mutex) {
	if t := sched.Current(); t != nil {
		twin := mutexOf(t, m)
		twin.Unlock()
		// When the run is being unwound it may be unlocked once too often.
		if twin.held || !t.Over() {
			twin.held = false
			m.Unlock()
		}
		return
	}
	m.Unlock()
}
