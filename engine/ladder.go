package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"time"

	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/sched"
)

// This file decides what follows an attempt: another one, by the policy of
// retrying or because it asks for that; what a handler makes of its failure; or
// the end of the invocation.

// again decides what follows an attempt of inv that ended with out. It begins the
// next one and reports true, or makes out how the invocation ended.
func (r *run[S]) again(inv *invocation[S], out *outcome) bool {
	if out.err == nil {
		return false
	}
	if out.failed() {
		if out.settled || r.interrupted(inv) {
			return false
		}
		if delay, ok := r.backoff(inv, out.err); ok {
			return r.retry(inv, out, delay)
		}
		r.handle(inv, out)
	}
	if !out.asks(retry) {
		return false
	}
	bound := r.bound(inv)
	if inv.attempt.n-inv.base < bound {
		return r.retry(inv, out, out.control.delay)
	}
	tooMany := fmt.Errorf("%w (%d): %w", ErrRetries, bound-1, out.err)
	*out = outcome{err: tooMany}
	if r.handle(inv, out); out.asks(retry) {
		*out = outcome{err: tooMany}
	}
	return false
}

// bound is how many attempts inv may have. A resumed run counts from there.
func (r *run[S]) bound(inv *invocation[S]) int {
	if n := inv.node.opts.Retry.MaxAttempts; n > 0 {
		return n
	}
	return cmp.Or(r.p.opts.MaxRetries, maxRetries) + 1
}

// interrupted reports whether what inv runs in is done: then nothing is tried
// again, and no handler is called.
func (r *run[S]) interrupted(inv *invocation[S]) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.noticeCancel()
	return r.status != "" || inv.around.Err() != nil
}

// backoff returns the delay after which the policy of the node repeats an attempt
// that failed by err, and whether it does.
func (r *run[S]) backoff(inv *invocation[S], err error) (time.Duration, bool) {
	p := &inv.node.opts.Retry
	if !inv.limited() || inv.judged || inv.handlers > 0 || inv.attempt.n-inv.base >= p.MaxAttempts {
		return 0, false
	}
	inv.judged = true
	if !p.retries(err) || r.halted() {
		return 0, false
	}
	delay := p.delay(inv.attempt.n - inv.base)
	if p.Jitter > 0 {
		delay -= time.Duration(float64(delay) * p.Jitter * r.draw(inv))
	}
	return delay, true
}

// retries reports whether a failure by err is worth another attempt.
func (p *RetryPolicy) retries(err error) (yes bool) {
	if p.Retryable != nil {
		defer func() { _ = recover() }()
		return p.Retryable(err)
	}
	var panicked *PanicError
	if errors.As(err, &panicked) {
		return false
	}
	for _, final := range []error{ErrGoexit, ErrControl, ErrUnknownNode, ErrUndeclared, ErrNoRoute} {
		if errors.Is(err, final) {
			return false
		}
	}
	return true
}

// delay is how long the policy waits after attempt n, without jitter.
func (p *RetryPolicy) delay(n int) time.Duration {
	d := float64(p.BaseDelay) * math.Pow(cmp.Or(p.Multiplier, 2), float64(n-1))
	if p.MaxDelay > 0 {
		d = min(d, float64(p.MaxDelay))
	}
	return time.Duration(min(d, math.MaxInt64/2))
}

// draw returns a number in [0,1) that follows from the seed of the run, the path
// of inv and the attempt, so that other draws do not shift it.
func (r *run[S]) draw(inv *invocation[S]) float64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s#%d", inv.path(), inv.attempt.n)
	return rand.New(rand.NewPCG(r.seed, h.Sum64())).Float64()
}

// halted reports whether nothing may start any more.
func (r *run[S]) halted() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.mustEnd()
}

// retry ends the attempt, waits, and begins the next one. If the run ends before,
// it reports false.
func (r *run[S]) retry(inv *invocation[S], out *outcome, delay time.Duration) bool {
	r.awaitDelivery()
	r.endAttempt(inv, out, max(delay, 0))
	r.pause(inv, delay)
	if r.nextAttempt(inv) {
		return true
	}
	*out = outcome{cut: true}
	return false
}

func (r *run[S]) endAttempt(inv *invocation[S], out *outcome, delay time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !inv.alive { // it was abandoned
		return
	}
	now := sched.Now()
	inv.attempt.ended = true
	r.metrics.Retries++
	if inv.limited() {
		r.nodes[inv.node.index].attempt(inv.elapsed(now))
	}
	if r.observed {
		r.publishEnd(event.StepRetry, inv, event.Retried{Error: out.err.Error(), Delay: delay, Duration: inv.elapsed(now)}, now)
	}
	r.rest(inv)
}

// nextAttempt begins another attempt unless the run is ending.
func (r *run[S]) nextAttempt(inv *invocation[S]) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.awake(inv); !inv.alive || r.mustEnd() || inv.around.Err() != nil {
		return false
	}
	inv.open(sched.Now())
	r.publishStart(inv)
	return true
}

// pause waits for d or until the run, or the map of the item, begins to end.
func (r *run[S]) pause(inv *invocation[S], d time.Duration) {
	if d <= 0 {
		return
	}
	ending, around := sched.Done(r.untilHalt()), sched.Done(inv.around)
	timer := sched.NewTimer(d)
	if sched.Select(timer.C.Receiving(nil, nil), ending.Receiving(nil, nil), around.Receiving(nil, nil)) > 0 {
		timer.Stop()
	}
}

// Handler deals with a failure; see [Node.OnError]. What it returns takes the
// place of what has failed. If it fails itself, its error wraps the one before.
type Handler[S any] func(ctx context.Context, s *S, err *StepError) error

// handle gives a failure to the handlers that have not been called for it, first
// that of the node and then that of the pipeline.
func (r *run[S]) handle(inv *invocation[S], out *outcome) {
	handlers := [...]Handler[S]{inv.node.handler, r.p.handler}
	for inv.handlers < len(handlers) && out.failed() {
		h := handlers[inv.handlers]
		inv.handlers++
		if h == nil {
			continue
		}
		if r.interrupted(inv) { // meanwhile
			return
		}
		inv.failed = out.err
		if inv.attempt.Context != inv.around { // the limit of the attempt is over
			inv.attempt = inv.attempt.unlimited()
		}
		f := inv.failure(out.err)
		came := protect(inv.place(), func() error { return h(inv.attempt, r.state, f) })
		inv.failed = nil
		if came.failed() {
			out.err = fmt.Errorf("%w, in the handler of: %w", came.err, out.err)
			continue
		}
		*out = outcome{err: came.err, control: came.control, handled: out.err}
	}
}

// unlimited returns the context of the attempt for a handler: without the limit of
// the function.
func (a *attempt[S]) unlimited() *attempt[S] {
	r := a.inv.r
	r.mu.Lock()
	defer r.mu.Unlock()
	a.ended = true
	return &attempt[S]{Context: a.inv.around, inv: a.inv, n: a.n, began: a.began, notes: a.notes}
}

// place is where what inv returns comes from.
func (inv *invocation[S]) place() *place {
	if inv.index >= 0 {
		return fromItem
	}
	return fromStep
}
