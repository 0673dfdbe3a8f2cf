package recipes

import (
	"context"
	"time"

	"github.com/ravelgo/ravel/sched"
)

// answer is what a call returns.
type answer[T any] struct {
	value T
	err   error
}

// Within returns what call returns, or the error of the context if that takes longer
// than limit. A call that does not heed its context goes on, and nobody takes its
// answer.
func Within[T any](ctx context.Context, limit time.Duration, call func(context.Context) (T, error)) (T, error) {
	ctx, cancel := sched.WithTimeout(ctx, limit)
	defer cancel()
	answers := sched.NewChan[answer[T]](1) // room for an answer that comes too late
	sched.Go(func() {
		v, err := call(ctx)
		answers.Send(answer[T]{v, err})
	})
	var a answer[T]
	if sched.Select(answers.Receiving(&a, nil), sched.Done(ctx).Receiving(nil, nil)) != 0 {
		a.err = context.Cause(ctx)
	}
	return a.value, a.err
}
