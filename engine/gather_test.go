package engine_test

import (
	"context"
	"errors"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/schedtest"
)

// pages is the state of pipelines that collect squares.
type pages struct {
	Factor race.Var[int]
	Sum    race.Var[int]
	List   race.Slice[int]
}

// squares adds a map that squares numbers below n and appends them in order. If
// it is racy, Do reads what Collect writes.
func squares(p *engine.Pipeline[pages], n, limit int, racy bool) *engine.Node[pages] {
	return engine.MapGather(p, "pages", engine.Gather[pages, int, int]{
		Items: numbers[pages](n),
		Do: func(_ context.Context, s *pages, item int) (int, error) {
			if racy {
				return item*item + 0*s.Sum.Load(), nil
			}
			return item * item * s.Factor.Load(), nil
		},
		Collect: func(_ context.Context, s *pages, index, result int) error {
			s.Sum.Update(func(n int) int { return n + result })
			s.List.Append(result)
			return nil
		},
	}, engine.MapOptions{MaxConcurrency: limit})
}

// Do that only reads and Collect that writes are silent, and results come in
// order; Do that reads what Collect writes is a race.
func TestSeedS26Gather(t *testing.T) {
	body := func(limit int, racy bool) func(t *check.T) {
		return func(t *check.T) {
			p := engine.New[pages]("p", engine.Options{})
			squares(p, 4, limit, racy)
			s := &pages{}
			s.Factor.Store(1)
			_, err := p.Run(t.Context(), s, engine.RunOptions{})
			require.NoError(t, err)
			assert.Equal(t, 14, s.Sum.Load())
			assert.Equal(t, []int{0, 1, 4, 9}, s.List.Snapshot())
		}
	}
	for _, limit := range []int{0, 1, 2} {
		silent := check.Config{Runs: 1000}.Search(t.Name(), body(limit, false))
		assert.Empty(t, silent.Findings, "limit %d", limit)
		racy := check.Config{Runs: 1000}.Search(t.Name(), body(limit, true))
		require.NotEmpty(t, racy.Findings, "limit %d", limit)
		assert.Contains(t, racy.Findings[0].Kind, "data race", "limit %d", limit)
		assert.Equal(t, "pages.Sum", racy.Findings[0].Object)
	}
}

// The machinery of results adds no schedules: with Collect that does nothing
// there are those of two tasks with two operations each; with Collect that does
// one, it comes after that of its item and the Collect before.
func TestGatherSchedules(t *testing.T) {
	count := func(n int, collect func()) int {
		return schedtest.Explore(t, sched.Config{}, func() {
			p := engine.New[state]("p", engine.Options{})
			engine.MapGather(p, "m", engine.Gather[state, int, int]{
				Items: numbers[state](n),
				Do: func(_ context.Context, _ *state, item int) (int, error) {
					sched.Yield()
					return item, nil
				},
				Collect: func(context.Context, *state, int, int) error { collect(); return nil },
			}, engine.MapOptions{})
			_, err := p.Run(context.Background(), &state{}, engine.RunOptions{})
			assert.NoError(t, err)
		}, func(r *sched.Result) { assert.NoError(t, r.End) })
	}
	assert.Equal(t, 2, count(2, func() {}))
	assert.Equal(t, 6, count(3, func() {}))
	// Orders of a, b, A, B with a<A, b<B, A<B: aAbB, abAB, baAB.
	assert.Equal(t, 3, count(2, sched.Yield))
	// Orders of a, b, c, A, B, C with A<B<C: 5·3·1.
	assert.Equal(t, 15, count(3, sched.Yield))
}

// gathered is what a run of a map has shown.
type gathered struct {
	indexes          []int
	running, waiting int
	most             int // results that waited when an item was taken
}

// On every schedule Collect is called in order, one at a time, for the items that
// have a result, and no item is taken while too many wait.
func TestGatherOrder(t *testing.T) {
	const n = 24
	result := check.Config{Runs: 500}.Search(t.Name(), func(t *check.T) {
		g := &gathered{}
		p := engine.New[state]("p", engine.Options{})
		engine.MapGather(p, "m", engine.Gather[state, int, int]{
			Items: numbers[state](n),
			Do: func(_ context.Context, _ *state, item int) (int, error) {
				g.most = max(g.most, g.waiting)
				for range 1 + 20*(item%8)/7 { // every eighth is slow
					sched.Yield()
				}
				if item%5 == 3 {
					return 0, engine.Skip
				}
				g.waiting++
				return item, nil
			},
			Collect: func(_ context.Context, _ *state, index, result int) error {
				g.running++
				g.waiting--
				assert.Equal(t, 1, g.running, "calls at once")
				assert.Equal(t, index, result)
				sched.Yield()
				g.indexes = append(g.indexes, index)
				g.running--
				return nil
			},
		}, engine.MapOptions{MaxConcurrency: 2})
		rec := &recorder{}
		_, err := p.Run(t.Context(), &state{}, engine.RunOptions{Observers: []engine.Observer{rec}})
		require.NoError(t, err)
		checkEvents(t, p, rec.events)
		assert.LessOrEqual(t, peak(rec.events), 2)
		assert.LessOrEqual(t, g.most, 4*2+1, "the one that Collect has may be among them")
		var want []int
		for i := range n {
			if i%5 != 3 {
				want = append(want, i)
			}
		}
		assert.Equal(t, want, g.indexes)
	})
	assert.Empty(t, result.Findings)
}

// Whatever Collect does, the map ends and tells.
func TestCollectFailures(t *testing.T) {
	tests := map[string]struct {
		collect func() error
		text    string
		is      error
	}{
		"error":  {func() error { return errBad }, "step m: bad", errBad},
		"panic":  {func() error { panic("oh") }, "step m: panic: oh", nil},
		"Goexit": {func() error { runtime.Goexit(); return nil }, "step m: engine: step called runtime.Goexit", engine.ErrGoexit},
		"its own deadline": {func() error { return context.DeadlineExceeded }, "step m: context deadline exceeded",
			context.DeadlineExceeded},
	}
	for name, test := range tests {
		for _, n := range []int{1, 20} {
			t.Run(name, func(t *testing.T) {
				calls := 0
				result, err := run(context.Background(), func(p *pipeline) {
					engine.MapGather(p, "m", engine.Gather[state, int, int]{
						Items:   numbers[state](n),
						Do:      func(context.Context, *state, int) (int, error) { return 0, nil },
						Collect: func(context.Context, *state, int, int) error { calls++; return test.collect() },
					}, engine.MapOptions{MaxConcurrency: 2}).To(p.Step("z", fail, engine.NodeOptions{}))
				})
				assert.ErrorContains(t, err, test.text)
				if test.is != nil {
					assert.ErrorIs(t, err, test.is)
				}
				assert.Equal(t, engine.Failed, result.Status)
				assert.Len(t, result.Failures, 1)
				assert.Equal(t, 1, calls)
			})
		}
	}
}

// A Collect that fails cancels the items that run, and they cannot hide it.
func TestCollectCancels(t *testing.T) {
	var cause error
	events, result, err := simulateRun(t, func(p *pipeline) {
		engine.MapGather(p, "m", engine.Gather[state, int, int]{
			Items: numbers[state](3),
			Do: func(ctx context.Context, s *state, item int) (int, error) {
				if item == 0 {
					sched.Sleep(1)
					return 0, nil
				}
				err := wait(ctx, s)
				cause = context.Cause(ctx)
				return 0, err
			},
			Collect: func(context.Context, *state, int, int) error { return errBad },
		}, engine.MapOptions{MaxConcurrency: 2})
	}, context.Background())
	assert.Equal(t, "START S(m) M(m)=3 S(m[0]) S(m[1]) E(m[0]) C(m[1]) D(m) X(m) FINISH=failed", trace(events))
	assert.ErrorIs(t, err, errBad)
	assert.ErrorIs(t, cause, engine.ErrSibling)
	assert.ErrorIs(t, cause, errBad)
	assert.Len(t, result.Failures, 1)
}

// Results of items that have ended are collected after Stop, but none behind an
// item that a resumed run would work on again.
func TestGatherStops(t *testing.T) {
	collected := func(control error) (indexes []int) {
		simulate(t, func(p *pipeline) {
			indexes = nil
			engine.MapGather(p, "m", engine.Gather[state, int, int]{
				Items: numbers[state](4),
				Do: func(_ context.Context, _ *state, item int) (int, error) {
					if item == 1 {
						return 0, control
					}
					sched.Sleep(1)
					return item, nil
				},
				Collect: func(_ context.Context, _ *state, index, _ int) error { indexes = append(indexes, index); return nil },
			}, engine.MapOptions{})
		}, context.Background())
		return indexes
	}
	assert.Equal(t, []int{0, 1, 2, 3}, collected(nil))
	assert.Equal(t, []int{0, 2, 3}, collected(engine.Skip))
	assert.Equal(t, []int{0}, collected(engine.Suspend("tea")))
	assert.Equal(t, []int{0, 2, 3}, collected(engine.Stop))
}

// A map without functions says which are missing.
func TestGatherDefinition(t *testing.T) {
	p := engine.New[state]("p", engine.Options{})
	engine.MapGather(p, "m", engine.Gather[state, int, int]{}, engine.MapOptions{MaxConcurrency: -1})
	var bad *engine.DefinitionError
	require.True(t, errors.As(p.Validate(), &bad))
	assert.Len(t, bad.Findings, 4)
	assert.Contains(t, bad.Error(), `node "m": its Collect is nil [nil]`)
}
