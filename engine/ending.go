package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/sched"
)

// mustEnd reports whether nothing may start any more, and notes it if that is
// because ctx is done. The ledger is held, as for all that does not lock it here.
func (r *run[S]) mustEnd() bool {
	r.noticeCancel()
	return r.status != "" || r.stopped || r.suspended
}

// noticeCancel publishes that ctx is done, the first time that it is seen.
func (r *run[S]) noticeCancel() {
	if r.status != "" || r.ctx.Err() == nil {
		return
	}
	r.cause = context.Cause(r.ctx)
	typ := event.Cancelled
	switch {
	case r.closing:
		r.status = Closed
	case errors.Is(r.ctx.Err(), context.DeadlineExceeded):
		typ, r.status = event.Timeout, TimedOut
	default:
		r.status = Cancelled
	}
	if r.observed {
		r.publish(typ, invocation[S]{index: -1}, event.Interrupted{Cause: r.cause.Error()})
	}
}

// cancelBy cancels a run that is not over, because of its consumer.
func (r *run[S]) cancelBy(cause error, closing bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.noticeCancel()
	if r.status == "" && r.live > 0 {
		r.closing = closing
		r.cancel(cause)
		r.noticeCancel()
	}
}

// conclusion is what an end comes to.
type conclusion uint8

const (
	concludedOK conclusion = iota
	concludedSkipped
	concludedFailed
	concludedCancelled // or suspended
)

// conclude publishes the end event of an invocation and, if it failed or asks
// for that, begins to end the run.
func (r *run[S]) conclude(inv invocation[S], out *outcome) conclusion {
	inv.closeAttempt()
	r.resolve(inv, out)
	switch c := out.control; {
	case out.cut:
		return concludedCancelled
	case out.derived:
		r.publishFailure(event.StepError, inv, event.Failed{Reason: "error", Error: "an item failed", Derived: true})
		return concludedFailed
	case c != nil && c.kind == suspend:
		r.halted(c)
		if r.observed {
			r.publish(event.Suspend, inv, event.Suspended{Reason: c.text, Duration: inv.ctx.elapsed()})
		}
		return concludedCancelled
	case c != nil || out.err == nil:
		if r.observed {
			r.publish(event.StepEnd, inv, event.Ended{Control: c.label(), Duration: inv.ctx.elapsed()})
		}
		return r.halted(c)
	case !out.decided && r.cancelled(out.err):
		r.publishFailure(event.StepCancelled, inv, event.Failed{Reason: "cancelled", Error: out.err.Error()})
		return concludedCancelled
	}
	f := inv.failure(out.err)
	r.failures = append(r.failures, f)
	r.abort(f)
	r.publishFailure(event.StepError, inv, event.Failed{Reason: f.Reason, Error: out.err.Error()})
	return concludedFailed
}

// halted begins to end the run if a control value asks for that. It returns
// what an end with that value comes to.
func (r *run[S]) halted(c *control) conclusion {
	switch {
	case c == nil:
		return concludedOK
	case c.kind == skip:
		return concludedSkipped
	case c.kind == stop:
		r.stopped = true
	case c.kind == suspend && !r.suspended:
		r.suspended, r.reason = true, c.text
	}
	if r.endWaits != nil && (r.stopped || r.suspended) {
		r.endWaits()
	}
	return concludedOK
}

// halting is the control value that a map which the end of the run has cut
// short ends with: nil if ctx is done.
func (r *run[S]) halting() *control {
	switch {
	case r.status != "":
		return nil
	case r.stopped:
		return &control{kind: stop}
	}
	return &control{kind: suspend, text: r.reason}
}

// untilHalt returns a context that is done when nothing may start any more.
func (r *run[S]) untilHalt() context.Context {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.halt == nil {
		r.halt, r.endWaits = sched.WithCancel(r.ctx)
		if r.stopped || r.suspended {
			r.endWaits()
		}
	}
	return r.halt
}

// abort cancels what runs because of a failure, and reports whether that is
// what ends the run.
func (r *run[S]) abort(f *StepError) bool {
	r.noticeCancel()
	if r.status != "" {
		return false
	}
	r.status = Failed
	r.cancel(fmt.Errorf("%w: %w", ErrSibling, f))
	return true
}

// cancelled reports whether ctx is done and an error says no more than that.
func (r *run[S]) cancelled(err error) bool {
	r.noticeCancel()
	return r.status != "" && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, context.Cause(r.ctx)))
}

// resolve looks up the target of a Goto and makes a failure of one that is not
// possible.
func (r *run[S]) resolve(inv invocation[S], out *outcome) {
	c := out.control
	if c == nil || c.kind != jump {
		return
	}
	limit := r.p.opts.MaxJumps
	if limit == 0 {
		limit = maxJumps
	}
	switch r.jumps++; {
	case !inv.node.mayGoto(c.text):
		*out = outcome{err: inv.node.badTarget(c.text)}
	case r.jumps > limit:
		*out = outcome{err: fmt.Errorf("%w (%d): step %q returned Goto(%q)", ErrJumps, limit, inv.node.name, c.text)}
	}
}

// failure is the failure of inv by err.
func (inv invocation[S]) failure(err error) *StepError {
	return &StepError{Path: inv.path(), Invocation: inv.id, Attempt: inv.attempt, Index: inv.index, Reason: reason(err), Err: err}
}

// reasons are the failures that have a reason of their own.
var reasons = []struct {
	err    error
	reason string
}{
	{ErrGoexit, "goexit"}, {ErrControl, "control"}, {ErrUnknownNode, "unknown_node"},
	{ErrUndeclared, "undeclared"}, {ErrRetries, "retries"}, {ErrJumps, "jumps"},
}

func reason(err error) string {
	var p *PanicError
	if errors.As(err, &p) {
		return "panic"
	}
	for _, r := range reasons {
		if errors.Is(err, r.err) {
			return r.reason
		}
	}
	return "error"
}
