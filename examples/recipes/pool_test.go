package recipes

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/atomic"
)

var errBroken = errors.New("broken")

// square is work that takes a second and fails for 13.
func square(_ context.Context, n int) (int, error) {
	sched.Sleep(time.Second)
	if n == 13 {
		return 0, errBroken
	}
	return n * n, nil
}

func processes(t *check.T) {
	const workers = 2
	var working atomic.Int64
	results, err := Process(t.Context(), workers, []int{1, 2, 3, 4}, func(ctx context.Context, n int) (int, error) {
		require.LessOrEqual(t, working.Add(1), int64(workers))
		defer working.Add(-1)
		return square(ctx, n)
	})
	require.NoError(t, err)
	require.Equal(t, []int{1, 4, 9, 16}, results)
}

func TestPool(t *testing.T) { silent(t, check.Config{}, processes) }

func stopsAtError(t *check.T) {
	_, err := Process(t.Context(), 2, []int{1, 13, 3, 4, 5}, square)
	require.ErrorIs(t, err, errBroken)
}

func TestPoolStopsAtError(t *testing.T) { silent(t, check.Config{}, stopsAtError) }

// A caller that gives up is told so, or gets all results.
func TestPoolCancelled(t *testing.T) {
	silent(t, check.Config{}, func(t *check.T) {
		ctx, cancel := sched.WithCancel(t.Context())
		sched.Go(cancel)
		results, err := Process(ctx, 2, []int{1, 2, 3}, square)
		if err != nil {
			require.ErrorIs(t, err, context.Canceled)
			return
		}
		require.Equal(t, []int{1, 4, 9}, results)
	})
}

// carelessProcess returns at the first error. Who still has a result to send, or an
// item to hand out, waits for ever.
func carelessProcess[T, R any](ctx context.Context, workers int, items []T, work func(context.Context, T) (R, error)) ([]R, error) {
	type result struct {
		value R
		err   error
	}
	jobs, results := sched.NewChan[T](0), sched.NewChan[result](0)
	sched.Go(func() {
		for _, item := range items {
			jobs.Send(item)
		}
		jobs.Close()
	})
	for range workers {
		sched.Go(func() {
			for item := range jobs.All() {
				v, err := work(ctx, item)
				results.Send(result{v, err})
			}
		})
	}
	var all []R
	for range items {
		r, _ := results.Recv()
		if r.err != nil {
			return nil, r.err
		}
		all = append(all, r.value)
	}
	return all, nil
}

func leavesWorkers(t *check.T) {
	_, err := carelessProcess(t.Context(), 2, []int{1, 13, 3, 4, 5}, square)
	require.ErrorIs(t, err, errBroken)
}

func TestPoolLeavesWorkers(t *testing.T) {
	f := finds(t, check.Config{}, "tasks left blocked", leavesWorkers)
	assert.Equal(t, 0, f.Preemptions)
}

// appendingProcess gathers the results as they come, without a lock.
func appendingProcess[T, R any](ctx context.Context, items []T, work func(context.Context, T) (R, error)) ([]R, error) {
	g, ctx := sched.NewGroup(ctx)
	var all race.Slice[R]
	for _, item := range items {
		g.Go(func() error {
			r, err := work(ctx, item)
			all.Append(r)
			return err
		})
	}
	err := g.Wait()
	return all.Snapshot(), err
}

func appendsAtOnce(t *check.T) {
	_, err := appendingProcess(t.Context(), []int{1, 2}, square)
	require.NoError(t, err)
}

func TestPoolAppendsAtOnce(t *testing.T) {
	f := finds(t, check.Config{}, "lost update", appendsAtOnce)
	assert.Contains(t, f.Also[0], "concurrent append")
}
