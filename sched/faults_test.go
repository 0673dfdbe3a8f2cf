package sched_test

import (
	"context"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// faults are what tasks do that ends a run badly, or nearly.
var faults = []func(){
	func() {},
	func() { panic("x") },
	runtime.Goexit,
	func() { sched.Abort(os.ErrClosed) },
	func() { sched.NewChan[int](0).Recv() },
	func() { defer panic("y"); runtime.Goexit() },
	func() { defer func() { _ = recover() }(); panic("z") },
	func() { var mu sched.Mutex; mu.Lock(); defer mu.Lock(); mu.Lock() },
	func() { new(sched.Mutex).Unlock() },
	func() { var wg sched.WaitGroup; wg.Add(1); wg.Wait() },
	func() {
		for range 300 {
			runtime.Gosched()
			sched.Yield()
		}
	},
	func() { c := sched.NewChan[int](1); c.Close(); c.Send(1) },
	func() { sched.NewTimer(time.Hour); sched.NewTicker(time.Second).C.Recv() },
	func() {
		ctx, cancel := sched.WithTimeout(context.Background(), time.Second)
		defer cancel()
		sched.AfterDone(ctx, func() { panic("late") })
		sched.Done(ctx).Recv()
	},
	func() { _ = sched.NewSemaphore(0).Acquire(context.Background(), 1) },
	func() {
		c := sched.NewCond(&sched.Mutex{})
		c.L.Lock()
		defer c.L.Unlock()
		c.Wait()
	},
	func() { sched.Select() },
	func() {
		c := make(chan int)
		go func() { close(c) }()
		<-c
	},
	func() { time.Sleep(time.Microsecond) },
	func() { var mu sync.Mutex; mu.Lock(); defer mu.Unlock(); sched.Yield() },
	func() { sched.Renew("again", -1); sched.Go(func() { sched.Sleep(1) }) },
}

// Whatever tasks do, the process keeps no goroutine of a run and no memory.
func TestNothingLeaks(t *testing.T) {
	runs := 100_000
	if testing.Short() {
		runs = 5000
	}
	sim := sched.NewSim(sched.Config{Observer: &race.Tracker{}, MaxSteps: 500, AnyTime: true})
	defer sim.Close()
	random := strategy.Random(5)
	body := func() {
		for range 4 {
			fault := faults[sched.Rand().IntN(len(faults))]
			sched.Go(func() {
				sched.Yield()
				fault()
			})
		}
		sched.Yield()
	}
	var goroutines, heaps []int
	for i := range runs {
		random.Next()
		sim.Run(random, uint64(i), body)
		if i%(runs/5) == 0 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			goroutines, heaps = append(goroutines, runtime.NumGoroutine()), append(heaps, int(m.HeapAlloc>>10))
		}
	}
	t.Logf("goroutines %v, heap %v KiB", goroutines, heaps)
	for i := range goroutines {
		assert.Less(t, goroutines[i], 40)
		assert.Less(t, heaps[i], heaps[1]+2048)
	}
}
