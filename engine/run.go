package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/sched"
)

// Observer is told the events of a run.
type Observer interface {
	// Observe is called for every event of the run and of its inner runs, in
	// order and never at once for one run. While it runs, later events wait, and
	// with them at last the steps. If it panics the event counts as delivered.
	Observe(event.Event)
}

// tree is what a run shares with the runs inside it: the lock of the ledgers,
// and the events.
type tree struct {
	observed bool
	started  time.Time
	root     string // the outermost run
	stubs    []Stubbed
	over     sched.LeafCond // wait waits for the result of a run, and for the observers

	mu       sched.LeafMutex // guards the ledgers, the delivery and the cuts
	delivery delivery
	cuts     cuts

	items []store.Item      // of maps, that an earlier process has ended
	begun map[string]*begun // what it had begun since its last checkpoint, by run
}

// run is one execution of a pipeline. All that changes is the ledger, guarded
// by mu. A transition changes it under mu, numbers the events that result, and
// decides what starts next; it calls no code of the user and never waits.
type run[S any] struct {
	*tree
	p       *Pipeline[S]
	state   *S
	opts    RunOptions
	ctx     context.Context
	cancel  context.CancelCauseFunc
	free    context.CancelFunc // of the time limit; nil without
	outside bool               // somebody else may cancel ctx
	unwatch func() bool        // of ctxDone; nil unless outside
	began   time.Time
	id      string
	seed    uint64
	caller  caller
	prefix  string       // of paths
	outer   noticer      // the run that it is in; nil for the outermost
	keeps   bool         // alive is kept
	hash    string       // of the plan, with a store
	resumed bool         // it goes on with what an earlier process left
	pass    func(by int) // weighs the invocation that called it; nil for the outermost
	ended   sched.Edge
	done    sched.Edge // of what was left for wait

	// The ledger.
	nodes     []nodeRun // by Node.index
	look      []arrival[S]
	last      int              // number of the last invocation
	live      int              // invocations between start and end
	alive     []*invocation[S] // they, if kept
	maps      []halter         // those that run
	armed     []*joinRun       // with a time limit
	jumps     int              // Gotos so far
	starting  bool             // the roots have not started
	opened    bool             // START was published
	status    Status           // empty until ctx is done
	cause     error            // of a run that did not come to its end
	closing   bool             // the consumer's leaving has cancelled ctx
	stopped   bool             // by Stop
	suspended bool             // by Suspend
	lapsed    bool             // the grace is over
	reason    string           // of the first Suspend
	halt      context.Context  // of those who wait to retry; nil until there is one
	endWaits  context.CancelFunc
	grace     *sched.Timer
	rooted    bool          // the roots have started
	finished  bool          // all invocations have ended
	passed    bool          // the caller waits for that
	waiting   bool          // to start, until that is not held up
	pending   int           // invocations that have ended and count as live until their tokens are placed
	behind    []heldEnd[S]  // those for which that is held up
	unplaced  []endLedger   // ends whose tokens have not been placed
	undone    []againLedger // what runs again if the run is resumed
	kept      *innerLedger  // what the last checkpoint has of it
	failures  []*StepError
	metrics   metrics
	result    *Result // nil until the run is over
}

// caller is where an inner run was called.
type caller struct {
	run        string
	path       string
	invocation int
}

// noticer is a run, whatever its state.
type noticer interface{ noticeCancel() }

// halter is a map that runs, whatever its items.
type halter interface {
	halt()
	wakeUp()
}

// Run executes p on state and returns when all of it has ended. It may be
// called any number of times at once. The error is a [*DefinitionError] if p or
// opts have a mistake, and nothing has happened then; a [*RunError] if the status
// is not Success or Stopped; else nil.
//
// When ctx is done, or a step fails under FailFast, the context of the steps is
// cancelled and nothing else starts. Steps are not killed: unless opts.Grace is
// set, Run waits for those that ignore it.
func (p *Pipeline[S]) Run(ctx context.Context, state *S, opts RunOptions) (Result, error) {
	r, err := p.begin(ctx, state, opts, false)
	if err != nil {
		return Result{}, err
	}
	r.open()
	return r.wait()
}

// begin prepares a run, whose events a consumer will read if it is streamed.
func (p *Pipeline[S]) begin(ctx context.Context, state *S, opts RunOptions, streamed bool) (*run[S], error) {
	if err := p.validate(opts.Start == ""); err != nil {
		return nil, err
	}
	if err := p.checkOptions(opts); err != nil {
		return nil, err
	}
	if ctx == nil {
		ctx = context.Background()
	}
	sched.Describe(state)
	t := &tree{started: sched.Now(), observed: streamed || len(opts.Observers) > 0 || opts.Store != nil, stubs: opts.Stubs}
	t.over = sched.LeafCond{L: &t.mu, Why: fmt.Sprintf("pipeline %q", p.name)}
	r := p.newRun(ctx, state, opts, t)
	t.root = r.id
	if opts.Store != nil {
		if err := r.claim(ctx); err != nil {
			r.release(err)
			return nil, err
		}
		r.keeps = true
		r.beginCuts()
	}
	if t.observed {
		t.delivery.begin(opts, streamed, &t.over)
	}
	return r, nil
}

// newRun makes a run in a tree.
func (p *Pipeline[S]) newRun(ctx context.Context, state *S, opts RunOptions, t *tree) *run[S] {
	r := &run[S]{tree: t, p: p, state: state, opts: opts, id: opts.ID, began: sched.Now()}
	outside := ctx.Done() != nil
	if opts.Timeout > 0 {
		ctx, r.free = sched.WithTimeoutCause(ctx, opts.Timeout, &limitError{is: ErrRunTimeout, limit: opts.Timeout})
		outside = true
	}
	r.ctx, r.cancel = sched.WithCancelCause(ctx)
	r.nodes = make([]nodeRun, len(p.nodes))
	for i, n := range p.nodes {
		r.nodes[i].work = n.work
	}
	r.stub()
	r.keeps = opts.Grace > 0 || t.delivery.journal != nil
	r.metrics.since = r.began
	if p.random || t.observed {
		r.seed = sched.Rand().Uint64()
	}
	if r.id == "" && t.observed {
		r.id = fmt.Sprintf("%016x%016x", sched.Rand().Uint64(), sched.Rand().Uint64())
	}
	r.outside, r.starting = outside, true
	return r
}

// open starts a run: its hooks, then its roots.
func (r *run[S]) open() {
	r.mu.Lock()
	typ := event.Start
	if r.outer != nil {
		typ = event.SubStart
	}
	if r.delivery.journal != nil {
		r.cuts.runs = append(r.cuts.runs, r)
	}
	r.opened = true
	r.publish(typ, nil, event.Started{Labels: r.opts.Labels, PlanHash: r.hash, Seed: r.seed, Resumed: r.resumed})
	if r.outside {
		r.unwatch = sched.AfterDone(r.ctx, r.ctxDone)
	}
	r.mu.Unlock()
	for i, hook := range r.p.onStart {
		if !r.startHook(i, hook) {
			break
		}
	}
	r.startRoots()
}

func (r *run[S]) startRoots() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.starting = false
	if len(r.failures) > 0 && r.status == "" {
		r.status = Failed
	}
	if r.mustEnd() {
		r.finish()
		return
	}
	if r.pass != nil {
		r.passed = true
		r.pass(-1)
	}
	if r.waiting = r.held(); r.waiting {
		r.quiesce()
		return
	}
	r.startFirst()
}

// startFirst starts what the run begins with. The ledger is held.
func (r *run[S]) startFirst() {
	if r.mustEnd() { // meanwhile
		r.finish()
		return
	}
	w := wave[S]{r: r, apart: true}
	r.first(&w)
	if r.live == 0 { // a resumed run had nothing left to do
		r.finish()
	}
}

// first starts what the run begins with.
func (r *run[S]) first(w *wave[S]) {
	if r.rooted {
		r.goOn(w)
		return
	}
	r.rooted = true
	roots := r.p.roots
	if r.opts.Start != "" {
		roots = []*Node[S]{r.p.named(r.opts.Start)}
		w.exclude(roots[0])
	}
	for _, n := range roots {
		w.start(n, nil)
	}
	w.settleAll()
}

// wait waits until the run is over and its observers have been told.
func (r *run[S]) wait() (Result, error) {
	if r.observed && r.outer == nil {
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
	for r.result == nil || r.outer == nil && r.delivery.telling {
		r.over.Wait()
	}
	res := *r.result
	if r.outer == nil {
		res.Metrics.ObserverPanics = r.delivery.panics // FINISH has those before it
	}
	return res
}

// finish is the last transition in which something of the pipeline ends. Hooks
// run after it.
func (r *run[S]) finish() {
	if r.finished {
		return
	}
	r.finished = true
	if r.passed {
		r.pass(1)
	}
	r.disarm()
	if r.grace != nil {
		r.grace.Stop()
	}
	r.forget()
	r.settleStatus()
	if len(r.p.onFinish) == 0 && r.delivery.journal == nil {
		r.publishFinish(r.concluded())
		return
	}
	r.ended.Release()
	sched.Go(r.close)
}

// settleStatus sets the status of a run that was not cancelled.
func (r *run[S]) settleStatus() {
	switch {
	case r.status != "":
	case len(r.failures) > 0:
		r.status = Failed
	case r.stopped:
		r.status = Stopped
	case r.suspended:
		r.status = Suspended
		r.cause = fmt.Errorf("%w: %s", ErrSuspended, r.reason)
	default:
		r.status = Success
	}
}

// concluded is what the run has come to, and the event that says so. The ledger is
// held.
func (r *run[S]) concluded() (*Result, event.Event) {
	now := sched.Now()
	res := &Result{RunID: r.id, Status: r.status, Reason: r.outcomeReason(), Failures: r.failures, Nodes: r.nodeResults(),
		Labels: r.opts.Labels, Started: r.began, Duration: now.Sub(r.began)}
	typ := event.Finish
	if r.outer != nil {
		typ = event.SubFinish
	}
	res.Metrics = r.measured(now, typ)
	f := event.Finished{Status: string(r.status), Reason: res.Reason, Duration: res.Duration, Metrics: res.Metrics, Labels: r.opts.Labels}
	for _, e := range r.failures {
		f.Failures = append(f.Failures, e.Error())
	}
	e := r.event(typ, nil, f, now)
	e.Seq = r.delivery.seq + 1
	return res, e
}

// publishFinish ends the run.
func (r *run[S]) publishFinish(res *Result, e event.Event) {
	r.done.Release()
	if r.observed {
		if j := r.delivery.journal; j != nil && r.outer != nil {
			j.rows = append(j.rows, r.row(res, e.Time))
		}
		r.add(queued{Event: e})
		if r.outer == nil {
			r.delivery.close()
		}
	}
	r.result = res
	r.cuts.runs = slices.DeleteFunc(r.cuts.runs, func(k keeper) bool { return k == keeper(r) })
	r.release(nil)
	r.over.Broadcast()
}

// release ends the contexts of the run.
func (r *run[S]) release(cause error) {
	r.cancel(cause)
	if r.free != nil {
		r.free()
	}
}
