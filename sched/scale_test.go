//lint:file-ignore SA2001 the programs under test lock only to be scheduled

package sched_test

import (
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// Ten thousand tasks run, or are unwound when they can never go on.
func TestManyTasks(t *testing.T) {
	n := 10_000
	if sched.RaceEnabled {
		n = 2_000 // the race detector takes time that grows with the square
	}
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	sum := 0
	r := sim.Run(strategy.RoundRobin(), 1, func() {
		var mu sched.Mutex
		for range n {
			sched.Go(func() {
				mu.Lock()
				sum++
				mu.Unlock()
			})
		}
	})
	require.NoError(t, r.End)
	assert.Equal(t, n, sum)
	assert.Equal(t, n+1, r.Tasks)
	assert.Equal(t, 2*n, r.Steps)

	unwound := 0
	r = sim.Run(strategy.RoundRobin(), 1, func() {
		never := sched.NewChan[int](0)
		for range n {
			sched.Go(func() {
				defer func() {
					unwound++
					if unwound%10 == 0 {
						panic("while unwinding")
					}
				}()
				never.Recv()
			})
		}
	})
	var leak *sched.Leak
	require.ErrorAs(t, r.End, &leak)
	assert.Len(t, leak.Blocked, n)
	assert.Less(t, len(leak.Error()), 2000)
	assert.Equal(t, n, unwound)
}

// Goroutines and memory serve run after run, however the runs end.
func TestManyRuns(t *testing.T) {
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	st := strategy.Random(1)
	base := runtime.NumGoroutine()
	for n := range 10_000 {
		st.Next()
		sim.Run(st, uint64(n), func() {
			var mu sched.Mutex
			for i := range 4 {
				sched.Go(func() {
					mu.Lock()
					switch sched.Rand().IntN(8) {
					case 0:
						panic(i)
					case 1:
						runtime.Goexit()
					case 2:
						return // with the lock
					}
					mu.Unlock()
				})
			}
		})
	}
	// The runtime counts those that have ended too, for a while.
	assert.Eventually(t, func() bool { return runtime.NumGoroutine() < base+50 }, 5*time.Second, time.Millisecond)
}

// A deep stack is no problem for a coroutine.
func TestDeepStack(t *testing.T) {
	var deep func(n int) int
	deep = func(n int) int {
		if n == 0 {
			sched.Yield()
			return 0
		}
		return 1 + deep(n-1)
	}
	got := 0
	simulate(t, func() {
		sched.Go(func() { got = deep(100_000) })
		sched.Yield()
	})
	assert.Equal(t, 100_000, got)
}

// Simulations in parallel do what each does alone.
func TestParallelSims(t *testing.T) {
	var all [4]string
	var wg sync.WaitGroup
	for i := range all {
		wg.Go(func() { all[i] = hashes() })
	}
	wg.Wait()
	for _, text := range all {
		assert.Equal(t, goldenHashes, text)
	}
}

// What a warm run allocates comes from the body alone.
func TestWarmRunAllocatesNothing(t *testing.T) {
	var mu sched.Mutex
	var rw sched.RWMutex
	var wg sched.WaitGroup
	var guarded sched.Guarded[int]
	buffered, unbuffered := sched.NewChan[int](1), sched.NewChan[int](0)
	inc := func(n *int) { *n++ }
	worker := func() {
		mu.Lock()
		sched.Yield()
		mu.Unlock()
		rw.RLock()
		rw.RUnlock()
		guarded.Do(inc)
		buffered.Send(1)
		buffered.Recv()
		sched.Sleep(1)
		wg.Done()
	}
	send, receive := func() { unbuffered.Send(1) }, func() { unbuffered.Recv() }
	body := func() {
		wg.Add(3)
		for range 3 {
			sched.Go(worker)
		}
		sched.Go(send)
		sched.Go(receive)
		rw.Lock()
		rw.Unlock()
		wg.Wait()
	}
	warmRunAllocatesNothing(t, 1000, body)
}

// A lock that a run has left locked is as new in the next one.
func TestLocksStartAnew(t *testing.T) {
	var mu sched.Mutex
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	for range 2 {
		r := sim.Run(strategy.RoundRobin(), 1, func() {
			mu.Lock()
			mu.Lock()
		})
		assert.IsType(t, (*sched.Deadlock)(nil), r.End)
	}
	assert.True(t, mu.TryLock(), "and outside of runs")
}

// Close ends the goroutines of the tasks of all runs.
func TestCloseEndsGoroutines(t *testing.T) {
	const n = 2_000
	before := runtime.NumGoroutine()
	sim := sched.NewSim(sched.Config{})
	r := sim.Run(strategy.RoundRobin(), 1, func() {
		var mu sched.Mutex
		mu.Lock()
		for range n {
			sched.Go(mu.Lock)
		}
	})
	assert.IsType(t, (*sched.Leak)(nil), r.End)
	assert.GreaterOrEqual(t, runtime.NumGoroutine(), before+n, "kept for the next run")
	sim.Close()
	assert.Less(t, runtime.NumGoroutine(), before+10)
}

// Who waits for whom is found in a time that does not grow with the number of
// paths: 2^40 here, through layers of two readers who wait for the next layer.
func TestManyWaitPaths(t *testing.T) {
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	r := sim.Run(strategy.RoundRobin(), 1, func() {
		layers := make([]sched.RWMutex, 41)
		var held sched.WaitGroup
		held.Add(80)
		for i := range 40 {
			for range 2 {
				sched.Go(func() {
					layers[i].RLock()
					held.Done()
					held.Wait()
					layers[i+1].Lock()
				})
			}
		}
		layers[40].Lock()
		held.Wait()
		sched.NewChan[int](0).Recv()
	})
	var d *sched.Deadlock
	require.ErrorAs(t, r.End, &d)
	assert.Empty(t, d.Cycle)
	assert.Len(t, d.Others, 81)
}
