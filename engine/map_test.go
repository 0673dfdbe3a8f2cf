package engine_test

import (
	"context"
	"iter"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// gauge counts what goes on at once.
type gauge struct{ now, peak atomic.Int64 }

func (g *gauge) enter() {
	n := g.now.Add(1)
	for p := g.peak.Load(); n > p && !g.peak.CompareAndSwap(p, n); p = g.peak.Load() {
	}
}

func (g *gauge) leave() { g.now.Add(-1) }

// A million items with a limit need neither a million goroutines nor memory
// for them.
func TestMillionItems(t *testing.T) {
	const n, limit = 1_000_000, 10
	var items, tasks gauge
	var done atomic.Int64
	base := int64(runtime.NumGoroutine())
	_, err := run(context.Background(), func(p *pipeline) {
		engine.Map(p, "m", engine.Each[state, int]{
			Items: engine.Seq(func(context.Context, *state) iter.Seq[int] {
				return func(yield func(int) bool) {
					for i := 0; i < n && yield(i); i++ {
					}
				}
			}),
			Do: func(context.Context, *state, int) error {
				items.enter()
				defer items.leave()
				if done.Add(1)%1000 == 0 {
					tasks.now.Store(int64(runtime.NumGoroutine()) - 1)
					tasks.enter()
				}
				return nil
			},
		}, engine.MapOptions{MaxConcurrency: limit})
	})
	require.NoError(t, err)
	assert.EqualValues(t, n, done.Load())
	assert.LessOrEqual(t, items.peak.Load(), int64(limit))
	assert.LessOrEqual(t, tasks.peak.Load(), base+limit+2)
}

// Without a limit all items run at once.
func TestUnlimitedMap(t *testing.T) {
	const n = 1000
	var all sync.WaitGroup
	all.Add(n)
	_, err := run(context.Background(), func(p *pipeline) {
		mapOf(p, "m", n, func(context.Context, int) error { all.Done(); all.Wait(); return nil }, 0)
	})
	require.NoError(t, err)
}

// The limit holds on every schedule, items start in order, and an iterator is
// asked for one item too many at most.
func TestLimitOnEverySchedule(t *testing.T) {
	for _, limit := range []int{1, 2, 3} {
		result := check.Config{Strategy: strategy.DFS(), Runs: 1_000_000}.Search("TestLimit", func(t *check.T) {
			running, taken, ended := 0, 0, 0
			rec := &recorder{}
			p := engine.New[state]("p", engine.Options{})
			engine.Map(p, "m", engine.Each[state, int]{
				Items: engine.Seq(func(context.Context, *state) iter.Seq[int] {
					return func(yield func(int) bool) {
						for i := range 4 {
							if taken++; taken > ended+limit+1 {
								t.Errorf("item %d was taken when %d had ended", i, ended)
							}
							if !yield(i) {
								return
							}
						}
					}
				}),
				Do: func(context.Context, *state, int) error {
					if running++; running > limit {
						t.Errorf("%d items at once", running)
					}
					sched.Yield()
					running--
					ended++
					return nil
				},
			}, engine.MapOptions{MaxConcurrency: limit})
			_, err := p.Run(t.Context(), &state{}, engine.RunOptions{Observers: []engine.Observer{rec}})
			require.NoError(t, err)
			checkEvents(t, p, rec.events)
		})
		assert.Equal(t, []string{"all runs had the same random numbers"}, result.Limits, "those are in the events only")
		assert.Empty(t, result.Findings)
	}
}

// A pipeline may run many times at once, and inside a step of another one.
func TestConcurrentRuns(t *testing.T) {
	type sum struct {
		mu    sync.Mutex
		total int
	}
	inner := engine.New[sum]("inner", engine.Options{})
	engine.Map(inner, "add", engine.Each[sum, int]{
		Items: numbers[sum](10),
		Do: func(_ context.Context, s *sum, item int) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.total += item
			return nil
		},
	}, engine.MapOptions{MaxConcurrency: 3})
	_, err := run(context.Background(), func(p *pipeline) {
		mapOf(p, "outer", 50, func(ctx context.Context, _ int) error {
			s := &sum{}
			rec := &recorder{}
			_, err := inner.Run(ctx, s, engine.RunOptions{Observers: []engine.Observer{rec}})
			assert.Equal(t, 45, s.total)
			checkEvents(t, inner, rec.events)
			return err
		}, 8)
	})
	require.NoError(t, err)
}
