package engine

import (
	"context"
	"errors"

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
// attempt is over, and an error if ctx is not that of a step, or v cannot be encoded
// for the store of the run; v is not published then. In a run that nobody observes v
// is dropped.
func Emit(ctx context.Context, v any) error {
	s := stepOf(ctx)
	if s == nil {
		return errNoStep
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.emit(ctx, v)
}

func (a *attempt[S]) emit(ctx context.Context, v any) error {
	e := emission{value: v}
	if j := a.inv.r.delivery.journal; j != nil {
		raw, err := j.encode(v)
		if err != nil {
			return err
		}
		e.raw = raw
	}
	if done, err := a.tryEmit(ctx, e, false); done {
		return err
	}
	stop := sched.AfterDone(ctx, a.inv.r.wakeEmitters)
	defer stop()
	_, err := a.tryEmit(ctx, e, true)
	return err
}

// emission is a value that is emitted, and for a store as bytes.
type emission struct {
	value any
	raw   []byte
}

// tryEmit publishes v if there is room for it, and waits for room if it may. It
// reports whether it came to an end.
func (a *attempt[S]) tryEmit(ctx context.Context, v emission, wait bool) (done bool, err error) {
	r := a.inv.r
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.observed && r.delivery.full() {
		if !wait {
			return false, nil
		}
		if err := ctx.Err(); err != nil {
			return true, err
		}
		r.delivery.room.Wait()
	}
	if a.ended {
		return true, ErrEnded
	}
	r.metrics.Tokens++
	if r.observed {
		r.add(queued{r.event(event.Token, a.inv, event.Emitted{Value: v.value}, sched.Now()), v.raw})
	}
	return true, nil
}

// wakeEmitters makes those who wait for room look at their contexts.
func (t *tree) wakeEmitters() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.delivery.room.Broadcast()
}
