//lint:file-ignore SA2001 the programs under test lock only to be scheduled

package sched_test

import (
	"fmt"
	"sync"
	stdatomic "sync/atomic"
	"testing"

	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/atomic"
	"github.com/ravelgo/ravel/sched/strategy"
)

// alike starts k tasks that each do fn n times.
func alike(k, n int, fn func()) {
	task := func() {
		for range n {
			fn()
		}
	}
	for range k {
		sched.Go(task)
	}
}

// BenchmarkSim runs small programs under a random walk, an iteration a
// schedule, with and without the tracker.
func BenchmarkSim(b *testing.B) {
	var n atomic.Int64
	add := func() { n.Add(1) }
	var mu sched.Mutex
	section := func() { mu.Lock(); mu.Unlock() }
	programs := []struct {
		name string
		body func()
	}{
		{"2x2 adds", func() { alike(2, 2, add) }},
		{"4x10 adds", func() { alike(4, 10, add) }},
		{"2x2 sections", func() { alike(2, 2, section) }},
		{"4x10 sections", func() { alike(4, 10, section) }},
		{"chan cap 1, 10 items", func() {
			c := sched.NewChan[int](1)
			sched.Go(func() {
				for i := range 10 {
					c.Send(i)
				}
			})
			for range 10 {
				c.Recv()
			}
		}},
		{"5x2000 adds", func() { alike(5, 2000, add) }},
		{"100x100 adds", func() { alike(100, 100, add) }},
		{"1 task, 1000 yields", func() { alike(1, 1000, sched.Yield) }},
	}
	for _, p := range programs {
		for _, tracker := range []sched.Observer{nil, &race.Tracker{}} {
			name := p.name
			if tracker != nil {
				name += "/tracked"
			}
			b.Run(name, func(b *testing.B) { benchSim(b, tracker, p.body) })
		}
	}
}

// BenchmarkTasks compares what a step costs with more and more tasks, 20,000
// steps a schedule: in a simulation, also with the tracker, and with bare
// coroutines, whose stacks must come out of the memory all the same.
func BenchmarkTasks(b *testing.B) {
	const steps = 20_000
	for _, tasks := range []int{10, 100, 1000, 10_000} {
		b.Run(fmt.Sprintf("%d/bare", tasks), func(b *testing.B) {
			s := newBare(tasks, steps/tasks)
			defer s.close()
			s.run()
			for b.Loop() {
				s.run()
			}
			b.ReportMetric(float64(b.N)*steps/b.Elapsed().Seconds()/1e6, "Msteps/s")
		})
		body := func() { alike(tasks, steps/tasks, sched.Yield) }
		b.Run(fmt.Sprintf("%d/sched", tasks), func(b *testing.B) { benchSim(b, nil, body) })
		b.Run(fmt.Sprintf("%d/tracked", tasks), func(b *testing.B) { benchSim(b, &race.Tracker{}, body) })
	}
}

// BenchmarkWaiters compares what a step costs when more and more tasks wait for
// the same thing: a lock, or a channel that one task feeds.
func BenchmarkWaiters(b *testing.B) {
	for _, tasks := range []int{10, 100, 1000} {
		b.Run(fmt.Sprintf("mutex/%d", tasks), func(b *testing.B) {
			benchSim(b, nil, func() {
				var mu sched.Mutex
				alike(tasks, 1, func() { mu.Lock(); sched.Yield(); mu.Unlock() })
			})
		})
		for _, capacity := range []int{0, 1} {
			b.Run(fmt.Sprintf("chan_cap_%d/%d", capacity, tasks), func(b *testing.B) {
				benchSim(b, nil, func() {
					c := sched.NewChan[int](capacity)
					alike(tasks, 1, func() { c.Recv() })
					for i := range tasks {
						c.Send(i)
					}
				})
			})
		}
	}
}

// BenchmarkParallel runs a simulation on each of GOMAXPROCS cores: compare -cpu 1
// with -cpu 2.
func BenchmarkParallel(b *testing.B) {
	b.RunParallel(func(pb *testing.PB) {
		var mu sched.Mutex
		n := 0
		sim := sched.NewSim(sched.Config{Observer: &race.Tracker{}})
		defer sim.Close()
		st := strategy.Random(1)
		for pb.Next() {
			st.Next()
			sim.Run(st, 1, func() { alike(4, 10, func() { mu.Lock(); n++; mu.Unlock() }) })
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "schedules/s")
}

func benchSim(b *testing.B, tracker sched.Observer, body func()) {
	sim := sched.NewSim(sched.Config{Observer: tracker})
	defer sim.Close()
	st := strategy.Random(1)
	steps := 0
	run := func() {
		st.Next()
		steps += sim.Run(st, 1, body).Steps
	}
	run()
	steps = 0
	b.ReportAllocs()
	for b.Loop() {
		run()
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "schedules/s")
	b.ReportMetric(float64(steps)/b.Elapsed().Seconds()/1e6, "Msteps/s")
}

// BenchmarkReal compares primitives outside a simulation with those of the
// standard library.
func BenchmarkReal(b *testing.B) {
	var mu sync.Mutex
	var ours sched.Mutex
	var n stdatomic.Int64
	var m atomic.Int64
	c, d := make(chan int, 1), sched.NewChan[int](1)
	for _, bb := range []struct {
		name string
		op   func()
	}{
		{"mutex/sync", func() { mu.Lock(); mu.Unlock() }},
		{"mutex/sched", func() { ours.Lock(); ours.Unlock() }},
		{"atomic/sync", func() { n.Add(1) }},
		{"atomic/sched", func() { m.Add(1) }},
		{"chan/go", func() { c <- 1; <-c }},
		{"chan/sched", func() { d.Send(1); d.Recv() }},
	} {
		b.Run(bb.name, func(b *testing.B) {
			for b.Loop() {
				bb.op()
			}
		})
	}
}
