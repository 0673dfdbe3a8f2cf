package engine_test

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"testing"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
)

// BenchmarkMap compares a map with the worker pool that one would write by
// hand: an unbuffered channel of items, a goroutine a worker and a wait group.
// An iteration is an item, which spins for work rounds.
func BenchmarkMap(b *testing.B) {
	for _, limit := range []int{1, 2, 10} {
		for _, work := range []int{0, 1000} {
			b.Run(fmt.Sprintf("pool/limit=%d/work=%d", limit, work), func(b *testing.B) {
				b.ReportAllocs()
				pool(b.N, limit, func(int) { spin(work) })
			})
			b.Run(fmt.Sprintf("map/limit=%d/work=%d", limit, work), func(b *testing.B) {
				b.ReportAllocs()
				p := engine.New[state]("p", engine.Options{})
				engine.Map(p, "m", engine.Each[state, int]{
					Items: engine.Seq(func(context.Context, *state) iter.Seq[int] { return below(b.N) }),
					Do:    func(context.Context, *state, int) error { spin(work); return nil },
				}, engine.MapOptions{MaxConcurrency: limit})
				if _, err := p.Run(b.Context(), &state{}, engine.RunOptions{}); err != nil {
					b.Fatal(err)
				}
			})
		}
	}
}

// BenchmarkEvents is a map whose events are observed, read or both, and
// BenchmarkGather one whose results are collected; an iteration is an item.
func BenchmarkEvents(b *testing.B) {
	for _, observed := range []bool{false, true} {
		for _, streamed := range []bool{false, true} {
			b.Run(fmt.Sprintf("observed=%t/streamed=%t", observed, streamed), func(b *testing.B) {
				b.ReportAllocs()
				p := engine.New[state]("p", engine.Options{})
				engine.Map(p, "m", engine.Each[state, int]{
					Items: engine.Seq(func(context.Context, *state) iter.Seq[int] { return below(b.N) }),
					Do:    func(context.Context, *state, int) error { return nil },
				}, engine.MapOptions{MaxConcurrency: 10})
				opts := engine.RunOptions{}
				if observed {
					opts.Observers = []engine.Observer{observerFunc(func(event.Event) {})}
				}
				if !streamed {
					if _, err := p.Run(b.Context(), &state{}, opts); err != nil {
						b.Fatal(err)
					}
					return
				}
				run, err := p.Stream(b.Context(), &state{}, opts)
				if err != nil {
					b.Fatal(err)
				}
				for range run.Events() {
				}
			})
		}
	}
}

func BenchmarkGather(b *testing.B) {
	for _, limit := range []int{1, 10} {
		b.Run(fmt.Sprintf("limit=%d", limit), func(b *testing.B) {
			b.ReportAllocs()
			p := engine.New[state]("p", engine.Options{})
			engine.MapGather(p, "m", engine.Gather[state, int, int]{
				Items:   engine.Seq(func(context.Context, *state) iter.Seq[int] { return below(b.N) }),
				Do:      func(_ context.Context, _ *state, i int) (int, error) { return i, nil },
				Collect: func(context.Context, *state, int, int) error { return nil },
			}, engine.MapOptions{MaxConcurrency: limit})
			if _, err := p.Run(b.Context(), &state{}, engine.RunOptions{}); err != nil {
				b.Fatal(err)
			}
		})
	}
}

func pool(n, workers int, do func(int)) {
	items := make(chan int)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := range items {
				do(i)
			}
		})
	}
	for i := range n {
		items <- i
	}
	close(items)
	wg.Wait()
}

func below(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := 0; i < n && yield(i); i++ {
		}
	}
}

//go:noinline
func spin(rounds int) {
	x := uint64(1)
	for range rounds {
		x = x*6364136223846793005 + 1
	}
	if x == 0 {
		panic("spin")
	}
}

// BenchmarkSteps runs a chain of 1,000 steps; an iteration is a step.
func BenchmarkSteps(b *testing.B) {
	const long = 1000
	p := engine.New[state]("p", engine.Options{})
	last := p.Step("0", ok, engine.NodeOptions{})
	for i := 1; i < long; i++ {
		n := p.Step(fmt.Sprint(i), ok, engine.NodeOptions{})
		last.To(n)
		last = n
	}
	b.ReportAllocs()
	for n := 0; n < b.N; n += long {
		if _, err := p.Run(b.Context(), &state{}, engine.RunOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
