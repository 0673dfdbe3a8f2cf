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
	"github.com/ravelgo/ravel/engine/event"
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

// events keeps the events of a run.
type events struct{ all []event.Event }

// Observe takes in one event.
func (e *events) Observe(ev event.Event) { e.all = append(e.all, ev) }

// signUp runs the pipeline with stubs, and checks that the events are such as can be.
func signUp(t require.TestingT, ctx context.Context, p Steps, stubs ...engine.Stubbed) (s *Signup, trace string, result engine.Result) {
	s = &Signup{Address: "ann@example.org"}
	var seen events
	result, _ = p.Run(ctx, s, engine.RunOptions{Stubs: stubs, Observers: []engine.Observer{&seen}})
	require.Empty(t, enginetest.Audit(p.Describe(), seen.all))
	return s, enginetest.Trace(seen.all), result
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

// What happens if the database is down for a while. The branches may end in another
// order; this is the one of the plain schedule, with which every search begins.
func TestDatabaseDown(t *testing.T) {
	p := pipeline()
	const want = "START S(check) E(check) S(lookup) S(store) R(store) E(lookup) W(mails) S(store)#2 E(store)#2" +
		" G(mails) S(mails) M(mails)=2 S(mails[0]) S(mails[1]) E(mails[0]) E(mails[1]) D(mails) E(mails) FINISH=success"
	check.Config{Runs: 1}.Run(t, func(t *check.T) {
		_, trace, result := signUp(t, t.Context(), p, engine.Stub(p.Store, down(1)))
		require.Equal(t, want, trace)
		require.Equal(t, time.Second, result.Duration) // of the retry policy
	})
}

// On every schedule: a mail is not sent before the address is stored.
func TestDatabaseDownForLong(t *testing.T) {
	p := pipeline()
	check.Config{Runs: 10_000, Time: time.Second / 2}.Run(t, func(t *check.T) {
		s, trace, result := signUp(t, t.Context(), p, engine.Stub(p.Store, down(3)))
		require.Equal(t, engine.Failed, result.Status)
		require.Contains(t, trace, "X(store)#3")
		require.NotContains(t, trace, "S(mails)")
		require.Empty(t, s.Sent)
	})
}

// A server that does not answer costs two seconds, and the handler makes up for it.
func TestNoAnswer(t *testing.T) {
	p := pipeline()
	check.Config{Runs: 10_000, Time: time.Second / 2}.Run(t, func(t *check.T) {
		s, trace, result := signUp(t, t.Context(), p, engine.Stub(p.Lookup, func(ctx context.Context, _ *Signup) error {
			sched.Done(ctx).Recv()
			return ctx.Err()
		}))
		require.Contains(t, trace, "E(lookup)!")
		require.Equal(t, "unknown", s.Country)
		require.Equal(t, 2*time.Second, result.Duration)
	})
}

// The stub of a map stands for the work on one item.
func TestMails(t *testing.T) {
	p := pipeline()
	check.Config{Runs: 10_000, Time: time.Second / 2}.Run(t, func(t *check.T) {
		s, _, _ := signUp(t, t.Context(), p, engine.Stub(p.Mails, func(_ context.Context, _ *Signup, name string) (string, error) {
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
