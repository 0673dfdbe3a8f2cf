//lint:file-ignore SA2001 the programs under test lock only to be scheduled

package sched_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/schedtest"
)

// Each behaviour is documented by package sync and must hold on goroutines and
// in every simulation.
func TestCondAndOnce(t *testing.T) {
	for name, test := range map[string]func(t testing.TB){
		"cond signal":         condSignal,
		"cond broadcast":      condBroadcast,
		"cond nobody waits":   func(testing.TB) { c := sched.NewCond(&sched.Mutex{}); c.Signal(); c.Broadcast() },
		"cond of an rwmutex":  condRLocker,
		"once":                onceOnce,
		"once panics":         oncePanics,
		"once func":           onceFunc,
		"once func panics":    onceFuncPanics,
		"once value":          onceValue,
		"once in many places": onceTogether,
	} {
		t.Run(name, func(t *testing.T) { schedtest.RealAndSimulated(t, test) })
	}
}

func condSignal(t testing.TB) {
	var mu sched.Mutex
	c := sched.NewCond(&mu)
	var queue []int
	var got []int
	var wg sched.WaitGroup
	for range 3 {
		wg.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			for len(queue) == 0 {
				c.Wait()
			}
			got = append(got, queue[0])
			queue = queue[1:]
		})
	}
	for i := range 3 {
		mu.Lock()
		queue = append(queue, i)
		mu.Unlock()
		c.Signal()
	}
	wg.Wait()
	assert.Equal(t, []int{0, 1, 2}, got)
}

func condBroadcast(t testing.TB) {
	c := sched.Cond{L: &sched.Mutex{}}
	open, passed := false, 0
	var wg sched.WaitGroup
	for range 3 {
		wg.Go(func() {
			c.L.Lock()
			for !open {
				c.Wait()
			}
			passed++
			c.L.Unlock()
		})
	}
	c.L.Lock()
	open = true
	c.Broadcast()
	c.L.Unlock()
	wg.Wait()
	assert.Equal(t, 3, passed)
}

func condRLocker(t testing.TB) {
	var rw sched.RWMutex
	c := sched.NewCond(rw.RLocker())
	open := false
	done := sched.NewChan[bool](0)
	sched.Go(func() {
		c.L.Lock()
		for !open {
			c.Wait()
		}
		c.L.Unlock()
		done.Close()
	})
	rw.Lock()
	open = true
	rw.Unlock()
	c.Broadcast()
	_, ok := done.Recv()
	assert.False(t, ok)
}

func onceOnce(t testing.TB) {
	var once sched.Once
	n := 0
	once.Do(func() { n++ })
	once.Do(func() { n++ })
	assert.Equal(t, 1, n)
}

func oncePanics(t testing.TB) {
	var once sched.Once
	assert.PanicsWithValue(t, 1, func() { once.Do(func() { panic(1) }) })
	once.Do(func() { t.Error("called again") })
}

func onceFunc(t testing.TB) {
	n := 0
	f := sched.OnceFunc(func() { n++ })
	f()
	f()
	assert.Equal(t, 1, n)
}

func onceFuncPanics(t testing.TB) {
	n := 0
	f := sched.OnceFunc(func() { n++; panic("oh") })
	assert.PanicsWithValue(t, "oh", f)
	assert.PanicsWithValue(t, "oh", f)
	assert.Equal(t, 1, n)
}

func onceValue(t testing.TB) {
	n := 0
	f := sched.OnceValue(func() int { n++; return n })
	g := sched.OnceValues(func() (int, string) { n++; return n, "x" })
	assert.Equal(t, 1, f())
	assert.Equal(t, 1, f())
	a, b := g()
	a2, _ := g()
	assert.Equal(t, []any{2, "x", 2}, []any{a, b, a2})
}

// Whoever returns from Do finds the work done.
func onceTogether(t testing.TB) {
	var once sched.Once
	var wg sched.WaitGroup
	ready := 0
	for range 3 {
		wg.Go(func() {
			once.Do(func() { sched.Yield(); ready++; sched.Yield() })
			assert.Equal(t, 1, ready)
		})
	}
	wg.Wait()
}

// Do inside Do of the same Once is a deadlock, as in Go.
func TestOnceInsideOnce(t *testing.T) {
	r := plainRun(t, func() {
		var once sched.Once
		once.Do(func() { once.Do(func() {}) })
	})
	assert.ErrorContains(t, r.End, "deadlock: main waits to do once at sync_test.go:")
}

// Which of two waiters a Signal wakes is a choice, if asked for.
func TestAnyWaiter(t *testing.T) {
	for any, want := range map[bool]map[string]int{false: {"ab": 1}, true: {"ab": 1, "ba": 1}} {
		got := map[string]int{}
		var order string
		schedtest.Explore(t, sched.Config{AnyWaiter: any}, func() {
			order = ""
			c := sched.NewCond(&sched.Mutex{})
			waiting := sched.NewChan[bool](0)
			woken := sched.NewChan[bool](0)
			for _, name := range []string{"a", "b"} {
				sched.Go(func() {
					c.L.Lock()
					sched.Go(func() { waiting.Send(true) })
					c.Wait()
					order += name
					c.L.Unlock()
					woken.Send(true)
				})
				waiting.Recv()
				c.L.Lock() // it waits now
				c.L.Unlock()
			}
			for range 2 {
				c.Signal()
				woken.Recv()
			}
		}, func(r *sched.Result) {
			assert.NoError(t, r.End)
			got[order] = 1
		})
		assert.Equal(t, want, got)
	}
}
