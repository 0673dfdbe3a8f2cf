package recipes

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

// passed returns when each of n callers has passed, in milliseconds from the start. The
// first of them come at once, the others at 250 ms.
func passed(t *check.T, wait func(context.Context) error, n, late int) []int64 {
	start := sched.Now()
	var times sched.Guarded[[]int64]
	var wg sched.WaitGroup
	for i := range n {
		wg.Go(func() {
			if i >= n-late {
				sched.Sleep(250 * time.Millisecond)
			}
			require.NoError(t, wait(t.Context()))
			now := sched.Since(start).Milliseconds()
			times.Do(func(all *[]int64) { *all = append(*all, now) })
		})
	}
	wg.Wait()
	var all []int64
	times.Do(func(have *[]int64) { all = slices.Sorted(slices.Values(*have)) })
	return all
}

// Two pass at once and the third after an interval; a token and a half have come back
// at 250 ms, so one of those that come then passes, and the other one 50 ms later.
func TestLimiter(t *testing.T) {
	silent(t, check.Config{}, func(t *check.T) {
		l := &Limiter{Interval: 100 * time.Millisecond, Burst: 2}
		require.Equal(t, []int64{0, 0, 100, 250, 300}, passed(t, l.Wait, 5, 2))
	})
}

// carelessLimiter counts tokens, and adds those that have come since last time.
type carelessLimiter struct {
	interval time.Duration
	burst    int

	mu     sched.Mutex
	tokens race.Var[int]
	last   race.Var[time.Time]
}

// Wait looks whether there is a token in one section and takes it in another one.
func (l *carelessLimiter) Wait(context.Context) error {
	for {
		l.mu.Lock()
		l.refill()
		tokens := l.tokens.Load()
		l.mu.Unlock()
		if tokens > 0 {
			l.mu.Lock()
			l.tokens.Store(tokens - 1)
			l.mu.Unlock()
			return nil
		}
		sched.Sleep(l.interval)
	}
}

// refill forgets the part of an interval that has passed since the last token.
func (l *carelessLimiter) refill() {
	now := sched.Now()
	if come := int(now.Sub(l.last.Load()) / l.interval); come > 0 {
		l.tokens.Update(func(n int) int { return min(n+come, l.burst) })
		l.last.Set(now)
	}
}

func passTogether(t *check.T) {
	l := &carelessLimiter{interval: 100 * time.Millisecond, burst: 2}
	passed(t, l.Wait, 3, 0)
}

func TestLimiterPassesTogether(t *testing.T) {
	finds(t, check.Config{}, "lost update", passTogether)
}

// wait takes the token where it has looked for it.
func (l *carelessLimiter) wait(context.Context) error {
	for !l.take() {
		sched.Sleep(l.interval)
	}
	return nil
}

func (l *carelessLimiter) take() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refill()
	if l.tokens.Load() == 0 {
		return false
	}
	l.tokens.Update(func(n int) int { return n - 1 })
	return true
}

func drift(t *check.T) {
	l := &carelessLimiter{interval: 100 * time.Millisecond, burst: 2}
	require.Equal(t, []int64{0, 0, 100, 250, 300}, passed(t, l.wait, 5, 2))
}

func TestLimiterDrifts(t *testing.T) {
	finds(t, check.Config{}, "failed assertion", drift)
}
