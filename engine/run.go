package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/sched"
)

// Observer is told the events of a run.
type Observer interface {
	// Observe is called for every event, in order and never at once for one
	// run. While it runs, later events wait, and with them at last the steps.
	// If it panics the event counts as delivered.
	Observe(event.Event)
}

// RunOptions are the options of a run. The zero value is the default.
type RunOptions struct {
	// ID identifies the run in its events. Empty means that one is drawn.
	ID string
	// Observers are told the events, each event in this order.
	Observers []Observer
}

// run is one execution of a pipeline. All that changes is the ledger, guarded
// by mu. A transition changes it under mu, numbers the events that result, and
// decides what starts next; it calls no code of the user and never waits.
type run[S any] struct {
	p        *Pipeline[S]
	state    *S
	ctx      context.Context
	cancel   context.CancelCauseFunc
	observed bool
	started  time.Time

	mu       sched.LeafMutex // guards the fields below
	nodes    []nodeRun       // by Node.index
	last     int             // number of the last invocation
	live     int             // invocations of nodes between start and end
	ending   bool            // nothing starts any more
	status   Status
	cause    error // of a run that was cancelled
	failures []*StepError
	over     sched.LeafCond // Run waits for live to be 0
	done     sched.Edge
	delivery delivery
	id       string
}

// nodeRun is what the ledger knows of a node.
type nodeRun struct {
	arrived []int // invocations whose token is there, in order of arrival
	came    []bool
	first   time.Time  // when the first one came
	ready   sched.Edge // from the predecessors
}

// invocation is one execution of a node, or of an item of a map.
type invocation[S any] struct {
	node              *Node[S]
	id, parent, owner int
	index             int // of the item, or -1
	began             time.Time
}

// outcome is how the function of an invocation ended.
type outcome struct {
	err     error
	derived bool // a map failed because an item did
}

// Run executes p on state and returns when all of it has ended. It may be
// called any number of times at once. The error is a [*DefinitionError] if p is
// not complete, and nothing has happened then; a [*RunError] if a step failed
// or ctx was done before the end; else nil.
//
// When ctx is done, or a step fails, the context of the steps is cancelled and
// nothing else starts. Steps are not killed: Run waits for those that ignore
// it.
func (p *Pipeline[S]) Run(ctx context.Context, state *S, opts RunOptions) (Result, error) {
	if err := p.Validate(); err != nil {
		return Result{}, err
	}
	if ctx == nil {
		ctx = context.Background()
	}
	sched.Describe(state)
	r := &run[S]{p: p, state: state, status: Success, started: sched.Now(), observed: len(opts.Observers) > 0, id: opts.ID}
	r.ctx, r.cancel = sched.WithCancelCause(ctx)
	defer r.cancel(nil)
	r.over = sched.LeafCond{L: &r.mu, Why: fmt.Sprintf("pipeline %q", p.name)}
	r.nodes = make([]nodeRun, len(p.nodes))
	if r.observed {
		if r.id == "" {
			r.id = fmt.Sprintf("%016x%016x", sched.Rand().Uint64(), sched.Rand().Uint64())
		}
		r.delivery.begin(opts.Observers, &r.mu)
	}
	r.begin()
	res := r.finish()
	if r.observed {
		r.delivery.end()
		r.delivery.told.Acquire()
	}
	r.done.Acquire()
	if res.Status == Success {
		return res, nil
	}
	return res, &RunError{Pipeline: p.name, Result: res, cause: r.cause}
}

// begin starts the roots.
func (r *run[S]) begin() {
	for _, n := range r.p.roots {
		r.nodes[n.index].ready.Release()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.publish(event.Start, event.Run, invocation[S]{index: -1}, nil)
	if r.mustEnd() {
		return
	}
	for _, n := range r.p.roots {
		inv := r.start(n, 0)
		sched.Go(func() { r.serve(inv) })
	}
}

// finish waits until nothing runs and does the last transition.
func (r *run[S]) finish() Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.live > 0 {
		r.over.Wait()
	}
	res := Result{RunID: r.id, Status: r.status, Failures: r.failures, Started: r.started, Duration: sched.Since(r.started)}
	if r.observed {
		f := event.Finished{Status: string(res.Status), Duration: res.Duration}
		for _, e := range res.Failures {
			f.Failures = append(f.Failures, e.Error())
		}
		r.publish(event.Finish, event.Run, invocation[S]{index: -1}, f)
	}
	return res
}

// serve is the task of an invocation: it executes it and then the first of the
// nodes that its end starts. The others get tasks of their own.
func (r *run[S]) serve(inv invocation[S]) {
	for inv.id != 0 {
		sched.Renew(inv.node.name, -1, &r.nodes[inv.node.index].ready)
		inv = r.end(inv, r.execute(inv))
	}
}

// execute calls the function of a node. If that calls runtime.Goexit, the
// invocation ends here and the task with it.
func (r *run[S]) execute(inv invocation[S]) outcome {
	exited := true
	defer func() {
		if exited {
			r.end(inv, outcome{err: ErrGoexit})
		}
	}()
	var out outcome
	if inv.node.each != nil {
		out = inv.node.each.run(r, inv)
	} else {
		out = protectStage(func() error { return inv.node.step(r.ctx, r.state) })
	}
	exited = false
	return out
}

// protect calls a function of the user and makes an error of its panic.
func protect(fn func() error) (out outcome) {
	defer func() {
		if v := recover(); v != nil {
			out.err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return outcome{err: fn()}
}

// protectStage is protect for a step or the work on an item: to whoever watches a
// simulation that is one stage.
func protectStage(fn func() error) outcome {
	t := sched.Current()
	if t == nil {
		return protect(fn)
	}
	t.EnterStage(false)
	defer t.LeaveStage()
	return protect(fn)
}

// end is the transition at the end of an invocation. It returns the next one
// for the calling task, or one with id 0.
func (r *run[S]) end(inv invocation[S], out outcome) invocation[S] {
	for _, n := range inv.node.next {
		r.nodes[n.index].ready.Release()
	}
	r.done.Release()
	r.awaitDelivery()
	r.mu.Lock()
	defer r.mu.Unlock()
	var first invocation[S]
	if r.conclude(inv.kind(), inv, out) == concludedOK && !r.mustEnd() {
		for _, n := range inv.node.next {
			next, started := r.arrive(n, inv)
			switch {
			case !started:
			case first.id == 0:
				first = next
			default:
				sched.Go(func() { r.serve(next) })
			}
		}
	}
	if r.live--; r.live == 0 {
		r.over.Signal()
	}
	return first
}

func (inv invocation[S]) kind() event.Kind {
	if inv.node.each != nil {
		return event.Map
	}
	return event.Step
}

// arrive places the token of inv at node n and starts n if it is the last one.
func (r *run[S]) arrive(n *Node[S], inv invocation[S]) (invocation[S], bool) {
	nr := &r.nodes[n.index]
	nr.arrived = append(nr.arrived, inv.id)
	if len(n.prev) > 1 {
		r.barrier(n, inv)
	}
	if len(nr.arrived) < len(n.prev) {
		return invocation[S]{}, false
	}
	return r.start(n, inv.id), true
}

// barrier publishes that a join begins or ceases to wait.
func (r *run[S]) barrier(n *Node[S], inv invocation[S]) {
	nr := &r.nodes[n.index]
	typ := event.BarrierRelease
	if len(nr.arrived) == 1 {
		typ = event.BarrierWait
		nr.first = sched.Now()
		nr.came = make([]bool, len(n.prev))
	}
	for i, m := range n.prev {
		nr.came[i] = nr.came[i] || m == inv.node
	}
	if !r.observed || len(nr.arrived) > 1 && len(nr.arrived) < len(n.prev) {
		return
	}
	b := event.Barrier{Arrived: nr.arrived[:len(nr.arrived):len(nr.arrived)], Waited: sched.Since(nr.first)}
	for i, m := range n.prev {
		if !nr.came[i] {
			b.Awaited = append(b.Awaited, m.name)
		}
	}
	r.publish(typ, invocation[S]{node: n}.kind(), invocation[S]{node: n, parent: inv.id, index: -1}, b)
}

// start makes an invocation of n.
func (r *run[S]) start(n *Node[S], parent int) invocation[S] {
	inv := r.invoke(n, parent)
	r.live++
	r.publishStart(inv.kind(), inv)
	return inv
}

// invoke numbers an invocation.
func (r *run[S]) invoke(n *Node[S], parent int) invocation[S] {
	r.last++
	inv := invocation[S]{node: n, id: r.last, parent: parent, owner: r.last, index: -1}
	if r.observed {
		inv.began = sched.Now()
	}
	return inv
}

// mustEnd reports whether nothing may start any more, and notes it if that is
// because the caller's context is done.
func (r *run[S]) mustEnd() bool {
	if !r.ending && r.ctx.Err() != nil {
		r.ending = true
		r.cause = context.Cause(r.ctx)
		typ := event.Cancelled
		r.status = Cancelled
		if errors.Is(r.ctx.Err(), context.DeadlineExceeded) {
			typ, r.status = event.Timeout, TimedOut
		}
		r.publish(typ, event.Run, invocation[S]{index: -1}, nil)
	}
	return r.ending
}

// conclusion is what an end comes to.
type conclusion uint8

const (
	concludedOK conclusion = iota
	concludedFailed
	concludedCancelled
)

// conclude publishes the end event of an invocation and, if it failed, begins
// to end the run.
func (r *run[S]) conclude(kind event.Kind, inv invocation[S], out outcome) conclusion {
	switch {
	case out.derived:
		r.publishFailure(event.StepError, kind, inv, event.Failed{Reason: "error", Error: "an item failed", Derived: true})
		return concludedFailed
	case out.err == nil:
		if r.observed {
			r.publish(event.StepEnd, kind, inv, event.Ended{Duration: sched.Since(inv.began)})
		}
		return concludedOK
	case r.mustEnd() && r.cancelled(out.err):
		r.publishFailure(event.StepCancelled, kind, inv, event.Failed{Reason: "cancelled", Error: out.err.Error()})
		return concludedCancelled
	}
	f := &StepError{Path: inv.path(), Invocation: inv.id, Index: inv.index, Err: out.err}
	r.failures = append(r.failures, f)
	if !r.ending {
		r.ending, r.status = true, Failed
		r.cancel(fmt.Errorf("%w: %w", ErrSibling, f))
	}
	r.publishFailure(event.StepError, kind, inv, event.Failed{Reason: reason(out.err), Error: out.err.Error()})
	return concludedFailed
}

// cancelled reports whether an error only says that the context was done.
func (r *run[S]) cancelled(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Cause(r.ctx))
}

func reason(err error) string {
	var p *PanicError
	switch {
	case errors.As(err, &p):
		return "panic"
	case errors.Is(err, ErrGoexit):
		return "goexit"
	}
	return "error"
}

func (inv invocation[S]) path() string {
	if inv.index < 0 {
		return inv.node.name
	}
	return fmt.Sprintf("%s[%d]", inv.node.name, inv.index)
}
