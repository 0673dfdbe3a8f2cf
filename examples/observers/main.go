// Command observers watches a pipeline that makes thumbnails: one observer writes a
// log with package log/slog, another one measures how busy the run is.
//
// Look at busy: an observer is one method, and needs no lock as long as it serves one
// run: it is told the events one at a time, in their order. What it takes to look at
// them the run waits for, but no step has to know of it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/engine/observe"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// Album is the state of a run.
type Album struct{ Photos []string }

// pipeline returns a map over the photos and a step that shows the album.
func pipeline() *engine.Pipeline[Album] {
	p := engine.New[Album]("album", engine.Options{})
	shrink := engine.Map(p, "shrink", engine.Each[Album, string]{
		Items: engine.Slice(func(_ context.Context, a *Album) ([]string, error) { return a.Photos, nil }),
		Do: func(ctx context.Context, _ *Album, photo string) error {
			sched.Sleep(time.Duration(len(photo)) * time.Second)
			engine.Note(ctx, slog.String("photo", photo))
			if engine.Info(ctx).Attempt == 1 && photo == "cat" {
				return errors.New("the camera is away")
			}
			return nil
		},
	}, engine.MapOptions{MaxConcurrency: 2, NodeOptions: engine.NodeOptions{
		Retry: engine.RetryPolicy{MaxAttempts: 2, BaseDelay: 5 * time.Second}}})
	show := p.Step("show", func(context.Context, *Album) error { sched.Sleep(time.Second); return nil }, engine.NodeOptions{})
	shrink.To(show)
	return p
}

// busy measures how many items are worked on at once, and for how long that many. It
// keeps that in a type of package race, for the test that gives one busy to two runs.
type busy struct{ seen race.Var[measured] }

type measured struct {
	now   int
	since time.Duration
	times [3]time.Duration // by how many
}

// Observe takes in one event.
func (b *busy) Observe(e event.Event) {
	if e.Kind != event.Worker {
		return
	}
	m := b.seen.Load()
	m.times[m.now] += e.Elapsed - m.since
	m.since = e.Elapsed
	switch e.Type {
	case event.StepStart:
		m.now++
	case event.StepEnd, event.StepRetry, event.StepError, event.StepCancelled:
		m.now--
	}
	b.seen.Store(m)
}

// run makes an album, and prints the log and the measurements.
func run(ctx context.Context, out io.Writer) error {
	logger := slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{ReplaceAttr: brief}))
	var b busy
	_, err := pipeline().Run(ctx, &Album{Photos: []string{"sea", "cat", "sunset", "me"}}, engine.RunOptions{
		ID:        "r1",
		Labels:    []slog.Attr{slog.String("user", "ann")},
		Observers: []engine.Observer{observe.Slog(logger, slog.LevelInfo), &b},
	})
	for n, d := range b.seen.Load().times {
		fmt.Fprintf(out, "%d at once: %v\n", n, d)
	}
	return err
}

// brief leaves out of a line of the log what would make it long here.
func brief(groups []string, a slog.Attr) slog.Attr {
	switch {
	case len(groups) > 0 && groups[0] == "metrics":
		return slog.Attr{}
	case a.Key == slog.TimeKey, a.Key == "seed", a.Key == "invocation", a.Key == "parent", a.Key == "pipeline":
		return slog.Attr{}
	}
	return a
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
		fmt.Fprintln(os.Stderr, "observers:", err)
		os.Exit(1)
	}
}
