package engine_test

import (
	"context"
	"iter"
	"runtime"
	"sync"
	"testing"

	"github.com/ravelgo/ravel/engine"
)

// BenchmarkMemory is how the memory of a map grows with its slots and with its items.
// An iteration is a map.
func BenchmarkMemory(b *testing.B) {
	const early, late = 10_000, 10_000_000
	b.Run("per=slot", func(b *testing.B) {
		var sum float64
		for b.Loop() {
			before := used()
			few, _ := memory(b, 10, early, early)
			between := used()
			many, _ := memory(b, 1010, early, early)
			sum += many - between - (few - before)
		}
		b.ReportMetric(sum/1000/float64(b.N), "B/slot")
	})
	b.Run("per=item", func(b *testing.B) {
		var sum float64
		for b.Loop() {
			first, last := memory(b, 10, early, late)
			sum += last - first
		}
		b.ReportMetric(max(0, sum/(late-early)/float64(b.N)), "B/item")
	})
}

// memory runs a map and returns what is in use at two of its items.
func memory(b *testing.B, slots, early, late int) (first, last float64) {
	succeed(b, growing(slots, late+1, func(i int) {
		if i == early {
			first = used()
		}
		if i == late {
			last = used()
		}
	}, func(context.Context) {}), engine.RunOptions{})
	return first, last
}

// BenchmarkLiveItems is how much memory an item takes that is blocked, in a map
// without a limit, and a goroutine that one would start for it by hand.
func BenchmarkLiveItems(b *testing.B) {
	const n = 100_000
	b.Run("impl=goroutine", func(b *testing.B) {
		var sum float64
		for b.Loop() {
			before := used()
			var all, blocked sync.WaitGroup
			gate := make(chan struct{})
			blocked.Add(n)
			for range n {
				all.Go(func() {
					blocked.Done()
					<-gate
				})
			}
			blocked.Wait()
			sum += used() - before
			close(gate)
			all.Wait()
		}
		b.ReportMetric(sum/n/float64(b.N), "B/item")
	})
	b.Run("impl=map", func(b *testing.B) {
		var sum float64
		for b.Loop() {
			before := used()
			var blocked sync.WaitGroup
			gate := make(chan struct{})
			blocked.Add(n)
			succeed(b, growing(0, n+1, func(i int) {
				if i == n { // it is not given before the others have been measured
					blocked.Wait()
					sum += used() - before
					close(gate)
					blocked.Add(1)
				}
			}, func(context.Context) {
				blocked.Done()
				<-gate
			}), engine.RunOptions{})
		}
		b.ReportMetric(sum/n/float64(b.N), "B/item")
	})
}

// growing is a map over the numbers below n, that calls at with each before it
// yields it.
func growing(limit, n int, at func(int), do func(ctx context.Context)) *pipeline {
	p := engine.New[state]("p", engine.Options{})
	engine.Map(p, "m", engine.Each[state, int]{
		Items: engine.Seq(func(context.Context, *state) iter.Seq[int] {
			return func(yield func(int) bool) {
				for i := 0; i < n; i++ {
					at(i)
					if !yield(i) {
						return
					}
				}
			}
		}),
		Do: func(ctx context.Context, _ *state, _ int) error { do(ctx); return nil },
	}, engine.MapOptions{MaxConcurrency: limit})
	return p
}

// used is how many bytes of heap and of stacks are in use.
func used() float64 {
	runtime.GC()
	runtime.GC() // what has a finalizer
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc + m.StackInuse)
}
