package recipes

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/sched"
)

// numbers returns a closed channel that has some numbers in it.
func numbers(all ...int) sched.Chan[int] {
	c := sched.NewChan[int](len(all))
	for _, n := range all {
		c.Send(n)
	}
	c.Close()
	return c
}

func mergesAll(t *check.T) {
	sum := 0
	for n := range Merge(t.Context(), numbers(1, 2), numbers(10, 20)).All() {
		sum += n
	}
	require.Equal(t, 33, sum)
}

func TestMerge(t *testing.T) { silent(t, check.Config{}, mergesAll) }

// merging is Merge, or what is in its place.
type merging func(context.Context, ...sched.Chan[int]) sched.Chan[int]

// cancelling returns the body of a check in which ctx is cancelled at some point, which
// the search chooses, while another task takes what is merged.
func cancelling(merge merging) func(*check.T) {
	return func(t *check.T) {
		ctx, cancel := sched.WithCancel(t.Context())
		merged := merge(ctx, numbers(1, 2), numbers(10, 20))
		sched.Go(cancel)
		sum := 0
		for {
			var n int
			var ok bool
			if sched.Select(merged.Receiving(&n, &ok), sched.Done(ctx).Receiving(nil, nil)) != 0 || !ok {
				break
			}
			sum += n
		}
		require.LessOrEqual(t, sum, 33)
	}
}

func TestMergeCancelled(t *testing.T) { silent(t, check.Config{}, cancelling(Merge[int])) }

// carelessMerge looks at ctx where it receives, and not where it sends.
func carelessMerge(ctx context.Context, sources ...sched.Chan[int]) sched.Chan[int] {
	out := sched.NewChan[int](0)
	var wg sched.WaitGroup
	for _, source := range sources {
		wg.Go(func() {
			for {
				var n int
				var ok bool
				if sched.Select(source.Receiving(&n, &ok), sched.Done(ctx).Receiving(nil, nil)) != 0 || !ok {
					return
				}
				out.Send(n)
			}
		})
	}
	sched.Go(func() {
		wg.Wait()
		out.Close()
	})
	return out
}

func TestMergeLeavesTask(t *testing.T) {
	finds(t, check.Config{}, "tasks left blocked", cancelling(carelessMerge))
}
