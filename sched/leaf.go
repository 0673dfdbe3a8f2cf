package sched

import (
	"slices"
	"sync"
	"sync/atomic"
)

// LeafMutex guards a few lines that do no operation of this package and call
// no code of a user. Locking it is no scheduling point and orders nothing in
// the eyes of an [Observer]: it is for machinery, such as a pipeline engine's
// ledger, whose own locking must not hide a race of its users. An operation
// while it is held panics.
type LeafMutex struct {
	std    sync.Mutex
	holder atomic.Pointer[Sim] // the simulation of the task that holds it
	obj    Object
}

// Lock locks m. In a simulation it never waits for another task of it; it
// panics where it would have to.
func (m *LeafMutex) Lock() {
	t := Current()
	if t == nil {
		m.std.Lock()
		return
	}
	if m.holder.Load() == t.sim {
		if t.sim.killing {
			exitTask() // it was left locked by a task that has been unwound
		}
		panic("sched: LeafMutex locked twice")
	}
	m.std.Lock()
	m.holder.Store(t.sim)
	t.leaf++
	m.obj.in(t, kindLeaf).touch(true)
}

// Unlock unlocks m.
func (m *LeafMutex) Unlock() {
	if t := Current(); t != nil {
		m.holder.Store(nil)
		t.leaf--
	}
	m.std.Unlock()
}

// LeafCond waits under a [LeafMutex]. Like it, it is no scheduling point and
// orders nothing: a task that is woken runs on to its next operation before
// anything is chosen. L must be set before use.
type LeafCond struct {
	// L is held by the caller of Wait.
	L *LeafMutex
	// Why completes the sentence "waiting for" in the report of a deadlock.
	Why string

	std     sync.Cond
	once    sync.Once
	waiters []*Task
}

// Wait unlocks L, waits for Signal or Broadcast, and locks L again. A caller
// waits in a loop, as with [sync.Cond], and unlocks L by a deferred call, as a
// simulation that is over ends its tasks in Wait.
func (c *LeafCond) Wait() {
	t := Current()
	if t == nil {
		c.once.Do(func() { c.std.L = &c.L.std })
		c.std.Wait()
		return
	}
	c.L.Unlock()
	defer c.locked(t)
	t.op, t.obj, t.loc, t.by = opPark, nil, -1, never{}
	t.why = c.Why
	c.waiters = append(c.waiters, t)
	t.stop()
}

// locked ends the Wait of t. When the run is over nobody waits any more: the
// next run must not find tasks of this one.
func (c *LeafCond) locked(t *Task) {
	if t.sim.killing {
		c.waiters = c.waiters[:0]
	}
	c.L.Lock()
}

// Signal wakes the task that has waited longest, if there is one. L is held.
func (c *LeafCond) Signal() {
	if Current() == nil {
		c.std.Signal()
		return
	}
	if len(c.waiters) > 0 {
		t := c.waiters[0]
		c.waiters = slices.Delete(c.waiters, 0, 1)
		t.sim.goOn(t)
	}
}

// Broadcast wakes all that wait. L is held.
func (c *LeafCond) Broadcast() {
	if Current() == nil {
		c.std.Broadcast()
		return
	}
	for _, t := range c.waiters {
		t.sim.goOn(t)
	}
	c.waiters = c.waiters[:0]
}

// Edge carries happens-before from one place to another without being a
// scheduling point: for machinery that orders the code of its users by means
// that an [Observer] does not see. Outside a simulation it does nothing. The
// zero value has nothing released into it.
type Edge struct {
	obj Object
}

// Release adds all that the caller did so far to e.
func (e *Edge) Release() { e.effect(EventRelease) }

// Acquire orders all that was released into e before what the caller does next.
func (e *Edge) Acquire() { e.effect(EventAcquire) }

func (e *Edge) effect(kind EventKind) {
	if t := Current(); t != nil && !t.sim.killing {
		t.effect(kind, e.obj.in(t, kindEdge), 0, false)
	}
}
