//lint:file-ignore SA2001 the programs under test lock only to be scheduled

package strategy_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/schedtest"
)

// tasks starts each function in a task.
func tasks(fns ...func()) {
	for _, fn := range fns {
		sched.Go(fn)
	}
}

// times does fn n times.
func times(n int, fn func()) func() {
	return func() {
		for range n {
			fn()
		}
	}
}

// alike starts k tasks that each do fn n times.
func alike(k, n int, fn func()) {
	for range k {
		sched.Go(times(n, fn))
	}
}

// counting is a program and how many schedules it has.
type counting struct {
	name string
	want int
	body func()
}

// countings are worked out by counting interleavings, most of them by a
// formula: k tasks of n operations have (kn)!/(n!)^k.
func countings() []counting {
	all := []counting{
		{"A6 a child after its start", 126, func() { startChildren(1, 4, 4) }},
		{"A7 two children", 10, func() { startChildren(2, 1, 0) }},
		{"A7 three children", 280, func() { startChildren(3, 1, 0) }},
		{"A8 two children and yields", 17325, func() { startChildren(2, 3, 3) }},
		{"A10 cap 1, 3 items", 1, func() { produce(1, 3) }},
		{"A10 cap 2, 3 items", 4, func() { produce(2, 3) }},
		{"A11 two producers", 2, func() {
			c := sched.NewChan[int](1)
			send := func() { c.Send(1) }
			tasks(send, send, times(2, func() { c.Recv() }))
		}},
		{"A12 two readers and a writer", 26, func() {
			var rw sched.RWMutex
			read := func() { rw.RLock(); rw.RUnlock() }
			tasks(read, read, func() { rw.Lock(); rw.Unlock() })
		}},
		{"A15 three variables", 90, func() {
			var x [3]race.Var[int]
			for i := range x {
				sched.Go(times(2, func() { x[i].Store(1) }))
			}
		}},
		{"A16 two philosophers", 6, func() { dine(2, false) }},
		{"A16 three philosophers", 168, func() { dine(3, false) }},
		{"A16 four philosophers", 98184, func() { dine(4, false) }},
		{"A17 two in order", 2, func() { dine(2, true) }},
		{"A17 three in order", 142, func() { dine(3, true) }},
		{"A17 four in order", 64000, func() { dine(4, true) }},
		{"A18 three, and room for two", 20280, func() { dineWithRoom(3) }},
	}
	for _, a := range [][3]int{{2, 1, 2}, {2, 2, 6}, {2, 3, 20}, {2, 4, 70}, {2, 5, 252}, {2, 6, 924}, {2, 10, 184756}, {3, 1, 6}, {3, 2, 90},
		{3, 3, 1680}, {3, 4, 34650}, {4, 1, 24}, {4, 2, 2520}, {5, 1, 120}, {5, 2, 113400}, {6, 1, 720}, {8, 1, 40320}} {
		all = append(all, counting{fmt.Sprintf("A1 %d tasks, %d yields", a[0], a[1]), a[2], func() { alike(a[0], a[1], sched.Yield) }})
	}
	for _, a := range [][3]int{{2, 2, 6}, {3, 2, 90}, {4, 1, 24}} {
		all = append(all, counting{fmt.Sprintf("A2 %d tasks, %d writes", a[0], a[1]), a[2], func() {
			var x race.Var[int]
			alike(a[0], a[1], func() { x.Store(1) })
		}}, counting{fmt.Sprintf("A3 %d tasks, %d reads", a[0], a[1]), a[2], func() {
			var x race.Var[int]
			alike(a[0], a[1], func() { x.Load() })
		}})
	}
	for _, a := range [][3]int{{2, 1, 2}, {2, 2, 6}, {2, 3, 20}, {3, 1, 6}, {3, 2, 90}, {3, 3, 1680}} {
		all = append(all, counting{fmt.Sprintf("A9 %d tasks, %d sections", a[0], a[1]), a[2], func() {
			var mu sched.Mutex
			alike(a[0], a[1], func() { mu.Lock(); mu.Unlock() })
		}})
	}
	for n, want := range []int{1, 3, 35, 920, 44300} {
		all = append(all, counting{fmt.Sprintf("A5 last zero of %d", n), want, func() { lastZero(n) }})
	}
	for n, want := range []int{1, 1, 2, 5, 14} {
		all = append(all, counting{fmt.Sprintf("A10 cap %d, %d items", n, n), want, func() { produce(n, n) }})
	}
	return all
}

// startChildren opens the gate of one child after the other and then yields.
// A child passes its gate and yields.
func startChildren(children, steps, after int) {
	var gates []sched.Chan[int]
	for range children {
		gate := sched.NewChan[int](0)
		gates = append(gates, gate)
		sched.Go(func() { gate.Recv(); times(steps, sched.Yield)() })
	}
	sched.Go(func() {
		for _, gate := range gates {
			gate.Close()
		}
		times(after, sched.Yield)()
	})
}

func produce(capacity, n int) {
	if n == 0 {
		return
	}
	c := sched.NewChan[int](capacity)
	tasks(times(n, func() { c.Send(1) }), times(n, func() { c.Recv() }))
}

// lastZero has n tasks that each set a[i] to a[i-1]+1, and one that looks for
// the last zero from the end.
func lastZero(n int) {
	a := make([]race.Var[int], n+1)
	for i := 1; i <= n; i++ {
		sched.Go(func() { a[i].Store(a[i-1].Load() + 1) })
	}
	sched.Go(func() {
		for i := n; i >= 0 && a[i].Load() != 0; i-- {
		}
	})
}

// dine has n philosophers that each take two forks; in order they take the one
// with the lower number first.
func dine(n int, inOrder bool) {
	forks := make([]sched.Mutex, n)
	for i := range n {
		one, two := i, (i+1)%n
		if inOrder {
			one, two = min(one, two), max(one, two)
		}
		sched.Go(func() {
			forks[one].Lock()
			forks[two].Lock()
			forks[two].Unlock()
			forks[one].Unlock()
		})
	}
}

// dineWithRoom has n philosophers of which one less than all may sit at once.
func dineWithRoom(n int) {
	room := sched.NewChan[int](n - 1)
	forks := make([]sched.Mutex, n)
	for i := range n {
		sched.Go(func() {
			room.Send(i)
			forks[i].Lock()
			forks[(i+1)%n].Lock()
			forks[(i+1)%n].Unlock()
			forks[i].Unlock()
			room.Recv()
		})
	}
}

// The largest programs take some minutes each: they are counted by make soak.
func TestCountingLarge(t *testing.T) {
	if os.Getenv("RAVEL_SOAK") == "" {
		t.Skip("takes minutes; set RAVEL_SOAK")
	}
	for _, c := range []struct {
		name        string
		want, stuck int
		body        func()
	}{
		{"A16, F5 five philosophers", 66468720, 120, func() { dine(5, false) }},
		{"A17, F6 five in order", 49719072, 0, func() { dine(5, true) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			stuck := 0
			assert.Equal(t, c.want, schedtest.Explore(t, sched.Config{}, c.body, func(r *sched.Result) {
				if r.End != nil {
					stuck++
				}
			}))
			assert.Equal(t, c.stuck, stuck)
		})
	}
}

// Programs have exactly as many schedules as their operations can be ordered.
func TestCounting(t *testing.T) {
	for _, c := range countings() {
		t.Run(c.name, func(t *testing.T) {
			if testing.Short() && c.want > 30_000 {
				t.Skip("long")
			}
			assert.Equal(t, c.want, schedtest.Explore(t, sched.Config{}, c.body, func(*sched.Result) {}))
		})
	}
}
