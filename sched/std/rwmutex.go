package std

import (
	"sync"
	"unsafe"

	"github.com/ravelgo/ravel/sched"
)

// rwmutex is the twin of a sync.RWMutex, which is locked whenever the twin is.
type rwmutex struct {
	sched.RWMutex
	std *sync.RWMutex
	// What the run holds of std, and what something else has from the beginning.
	writing bool
	reading int
}

func rwmutexOf(t *sched.Task, std *sync.RWMutex) *rwmutex {
	m, ok := t.Twin(unsafe.Pointer(std)).(*rwmutex)
	if !ok {
		m = &rwmutex{std: std}
		switch {
		case std.TryLock():
			std.Unlock()
		case !t.Alone(): // it may be another run that has it locked for now
		case std.TryRLock():
			std.RUnlock()
			sched.Outside(m.RLock)
		default:
			sched.Outside(m.Lock)
		}
		t.SetTwin(unsafe.Pointer(std), m)
	}
	return m
}

// EndRun unlocks what the run has left locked.
func (m *rwmutex) EndRun() {
	for ; m.reading > 0; m.reading-- {
		m.std.RUnlock()
	}
	if m.writing {
		m.writing = false
		m.std.Unlock()
	}
}

func (m *rwmutex) take() {
	m.std.Lock()
	m.writing = true
}

func (m *rwmutex) takeRead() {
	m.std.RLock()
	m.reading++
}

// RWMutexLock is [sync.RWMutex.Lock].
func RWMutexLock(m *sync.RWMutex) {
	if t := sched.Current(); t != nil {
		twin := rwmutexOf(t, m)
		twin.Lock()
		twin.take()
		return
	}
	m.Lock()
}

// RWMutexTryLock is [sync.RWMutex.TryLock].
func RWMutexTryLock(m *sync.RWMutex) bool {
	if t := sched.Current(); t != nil {
		twin := rwmutexOf(t, m)
		locked := twin.TryLock()
		if locked {
			twin.take()
		}
		return locked
	}
	return m.TryLock()
}

// RWMutexUnlock is [sync.RWMutex.Unlock].
func RWMutexUnlock(m *sync.RWMutex) {
	if t := sched.Current(); t != nil {
		twin := rwmutexOf(t, m)
		twin.Unlock()
		if twin.writing || !t.Over() {
			twin.writing = false
			m.Unlock()
		}
		return
	}
	m.Unlock()
}

// RWMutexRLock is [sync.RWMutex.RLock].
func RWMutexRLock(m *sync.RWMutex) {
	if t := sched.Current(); t != nil {
		twin := rwmutexOf(t, m)
		twin.RLock()
		twin.takeRead()
		return
	}
	m.RLock()
}

// RWMutexTryRLock is [sync.RWMutex.TryRLock].
func RWMutexTryRLock(m *sync.RWMutex) bool {
	if t := sched.Current(); t != nil {
		twin := rwmutexOf(t, m)
		locked := twin.TryRLock()
		if locked {
			twin.takeRead()
		}
		return locked
	}
	return m.TryRLock()
}

// RWMutexRUnlock is [sync.RWMutex.RUnlock].
func RWMutexRUnlock(m *sync.RWMutex) {
	if t := sched.Current(); t != nil {
		twin := rwmutexOf(t, m)
		twin.RUnlock()
		if twin.reading > 0 || !t.Over() {
			twin.reading = max(twin.reading-1, 0)
			m.RUnlock()
		}
		return
	}
	m.RUnlock()
}

// RWMutexRLocker is [sync.RWMutex.RLocker].
func RWMutexRLocker(m *sync.RWMutex) sync.Locker { return m.RLocker() }
