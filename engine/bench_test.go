package engine_test

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/sched"
)

// microsecond is how many rounds of spin take about that long.
const microsecond = 800

// BenchmarkMap compares a map with what one would write by hand: a pool, which is
// an unbuffered channel of items, a goroutine a worker and a wait group; and a
// group, which has a limit and a goroutine an item. An iteration is an item, which
// spins for work rounds.
func BenchmarkMap(b *testing.B) {
	impls := []struct {
		name string
		run  func(b *testing.B, limit int, do func(int))
	}{
		{"pool", func(b *testing.B, limit int, do func(int)) { pool(b.N, limit, do) }},
		{"group", func(b *testing.B, limit int, do func(int)) { group(b.N, limit, do) }},
		{"map", func(b *testing.B, limit int, do func(int)) {
			succeed(b, overBelow(b.N, limit, func(_ context.Context, i int) error { do(i); return nil }), engine.RunOptions{})
		}},
	}
	for _, limit := range []int{1, 2, 10} {
		for _, work := range []int{0, microsecond} {
			for _, impl := range impls {
				b.Run(fmt.Sprintf("limit=%d/work=%d/impl=%s", limit, work, impl.name), func(b *testing.B) {
					b.ReportAllocs()
					impl.run(b, limit, func(int) { spin(work) })
					b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "items/s")
				})
			}
		}
	}
}

// BenchmarkEvents is a map whose events are observed, read or both; an iteration
// is an item, which has two of them.
func BenchmarkEvents(b *testing.B) {
	for _, streamed := range []bool{false, true} {
		for _, observers := range []int{0, 1, 10} {
			b.Run(fmt.Sprintf("streamed=%t/observers=%d", streamed, observers), func(b *testing.B) {
				b.ReportAllocs()
				opts := engine.RunOptions{}
				for range observers {
					opts.Observers = append(opts.Observers, observerFunc(func(event.Event) {}))
				}
				p := overBelow(b.N, 10, func(context.Context, int) error { return nil })
				result := engine.Result{}
				if streamed {
					result = drain(b, p, opts)
				} else {
					result = succeed(b, p, opts)
				}
				events := 0
				for _, n := range result.Metrics.Events {
					events += n
				}
				b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "items/s")
			})
		}
	}
}

// BenchmarkGather is a map whose results are collected; an iteration is an item.
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
			succeed(b, p, engine.RunOptions{})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "items/s")
		})
	}
}

// overBelow is a map over the numbers below n, from an iterator.
func overBelow(n, limit int, do func(ctx context.Context, item int) error) *pipeline {
	p := engine.New[state]("p", engine.Options{})
	engine.Map(p, "m", engine.Each[state, int]{
		Items: engine.Seq(func(context.Context, *state) iter.Seq[int] { return below(n) }),
		Do:    func(ctx context.Context, _ *state, item int) error { return do(ctx, item) },
	}, engine.MapOptions{MaxConcurrency: limit})
	return p
}

// succeed runs p, which succeeds.
func succeed(b *testing.B, p *pipeline, opts engine.RunOptions) engine.Result {
	result, err := p.Run(b.Context(), &state{}, opts)
	require.NoError(b, err)
	return result
}

// drain runs p and reads all its events.
func drain(b *testing.B, p *pipeline, opts engine.RunOptions) engine.Result {
	run, err := p.Stream(b.Context(), &state{}, opts)
	require.NoError(b, err)
	for range run.Events() {
	}
	result, err := run.Wait()
	require.NoError(b, err)
	return result
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

func group(n, limit int, do func(int)) {
	g, _ := sched.NewGroup(context.Background())
	g.SetLimit(limit)
	for i := range n {
		g.Go(func() error { do(i); return nil })
	}
	_ = g.Wait()
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
	p := chain(long)
	for _, streamed := range []bool{false, true} {
		b.Run(fmt.Sprintf("streamed=%t", streamed), func(b *testing.B) {
			b.ReportAllocs()
			for n := 0; n < b.N; n += long {
				if streamed {
					drain(b, p, engine.RunOptions{})
				} else {
					succeed(b, p, engine.RunOptions{})
				}
			}
			steps := (b.N + long - 1) / long * long
			b.ReportMetric(float64(steps)/b.Elapsed().Seconds(), "steps/s")
		})
	}
}

// chain is a pipeline of n steps, one after the other.
func chain(n int) *pipeline {
	p := engine.New[state]("p", engine.Options{})
	link(p, n, ok)
	return p
}

// link adds n steps, one after the other.
func link(p *pipeline, n int, fn step) {
	last := p.Step("0", fn, engine.NodeOptions{})
	for i := 1; i < n; i++ {
		next := p.Step(fmt.Sprint(i), fn, engine.NodeOptions{})
		last.To(next)
		last = next
	}
}

// BenchmarkLayers runs 10 layers of 10 steps, of which each waits for all of the
// layer before; an iteration is a run.
func BenchmarkLayers(b *testing.B) {
	p := engine.New[state]("p", engine.Options{MultiRoot: true})
	stack(p, 10, 10, ok)
	b.ReportAllocs()
	for b.Loop() {
		succeed(b, p, engine.RunOptions{})
	}
}

// stack adds layers of steps, of which each has edges to all of the next layer.
func stack(p *pipeline, deep, wide int, fn step) {
	var last []*engine.Node[state]
	for i := range deep {
		var layer []*engine.Node[state]
		for j := range wide {
			layer = append(layer, p.Step(fmt.Sprintf("%d.%d", i, j), fn, engine.NodeOptions{}))
		}
		for _, n := range last {
			n.To(layer...)
		}
		last = layer
	}
}

// BenchmarkRun is a run of one step, from its start to its end.
func BenchmarkRun(b *testing.B) {
	p := chain(1)
	b.ReportAllocs()
	for b.Loop() {
		succeed(b, p, engine.RunOptions{})
	}
}

// BenchmarkValidate validates and hashes a chain of 100,000 steps, which the
// iterations make first.
func BenchmarkValidate(b *testing.B) {
	var took time.Duration
	for b.Loop() {
		p := chain(100_000)
		began := time.Now()
		require.NoError(b, p.Validate())
		require.NotEmpty(b, p.Describe().Hash)
		took += time.Since(began)
	}
	b.ReportMetric(float64(took)/float64(b.N), "ns/op")
}
