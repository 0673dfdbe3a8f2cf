package recipes

import (
	"context"

	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

// Process calls work for each item, at most workers at once, and returns the results
// in the order of the items. The first error cancels the context of the others and
// is returned when all have ended.
func Process[T, R any](ctx context.Context, workers int, items []T, work func(context.Context, T) (R, error)) ([]R, error) {
	g, ctx := sched.NewGroup(ctx)
	jobs := sched.NewChan[int](0)
	g.Go(func() error {
		defer jobs.Close()
		for i := range items {
			if sched.Select(jobs.Sending(i), sched.Done(ctx).Receiving(nil, nil)) != 0 {
				return context.Cause(ctx)
			}
		}
		return nil
	})
	results := make([]race.Var[R], len(items))
	for range workers {
		g.Go(func() error {
			for i := range jobs.All() {
				r, err := work(ctx, items[i])
				if err != nil {
					return err
				}
				results[i].Set(r)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	all := make([]R, len(items))
	for i := range all {
		all[i] = results[i].Load()
	}
	return all, nil
}
