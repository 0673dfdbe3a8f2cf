package engine

import (
	"fmt"
	"time"

	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/sched"
)

// maxRetries is how often Retry may be returned if Options do not say.
const maxRetries = 100

// again waits for the next attempt of inv, if out asks for one, and begins it.
// If it reports false there is none, and out is how the invocation ended.
func (r *run[S]) again(inv *invocation[S], out *outcome) bool {
	c := out.control
	if c == nil || c.kind != retry {
		return false
	}
	limit := r.p.opts.MaxRetries
	if limit == 0 {
		limit = maxRetries
	}
	if inv.attempt > limit {
		*out = outcome{err: fmt.Errorf("%w (%d): %w", ErrRetries, limit, out.err)}
		return false
	}
	r.awaitDelivery()
	r.endAttempt(*inv, out)
	r.pause(c.delay)
	if r.nextAttempt(inv) {
		return true
	}
	*out = outcome{cut: true}
	return false
}

func (r *run[S]) endAttempt(inv invocation[S], out *outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	inv.closeAttempt()
	if r.observed {
		r.publish(event.StepRetry, inv, event.Retried{
			Error: out.err.Error(), Delay: max(out.control.delay, 0), Duration: inv.ctx.elapsed()})
	}
}

// nextAttempt begins another attempt unless the run is ending.
func (r *run[S]) nextAttempt(inv *invocation[S]) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.mustEnd() {
		return false
	}
	inv.attempt++
	r.openAttempt(inv)
	r.publish(event.StepStart, *inv, nil)
	return true
}

// pause waits for d or until the run begins to end.
func (r *run[S]) pause(d time.Duration) {
	if d <= 0 {
		return
	}
	ending := sched.Done(r.untilHalt())
	timer := sched.NewTimer(d)
	if sched.Select(timer.C.Receiving(nil, nil), ending.Receiving(nil, nil)) == 1 {
		timer.Stop()
	}
}
