package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/sched"
)

const want = `avatar [user=ann] skip
name [user=ann] 
language [user=ann missing=language: the user has not said that] 
ANN: English
avatar [user=bob] skip
name [user=bob] 
language [user=bob missing=language: the user has not said that] 
BOB: English
avatar: 2 calls, 0s
language: 2 calls, 10ms
name: 2 calls, 4ms
`

// The times are those of the simulated clock.
func TestRun(t *testing.T) {
	var out strings.Builder
	require.NoError(t, simulate(&out))
	assert.Equal(t, want, out.String())
}

// filling returns the body of a check: fill in a profile, with a middleware.
func filling(mw func() engine.Middleware[Profile]) func(*check.T) {
	return func(t *check.T) {
		p := engine.New[Profile]("profile", engine.Options{MultiRoot: true})
		p.Use(mw())
		for _, name := range []string{"name", "language"} {
			p.Step(name, func(context.Context, *Profile) error { return nil }, engine.NodeOptions{})
		}
		_, err := p.Run(t.Context(), &Profile{}, engine.RunOptions{})
		require.NoError(t, err)
	}
}

// Steps that run at once call the middleware at once.
func TestTiming(t *testing.T) {
	check.Config{Runs: 10_000}.Run(t, filling(func() engine.Middleware[Profile] {
		return timing(&sched.Guarded[Times]{})
	}))
}

// So what it keeps must not be changed without a lock.
func TestTimingWithoutALock(t *testing.T) {
	r := check.Config{}.Search(t.Name(), filling(func() engine.Middleware[Profile] {
		var times Times
		return func(next engine.StepFunc[Profile]) engine.StepFunc[Profile] {
			return func(ctx context.Context, s *Profile) error {
				times.Total.Store(engine.Info(ctx).Node, time.Second)
				return next(ctx, s)
			}
		}
	}))
	require.NotEmpty(t, r.Findings)
	assert.Contains(t, r.Findings[0].Summary, "data race (concurrent map access) on ")
}

// A middleware that takes every error for a missing value hides real ones, and Skip:
// what is behind a step that was to be left out runs.
func TestEverythingOptional(t *testing.T) {
	for _, c := range []struct {
		mw  engine.Middleware[Profile]
		ran int
	}{{optional, 0}, {func(next engine.StepFunc[Profile]) engine.StepFunc[Profile] {
		return func(ctx context.Context, s *Profile) error { _ = next(ctx, s); return nil }
	}, 1}} {
		p := engine.New[Profile]("profile", engine.Options{})
		p.Use(c.mw)
		ran := 0
		p.Step("avatar", func(context.Context, *Profile) error { return engine.Skip }, engine.NodeOptions{}).To(
			p.Step("resize", func(context.Context, *Profile) error { ran++; return nil }, engine.NodeOptions{}))
		_, err := p.Run(context.Background(), &Profile{}, engine.RunOptions{})
		require.NoError(t, err)
		assert.Equal(t, c.ran, ran)
	}
}
