// Command timeouts shows which limit ends what, on a simulated clock: that of a step,
// of a map, of the run, and the grace for a step that does not listen.
//
// Look at what the steps do with their context. Nothing is killed: a limit that has
// passed makes the context done, and whoever waits for something else as well, as
// download does, returns at once. Who does not is waited for, or abandoned.
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
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// Film is the state of a run: a film in several parts.
type Film struct{ Parts []time.Duration } // that it takes to load them

// download waits for a part, or for the context.
func download(ctx context.Context, d time.Duration) error {
	if sched.Select(sched.Done(ctx).Receiving(nil, nil), sched.After(d).Receiving(nil, nil)) == 0 {
		return context.Cause(ctx)
	}
	return nil
}

// deaf waits for a part whatever the context says.
func deaf(_ context.Context, d time.Duration) error {
	sched.Sleep(d)
	return nil
}

// step returns a pipeline with a step that loads the first part.
func step(load func(context.Context, time.Duration) error, limit time.Duration) *engine.Pipeline[Film] {
	p := engine.New[Film]("film", engine.Options{})
	p.Step("load", func(ctx context.Context, f *Film) error { return load(ctx, f.Parts[0]) }, engine.NodeOptions{Timeout: limit})
	return p
}

// parts returns a pipeline that loads all parts, one after the other.
func parts(perPart, all time.Duration) *engine.Pipeline[Film] {
	p := engine.New[Film]("film", engine.Options{})
	engine.Map(p, "load", engine.Each[Film, time.Duration]{
		Items: engine.Slice(func(_ context.Context, f *Film) ([]time.Duration, error) { return f.Parts, nil }),
		Do:    func(ctx context.Context, _ *Film, d time.Duration) error { return download(ctx, d) },
	}, engine.MapOptions{MaxConcurrency: 1, MapTimeout: all, NodeOptions: engine.NodeOptions{Timeout: perPart}})
	return p
}

const second = time.Second

// cases are the limits.
var cases = []struct {
	name  string
	p     *engine.Pipeline[Film]
	parts []time.Duration
	opts  engine.RunOptions
}{
	{"a step that takes 5s, and may take 2s", step(download, 2*second), []time.Duration{5 * second}, engine.RunOptions{}},
	{"the same, but it does not listen", step(deaf, 2*second), []time.Duration{5 * second}, engine.RunOptions{}},
	{"parts of 1s, 1s and 4s, of 3s each at most", parts(3*second, 0), []time.Duration{second, second, 4 * second}, engine.RunOptions{}},
	{"the same, of 4s in all at most", parts(0, 4*second), []time.Duration{second, second, 4 * second}, engine.RunOptions{}},
	{"a run of 3s at most", parts(0, 0), []time.Duration{second, second, 4 * second}, engine.RunOptions{Timeout: 3 * second}},
	{"the same, and the step does not listen", step(deaf, 0), []time.Duration{60 * second}, engine.RunOptions{Timeout: 3 * second}},
	{"the same, with a grace of 2s", step(deaf, 0), []time.Duration{60 * second}, engine.RunOptions{Timeout: 3 * second, Grace: 2 * second}},
}

// lateness is an observer that notes whether a step has succeeded after its limit.
type lateness struct{ late bool }

// Observe takes in one event.
func (l *lateness) Observe(e event.Event) {
	if end, ok := e.Data.(event.Ended); ok && end.Late {
		l.late = true
	}
}

// run prints what becomes of each case, and when.
func run(ctx context.Context, out io.Writer) error {
	for _, c := range cases {
		var l lateness
		c.opts.Observers = []engine.Observer{&l}
		result, err := c.p.Run(ctx, &Film{c.parts}, c.opts)
		fmt.Fprintf(out, "%s\n  after %v: %s", c.name, result.Duration, result.Status)
		if l.late {
			fmt.Fprint(out, ", late")
		}
		fmt.Fprintln(out)
		if err != nil {
			fmt.Fprintln(out, "  ", err)
		}
	}
	return nil
}

// simulate does that in a simulation.
func simulate(out io.Writer) (err error) {
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	result := sim.Run(strategy.Repeat(nil), 1, func() { err = run(context.Background(), out) })
	return errors.Join(err, result.End)
}

func main() {
	if err := simulate(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "timeouts:", err)
		os.Exit(1)
	}
}
