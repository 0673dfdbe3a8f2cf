//lint:file-ignore SA2001 the programs under test lock only to be scheduled

package std_test

import (
	"context"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/schedtest"
	"github.com/ravelgo/ravel/sched/std"
	"github.com/ravelgo/ravel/sched/strategy"
)

// runs runs body twice, one run after the other, and returns how the runs ended.
func runs(t *testing.T, body func()) (ends []error) {
	t.Helper()
	sim := sched.NewSim(sched.Config{Record: true})
	defer sim.Close()
	for range 2 {
		ends = append(ends, sim.Run(strategy.RoundRobin(), 1, body).End)
	}
	return ends
}

// A lock that a run has left locked is free in the next one and after it, whatever it
// was locked for.
func TestLeftLocked(t *testing.T) {
	var mu sync.Mutex
	var writing, reading sync.RWMutex
	for _, end := range runs(t, func() {
		std.MutexLock(&mu)
		std.RWMutexLock(&writing)
		std.RWMutexRLock(&reading)
		std.RWMutexRLock(&reading)
		assert.False(t, mu.TryLock(), "code that is not controlled sees the lock")
		assert.False(t, writing.TryRLock())
		assert.True(t, reading.TryRLock())
		reading.RUnlock()
		assert.False(t, reading.TryLock())
	}) {
		assert.NoError(t, end)
	}
	assert.True(t, mu.TryLock())
	assert.True(t, writing.TryLock())
	assert.True(t, reading.TryLock())
}

// A lock that was locked before the run is locked in it, until a task unlocks it.
func TestLockedBefore(t *testing.T) {
	var mu sync.Mutex
	var writing, reading sync.RWMutex
	mu.Lock()
	writing.Lock()
	reading.RLock()
	for _, end := range runs(t, func() { std.MutexLock(&mu) }) {
		assert.ErrorContains(t, end, "held by a goroutine outside the simulation")
	}
	body := func() {
		assert.False(t, std.MutexTryLock(&mu))
		assert.False(t, std.RWMutexTryRLock(&writing))
		assert.False(t, std.RWMutexTryLock(&reading))
		assert.True(t, std.RWMutexTryRLock(&reading))
		std.RWMutexRUnlock(&reading)
		std.Go(func() { std.MutexUnlock(&mu); std.RWMutexUnlock(&writing); std.RWMutexRUnlock(&reading) })
		std.MutexLock(&mu)
		std.RWMutexLock(&writing)
		std.RWMutexLock(&reading)
	}
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	assert.NoError(t, sim.Run(strategy.RoundRobin(), 1, body).End)
	assert.True(t, mu.TryLock())
	assert.True(t, writing.TryLock())
	assert.True(t, reading.TryLock())
}

// Unlocking what is not locked ends the run and not the process, also by a deferred
// call while the run is unwound.
func TestUnlocked(t *testing.T) {
	for _, body := range []func(){
		func() { std.MutexUnlock(new(sync.Mutex)) },
		func() { std.RWMutexUnlock(new(sync.RWMutex)) },
		func() { std.RWMutexRUnlock(new(sync.RWMutex)) },
	} {
		ends := runs(t, func() {
			var mu sync.Mutex
			var rw sync.RWMutex
			defer std.MutexUnlock(&mu)
			defer std.RWMutexUnlock(&rw)
			defer std.RWMutexRUnlock(&rw)
			body()
		})
		assert.IsType(t, &sched.Misuse{}, ends[0])
	}
}

// A wait group counts after a run what it counted before, and the count of before
// counts in the run.
func TestWaitGroupFromBefore(t *testing.T) {
	var wg sync.WaitGroup
	wg.Add(1)
	for _, end := range runs(t, func() {
		std.Go(func() { std.WaitGroupDone(&wg) })
		std.WaitGroupWait(&wg)
		std.WaitGroupAdd(&wg, 3)
	}) {
		assert.NoError(t, end)
	}
	wg.Done()
	wg.Wait()
}

// A wait group that was passed by value is never done: the usual mistake.
func TestWaitGroupCopied(t *testing.T) {
	ends := runs(t, func() {
		var wg sync.WaitGroup
		std.WaitGroupAdd(&wg, 1)
		passed := copyOf(&wg)
		std.Go(func() { std.WaitGroupDone(&passed) })
		std.WaitGroupWait(&wg)
	})
	assert.IsType(t, &sched.Deadlock{}, ends[0])
	ends = runs(t, func() {
		var wg sync.WaitGroup
		std.WaitGroupDone(&wg)
	})
	assert.ErrorContains(t, ends[0], "negative WaitGroup counter")
}

// What was done once is done, but not by a run that ended in it.
func TestOnceFromRunToRun(t *testing.T) {
	var whole, cut sync.Once
	n, began := 0, 0
	body := func() {
		std.OnceDo(&whole, func() { n++ })
		std.OnceDo(&cut, func() { began++; std.Forever() })
	}
	for _, end := range runs(t, body) {
		assert.IsType(t, &sched.Deadlock{}, end)
	}
	assert.Equal(t, 1, n)
	assert.Equal(t, 2, began)
	whole.Do(func() { t.Error("done twice") })
	cut.Do(func() { began++ })
	assert.Equal(t, 3, began)
}

// A pool gives what was put last in the same run, and else what New makes.
func TestPool(t *testing.T) {
	p := sync.Pool{New: func() any { return "new" }}
	p.Put(new(int))
	for _, end := range runs(t, func() {
		assert.Equal(t, "new", std.PoolGet(&p))
		std.PoolPut(&p, "a")
		std.PoolPut(&p, nil)
		assert.Equal(t, "a", std.PoolGet(&p))
		assert.Nil(t, std.PoolGet(new(sync.Pool)))
	}) {
		assert.NoError(t, end)
	}
}

// Code outside sees the values in the buffer of a channel and that it is closed, and
// tasks see what such code does.
func TestChannelsAreReal(t *testing.T) {
	before, during, closed := make(chan int, 2), make(chan int, 2), make(chan int)
	before <- 1
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	r := sim.Run(strategy.RoundRobin(), 1, func() {
		assert.Equal(t, 1, std.Recv(before))
		std.To(before).Send(2)
		std.To(during).Send(3)
		std.Close(during)
		close(closed) // as code does that is not controlled
		std.Recv(closed)
	})
	assert.NoError(t, r.End)
	assert.Equal(t, 2, <-before)
	assert.Equal(t, 3, <-during)
	_, ok := <-during
	assert.False(t, ok)
}

// A task that waits at a channel goes on when code that is not controlled has done
// something to it, in a task or not.
func TestChannelsUsedOutside(t *testing.T) {
	for _, end := range runs(t, func() {
		buffered, closed := make(chan int, 1), make(chan int)
		std.Go(func() { std.Gosched(); buffered <- 1; close(closed) })
		c0, c1 := std.RecvCase(closed), std.RecvCase(make(chan int))
		assert.Equal(t, 0, std.Select(c0, c1))
		assert.Equal(t, 1, std.Recv(buffered))
	}) {
		assert.NoError(t, end)
	}
}

// A value that a goroutine outside sends on an unbuffered channel is not lost.
func TestUnbufferedFromOutside(t *testing.T) {
	for range 20 {
		ch := make(chan int)
		go func() { ch <- 7 }()
		for !someone("[chan send]:") {
			runtime.Gosched()
		}
		sim := sched.NewSim(sched.Config{})
		r := sim.Run(strategy.RoundRobin(), 1, func() {
			std.TrySelect(std.To(ch).Case(1))
			c0, c1 := std.RecvCase(make(chan int)), std.RecvCase(ch)
			assert.Equal(t, 1, std.Select(c0, c1))
			assert.Equal(t, 7, c1.V)
			assert.True(t, c1.OK)
		})
		assert.NoError(t, r.End)
		sim.Close()
	}
}

// someone reports whether some goroutine is in a state.
func someone(state string) bool {
	buf := make([]byte, 1<<16)
	return strings.Contains(string(buf[:runtime.Stack(buf, true)]), state)
}

// Code that is not controlled and keeps a lock is what the run ends with, if a task
// waits for that lock.
func TestLockKeptOutside(t *testing.T) {
	sim := sched.NewSim(sched.Config{BlockedAfter: 50 * time.Millisecond})
	defer sim.Close()
	var mu sync.Mutex
	r := sim.Run(strategy.RoundRobin(), 1, func() {
		std.MutexLock(&mu)
		std.MutexUnlock(&mu)
		mu.Lock() // as code does that is not controlled
		std.MutexLock(&mu)
	})
	mu.Unlock()
	var blocked *sched.Blocked
	require.ErrorAs(t, r.End, &blocked)
	assert.Equal(t, "sync.Mutex.Lock", blocked.State)
	assert.Contains(t, blocked.Stack[0].Pos.Source(), "std.MutexLock(&mu)")
}

// Contexts that package context derives from those of a simulation are done with
// them, at once and without a goroutine.
func TestDerivedContexts(t *testing.T) {
	all := schedtest.Explore(t, sched.Config{}, func() {
		ctx, cancel := std.WithCancel(context.Background())
		before := runtime.NumGoroutine()
		child, stop := context.WithCancel(context.WithValue(ctx, key{}, 1))
		defer stop()
		if after := runtime.NumGoroutine(); after != before {
			t.Errorf("%d goroutines more", after-before)
		}
		done := false
		std.Go(func() { std.Recv(child.Done()); done = true })
		cancel()
		if std.Gosched(); !done {
			std.Gosched()
		}
		require.Error(t, child.Err())
	}, func(r *sched.Result) { assert.NoError(t, r.End) })
	assert.Greater(t, all, 1)
}

// A context from outside is seen to be done when nothing else can go on.
func TestForeignContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	for _, end := range runs(t, func() {
		std.Go(func() { std.Sleep(time.Hour); cancel() })
		std.Recv(ctx.Done())
	}) {
		assert.NoError(t, end)
	}
	ends := runs(t, func() {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		std.Recv(ctx.Done())
	})
	assert.IsType(t, &sched.Deadlock{}, ends[0])
}

// The timers of one run are not those of the next, and code that is not controlled
// can stop one without harm.
func TestTimersOfAnotherRun(t *testing.T) {
	var old []*time.Timer
	var oldTicker *time.Ticker
	outside := time.NewTimer(time.Hour)
	ends := runs(t, func() {
		for _, tm := range old {
			std.TimerStop(tm)
			std.TimerReset(tm, time.Hour)
		}
		if oldTicker != nil {
			std.TickerStop(oldTicker)
			std.TickerReset(oldTicker, time.Hour)
		}
		old = append(old, std.NewTimer(time.Second), std.AfterFunc(time.Hour, func() {}), outside)
		oldTicker = std.NewTicker(time.Second)
		std.NewTimer(time.Second).Stop()
		std.Recv(oldTicker.C)
	})
	assert.NoError(t, ends[0])
	assert.NoError(t, ends[1])
	for _, tm := range old {
		tm.Stop()
	}
	oldTicker.Stop()
}

// A simulation that finds a lock held by another one does not take it for locked for
// ever, but waits.
func TestLockSharedBySimulations(t *testing.T) {
	var mu sync.Mutex
	var rw sync.RWMutex
	for _, c := range []struct {
		state        string
		lock, unlock func()
	}{
		{"[sync.Mutex.Lock]:", func() { std.MutexLock(&mu) }, func() { std.MutexUnlock(&mu) }},
		{"[sync.RWMutex.Lock]:", func() { std.RWMutexLock(&rw) }, func() { std.RWMutexUnlock(&rw) }},
	} {
		locked, end := make(chan bool), make(chan error)
		go func() {
			<-locked
			sim := sched.NewSim(sched.Config{})
			defer sim.Close()
			end <- sim.Run(strategy.RoundRobin(), 1, func() { c.lock(); c.unlock() }).End
		}()
		sim := sched.NewSim(sched.Config{})
		assert.NoError(t, sim.Run(strategy.RoundRobin(), 1, func() {
			c.lock()
			close(locked)
			for deadline := time.Now().Add(time.Second); !someone(c.state) && time.Now().Before(deadline); {
				runtime.Gosched()
			}
			c.unlock()
		}).End)
		sim.Close()
		assert.NoError(t, <-end)
	}
}

// Called on a task's nil lock the functions panic as the methods do.
func TestNil(t *testing.T) {
	for _, end := range runs(t, func() {
		assert.Panics(t, func() { std.MutexLock(nil) })
		assert.Panics(t, func() { std.WaitGroupAdd(nil, 1) })
		assert.Panics(t, func() { std.RWMutexRLock(nil) })
		assert.Panics(t, func() { std.OnceDo(nil, func() {}) })
		assert.Panics(t, func() { std.TimerStop(nil) })
	}) {
		assert.NoError(t, end)
	}
}
