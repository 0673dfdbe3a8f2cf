package engine

import (
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/sched"
)

// arm starts the time limit of a join, if it has one. The ledger is held.
func (r *run[S]) arm(n *Node[S], j *joinRun) {
	if d := n.opts.BarrierTimeout; d > 0 {
		j.timer = sched.AfterFunc(d, func() { r.expire(n, j) })
		r.armed = append(r.armed, j)
	}
}

// rearm starts the time limits of the joins that have waited since an earlier process.
// The ledger is held.
func (r *run[S]) rearm() {
	for i, n := range r.p.nodes {
		if j := r.nodes[i].join; j != nil && j.waits && !j.started && j.timer == nil {
			r.arm(n, j)
		}
	}
}

// disarm stops the time limit of a join.
func (j *joinRun) disarm() {
	if j.timer != nil {
		j.timer.Stop()
		j.timer = nil
	}
}

// disarm stops the time limits of all joins. The ledger is held.
func (r *run[S]) disarm() {
	for _, j := range r.armed {
		j.disarm()
	}
	r.armed = nil
}

// expire is called when a join has waited for as long as it may. While handlers
// are called it counts as something that lives.
func (r *run[S]) expire(n *Node[S], j *joinRun) {
	inv := r.beginExpiry(n, j)
	if inv == nil {
		return
	}
	err := &limitError{ErrBarrierTimeout, "join " + inv.path(), n.opts.BarrierTimeout}
	if next := r.handleExpiry(inv, j, outcome{err: err}); next != nil {
		r.serve(next)
	}
}

// handleExpiry calls the handlers, and goes on behind the join. It returns the
// next invocation for the calling task. If a handler calls runtime.Goexit another
// task goes on.
func (r *run[S]) handleExpiry(inv *invocation[S], j *joinRun, out outcome) *invocation[S] {
	exited := true
	defer func() {
		if exited {
			sched.Go(func() {
				if next := r.handleExpiry(inv, j, inv.exited()); next != nil {
					r.serve(next)
				}
			})
		}
	}()
	r.handle(inv, &out)
	exited = false
	r.awaitDelivery()
	return r.afterExpiry(inv, j, out)
}

func (r *run[S]) beginExpiry(n *Node[S], j *joinRun) *invocation[S] {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.held() {
		r.cuts.postponed = append(r.cuts.postponed, func() { r.expire(n, j) })
		return nil
	}
	if j.started || j.timer == nil || r.nodes[n.index].join != j || r.mustEnd() {
		return nil
	}
	j.timer, j.expired = nil, true
	j.told = r.delivery.seq + 1
	r.publishBarrierOf(event.BarrierTimeout, n, j, 0)
	r.live++
	r.nodes[n.index].live++
	inv := &invocation[S]{r: r, node: n, index: -1, around: r.ctx, alive: true}
	r.weigh(inv, 1)
	inv.attempt = &attempt[S]{Context: r.ctx, inv: inv}
	return inv
}

// afterExpiry is the transition behind a join that has waited for too long. What
// comes to it later is absorbed.
func (r *run[S]) afterExpiry(inv *invocation[S], j *joinRun, out outcome) *invocation[S] {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := inv.node
	r.done.Release()
	r.hold(inv)
	r.weigh(inv, -1)
	r.live--
	r.nodes[n.index].live--
	inv.attempt.ended = true
	r.resolve(inv, &out)
	w := wave[S]{r: r, by: j.arrived[len(j.arrived)-1]}
	j.expired, j.started = false, true
	came := concludedOK
	switch {
	case out.failed():
		came = concludedFailed
		j.overdue = r.p.opts.Policy != ContinueOnError
		r.nodes[n.index].left = LeftUnmet
		r.nodes[n.index].last = j
		f := r.joinFailure(n, out.err)
		r.blame(f)
		f.Seq = j.told
	case out.asks(skip):
		came = concludedSkipped
	default:
		r.obey(out.control)
	}
	switch {
	case r.mustEnd():
		j.overdue = true // whatever the handlers have said
	case out.asks(retry):
		j.edge.Release()
		w.release(n, j)
	default:
		w.spread(n, &out, came)
	}
	if r.live == 0 {
		r.finish()
	}
	return w.first
}
