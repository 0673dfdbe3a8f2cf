package std

import (
	"reflect"
	"sync"

	"github.com/ravelgo/ravel/sched"
)

// The functions of this file are what a method of that name is called by where the
// static type of the receiver is an interface: if what is in it is a lock of package
// sync they do what is done to such a lock, else they call the method.

// rlocker is the type of what sync.RWMutex.RLocker returns: the address of the
// RWMutex, as another type.
var rlocker = reflect.TypeOf(new(sync.RWMutex).RLocker())

// readerOf returns the RWMutex that l locks for reading; nil if it is no such thing.
func readerOf(l any) *sync.RWMutex {
	if v := reflect.ValueOf(l); v.IsValid() && v.Type() == rlocker {
		return (*sync.RWMutex)(v.UnsafePointer())
	}
	return nil
}

// LockerLock is the method Lock.
func LockerLock(l interface{ Lock() }) {
	if sched.Current() == nil {
		l.Lock()
		return
	}
	switch m := l.(type) {
	case *sync.Mutex:
		MutexLock(m)
	case *sync.RWMutex:
		RWMutexLock(m)
	default:
		if rw := readerOf(l); rw != nil {
			RWMutexRLock(rw)
		} else {
			l.Lock()
		}
	}
}

// LockerUnlock is the method Unlock.
func LockerUnlock(l interface{ Unlock() }) {
	if sched.Current() == nil {
		l.Unlock()
		return
	}
	switch m := l.(type) {
	case *sync.Mutex:
		MutexUnlock(m)
	case *sync.RWMutex:
		RWMutexUnlock(m)
	default:
		if rw := readerOf(l); rw != nil {
			RWMutexRUnlock(rw)
		} else {
			l.Unlock()
		}
	}
}

// LockerTryLock is the method TryLock.
func LockerTryLock(l interface{ TryLock() bool }) bool {
	switch m := l.(type) {
	case *sync.Mutex:
		return MutexTryLock(m)
	case *sync.RWMutex:
		return RWMutexTryLock(m)
	}
	return l.TryLock()
}

// LockerRLock is the method RLock.
func LockerRLock(l interface{ RLock() }) {
	if m, ok := l.(*sync.RWMutex); ok {
		RWMutexRLock(m)
		return
	}
	l.RLock()
}

// LockerRUnlock is the method RUnlock.
func LockerRUnlock(l interface{ RUnlock() }) {
	if m, ok := l.(*sync.RWMutex); ok {
		RWMutexRUnlock(m)
		return
	}
	l.RUnlock()
}

// LockerTryRLock is the method TryRLock.
func LockerTryRLock(l interface{ TryRLock() bool }) bool {
	if m, ok := l.(*sync.RWMutex); ok {
		return RWMutexTryRLock(m)
	}
	return l.TryRLock()
}
