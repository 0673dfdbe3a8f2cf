package engine_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

// endingState is what the pipeline of TestSeedS35Endings works on.
type endingState struct {
	t       *check.T
	calls   int // of user code so far
	at      int // the call that ends the run
	end     func(ctx context.Context) error
	left    bool // Run has returned
	running int
	last    int // index of the last Collect
	Sum     race.Var[int]
	Total   race.Var[int]
}

// call is what every function of the pipeline does.
func (s *endingState) call(ctx context.Context) error {
	assert.False(s.t, s.left, "called after the end of the run")
	s.calls++
	mine := s.calls == s.at
	sched.Yield()
	assert.False(s.t, s.left, "runs after the end of the run")
	if mine && s.end != nil {
		return s.end(ctx)
	}
	if err := engine.Emit(ctx, s.calls); err != nil {
		return err
	}
	return ctx.Err()
}

func (s *endingState) step(ctx context.Context, _ *endingState) error { return s.call(ctx) }

// endingPipeline has all kinds of nodes: r, then a step with a retry beside a map
// that collects, then a join, then z.
func endingPipeline(p *engine.Pipeline[endingState]) {
	do := func(ctx context.Context, s *endingState) error { return s.step(ctx, s) }
	r := p.Step("r", do, engine.NodeOptions{})
	tries := 0
	a := p.Step("a", func(ctx context.Context, s *endingState) error {
		if err := s.call(ctx); err != nil {
			return err
		}
		if tries++; tries < 3 {
			return engine.RetryAfter(time.Duration(tries-1) * time.Millisecond)
		}
		return nil
	}, engine.NodeOptions{})
	m := engine.MapGather(p, "m", engine.Gather[endingState, int, int]{
		Items: engine.Slice(func(ctx context.Context, s *endingState) ([]int, error) {
			return []int{1, 2, 3, 4, 5}, s.call(ctx)
		}),
		Do: func(ctx context.Context, s *endingState, item int) (int, error) {
			s.running++
			assert.LessOrEqual(s.t, s.running, 2)
			defer func() { s.running-- }()
			return item, s.call(ctx)
		},
		Collect: func(ctx context.Context, s *endingState, index, result int) error {
			select { // as ctx.Err is a scheduling point
			case <-ctx.Done():
				s.t.Error("Collect begins when the context is done")
			default:
			}
			assert.Less(s.t, s.last, index, "indexes rise")
			s.last = index
			assert.Equal(s.t, index+1, result)
			s.Sum.Update(func(n int) int { return n + result })
			return s.call(ctx)
		},
	}, engine.MapOptions{MaxConcurrency: 2})
	z := p.Step("z", func(ctx context.Context, s *endingState) error {
		s.Total.Store(s.Sum.Load())
		return s.call(ctx)
	}, engine.NodeOptions{})
	r.To(a, m)
	a.To(z)
	m.To(z)
}

// endingCalls is how many calls a run has that nothing ends: r, three of a, the
// items, five Do, five Collect and z.
const endingCalls = 1 + 3 + 1 + 5 + 5 + 1

// endings are the ways in which a call ends the run, and what Run then wraps.
var endings = []struct {
	name   string
	end    func(run *engine.Run) func(ctx context.Context) error
	status engine.Status
	is     error
}{
	{"none", func(*engine.Run) func(context.Context) error { return nil }, engine.Success, nil},
	{"stop", func(*engine.Run) func(context.Context) error {
		return func(context.Context) error { return engine.Stop }
	}, engine.Stopped, nil},
	{"failure", func(*engine.Run) func(context.Context) error {
		return func(context.Context) error { return errBad }
	}, engine.Failed, errBad},
	{"panic", func(*engine.Run) func(context.Context) error {
		return func(context.Context) error { panic(errBad) }
	}, engine.Failed, errBad},
	{"cancel", func(run *engine.Run) func(context.Context) error {
		return func(ctx context.Context) error { run.Cancel(errBad); return ctx.Err() }
	}, engine.Cancelled, errBad},
	{"time-out", func(*engine.Run) func(context.Context) error {
		return func(ctx context.Context) error { sched.Done(ctx).Recv(); return ctx.Err() }
	}, engine.TimedOut, context.DeadlineExceeded},
}

// Whatever ends a run, wherever it is and on every schedule: the invariants hold,
// the status is that of the ending, and nothing runs when Run has returned.
func TestSeedS35Endings(t *testing.T) {
	runs := 25
	if testing.Short() {
		runs = 5
	}
	for _, e := range endings {
		for at := 1; at <= endingCalls; at++ {
			if e.name == "none" && at > 1 {
				break
			}
			result := check.Config{Runs: runs}.Search(fmt.Sprint(t.Name(), e.name, at), func(t *check.T) {
				s, result, err := endAt(t, at, e.end)
				require.Equal(t, e.status, result.Status)
				if e.is == nil {
					assert.NoError(t, err)
				} else {
					assert.ErrorIs(t, err, e.is)
				}
				if e.status == engine.Success {
					assert.Equal(t, endingCalls, s.calls)
					assert.Equal(t, 15, s.Total.Load())
				}
			})
			require.Empty(t, result.Findings, "%s at call %d", e.name, at)
		}
	}
}

// endAt runs the pipeline and ends it at a call.
func endAt(t *check.T, at int, end func(run *engine.Run) func(context.Context) error) (*endingState, engine.Result, error) {
	p := engine.New[endingState]("p", engine.Options{})
	endingPipeline(p)
	s := &endingState{t: t, at: at, last: -1}
	ctx, cancel := sched.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	var run *engine.Run
	s.end = func(ctx context.Context) error {
		if f := end(run); f != nil {
			return f(ctx)
		}
		return engine.Emit(ctx, "none")
	}
	run, err := p.Stream(ctx, s, engine.RunOptions{ID: "r", Buffer: 3})
	require.NoError(t, err)
	events := read(run)
	result, err := run.Wait()
	s.left = true
	checkEvents(t, p, events)
	assert.LessOrEqual(t, peak(events), 2)
	assert.Equal(t, string(result.Status), events[len(events)-1].Data.(event.Finished).Status)
	for range 3 {
		sched.Yield()
	}
	return s, result, err
}

// A cancel by another task, a time-out that may come at any time, and a consumer
// that leaves after any event end the run well, whatever it was doing.
func TestEndingsFromOutside(t *testing.T) {
	runs := 600
	if testing.Short() {
		runs = 100
	}
	outside := map[string]func(t *check.T, run *engine.Run) engine.Status{
		"cancel": func(_ *check.T, run *engine.Run) engine.Status {
			sched.Go(func() { sched.Yield(); run.Cancel(errBad) })
			return engine.Cancelled
		},
		"time-out": func(*check.T, *engine.Run) engine.Status { return engine.TimedOut },
		"leave": func(_ *check.T, run *engine.Run) engine.Status {
			left := 1 + sched.Rand().IntN(30)
			for range run.Events() {
				if left--; left == 0 {
					break
				}
			}
			return engine.Closed
		},
	}
	for name, end := range outside {
		t.Run(name, func(t *testing.T) {
			result := check.Config{Runs: runs, AnyTime: name == "time-out"}.Search(t.Name(), func(t *check.T) {
				p := engine.New[endingState]("p", engine.Options{})
				endingPipeline(p)
				rec := &recorder{}
				s := &endingState{t: t, last: -1}
				ctx, cancel := sched.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				run, err := p.Stream(ctx, s, engine.RunOptions{ID: "r", Buffer: 2, Observers: []engine.Observer{rec}})
				require.NoError(t, err)
				want := end(t, run)
				result, err := run.Wait()
				s.left = true
				checkEvents(t, p, rec.events)
				if result.Status != engine.Success {
					assert.Equal(t, want, result.Status)
					assert.Equal(t, want == engine.Closed, errors.Is(err, engine.ErrClosed))
				}
				sched.Yield()
			})
			assert.Empty(t, result.Findings)
		})
	}
}
