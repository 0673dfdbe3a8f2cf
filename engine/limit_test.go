package engine_test

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/sched"
)

// A map of 1000 items ends, whoever reads its events and how many may wait, and
// on no schedule do more run at once than may.
func TestSeedS27Limit(t *testing.T) {
	const n, limit = 1000, 5
	runs := 3
	if testing.Short() {
		runs = 1
	}
	for _, buffer := range []int{1, 64, 999, 1000, 1001} {
		for _, streamed := range []bool{false, true} {
			result := check.Config{Runs: runs}.Search(fmt.Sprint(t.Name(), buffer, streamed), func(t *check.T) {
				running, most, done := 0, 0, 0
				p := engine.New[state]("p", engine.Options{})
				mapOf(p, "m", n, func(context.Context, int) error {
					running++
					most = max(most, running)
					sched.Yield()
					running--
					done++
					return nil
				}, limit)
				rec := &recorder{}
				opts := engine.RunOptions{ID: "r", Buffer: buffer}
				if streamed {
					run, err := p.Stream(t.Context(), &state{}, opts)
					require.NoError(t, err)
					rec.events = read(run)
					_, err = run.Wait()
					require.NoError(t, err)
				} else {
					opts.Observers = []engine.Observer{rec}
					_, err := p.Run(t.Context(), &state{}, opts)
					require.NoError(t, err)
				}
				assert.LessOrEqual(t, most, limit)
				assert.LessOrEqual(t, peak(rec.events), limit)
				assert.Equal(t, n, done)
				assert.Len(t, rec.events, 2*n+6)
			})
			assert.Empty(t, result.Findings, "buffer %d, streamed %t", buffer, streamed)
		}
	}
}

// Memory follows the limit, not the number of items: neither results nor events
// are kept.
func TestSeedS27Heap(t *testing.T) {
	for _, streamed := range []bool{false, true} {
		n := 1_000_000
		if streamed || testing.Short() {
			n = 100_000
		}
		sum, want := 0, n*(n-1)/2
		var first, most uint64
		p := engine.New[state]("p", engine.Options{})
		engine.MapGather(p, "m", engine.Gather[state, int, int]{
			Items: engine.Seq(func(context.Context, *state) iter.Seq[int] { return below(n) }),
			Do:    func(_ context.Context, _ *state, item int) (int, error) { return item, nil },
			Collect: func(_ context.Context, _ *state, index, result int) error {
				sum += result
				switch index {
				case n / 100:
					first = heap()
				case n / 2, n - 1:
					most = max(most, heap())
				}
				return nil
			},
		}, engine.MapOptions{MaxConcurrency: 10})
		if streamed {
			run, err := p.Stream(context.Background(), &state{}, engine.RunOptions{})
			require.NoError(t, err)
			events := 0
			for range run.Events() {
				events++
			}
			assert.Equal(t, 2*n+6, events)
			_, err = run.Wait()
			require.NoError(t, err)
		} else {
			_, err := p.Run(context.Background(), &state{}, engine.RunOptions{})
			require.NoError(t, err)
		}
		assert.Equal(t, want, sum)
		assert.Less(t, most, first+256<<10, "bytes in use later and at the beginning")
	}
}

// heap returns the bytes in use.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// An item keeps its place among the limit while it waits for its next attempt.
func TestRetryKeepsItsSlot(t *testing.T) {
	result := check.Config{Runs: 300}.Search(t.Name(), func(t *check.T) {
		rec := &recorder{}
		p := engine.New[state]("p", engine.Options{})
		tries := map[int]int{}
		mapOf(p, "m", 6, func(_ context.Context, item int) error {
			sched.Yield()
			if tries[item]++; tries[item] <= item%3 {
				return engine.RetryAfter(1)
			}
			return nil
		}, 2)
		_, err := p.Run(t.Context(), &state{}, engine.RunOptions{ID: "r", Observers: []engine.Observer{rec}})
		require.NoError(t, err)
		checkEvents(t, p, rec.events)
		assert.LessOrEqual(t, peak(rec.events), 2)
		retries := 0
		for _, e := range rec.events {
			if e.Type == event.StepRetry {
				retries++
			}
		}
		assert.Equal(t, 6, retries)
	})
	assert.Empty(t, result.Findings)
}
