package engine

import (
	"context"
	"errors"
	"time"

	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/sched"
)

var errNoStep = errors.New("engine: Emit outside a step: pass it the context that the step was called with, or one derived from it")

// Emit publishes v as a TOKEN event of the step, item, iterator or Collect that
// was called with ctx, or with a context that ctx is derived from. The value is
// passed on as it is, not copied. Events of one attempt come in the order of the
// calls, which any number of tasks may make at once.
//
// Emit waits while RunOptions.Buffer events wait for the consumer, or the
// observers. It returns the error of ctx when that is done, [ErrEnded] if the
// attempt is over, and an error if ctx is not that of a step; v is not published
// then. In a run that nobody observes v is dropped.
func Emit(ctx context.Context, v any) error {
	var step emitter
	if ctx != nil {
		step, _ = ctx.Value(stepKey{}).(emitter)
	}
	if step == nil {
		return errNoStep
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return step.emit(ctx, v)
}

// emitter is a stepContext, whatever the state of its run.
type emitter interface {
	emit(ctx context.Context, v any) error
}

type stepKey struct{}

// stepContext is the context of one attempt; if nobody observes the run, of all.
type stepContext[S any] struct {
	context.Context
	r     *run[S]
	inv   invocation[S]
	began time.Time
	ended bool // guarded by the ledger
}

// Value returns c for stepKey.
func (c *stepContext[S]) Value(key any) any {
	if key == (stepKey{}) {
		return c
	}
	return c.Context.Value(key)
}

// elapsed is how long the attempt has taken.
func (c *stepContext[S]) elapsed() time.Duration { return sched.Since(c.began) }

// openAttempt begins an attempt. The ledger is held.
func (r *run[S]) openAttempt(inv *invocation[S]) {
	if r.observed {
		inv.ctx = &stepContext[S]{Context: r.ctx, r: r, began: sched.Now()}
	}
}

// closeAttempt ends it: what it emits from now on is too late. The ledger is
// held.
func (inv invocation[S]) closeAttempt() {
	if inv.ctx != nil {
		inv.ctx.ended = true
	}
}

// enter returns the context that the attempt is called with.
func (r *run[S]) enter(inv *invocation[S]) context.Context {
	if !r.observed {
		return r.base
	}
	inv.ctx.inv = *inv
	return inv.ctx
}

func (c *stepContext[S]) emit(ctx context.Context, v any) error {
	if !c.r.observed {
		return nil
	}
	if done, err := c.tryEmit(ctx, v, false); done {
		return err
	}
	stop := sched.AfterDone(ctx, c.r.wakeEmitters)
	defer stop()
	_, err := c.tryEmit(ctx, v, true)
	return err
}

// tryEmit publishes v if there is room for it, and waits for room if it may. It
// reports whether it came to an end.
func (c *stepContext[S]) tryEmit(ctx context.Context, v any, wait bool) (done bool, err error) {
	r := c.r
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.delivery.full() {
		if !wait {
			return false, nil
		}
		if err := ctx.Err(); err != nil {
			return true, err
		}
		r.delivery.room.Wait()
	}
	if c.ended {
		return true, ErrEnded
	}
	r.publish(event.Token, c.inv, event.Emitted{Value: v})
	return true, nil
}

// wakeEmitters makes those who wait for room look at their contexts.
func (r *run[S]) wakeEmitters() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.delivery.room.Broadcast()
}
