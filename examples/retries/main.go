// Command retries asks servers that are not always there, on a simulated clock: the
// minutes that it waits take no time.
//
// Look at pipeline: a retry policy says how often, and how long after; a step that
// knows better says so with RetryAfter; a handler deals with what has failed for
// good. Each attempt is told in the events.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// Weather is the state of a run.
type Weather struct {
	Failures int // of the first server, before it answers
	Forecast race.Var[string]
	Map      race.Var[string]
}

var (
	errBusy = errors.New("503 service unavailable")
	errGone = errors.New("410 gone")
)

// backoff waits for 1, 2, 4, 8 and then 10 seconds, or up to half as long.
var backoff = engine.RetryPolicy{
	MaxAttempts: 5,
	BaseDelay:   time.Second,
	MaxDelay:    10 * time.Second,
	Jitter:      0.5,
	Retryable:   func(err error) bool { return errors.Is(err, errBusy) },
}

// pipeline returns three steps, which each fail in another way.
func pipeline() *engine.Pipeline[Weather] {
	p := engine.New[Weather]("weather", engine.Options{})
	forecast := p.Step("forecast", func(ctx context.Context, w *Weather) error {
		if engine.Info(ctx).Attempt <= w.Failures {
			return errBusy
		}
		w.Forecast.Store("rain")
		return nil
	}, engine.NodeOptions{Retry: backoff})

	quota := p.Step("quota", func(ctx context.Context, _ *Weather) error {
		if engine.Info(ctx).Attempt == 1 {
			return engine.RetryAfter(time.Minute) // as the server has asked for
		}
		return nil
	}, engine.NodeOptions{})

	radar := p.Step("radar", func(_ context.Context, w *Weather) error {
		return errGone // another attempt would not help
	}, engine.NodeOptions{Retry: backoff}).OnError(func(_ context.Context, w *Weather, _ *engine.StepError) error {
		w.Map.Store("yesterday's map")
		return nil
	})

	forecast.To(quota)
	quota.To(radar)
	return p
}

// printer is an observer that prints the ends of attempts.
type printer struct{ out io.Writer }

// Observe prints one event.
func (p printer) Observe(e event.Event) {
	at := e.Elapsed.Round(100 * time.Millisecond)
	switch d := e.Data.(type) {
	case event.Retried:
		fmt.Fprintf(p.out, "%7v  %s, attempt %d: %s; again in %v\n", at, e.Path, e.Attempt, d.Error, d.Delay.Round(100*time.Millisecond))
	case event.Ended:
		outcome := "done"
		if d.Handled {
			outcome = "handled: " + d.Error
		}
		fmt.Fprintf(p.out, "%7v  %s, attempt %d: %s\n", at, e.Path, e.Attempt, outcome)
	case event.Failed:
		fmt.Fprintf(p.out, "%7v  %s, attempt %d: failed: %s\n", at, e.Path, e.Attempt, d.Error)
	}
}

// run asks for the weather, twice, and prints what happens when.
func run(ctx context.Context, out io.Writer) error {
	p := pipeline()
	for _, failures := range []int{3, 9} {
		w := &Weather{Failures: failures}
		result, _ := p.Run(ctx, w, engine.RunOptions{Observers: []engine.Observer{printer{out}}})
		fmt.Fprintf(out, "%s: %q, %q\n", result.Status, w.Forecast.Load(), w.Map.Load())
	}
	return nil
}

// simulate does that in a simulation.
func simulate(out io.Writer) (err error) {
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	const seed = 1 // of the random numbers
	result := sim.Run(strategy.Repeat(nil), seed, func() { err = run(context.Background(), out) })
	return errors.Join(err, result.End)
}

func main() {
	if err := simulate(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "retries:", err)
		os.Exit(1)
	}
}
