package std

import (
	"sync"
	"unsafe"

	"github.com/ravelgo/ravel/sched"
)

// condOf returns the twin of a sync.Cond.
func condOf(t *sched.Task, std *sync.Cond) *sched.Cond {
	c, ok := t.Twin(unsafe.Pointer(std)).(*sched.Cond)
	if !ok {
		c = &sched.Cond{L: condLocker{std}}
		t.SetTwin(unsafe.Pointer(std), c)
	}
	return c
}

// condLocker is the locker of a sync.Cond, as code under control uses it.
type condLocker struct{ c *sync.Cond }

func (l condLocker) Lock()   { LockerLock(l.c.L) }
func (l condLocker) Unlock() { LockerUnlock(l.c.L) }

// CondWait is [sync.Cond.Wait].
func CondWait(c *sync.Cond) {
	if t := sched.Current(); t != nil {
		condOf(t, c).Wait()
		return
	}
	c.Wait()
}

// CondSignal is [sync.Cond.Signal].
func CondSignal(c *sync.Cond) {
	if t := sched.Current(); t != nil {
		condOf(t, c).Signal()
		return
	}
	c.Signal()
}

// CondBroadcast is [sync.Cond.Broadcast].
func CondBroadcast(c *sync.Cond) {
	if t := sched.Current(); t != nil {
		condOf(t, c).Broadcast()
		return
	}
	c.Broadcast()
}
