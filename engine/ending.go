package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

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
	if r.status != "" || r.ctx.Err() == nil || r.result != nil || !r.opened {
		return
	}
	if r.outer != nil {
		r.outer.noticeCancel()
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
		r.publish(typ, nil, event.Interrupted{Cause: r.cause.Error()})
	}
	r.wake()
}

// ctxDone is called when ctx is done.
func (r *run[S]) ctxDone() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy() {
		r.noticeCancel()
	}
}

// forget ends the watch over ctx: nobody else cancels it any more.
func (r *run[S]) forget() {
	if r.unwatch != nil {
		r.unwatch()
		r.unwatch = nil
	}
}

// wake makes those look who wait for what will not come, now that the run ends.
func (r *run[S]) wake() {
	if r.endWaits != nil {
		r.endWaits()
	}
	r.disarm()
	for _, m := range r.maps {
		m.halt()
	}
	if r.status != "" && r.grace == nil && r.opts.Grace > 0 && r.live > 0 {
		r.grace = sched.AfterFunc(r.opts.Grace, r.abandon)
	}
}

// busy reports whether something of the run goes on that can be cancelled.
func (r *run[S]) busy() bool { return r.live > 0 || r.starting || r.waiting }

// cancelBy cancels a run that is not over, because of its consumer.
func (r *run[S]) cancelBy(cause error, closing bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.noticeCancel()
	if r.status == "" && r.busy() {
		r.closing = closing
		r.forget()
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
func (r *run[S]) conclude(inv *invocation[S], out *outcome) conclusion {
	now := sched.Now()
	took := inv.elapsed(now)
	inv.attempt.ended = true
	r.resolve(inv, out)
	r.metrics.change(r.live-r.pending-1, now)
	if !out.cut && inv.limited() {
		r.nodes[inv.node.index].attempt(took)
	}
	came := r.sentence(inv, out)
	switch c := out.control; came {
	case concludedOK, concludedSkipped:
		if r.observed {
			e := event.Ended{Control: out.label(), Late: out.late, Handled: out.handled != nil, Duration: took}
			if inv.stops {
				e.Control = "stop"
			}
			if e.Handled {
				e.Error = out.handled.Error()
			}
			r.publishEnd(event.StepEnd, inv, e, now)
		}
		r.obey(c)
	case concludedCancelled:
		switch {
		case out.cut:
		case c != nil:
			r.obey(c)
			if r.observed {
				r.publishEnd(event.Suspend, inv, event.Suspended{Reason: c.text, Duration: took}, sched.Now())
			}
		case r.observed:
			r.publishEnd(event.StepCancelled, inv, event.Failed{Reason: "cancelled", Error: out.err.Error(), Duration: took}, sched.Now())
		}
	case concludedFailed:
		r.fail(inv, out)
	}
	r.came(inv.node, came)
	return came
}

// sentence is what the end of inv comes to.
func (r *run[S]) sentence(inv *invocation[S], out *outcome) conclusion {
	switch c := out.control; {
	case out.cut, out.asks(suspend):
		return concludedCancelled
	case out.asks(skip):
		return concludedSkipped
	case c != nil, out.err == nil:
		return concludedOK
	case out.overdue:
		return concludedFailed
	case r.cancelled(inv, out.err) && !(out.derived && failedInside(out.err)):
		return concludedCancelled
	}
	return concludedFailed
}

// fail notes that inv has failed, and ends the run if its policy is that.
func (r *run[S]) fail(inv *invocation[S], out *outcome) {
	f := inv.failure(out.err)
	if !out.settled {
		r.blame(f)
	}
	if r.observed {
		now := sched.Now()
		r.publishEnd(event.StepError, inv, event.Failed{Reason: f.Reason, Source: string(f.Source), Error: out.err.Error(),
			Stack: stackOf(out.err), Derived: out.derived, Duration: inv.elapsed(now)}, now)
	}
}

// blame adds a failure to those of the run, and ends it if its policy is that.
func (r *run[S]) blame(f *StepError) {
	f.Seq = r.delivery.seq + 1
	r.failures = append(r.failures, f)
	r.noticeCancel()
	if r.status == "" && r.p.opts.Policy == FailFast {
		r.status = Failed
		r.forget()
		r.cancel(fmt.Errorf("%w: %w", ErrSibling, f))
		r.wake()
	}
}

// obey begins to end the run if a control value asks for that.
func (r *run[S]) obey(c *control) {
	switch {
	case c == nil:
		return
	case c.kind == stop:
		r.stopped = true
	case c.kind == suspend && !r.suspended:
		r.suspended, r.reason = true, c.text
	default:
		return
	}
	r.wake()
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

// cancelled reports whether what inv runs in is done and an error says no more
// than that.
func (r *run[S]) cancelled(inv *invocation[S], err error) bool {
	r.noticeCancel()
	return inv.around.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, context.Cause(inv.around)))
}

// failedInside reports whether err is that of an inner run in which something has
// failed, which is not to be lost.
func failedInside(err error) bool {
	var inner *RunError
	return errors.As(err, &inner) && len(inner.Result.Failures) > 0
}

// resolve looks up the target of a Goto and makes a failure of one that is not
// possible.
func (r *run[S]) resolve(inv *invocation[S], out *outcome) {
	c := out.control
	if c == nil || c.kind != jump {
		return
	}
	limit := cmp.Or(r.p.opts.MaxJumps, maxJumps)
	switch r.jumps++; {
	case !inv.node.mayGoto(c.text):
		*out = outcome{err: inv.node.badTarget(c.text)}
	case r.jumps > limit:
		*out = outcome{err: fmt.Errorf("%w (%d): step %q returned Goto(%q)", ErrJumps, limit, inv.node.name, c.text)}
	}
}

// abandon ends the invocations whose functions have not returned within the grace
// of the run.
func (r *run[S]) abandon() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.result != nil || r.live == 0 {
		return
	}
	if c := &r.cuts; c.writing && c.exclusive {
		c.postponed = append(c.postponed, r.abandon)
		return
	}
	r.lapsed = true
	r.cuts.lapsed = r.cuts.lapsed || r.outer == nil
	if r.leaveBehind(); r.live == 0 {
		r.finish()
	}
	r.quiesce()
}

// leaveBehind ends what still lives when the grace is over. What waits for an inner
// run ends with that, whose grace is over too, and then the rest does.
func (r *run[S]) leaveBehind() {
	for _, inv := range r.alive {
		if inv.within {
			return
		}
	}
	for i := len(r.alive) - 1; i >= 0; i-- {
		if inv := r.alive[i]; !inv.returning {
			r.leaveOne(inv)
		}
	}
}

func (r *run[S]) leaveOne(inv *invocation[S]) {
	now := sched.Now()
	r.metrics.change(r.live-r.pending-1, now)
	r.came(inv.node, concludedCancelled)
	if !inv.attempt.ended { // else it waits to be tried again
		r.abandoned(inv, now)
	}
	r.bury(inv)
	r.depart(inv)
}

// abandoned notes that the function of inv has not returned.
func (r *run[S]) abandoned(inv *invocation[S], now time.Time) {
	inv.attempt.ended = true
	err := fmt.Errorf("%w within %v", ErrAbandoned, r.opts.Grace)
	f := inv.failure(err)
	f.Kind, f.Seq = KindEngine, r.delivery.seq+1
	r.failures = append(r.failures, f)
	if r.observed {
		r.publishEnd(event.StepCancelled, inv, event.Failed{Reason: "abandoned", Error: err.Error(), Abandoned: true, Duration: inv.elapsed(now)}, now)
	}
}
