package engine

import (
	"context"
	"log/slog"
	"time"

	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/sched"
)

// attempt is one call of the function of a node, and the context of it.
type attempt[S any] struct {
	context.Context
	inv    *invocation[S]
	n      int // from 1
	began  time.Time
	cancel context.CancelFunc // of its time limit; nil without
	limit  error              // the cause with which that cancels
	until  time.Time          // when it does
	body   StepFunc[S]        // what the middleware is to call

	// The ledger guards the fields below.
	ended bool
	notes []slog.Attr
}

type stepKey struct{}

// Value returns a for stepKey.
func (a *attempt[S]) Value(key any) any {
	if key == (stepKey{}) {
		return a
	}
	return a.Context.Value(key)
}

// StepInfo tells a step who it is.
type StepInfo struct {
	// Pipeline and RunID are those of the run. RunID is empty if nobody observes
	// the run, it has no store and RunOptions.ID is empty.
	Pipeline, RunID string
	// Node is the name of the node, Path with the index of an item and the nodes
	// that called the run, as in the events. Kind is what the node is.
	Node, Path string
	Kind       event.Kind
	// Invocation, Parent, Owner, Attempt and Index are those of event.Event.
	Invocation, Parent, Owner, Attempt, Index int
	// Resumed is set for an invocation that an earlier process has begun.
	Resumed bool
}

// Info returns what the step, item, iterator, Collect or handler is that was
// called with ctx, or with a context derived from it. Elsewhere it is the zero
// value.
func Info(ctx context.Context) StepInfo {
	if s := stepOf(ctx); s != nil {
		return s.info()
	}
	return StepInfo{}
}

// Note adds attributes to the event that ends the attempt which was called with
// ctx, or a context derived from it. After its end, and elsewhere, it does
// nothing. Any task may call it.
func Note(ctx context.Context, attrs ...slog.Attr) {
	if s := stepOf(ctx); s != nil {
		s.note(attrs)
	}
}

// Count adds delta to what is counted under name in event.Metrics of the run. In a
// run that is resumed, what the last checkpoint has is counted too. After the end of
// the run, and outside a step, it does nothing. Any task may call it.
func Count(ctx context.Context, name string, delta int64) {
	if s := stepOf(ctx); s != nil {
		s.count(name, delta)
	}
}

// step is an attempt, whatever the state of its run.
type step interface {
	info() StepInfo
	note(attrs []slog.Attr)
	count(name string, delta int64)
	emit(ctx context.Context, v any) error
}

func stepOf(ctx context.Context) step {
	if ctx == nil {
		return nil
	}
	s, _ := ctx.Value(stepKey{}).(step)
	return s
}

func (a *attempt[S]) info() StepInfo {
	inv := a.inv
	return StepInfo{Pipeline: inv.r.p.name, RunID: inv.r.id, Node: inv.node.name, Path: inv.path(), Kind: inv.kind(),
		Invocation: inv.id, Parent: inv.parent, Owner: inv.owner, Attempt: a.n, Index: inv.index, Resumed: inv.resumed}
}

func (a *attempt[S]) note(attrs []slog.Attr) {
	a.inv.r.mu.Lock()
	defer a.inv.r.mu.Unlock()
	if !a.ended {
		a.notes = append(a.notes, attrs...)
	}
}

func (a *attempt[S]) count(name string, delta int64) {
	r := a.inv.r
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.result == nil {
		r.metrics.count(name, delta)
	}
}

// open begins the next attempt of inv. The ledger is held.
func (inv *invocation[S]) open(now time.Time) {
	a := &inv.first
	if inv.attempt != nil {
		a = &attempt[S]{}
		if inv.inside != nil {
			inv.afresh()
		}
	}
	n := inv.tries + 1
	inv.tries = n
	*a = attempt[S]{Context: inv.around, inv: inv, n: n, began: now}
	inv.attempt = a
	inv.judged, inv.handlers, inv.failed = false, 0, nil
}

// afresh leaves behind what the attempt before has kept of what it did inside.
func (inv *invocation[S]) afresh() {
	inv.inner, inv.restored = nil, nil
	if inv.progress != nil {
		inv.progress = nil
		inv.r.delivery.journal.forgetItems(store.Owner{RunID: inv.r.id, Invocation: inv.id}, false)
	}
}

// enter returns the context that the attempt is called with. Its time limit
// begins.
func (inv *invocation[S]) enter() context.Context {
	a := inv.attempt
	if d := inv.node.opts.Timeout; d > 0 && inv.limited() {
		a.limit, a.until = &limitError{ErrStepTimeout, "step " + inv.path(), d}, sched.Now().Add(d)
		a.Context, a.cancel = sched.WithTimeoutCause(inv.around, d, a.limit)
	}
	return a
}

// limited reports whether Timeout and Retry of NodeOptions, and the counts of
// attempts, are for what inv calls: a map leaves them to its items.
func (inv *invocation[S]) limited() bool { return inv.node.kind != event.Map || inv.index >= 0 }

// leave ends the time limit of the attempt. It reports whether that has passed, and
// whether before anything else ended the context.
func (inv *invocation[S]) leave() (late, first bool) {
	a := inv.attempt
	if a.cancel == nil {
		return false, false
	}
	cause := context.Cause(a.Context)
	a.cancel()
	a.cancel = nil
	late = !sched.Now().Before(a.until)
	return late, late && (cause == nil || cause == a.limit)
}
