package recipes

import (
	"context"
	"time"

	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

// Limiter is a token bucket: Burst calls may pass at once, and then one an Interval.
// The zero time means a full bucket.
type Limiter struct {
	Interval time.Duration
	Burst    int

	mu   sched.Mutex         // guards full
	full race.Var[time.Time] // when all tokens are back
}

// Wait returns when it is the caller's turn, or ctx is done. Who gives up has had its
// turn all the same.
func (l *Limiter) Wait(ctx context.Context) error {
	turn := sched.NewTimer(l.take())
	defer turn.Stop()
	if sched.Select(turn.C.Receiving(nil, nil), sched.Done(ctx).Receiving(nil, nil)) != 0 {
		return context.Cause(ctx)
	}
	return nil
}

// take takes a token and returns how long it is until there is one.
func (l *Limiter) take() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := sched.Now()
	full := l.full.Load()
	if full.Before(now) {
		full = now
	}
	full = full.Add(l.Interval)
	l.full.Store(full)
	return full.Sub(now) - time.Duration(l.Burst)*l.Interval
}
