package engine

import (
	"context"
	"iter"

	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/sched"
)

// Run is a run of a pipeline whose events are read while it goes on. It drives
// itself, but waits for its reader: as soon as RunOptions.Buffer events wait, the
// steps do. So a Run must be read to its end or waited for. Its methods may be
// called by any task.
type Run struct {
	id       string
	run      streamed
	delivery *delivery
}

// streamed is a run, whatever its state.
type streamed interface {
	cancelBy(cause error, closing bool)
	wait() (Result, error)
}

// Stream starts p on state and returns at once. Where Run would return a
// [*DefinitionError] it does so too, and nothing has happened.
//
//	run, err := p.Stream(ctx, &State{}, engine.RunOptions{})
//	if err != nil {
//		return err
//	}
//	for e := range run.Events() {
//		fmt.Println(e.Type, e.Path)
//	}
//	result, err := run.Wait()
func (p *Pipeline[S]) Stream(ctx context.Context, state *S, opts RunOptions) (*Run, error) {
	r, err := p.begin(ctx, state, opts, true)
	if err != nil {
		return nil, err
	}
	if len(p.onStart) > 0 {
		sched.Go(r.open)
	} else {
		r.open()
	}
	return &Run{id: r.id, run: r, delivery: &r.delivery}, nil
}

// ID returns the identity of the run.
func (r *Run) ID() string { return r.id }

// Events returns the events of the run, from START to FINISH, each after the
// observers have been told. They can be read once: another sequence is empty.
// Waiting for the next event is no scheduling point of a simulation.
//
// To leave the loop before FINISH closes the run: the context of the steps is
// cancelled with [ErrClosed], and the status is Closed.
func (r *Run) Events() iter.Seq[event.Event] {
	d := r.delivery
	first := d.become(expected, promised)
	return func(yield func(event.Event) bool) {
		if !first || !d.become(promised, reading) {
			return
		}
		defer func() {
			d.become(reading, nobody)
			r.run.cancelBy(ErrClosed, true)
		}()
		for e, ok := d.read(); ok; e, ok = d.read() {
			d.edge.Acquire()
			if !yield(e) {
				return
			}
		}
	}
}

// Cancel cancels the run with a cause, nil for context.Canceled, as if the
// context of Stream had been. If the run is over, or has been cancelled before,
// it does nothing. It does not wait; any task may call it, any number of times.
func (r *Run) Cancel(cause error) {
	if cause == nil {
		cause = context.Canceled
	}
	r.run.cancelBy(cause, false)
}

// Wait waits until the run has ended and returns what Run would. It may be
// called after the loop over Events, at the same time as it by another task, or
// in place of it: if Events has not been called, nobody will see the events.
func (r *Run) Wait() (Result, error) { return r.run.wait() }
