package std

import (
	"context"
	"time"

	"github.com/ravelgo/ravel/sched"
)

// The functions of this file are those of package context. The channel that the
// method Done of their contexts returns is one that [Recv] and [RecvCase] know.

// WithCancel is [context.WithCancel].
func WithCancel(parent context.Context) (context.Context, context.CancelFunc) {
	return sched.WithCancel(parent)
}

// WithCancelCause is [context.WithCancelCause].
func WithCancelCause(parent context.Context) (context.Context, context.CancelCauseFunc) {
	return sched.WithCancelCause(parent)
}

// WithDeadline is [context.WithDeadline].
func WithDeadline(parent context.Context, d time.Time) (context.Context, context.CancelFunc) {
	return sched.WithDeadline(parent, d)
}

// WithDeadlineCause is [context.WithDeadlineCause].
func WithDeadlineCause(parent context.Context, d time.Time, cause error) (context.Context, context.CancelFunc) {
	return sched.WithDeadlineCause(parent, d, cause)
}

// WithTimeout is [context.WithTimeout].
func WithTimeout(parent context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return sched.WithTimeout(parent, d)
}

// WithTimeoutCause is [context.WithTimeoutCause].
func WithTimeoutCause(parent context.Context, d time.Duration, cause error) (context.Context, context.CancelFunc) {
	return sched.WithTimeoutCause(parent, d, cause)
}

// ContextAfterFunc is [context.AfterFunc].
func ContextAfterFunc(ctx context.Context, f func()) (stop func() bool) {
	return sched.AfterDone(ctx, f)
}
