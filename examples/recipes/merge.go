package recipes

import (
	"context"

	"github.com/ravelgo/ravel/sched"
)

// Merge sends what comes from the sources to the channel that it returns. That is
// closed when all sources are, or ctx is done; who stops receiving before must cancel
// ctx.
func Merge[T any](ctx context.Context, sources ...sched.Chan[T]) sched.Chan[T] {
	out := sched.NewChan[T](0)
	var wg sched.WaitGroup
	for _, source := range sources {
		wg.Go(func() { forward(ctx, source, out) })
	}
	sched.Go(func() {
		wg.Wait()
		out.Close()
	})
	return out
}

// forward sends what comes from one channel to another one. Both may keep it waiting,
// so it looks at ctx at both.
func forward[T any](ctx context.Context, from, to sched.Chan[T]) {
	done := sched.Done(ctx)
	for {
		var v T
		var ok bool
		if sched.Select(from.Receiving(&v, &ok), done.Receiving(nil, nil)) != 0 || !ok {
			return
		}
		if sched.Select(to.Sending(v), done.Receiving(nil, nil)) != 0 {
			return
		}
	}
}
