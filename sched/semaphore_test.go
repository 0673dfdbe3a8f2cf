package sched_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/schedtest"
)

// Each behaviour is that of golang.org/x/sync/semaphore.
func TestSemaphore(t *testing.T) {
	for name, test := range map[string]func(t testing.TB){
		"try": func(t testing.TB) {
			s := sched.NewSemaphore(3)
			assert.True(t, s.TryAcquire(2))
			assert.False(t, s.TryAcquire(2))
			assert.True(t, s.TryAcquire(1))
			assert.True(t, s.TryAcquire(0))
			s.Release(3)
			assert.True(t, s.TryAcquire(3))
		},
		"limit": func(t testing.TB) {
			s := sched.NewSemaphore(2)
			var running, most sched.Guarded[int]
			var wg sched.WaitGroup
			for range 4 {
				wg.Go(func() {
					assert.NoError(t, s.Acquire(context.Background(), 1))
					defer s.Release(1)
					running.Do(func(n *int) { *n++; most.Do(func(m *int) { *m = max(*m, *n) }) })
					sched.Yield()
					running.Do(func(n *int) { *n-- })
				})
			}
			wg.Wait()
			most.Do(func(m *int) { assert.LessOrEqual(t, *m, 2) })
			assert.True(t, s.TryAcquire(2))
		},
		"cancelled": func(t testing.TB) {
			s := sched.NewSemaphore(1)
			assert.NoError(t, s.Acquire(context.Background(), 1))
			ctx, cancel := sched.WithCancel(context.Background())
			sched.Go(cancel)
			assert.ErrorIs(t, s.Acquire(ctx, 1), context.Canceled)
			s.Release(1)
			assert.ErrorIs(t, s.Acquire(ctx, 1), context.Canceled, "free, but the context is done")
			assert.True(t, s.TryAcquire(1))
		},
		"too much": func(t testing.TB) {
			s := sched.NewSemaphore(1)
			ctx, cancel := sched.WithTimeout(context.Background(), time.Millisecond)
			defer cancel()
			assert.ErrorIs(t, s.Acquire(ctx, 2), context.DeadlineExceeded)
			assert.True(t, s.TryAcquire(1))
		},
		"too much delays nobody": func(t testing.TB) {
			s := sched.NewSemaphore(1)
			ctx, cancel := sched.WithCancel(context.Background())
			var wg sched.WaitGroup
			wg.Go(func() { assert.Error(t, s.Acquire(ctx, 2)) })
			assert.NoError(t, s.Acquire(context.Background(), 1))
			cancel()
			wg.Wait()
		},
		"a waiter that gives up lets the next one go": func(t testing.TB) {
			s := sched.NewSemaphore(2)
			s.TryAcquire(1)
			ctx, cancel := sched.WithTimeout(context.Background(), 2*time.Millisecond)
			defer cancel()
			var wg sched.WaitGroup
			wg.Go(func() { assert.Error(t, s.Acquire(ctx, 2)) })
			sched.Sleep(time.Millisecond) // it is in line
			wg.Go(func() { assert.NoError(t, s.Acquire(context.Background(), 1)) })
			wg.Wait()
		},
		"misuse": func(t testing.TB) {
			s := sched.NewSemaphore(1)
			assert.Panics(t, func() { s.Release(1) })
			assert.Panics(t, func() { s.TryAcquire(-1) })
			assert.Panics(t, func() { s.Release(-1) })
			assert.Panics(t, func() { _ = s.Acquire(context.Background(), -1) })
			assert.True(t, s.TryAcquire(1))
			assert.False(t, new(sched.Semaphore).TryAcquire(1))
		},
	} {
		t.Run(name, func(t *testing.T) { schedtest.RealAndSimulated(t, test) })
	}
}

// A large request is not overtaken by a small one that came later.
func TestSemaphoreIsFair(t *testing.T) {
	got := all(t, func(say func(string)) {
		s := sched.NewSemaphore(2)
		s.TryAcquire(1)
		acquire := func(n int64, what string) {
			assert.NoError(t, s.Acquire(context.Background(), n))
			say(what)
			s.Release(n)
		}
		sched.Go(func() { acquire(2, "large ") })
		sched.Go(func() { sched.Sleep(1); acquire(1, "small ") })
		sched.Sleep(2)
		s.Release(1)
	})
	assert.Len(t, got, 1)
	assert.Contains(t, got, "large small ")
}

func TestSemaphoreHeldOutside(t *testing.T) {
	s := sched.NewSemaphore(2)
	assert.True(t, s.TryAcquire(1))
	for range 2 { // what a run takes is free again in the next one
		simulate(t, func() {
			assert.True(t, s.TryAcquire(1))
			assert.False(t, s.TryAcquire(1))
		})
	}
	assert.True(t, s.TryAcquire(1))
}
