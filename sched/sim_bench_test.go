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
	for _, tasks := range []int{10, 100, 1000, 10_000} {
		programs = append(programs, struct {
			name string
			body func()
		}{fmt.Sprintf("%d tasks, 20000 yields", tasks), func() { alike(tasks, 20_000/tasks, sched.Yield) }})
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
