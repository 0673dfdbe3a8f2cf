package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/enginetest"
	"github.com/ravelgo/ravel/sched"
)

// On goroutines, nothing replaced.
func TestRun(t *testing.T) {
	var out strings.Builder
	require.NoError(t, run(context.Background(), &out, "ann@example.org"))
	require.NoError(t, run(context.Background(), &out, "bob"))
	assert.Equal(t, `success: 17, ["welcome from Norway to ann@example.org" "terms from Norway to ann@example.org"]
failed: 0, []
`, out.String())
}

// signUp runs the pipeline with stubs and records what happens.
func signUp(t enginetest.T, p Steps, stubs ...engine.Stubbed) (*Signup, *enginetest.Recording) {
	s := &Signup{Address: "ann@example.org"}
	return s, enginetest.Record(t, p.Pipeline, s, engine.RunOptions{Stubs: stubs})
}

// down is what a step does that asks a database which is down, so many times.
func down(times int) engine.StepFunc[Signup] {
	return func(ctx context.Context, s *Signup) error {
		if engine.Info(ctx).Attempt <= times {
			return errors.New("connection refused")
		}
		return store(ctx, s)
	}
}

// What happens if the database is down for a while, line by line and with the times that
// retrying takes: testdata/down.golden, which RAVEL_UPDATE=1 writes. The branches may end
// in another order; this is the one of a recording outside a search.
func TestDatabaseDown(t *testing.T) {
	p := pipeline()
	s, r := signUp(t, p, engine.Stub(p.Store, down(1)))
	require.NoError(t, r.Err)
	require.Equal(t, 17, s.ID)
	require.Equal(t, 2, r.Attempts("store"))
	require.True(t, r.Before("lookup", "mails"))
	require.Equal(t, time.Second, r.Result.Duration) // of the retry policy
	r.Golden("down")
}

// On every schedule: a mail is not sent before the address is stored.
func TestDatabaseDownForLong(t *testing.T) {
	p := pipeline()
	check.Config{Runs: 10_000, Time: time.Second / 2}.Run(t, func(t *check.T) {
		s, r := signUp(t, p, engine.Stub(p.Store, down(3)))
		require.Equal(t, engine.Failed, r.Result.Status)
		require.Equal(t, 3, r.Attempts("store"))
		require.Zero(t, r.Attempts("mails"))
		require.Empty(t, s.Sent)
	})
}

// A server that does not answer costs two seconds, and the handler makes up for it.
func TestNoAnswer(t *testing.T) {
	p := pipeline()
	check.Config{Runs: 10_000, Time: time.Second / 2}.Run(t, func(t *check.T) {
		s, r := signUp(t, p, engine.Stub(p.Lookup, func(ctx context.Context, _ *Signup) error {
			sched.Done(ctx).Recv()
			return ctx.Err()
		}))
		require.Contains(t, r.Trace(), "E(lookup)!")
		require.Equal(t, "unknown", s.Country)
		require.Equal(t, 2*time.Second, r.Result.Duration)
	})
}

// The stub of a map stands for the work on one item.
func TestMails(t *testing.T) {
	p := pipeline()
	check.Config{Runs: 10_000, Time: time.Second / 2}.Run(t, func(t *check.T) {
		s, _ := signUp(t, p, engine.Stub(p.Mails, func(_ context.Context, _ *Signup, name string) (string, error) {
			sched.Yield()
			return name, nil
		}))
		require.Equal(t, []string{"welcome", "terms"}, s.Sent)
	})
}

// A stub that does not fit is told before anything runs.
func TestWrongStub(t *testing.T) {
	p := pipeline()
	_, err := p.Run(context.Background(), &Signup{}, engine.RunOptions{Stubs: []engine.Stubbed{
		engine.Stub(p.Mails, func(context.Context, *Signup) error { return nil })}})
	assert.ErrorIs(t, err, engine.ErrDefinition)
	assert.ErrorContains(t, err, `node "mails" has type`)
}
