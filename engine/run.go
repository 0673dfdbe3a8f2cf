package engine

import (
	"context"
	"fmt"
	"log/slog"
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

// RunOptions are the options of a run. The zero value is the default.
type RunOptions struct {
	// ID identifies the run in its events. Empty means that one is drawn.
	ID string
	// Start is the name of the node that starts first, in place of the roots.
	// Predecessors that it does not lead to hold up no join. Empty means the
	// roots.
	Start string
	// Timeout limits the run, from the first hook to the last step. Zero means no
	// limit.
	Timeout time.Duration
	// Grace is how long the run waits for steps that do not return after it was
	// cancelled. Then it ends without them, with ErrAbandoned among the failures;
	// they may still use the state. Zero means that it waits for them.
	Grace time.Duration
	// Buffer is how many events may wait for the observers and the consumer of
	// a stream before the steps do: a step that has ended or emits waits until
	// there are fewer. Zero means 64.
	Buffer int
	// Observers are told the events, each event in this order.
	Observers []Observer
	// Store keeps the run: its events, and its state whenever nothing runs, so that
	// it can be resumed. Nil means that nothing is kept. With a store the run fails
	// with ErrStore if that cannot keep it.
	Store store.Store
	// Resume is the ID of a run in the store that is to go on: one that was
	// suspended, failed, timed out, or was cancelled, or whose process has died.
	// What a checkpoint has of it does not run again. The state is the stored one
	// if that of the call is nil. Empty means a new run.
	Resume string
	// Labels are told at the start and the end of the run.
	Labels []slog.Attr
	// Stubs stand for functions of nodes in this run; see Stub.
	Stubs []Stubbed
}

// tree is what a run shares with the runs inside it: the lock of the ledgers,
// and the events.
type tree struct {
	observed bool
	started  time.Time
	root     string // the outermost run
	stubs    []Stubbed
	over     sched.LeafCond // wait waits for the result of a run, and for the observers

	mu       sched.LeafMutex // guards the ledgers and the delivery
	delivery delivery
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
	items   []store.Item // of maps, that an earlier process has ended
	begun   map[int]int  // attempts that it had begun since, by invocation
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
	starting  bool             // hooks run before the roots
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
	cutting   bool          // a checkpoint is written, and nothing starts
	postponed []func()      // until then
	unplaced  []endLedger   // ends whose tokens have not been placed
	undone    []againLedger // what runs again if the run is resumed
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
type halter interface{ halt() }

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
	r.keeps = opts.Grace > 0
	r.metrics.since = r.began
	if p.random || t.observed {
		r.seed = sched.Rand().Uint64()
	}
	if r.id == "" && t.observed {
		r.id = fmt.Sprintf("%016x%016x", sched.Rand().Uint64(), sched.Rand().Uint64())
	}
	r.outside = outside
	return r
}

// open starts a run: its hooks, then its roots.
func (r *run[S]) open() {
	r.mu.Lock()
	r.starting = true
	typ := event.Start
	if r.outer != nil {
		typ = event.SubStart
	}
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
	w := wave[S]{r: r, apart: true}
	r.first(&w)
	r.skipBegun()
	if r.live == 0 { // a resumed run had nothing left to do
		r.finish()
	}
}

// first starts what the run begins with.
func (r *run[S]) first(w *wave[S]) {
	if r.resumed && r.last > 0 {
		r.goOn(w)
		return
	}
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
