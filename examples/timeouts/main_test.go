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
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

const want = `a step that takes 5s, and may take 2s
  after 2s: failed
   engine: pipeline "film": step load: engine: step timed out: step load took longer than 2s
the same, but it does not listen
  after 5s: success, late
parts of 1s, 1s and 4s, of 3s each at most
  after 5s: failed
   engine: pipeline "film": step load[2]: engine: step timed out: step load[2] took longer than 3s
the same, of 4s in all at most
  after 4s: failed
   engine: pipeline "film": step load: engine: step timed out: map load took longer than 4s
a run of 3s at most
  after 3s: timeout
   engine: pipeline "film": timeout: engine: run timed out (3s)
the same, and the step does not listen
  after 1m0s: timeout
   engine: pipeline "film": timeout: engine: run timed out (3s)
the same, with a grace of 2s
  after 5s: timeout
   engine: pipeline "film": step load: engine: step has not returned within 2s
`

// The same is printed every time, to the nanosecond.
func TestRun(t *testing.T) {
	var out strings.Builder
	require.NoError(t, simulate(&out))
	assert.Equal(t, want, out.String())
}

// And on every schedule.
func TestEverySchedule(t *testing.T) {
	check.Config{Runs: 10_000, Time: time.Second / 2}.Run(t, func(t *check.T) {
		var out strings.Builder
		require.NoError(t, run(t.Context(), &out))
		require.Equal(t, want, out.String())
	})
}

// Seats is the state of a run that books a seat.
type Seats struct {
	mu     sched.Mutex // guards Booked
	Booked race.Var[int]
}

// booking returns the body of a check: a step books a seat, which takes as long as it
// may. Whoever is told that this has failed must not have one.
func booking(book func(ctx context.Context, s *Seats) error) func(*check.T) {
	p := engine.New[Seats]("seats", engine.Options{})
	p.Step("book", book, engine.NodeOptions{Timeout: time.Second})
	return func(t *check.T) {
		seats := &Seats{}
		if _, err := p.Run(t.Context(), seats, engine.RunOptions{}); err != nil {
			require.ErrorIs(t, err, engine.ErrStepTimeout)
			require.Zero(t, seats.Booked.Load())
		}
	}
}

func (s *Seats) book() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Booked.Update(func(n int) int { return n + 1 })
}

// A step that has done its work returns nil, whatever the time is: it has succeeded.
func TestBookedInTime(t *testing.T) {
	check.Config{Runs: 10_000, Time: time.Second / 2}.Run(t, booking(func(ctx context.Context, seats *Seats) error {
		if err := download(ctx, time.Second); err != nil {
			return err
		}
		seats.book()
		return nil
	}))
}

// One that looks at its context afterwards says that it has failed, although it has
// not. That takes a limit that passes in the very moment.
func TestBookedTooLate(t *testing.T) {
	r := check.Config{AnyTime: true}.Search(t.Name(), booking(func(ctx context.Context, seats *Seats) error {
		seats.book()
		return ctx.Err()
	}))
	require.NotEmpty(t, r.Findings)
	assert.Contains(t, r.Findings[0].Summary, "Should be zero, but was 1")
}
