package check_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/schedtest"
)

// distribution is in how many schedules each final value of a counter occurs.
type distribution map[int]int

// lostUpdates is the distribution for workers that add one to a counter
// without a lock. It is worked out by counting interleavings, with no
// simulation.
var lostUpdates = map[int]distribution{
	2: {1: 4, 2: 2},
	3: {1: 48, 2: 36, 3: 6},
	4: {1: 1152, 2: 1056, 3: 288, 4: 24},
	5: {1: 46080, 2: 48000, 3: 16800, 4: 2400, 5: 120},
}

// lostUpdatesInPairs is the same where at most the two lowest-numbered workers
// that have not ended may move.
var lostUpdatesInPairs = map[int]distribution{
	3: {1: 4, 2: 16, 3: 4},
	4: {1: 4, 2: 36, 3: 48, 4: 8},
	5: {1: 4, 2: 56, 3: 180, 4: 128, 5: 16},
	10: {1: 4, 2: 156, 3: 2340, 4: 17148, 5: 65004, 6: 126324, 7: 120300,
		8: 52212, 9: 9216, 10: 512},
}

func inc(n int) int { return n + 1 }

// distributionOf runs body under every schedule. It returns what tells the
// final value of a counter when all its tasks have ended.
func distributionOf(t *testing.T, body func() (final func() int)) distribution {
	t.Helper()
	got := distribution{}
	var final func() int
	schedtest.Explore(t, sched.Config{}, func() { final = body() }, func(r *sched.Result) {
		assert.NoError(t, r.End)
		got[final()]++
	})
	return got
}

// The workers are bare tasks.
func TestSeedO1LostUpdates(t *testing.T) {
	for n, want := range lostUpdates {
		if n == 5 && testing.Short() {
			continue
		}
		t.Run(fmt.Sprintf("%d workers", n), func(t *testing.T) {
			assert.Equal(t, want, distributionOf(t, func() func() int {
				counter := &race.Var[int]{}
				for range n {
					sched.Go(func() { counter.Update(inc) })
				}
				return counter.Load
			}))
		})
	}
}

// The workers are the items of a map of a pipeline, whose machinery adds no
// schedules.
func TestSeedO1LostUpdatesInAMap(t *testing.T) {
	for n, want := range lostUpdates {
		if n == 5 && testing.Short() {
			continue
		}
		t.Run(fmt.Sprintf("%d workers", n), func(t *testing.T) {
			assert.Equal(t, want, distributionOf(t, func() func() int { return countInMap(t, n, 0) }))
		})
	}
}

func TestSeedO2LostUpdatesInPairs(t *testing.T) {
	for n, want := range lostUpdatesInPairs {
		if n == 10 && testing.Short() {
			continue
		}
		t.Run(fmt.Sprintf("%d workers", n), func(t *testing.T) {
			assert.Equal(t, want, distributionOf(t, func() func() int { return countInMap(t, n, 2) }))
		})
	}
}

// One worker at a time loses nothing, and there is one schedule.
func TestSeedO2OneWorker(t *testing.T) {
	for _, n := range []int{2, 5, 10} {
		assert.Equal(t, distribution{n: 1}, distributionOf(t, func() func() int { return countInMap(t, n, 1) }))
	}
}

// countInMap adds one to a counter for each of n items.
func countInMap(t testing.TB, n, limit int) (final func() int) {
	type state struct{ Counter race.Var[int] }
	p := engine.New[state]("count", engine.Options{})
	engine.Map(p, "add", engine.Each[state, int]{
		Items: items[state](n),
		Do: func(_ context.Context, s *state, _ int) error {
			s.Counter.Update(inc)
			return nil
		},
	}, engine.MapOptions{MaxConcurrency: limit})
	s := &state{}
	_, err := p.Run(t.Context(), s, engine.RunOptions{})
	assert.NoError(t, err)
	return s.Counter.Load
}

// items returns the numbers below n as items.
func items[S any](n int) engine.Items[S, int] {
	return engine.Slice(func(context.Context, *S) ([]int, error) {
		all := make([]int, n)
		for i := range all {
			all[i] = i
		}
		return all, nil
	})
}
