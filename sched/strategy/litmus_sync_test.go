//lint:file-ignore SA2001 the programs under test lock only to be scheduled

package strategy_test

import (
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/atomic"
)

// ends returns a program whose outcome is how it ends, 0 if well.
func ends(body func()) func() (func(), func(error) int) {
	return func() (func(), func(error) int) {
		return body, func(end error) int { return outcomeOf(end, 0) }
	}
}

// result returns a program whose outcome is a number that body makes, if it
// ends well.
func result(body func(n *int)) func() (func(), func(error) int) {
	return func() (func(), func(error) int) {
		n := new(int)
		return func() { body(n) }, func(end error) int { return outcomeOf(end, *n) }
	}
}

// Locks, condition variables and channels that go wrong.
var syncTests = []litmus{
	{"F2 ABBA behind a gate", ends(func() {
		var gate, a, b sched.Mutex
		task := func(one, two *sched.Mutex) func() {
			return func() {
				gate.Lock()
				one.Lock()
				two.Lock()
				two.Unlock()
				one.Unlock()
				gate.Unlock()
			}
		}
		tasks(task(&a, &b), task(&b, &a))
	}), map[int]int{0: 2}, less(0), 0, 0},
	{"F3 three philosophers", ends(func() { dine(3, false) }), map[int]int{0: 162, deadlocked: 6}, less(0), 1.0 / 3, 1.0 / 5},
	{"F4 four philosophers", ends(func() { dine(4, false) }), map[int]int{0: 98160, deadlocked: 24}, less(0), 11.0 / 48, 37.0 / 315},
	{"F8 signal before the wait", ends(func() {
		c := sched.NewCond(&sched.Mutex{})
		tasks(holding(c.L, c.Wait), holding(c.L, c.Signal))
	}), map[int]int{0: 1, deadlocked: 1}, less(0), 1.0 / 2, 1.0 / 2},
	{"F9 one signal for two", ends(func() { wake((*sched.Cond).Signal) }), map[int]int{0: 6, deadlocked: 2}, less(0), 1.0 / 3, 1.0 / 3},
	{"F10 broadcast for two", ends(func() { wake((*sched.Cond).Broadcast) }), map[int]int{0: 10}, less(0), 0, 0},
	{"F11 if in place of while", func() (func(), func(error) int) {
		n := &atomic.Int64{}
		return func() { takeOne(n) }, func(end error) int { return min(outcomeOf(end, 0), int(n.Load())*2) }
	}, map[int]int{2 * deadlocked: 2, deadlocked: 6}, less(deadlocked), 1.0 / 6, 1.0 / 6},
	{"F12 recursive read lock", ends(func() {
		var rw sched.RWMutex
		tasks(func() { rw.RLock(); rw.RLock(); rw.RUnlock(); rw.RUnlock() }, func() { rw.Lock(); rw.Unlock() })
	}), map[int]int{0: 4, deadlocked: 1}, less(0), 1.0 / 4, 1.0 / 4},
	{"F13 upgrade of a read lock", ends(func() {
		var rw sched.RWMutex
		upgrade := func() { rw.RLock(); rw.Lock(); rw.Unlock(); rw.RUnlock() }
		tasks(upgrade, upgrade)
	}), map[int]int{deadlocked: 6}, less(0), 1, 1},
	{"F14 guarded double close", ends(func() {
		c := sched.NewChan[int](0)
		var closed race.Var[bool]
		task := func() {
			if !closed.Load() {
				c.Close()
				closed.Store(true)
			}
		}
		tasks(task, task)
	}), map[int]int{0: 2, panicked: 12}, less(0), 3.0 / 4, 1.0 / 2},
	{"F16 one receiver for three", ends(func() {
		c := sched.NewChan[int](1)
		tasks(times(3, func() { c.Send(1) }), func() { c.Recv() })
	}), map[int]int{deadlocked: 1}, less(0), 1, 1},
	{"F17 early return", ends(func() {
		c := sched.NewChan[int](1)
		c.Send(0)
		var x race.Var[int]
		tasks(func() { c.Send(1) }, func() {
			if x.Load() == 1 {
				c.Recv()
			}
		}, func() { x.Store(1) })
	}), map[int]int{0: 1, deadlocked: 1}, less(0), 1.0 / 2, 1.0 / 2},
	{"F18 add in the goroutine", result(func(seen *int) {
		var wg sched.WaitGroup
		var done atomic.Int64
		tasks(func() { wg.Wait(); *seen = int(done.Load()) }, func() { wg.Add(1); done.Add(1); wg.Done() })
	}), map[int]int{0: 2, 1: 3}, less(1), 3.0 / 8, 1.0 / 3},
	{"F20 two ready cases", result(func(taken *int) {
		a, b := sched.NewChan[int](1), sched.NewChan[int](1)
		a.Send(0)
		b.Send(0)
		*taken = sched.Select(a.Receiving(nil, nil), b.Receiving(nil, nil))
	}), map[int]int{0: 1, 1: 1}, less(1), 1.0 / 2, 1.0 / 2},
	{"C5 torn snapshot", result(func(seen *int) {
		var x, y race.Var[int]
		tasks(func() { x.Store(1); y.Store(1) }, func() { *seen = 10*x.Load() + y.Load() })
	}), map[int]int{0: 2, 1: 1, 10: 1, 11: 2}, func(n int) bool { return n == 1 || n == 10 }, 1.0 / 4, 1.0 / 3},
	{"C7 transfer against audit", result(func(sum *int) {
		var a, b race.Var[int]
		move := func(x *race.Var[int], n int) { x.Update(func(v int) int { return v + n }) }
		tasks(func() { move(&a, -30); move(&b, 30) }, func() { *sum = 200 + a.Load() + b.Load() })
	}), map[int]int{200: 10, 170: 3, 230: 2}, func(n int) bool { return n != 200 }, 3.0 / 16, 7.0 / 24},
}

// holding returns a task that does fn under a lock.
func holding(l interface {
	Lock()
	Unlock()
}, fn func()) func() {
	return func() {
		l.Lock()
		fn()
		l.Unlock()
	}
}

// wake has two tasks that wait for a flag, which a third one sets.
func wake(notify func(c *sched.Cond)) {
	c := sched.NewCond(&sched.Mutex{})
	var flag race.Var[bool]
	waiter := holding(c.L, func() {
		if !flag.Load() {
			c.Wait()
		}
	})
	tasks(waiter, waiter, holding(c.L, func() { flag.Store(true); notify(c) }))
}

// takeOne has two tasks that wait for an item with an if, and one that brings
// one.
func takeOne(n *atomic.Int64) {
	c := sched.NewCond(&sched.Mutex{})
	taker := holding(c.L, func() {
		if n.Load() == 0 {
			c.Wait()
		}
		n.Add(-1)
	})
	tasks(taker, taker, holding(c.L, func() { n.Add(1); c.Signal() }))
}
