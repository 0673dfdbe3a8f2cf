//lint:file-ignore SA2001 the programs under test lock only to be scheduled

package std_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/std"
	"github.com/ravelgo/ravel/sched/strategy"
)

// BenchmarkOutside compares rewritten code with plain code on goroutines. The
// process has simulated before, as that of a test has.
func BenchmarkOutside(b *testing.B) {
	sim := sched.NewSim(sched.Config{})
	sim.Run(strategy.RoundRobin(), 1, func() {})
	sim.Close()
	var mu sync.Mutex
	var n atomic.Int64
	ch, other := make(chan int, 1), make(chan int)
	m := map[int]int{}
	for i := range 100 {
		m[i] = i
	}
	sum := 0
	for _, bench := range []struct {
		name             string
		plain, rewritten func()
	}{
		{"lock", func() { mu.Lock(); mu.Unlock() }, func() { std.MutexLock(&mu); std.MutexUnlock(&mu) }},
		{"send", func() { ch <- 1; <-ch }, func() { std.To(ch).Send(1); std.Recv(ch) }},
		{"add", func() { n.Add(1) }, func() { std.AtomicAdd(&n, 1) }},
		{"select", func() {
			ch <- 1
			select {
			case <-ch:
			case <-other:
			}
		}, func() {
			ch <- 1
			c0, c1 := std.RecvCase(ch), std.RecvCase(other)
			std.Select(c0, c1)
		}},
		{"range over 100 entries", func() {
			for k, v := range m {
				sum += k + v
			}
		}, func() {
			for k, v, it := std.RangeMap(m); it.Next(&k, &v); {
				sum += k + v
			}
		}},
		{"now", func() { _ = time.Now() }, func() { _ = std.Now() }},
	} {
		for _, how := range []struct {
			name string
			do   func()
		}{{"plain", bench.plain}, {"rewritten", bench.rewritten}} {
			b.Run(bench.name+"/"+how.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					how.do()
				}
			})
		}
	}
}

// BenchmarkSim runs a small program, once on package sched and once rewritten.
func BenchmarkSim(b *testing.B) {
	const tasks, times = 4, 10
	start := func(goFunc func(func()), do func()) {
		for range tasks {
			goFunc(func() {
				for range times {
					do()
				}
			})
		}
	}
	for _, p := range []struct {
		name string
		body func()
	}{
		{"lock/sched", func() {
			var mu sched.Mutex
			start(sched.Go, func() { mu.Lock(); mu.Unlock() })
		}},
		{"lock/rewritten", func() {
			var mu sync.Mutex
			start(std.Go, func() { std.MutexLock(&mu); std.MutexUnlock(&mu) })
		}},
		{"chan/sched", func() {
			ch := sched.NewChan[int](tasks)
			start(sched.Go, func() { ch.Send(1); ch.Recv() })
		}},
		{"chan/rewritten", func() {
			ch := make(chan int, tasks)
			start(std.Go, func() { std.To(ch).Send(1); std.Recv(ch) })
		}},
		{"select/sched", func() {
			ch, other := sched.NewChan[int](tasks), sched.NewChan[int](0)
			start(sched.Go, func() { ch.Send(1); sched.Select(ch.Receiving(nil, nil), other.Receiving(nil, nil)) })
		}},
		{"select/rewritten", func() {
			ch, other := make(chan int, tasks), make(chan int)
			start(std.Go, func() { std.To(ch).Send(1); std.Select(std.RecvCase(ch), std.RecvCase(other)) })
		}},
		{"waitgroup/sched", func() {
			var wg sched.WaitGroup
			start(sched.Go, func() { wg.Add(1); wg.Done() })
		}},
		{"waitgroup/rewritten", func() {
			var wg sync.WaitGroup
			start(std.Go, func() { std.WaitGroupAdd(&wg, 1); std.WaitGroupDone(&wg) })
		}},
	} {
		b.Run(p.name, func(b *testing.B) {
			sim := sched.NewSim(sched.Config{})
			defer sim.Close()
			st := strategy.Random(1)
			steps := 0
			b.ReportAllocs()
			for b.Loop() {
				st.Next()
				steps += sim.Run(st, 1, p.body).Steps
			}
			b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(steps), "ns/step")
		})
	}
}
