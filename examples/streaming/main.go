// Command streaming reads a long log and shows the errors in it while it is being
// read, until it has seen enough.
//
// Look at the loop in show: it ranges over the events of a run that goes on
// meanwhile. The step waits whenever Buffer events have not been read yet, so that
// memory does not grow, and to leave the loop ends the run: its context is
// cancelled, Emit returns, and the hook closes the log.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/race"
)

// Log is the state of a run: a log without an end.
type Log struct {
	Lines race.Var[int]  // that were read
	Open  race.Var[bool] // it must be closed
}

// next returns the next line.
func (l *Log) next() string {
	n := l.Lines.Update(func(n int) int { return n + 1 })
	if n%3 == 0 {
		return fmt.Sprintf("error: line %d", n)
	}
	return "all is well"
}

// pipeline returns a step that emits the errors of a log.
func pipeline() *engine.Pipeline[Log] {
	p := engine.New[Log]("log", engine.Options{})
	p.OnStart(func(_ context.Context, l *Log) error { l.Open.Store(true); return nil })
	p.OnFinish(func(_ context.Context, l *Log, _ engine.Result) error { l.Open.Store(false); return nil })
	p.Step("read", func(ctx context.Context, l *Log) error {
		for ctx.Err() == nil {
			line := l.next()
			if line == "all is well" {
				continue
			}
			if err := engine.Emit(ctx, line); err != nil {
				return err // nobody wants to know more
			}
		}
		return ctx.Err()
	}, engine.NodeOptions{})
	return p
}

// show prints the first n errors of a log as they come.
func show(ctx context.Context, out io.Writer, log *Log, n int) (engine.Result, error) {
	run, err := pipeline().Stream(ctx, log, engine.RunOptions{Buffer: 2})
	if err != nil {
		return engine.Result{}, err
	}
	seen := 0
	for e := range run.Events() {
		token, ok := e.Data.(event.Emitted)
		if !ok {
			continue
		}
		fmt.Fprintln(out, token.Value)
		if seen++; seen == n {
			break
		}
	}
	return run.Wait()
}

// run shows three errors of a log.
func run(ctx context.Context, out io.Writer) error {
	log := &Log{}
	result, err := show(ctx, out, log, 3)
	if !errors.Is(err, engine.ErrClosed) { // we have left, which is all that happened
		return err
	}
	fmt.Fprintf(out, "%s; the log is open: %v\n", result.Status, log.Open.Load())
	return nil
}

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "streaming:", err)
		os.Exit(1)
	}
}
