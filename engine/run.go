package engine

import (
	"context"
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
	// Buffer is how many events may wait for the observers and the consumer of
	// a stream before the steps do: a step that has ended or emits waits until
	// there are fewer. Zero means 64.
	Buffer int
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
	base     context.Context // of the steps, if nobody observes them
	cancel   context.CancelCauseFunc
	observed bool
	started  time.Time
	id       string

	mu        sched.LeafMutex // guards the fields below
	nodes     []nodeRun       // by Node.index
	look      []*Node[S]      // used by wave
	last      int             // number of the last invocation
	live      int             // invocations of nodes between start and end
	jumps     int             // Gotos so far
	status    Status          // empty until ctx is done
	cause     error           // of a run that did not come to its end
	closing   bool            // the consumer's leaving has cancelled ctx
	stopped   bool            // by Stop
	suspended bool            // by Suspend
	reason    string          // of the first Suspend
	halt      context.Context // of those who wait to retry; nil until there is one
	endWaits  context.CancelFunc
	failures  []*StepError
	result    *Result        // nil until the run is over
	over      sched.LeafCond // wait waits for result, and for the observers
	done      sched.Edge
	delivery  delivery
}

// invocation is one execution of a node, or of an item of a map.
type invocation[S any] struct {
	node              *Node[S]
	id, parent, owner int
	index             int // of the item, or -1
	attempt           int
	ctx               *stepContext[S] // of the attempt; nil if nobody observes it
}

// Run executes p on state and returns when all of it has ended. It may be
// called any number of times at once. The error is a [*DefinitionError] if p or
// opts have a mistake, and nothing has happened then; a [*RunError] if a step
// failed, ctx was done before the end or a step returned [Suspend]; else nil.
//
// When ctx is done, or a step fails, the context of the steps is cancelled and
// nothing else starts. Steps are not killed: Run waits for those that ignore
// it.
func (p *Pipeline[S]) Run(ctx context.Context, state *S, opts RunOptions) (Result, error) {
	r, err := p.begin(ctx, state, opts, false)
	if err != nil {
		return Result{}, err
	}
	return r.wait()
}

// begin starts a run, whose events a consumer will read if it is streamed.
func (p *Pipeline[S]) begin(ctx context.Context, state *S, opts RunOptions, streamed bool) (*run[S], error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	if opts.Buffer < 0 {
		return nil, &DefinitionError{Findings: []string{fmt.Sprintf(
			"engine: pipeline %q: RunOptions.Buffer is %d, want 0 (%d) or more [option]", p.name, opts.Buffer, buffer)}}
	}
	if ctx == nil {
		ctx = context.Background()
	}
	sched.Describe(state)
	r := &run[S]{p: p, state: state, started: sched.Now(), observed: streamed || len(opts.Observers) > 0, id: opts.ID}
	r.ctx, r.cancel = sched.WithCancelCause(ctx)
	r.base = &stepContext[S]{Context: r.ctx, r: r}
	r.over = sched.LeafCond{L: &r.mu, Why: fmt.Sprintf("pipeline %q", p.name)}
	r.nodes = make([]nodeRun, len(p.nodes))
	if r.observed {
		if r.id == "" {
			r.id = fmt.Sprintf("%016x%016x", sched.Rand().Uint64(), sched.Rand().Uint64())
		}
		r.delivery.begin(opts, streamed, &r.over)
	}
	r.startRoots()
	return r, nil
}

func (r *run[S]) startRoots() {
	for _, n := range r.p.roots {
		r.nodes[n.index].ready.Release()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.publish(event.Start, invocation[S]{index: -1}, nil)
	if r.mustEnd() {
		r.finish()
		return
	}
	for _, n := range r.p.roots {
		inv := r.start(n, 0)
		sched.Go(func() { r.serve(inv) })
	}
}

// wait waits until the run is over and its observers have been told.
func (r *run[S]) wait() (Result, error) {
	if r.observed {
		r.delivery.become(expected, nobody)
	}
	res := r.awaitResult()
	r.delivery.told.Acquire()
	r.done.Acquire()
	if res.Status == Success || res.Status == Stopped {
		return res, nil
	}
	return res, &RunError{Pipeline: r.p.name, Result: res, cause: r.cause}
}

func (r *run[S]) awaitResult() Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.result == nil || r.delivery.telling {
		r.over.Wait()
	}
	return *r.result
}

// serve is the task of an invocation: it executes it and then the first of the
// nodes that its end starts. The others get tasks of their own.
func (r *run[S]) serve(inv invocation[S]) {
	for inv.id != 0 {
		sched.Renew(inv.node.name, -1, &r.nodes[inv.node.index].ready)
		out := r.execute(&inv)
		inv = r.end(inv, out)
	}
}

// execute calls the function of a node, as often as it asks for it. If that
// calls runtime.Goexit, the invocation ends here and the task with it.
func (r *run[S]) execute(inv *invocation[S]) (out outcome) {
	exited := true
	defer func() {
		if exited {
			r.end(*inv, outcome{err: ErrGoexit})
		}
	}()
	for more := true; more; more = r.again(inv, &out) {
		ctx := r.enter(inv)
		if inv.node.each != nil {
			out = inv.node.each.run(ctx, r, *inv)
		} else {
			out = protectStage(fromStep, func() error { return inv.node.step(ctx, r.state) })
		}
	}
	exited = false
	return out
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
// for the calling task, or one with id 0.
func (r *run[S]) end(inv invocation[S], out outcome) invocation[S] {
	r.awaitDelivery()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done.Release()
	r.conclude(inv, &out)
	r.live--
	r.nodes[inv.node.index].live--
	w := wave[S]{r: r, by: inv.id}
	if !r.mustEnd() { // as after all but a success or a Skip
		w.spread(inv.node, out.control)
	}
	if r.live == 0 {
		r.finish()
	}
	return w.first
}

// finish is the last transition.
func (r *run[S]) finish() {
	if r.status == "" {
		switch {
		case r.stopped:
			r.status = Stopped
		case r.suspended:
			r.status = Suspended
			r.cause = fmt.Errorf("%w: %s", ErrSuspended, r.reason)
		default:
			r.status = Success
		}
	}
	r.result = &Result{RunID: r.id, Status: r.status, Failures: r.failures, Started: r.started, Duration: sched.Since(r.started)}
	if r.observed {
		f := event.Finished{Status: string(r.status), Duration: r.result.Duration}
		for _, e := range r.failures {
			f.Failures = append(f.Failures, e.Error())
		}
		r.publish(event.Finish, invocation[S]{index: -1}, f)
		r.delivery.close()
	}
	r.cancel(nil)
	r.over.Broadcast()
}

func (inv invocation[S]) kind() event.Kind {
	switch {
	case inv.node == nil:
		return event.Run
	case inv.index >= 0:
		return event.Worker
	case inv.node.each != nil:
		return event.Map
	}
	return event.Step
}

func (inv invocation[S]) path() string {
	if inv.index < 0 {
		return inv.node.name
	}
	return fmt.Sprintf("%s[%d]", inv.node.name, inv.index)
}

// start makes an invocation of n.
func (r *run[S]) start(n *Node[S], parent int) invocation[S] {
	inv := invocation[S]{node: n, parent: parent, index: -1}
	r.invoke(&inv)
	inv.owner = inv.id
	r.live++
	r.nodes[n.index].live++
	r.publish(event.StepStart, inv, nil)
	return inv
}

// invoke numbers an invocation and begins its first attempt.
func (r *run[S]) invoke(inv *invocation[S]) {
	r.last++
	inv.id, inv.attempt = r.last, 1
	r.openAttempt(inv)
}
