package engine

import (
	"context"
	"fmt"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/sched"
)

// invocation is one execution of a node, or of an item of a map.
type invocation[S any] struct {
	r                 *run[S]
	node              *Node[S]
	id, parent, owner int
	index             int             // of the item, or -1
	around            context.Context // of the run, or for an item that of its map
	after             *sched.Edge     // what it is ordered after
	own               sched.Edge
	resumed           bool
	absorbed          bool // its tokens were placed by an earlier process
	begun             bool // its task has come to it
	judged            bool // the policy has been asked whether there is another attempt

	base     int         // attempts that an earlier process has begun
	tries    int         // attempts begun
	attempt  *attempt[S] // the last one
	first    attempt[S]
	handlers int      // that have been called for the attempt
	failed   error    // what they are to handle
	exit     *outcome // what it means that its task ends in a runtime.Goexit; nil for ErrGoexit

	// The ledger guards the fields below.
	*inside
	alive     bool
	stops     bool  // Collect has returned Stop
	within    bool  // it waits for an inner run; kept only for a run with a grace
	returning bool  // all items of the map have ended
	weight    int32 // functions of the user that may run for it
	list      int   // place in run.alive, if that is kept
}

// inside is what a store keeps of an invocation that runs; nil without one.
type inside struct {
	value    any             // the result of an item
	inner    keeper          // the run inside it; nil without
	restored *innerLedger    // one of an earlier process, that is to go on
	progress *progressLedger // of a map that runs again
	running  *progress       // of a map that runs
}

// serve is the task of an invocation: it executes it and then the first of the
// nodes that its end starts. The others get tasks of their own.
func (r *run[S]) serve(inv *invocation[S]) { r.proceed(inv, nil) }

// proceed is serve, for a task that goes on after an attempt, if that came to an
// outcome. If a function of the user calls runtime.Goexit, another task goes on.
func (r *run[S]) proceed(inv *invocation[S], came *outcome) {
	defer func() {
		if inv != nil {
			out := inv.exited()
			sched.Go(func() { r.proceed(inv, &out) })
		}
	}()
	for inv != nil {
		var out outcome
		if came != nil {
			out, came = *came, nil
		} else {
			out = r.try(inv)
		}
		inv = r.follow(inv, out)
	}
}

// try calls the function of an invocation for one attempt.
func (r *run[S]) try(inv *invocation[S]) outcome {
	if !inv.begun {
		inv.begun = true
		sched.Renew(inv.node.name, -1, inv.after)
	}
	out := r.nodes[inv.node.index].work.(work[S]).run(inv.enter(), r, inv)
	return inv.left(out)
}

// left looks at the time limit of an attempt that came to out.
func (inv *invocation[S]) left(out outcome) outcome {
	var first bool
	if out.late, first = inv.leave(); first && out.failed() {
		out.err, out.overdue = &lateError{inv.attempt.limit, out.err}, true
	}
	return out
}

// exited is what it comes to that a function of the user has ended its task.
func (inv *invocation[S]) exited() outcome {
	out := outcome{err: ErrGoexit}
	if inv.exit != nil {
		out, inv.exit = *inv.exit, nil
	}
	if inv.failed != nil { // in a handler
		return outcome{err: fmt.Errorf("%w in the handler of: %w", ErrGoexit, inv.failed)}
	}
	return inv.left(out)
}

// follow goes on after an attempt: it returns the same invocation if there is
// another one, else the next one for the calling task, or nil.
func (r *run[S]) follow(inv *invocation[S], out outcome) *invocation[S] {
	if r.again(inv, &out) {
		return inv
	}
	return r.end(inv, out)
}

// protect calls a function of the user, which is in the given place, and makes
// an error of its panic.
func protect(from *place, fn func() error) (out outcome) {
	defer func() {
		if v := recover(); v != nil {
			out = outcome{err: &PanicError{Value: v, Stack: debug.Stack()}}
		}
	}()
	return from.outcome(fn())
}

// protectStage is protect for a step, the work on an item or what collects its
// result: to whoever watches a simulation that is one stage.
func protectStage(from *place, fn func() error) outcome {
	t := sched.Current()
	if t == nil {
		return protect(from, fn)
	}
	t.EnterStage(false)
	defer t.LeaveStage()
	return protect(from, fn)
}

// end is the transition at the end of an invocation. It returns the next one
// for the calling task.
func (r *run[S]) end(inv *invocation[S], out outcome) *invocation[S] {
	r.awaitDelivery()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done.Release()
	if !inv.alive { // it was abandoned
		return nil
	}
	w := wave[S]{r: r}
	came := r.conclude(inv, &out)
	r.bury(inv)
	r.note(inv, &out, came)
	r.cut(inv)
	end := heldEnd[S]{inv, out, came}
	if r.held() && !r.mustEnd() {
		inv.own.Release()
		r.behind = append(r.behind, end)
		return nil
	}
	r.depart(inv)
	if !r.mustEnd() {
		r.place(&w, end)
	}
	if r.lapsed {
		r.leaveBehind()
	}
	if r.live == 0 {
		r.finish()
	}
	return w.first
}

// invoke makes an invocation of n. The ledger is held.
func (r *run[S]) invoke(n *Node[S], parent int) *invocation[S] {
	inv := &invocation[S]{r: r, node: n, parent: parent, index: -1, around: r.ctx}
	r.number(inv)
	inv.owner = inv.id
	r.nodes[n.index].live++
	r.nodes[n.index].invoked++
	return inv
}

// number makes inv the next invocation, and begins its first attempt.
func (r *run[S]) number(inv *invocation[S]) {
	if !r.begunBefore(inv) {
		r.last++
		inv.id = r.last
	}
	r.enlist(inv)
}

// enlist adds inv to those that live, and begins its next attempt.
func (r *run[S]) enlist(inv *invocation[S]) {
	r.live++
	inv.alive, inv.base = true, inv.tries
	if r.delivery.journal != nil && inv.inside == nil {
		inv.inside = &inside{}
	}
	r.weigh(inv, 1)
	if r.keeps {
		inv.list = len(r.alive)
		r.alive = append(r.alive, inv)
	}
	now := sched.Now()
	r.metrics.start(r.live-r.pending, now)
	inv.open(now)
}

// bury takes inv out of those that live. It counts as one until depart is called.
func (r *run[S]) bury(inv *invocation[S]) {
	r.weigh(inv, -int(inv.weight))
	inv.alive = false
	r.pending++
	if r.keeps {
		last := len(r.alive) - 1
		r.alive[inv.list] = r.alive[last]
		r.alive[inv.list].list = inv.list
		r.alive[last] = nil
		r.alive = r.alive[:last]
	}
}

// depart notes that inv, which has ended, counts no more.
func (r *run[S]) depart(inv *invocation[S]) {
	r.live--
	r.pending--
	if inv.index < 0 {
		r.nodes[inv.node.index].live--
	}
}

// elapsed is how long the attempt has taken at the given time.
func (inv *invocation[S]) elapsed(now time.Time) time.Duration { return now.Sub(inv.attempt.began) }

func (inv *invocation[S]) kind() event.Kind {
	if inv.index >= 0 {
		return event.Worker
	}
	return inv.node.kind
}

// path names inv among all invocations of the outermost run.
func (inv *invocation[S]) path() string {
	path := inv.r.prefix + inv.node.name
	if inv.index < 0 {
		return path
	}
	return path + "[" + strconv.Itoa(inv.index) + "]"
}
