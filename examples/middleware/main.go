// Command middleware wraps all steps of a pipeline: it times them, notes what they
// did for the log, and turns what is missing into a default.
//
// Look at the three functions that return a Middleware, and at the order of Use: the
// first one is outermost, so that what the others do is timed too. A middleware is
// called by all steps and items that run at once: what it keeps needs a lock.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// Profile is the state of a run.
type Profile struct {
	User                   string
	Name, Language, Avatar race.Var[string]
}

// errMissing says that a user has not said something.
var errMissing = errors.New("the user has not said that")

// Times is how long steps took, and how often they were called.
type Times struct {
	Calls race.Map[string, int]
	Total race.Map[string, time.Duration]
}

// timing adds up how long each node takes.
func timing(times *sched.Guarded[Times]) engine.Middleware[Profile] {
	return func(next engine.StepFunc[Profile]) engine.StepFunc[Profile] {
		return func(ctx context.Context, s *Profile) error {
			began := sched.Now()
			err := next(ctx, s)
			took := sched.Since(began)
			times.Do(func(t *Times) {
				node := engine.Info(ctx).Node
				t.Calls.Update(node, func(n int) int { return n + 1 })
				t.Total.Update(node, func(d time.Duration) time.Duration { return d + took })
			})
			return err
		}
	}
}

// logging notes whom a step is for: that is in the event, and in a line of a log, that
// tells its end.
func logging(next engine.StepFunc[Profile]) engine.StepFunc[Profile] {
	return func(ctx context.Context, s *Profile) error {
		engine.Note(ctx, slog.String("user", s.User))
		return next(ctx, s)
	}
}

// optional makes up for what is missing: the field keeps its default. Everything
// else, also control values such as Skip, is passed on.
func optional(next engine.StepFunc[Profile]) engine.StepFunc[Profile] {
	return func(ctx context.Context, s *Profile) error {
		err := next(ctx, s)
		if errors.Is(err, errMissing) {
			engine.Note(ctx, slog.String("missing", err.Error()))
			return nil
		}
		return err
	}
}

// pipeline returns the steps that fill in a profile.
func pipeline(times *sched.Guarded[Times]) *engine.Pipeline[Profile] {
	p := engine.New[Profile]("profile", engine.Options{MultiRoot: true})
	p.Use(timing(times), logging, optional)
	p.Step("name", func(_ context.Context, s *Profile) error {
		sched.Sleep(2 * time.Millisecond)
		s.Name.Store(strings.ToUpper(s.User))
		return nil
	}, engine.NodeOptions{})
	p.Step("language", func(_ context.Context, s *Profile) error {
		sched.Sleep(5 * time.Millisecond)
		s.Language.Store("English")
		return fmt.Errorf("language: %w", errMissing)
	}, engine.NodeOptions{})
	p.Step("avatar", func(_ context.Context, s *Profile) error { return engine.Skip }, engine.NodeOptions{})
	return p
}

// printer is an observer that prints what steps have noted.
type printer struct{ out io.Writer }

// Observe prints one event.
func (l printer) Observe(e event.Event) {
	if end, ok := e.Data.(event.Ended); ok {
		fmt.Fprintln(l.out, e.Node, e.Notes, end.Control)
	}
}

// run fills in the profiles of some users and prints what that took.
func run(ctx context.Context, out io.Writer) error {
	var times sched.Guarded[Times]
	p := pipeline(&times)
	for _, user := range []string{"ann", "bob"} {
		s := &Profile{User: user}
		if _, err := p.Run(ctx, s, engine.RunOptions{Observers: []engine.Observer{printer{out}}}); err != nil {
			return err
		}
		fmt.Fprintf(out, "%s: %s\n", s.Name.Load(), s.Language.Load())
	}
	times.Do(func(t *Times) {
		for node, total := range t.Total.All() {
			fmt.Fprintf(out, "%s: %d calls, %v\n", node, t.Calls.Load(node), total)
		}
	})
	return nil
}

// simulate does that in a simulation, whose clock is exact.
func simulate(out io.Writer) (err error) {
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	result := sim.Run(strategy.Repeat(nil), 1, func() { err = run(context.Background(), out) })
	return errors.Join(err, result.End)
}

func main() {
	if err := simulate(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "middleware:", err)
		os.Exit(1)
	}
}
