package sched

import (
	"slices"
	"sync"
)

// Cond is a [sync.Cond]. Signal and Broadcast are scheduling points, and Wait
// is two: the unlocking of L, with which the wait begins, and the locking after
// it. As in Go there are no spurious wake-ups.
//
// Signal wakes the task that has waited longest, as the standard library does
// without promising it. With [Config.AnyWaiter] which one it wakes is a choice of
// the search.
type Cond struct {
	// L is held while the condition is looked at or changed. It must be set
	// before use and not changed after.
	L sync.Locker

	std  sync.Cond
	once sync.Once
	obj  Object
}

// NewCond returns a Cond with the locker l, such as a [Mutex].
func NewCond(l sync.Locker) *Cond { return &Cond{L: l} }

func (c *Cond) real() *sync.Cond {
	c.once.Do(func() { c.std.L = c.L })
	return &c.std
}

// Wait unlocks L, waits until Signal or Broadcast wakes it, and locks L again.
// L must be locked. As the condition may have changed again when Wait returns,
// callers wait in a loop.
func (c *Cond) Wait() {
	t := Current()
	if t == nil {
		c.real().Wait()
		return
	}
	o := c.obj.in(t, kindCond)
	c.L.Unlock()
	o.touch(true)
	t.wait(opWait, o, never{})
	t.effect(EventAcquire, o, t.id, false)
	c.L.Lock()
}

// Signal wakes one task that waits, if there is one. The caller may hold L.
func (c *Cond) Signal() {
	t := Current()
	if t == nil {
		c.real().Signal()
		return
	}
	o := c.obj.in(t, kindCond)
	t.point(opSignal, o, -1)
	switch n := len(o.waiters); {
	case n == 0 || t.sim.killing:
	case n > 1 && t.sim.cfg.AnyWaiter:
		t.rouse(o, t.sim.choose(PartnerChoice, n))
	default:
		t.rouse(o, 0)
	}
}

// Broadcast wakes all tasks that wait. The caller may hold L.
func (c *Cond) Broadcast() {
	t := Current()
	if t == nil {
		c.real().Broadcast()
		return
	}
	o := c.obj.in(t, kindCond)
	t.point(opBroadcast, o, -1)
	for len(o.waiters) > 0 && !t.sim.killing {
		t.rouse(o, 0)
	}
}

// rouse lets waiter i of o go on, ordered after what t did.
func (t *Task) rouse(o *object, i int) {
	w := o.waiters[i]
	o.waiters = slices.Delete(o.waiters, i, i+1)
	t.effect(EventRelease, o, w.id, false)
	t.sim.goOn(w)
}
