package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/sched"
)

// Each is what a map does.
type Each[S, T any] struct {
	// Items are the items.
	Items Items[S, T]
	// Do is called for each item, at once for several: nothing orders the calls
	// but MaxConcurrency 1. An error fails the map. [Skip] means that there was
	// nothing to do for the item, [Retry] and [RetryAfter] call Do again, [Stop]
	// and [Suspend] end the run, in which no more items start; [Goto] is
	// ErrControl.
	Do func(ctx context.Context, s *S, item T) error
}

// Map adds a node that calls body.Do for each item. It ends when all calls have
// returned. A failed item fails the map: under FailFast no more items are taken
// then and the contexts of the others are done, under the other policies they go
// on. Options.Timeout and Options.Retry are for one item, as are the handlers.
func Map[S, T any](p *Pipeline[S], name string, body Each[S, T], opts MapOptions) *Node[S] {
	n := addMap(p, name, mapWork[S, T]{items: body.Items, opts: opts, do: each[S](body.Do),
		stub: func(fn any) (doItem[S, T], string) {
			do, ok := fn.(func(ctx context.Context, s *S, item T) error)
			if !ok || do == nil {
				return nil, fmt.Sprintf("%T", body.Do)
			}
			return each[S](do), ""
		}})
	if body.Do == nil {
		n.mistake("nil", "its Do is nil")
	}
	return n
}

// doItem works on one item and returns what is to be called with its result.
type doItem[S, T any] func(ctx context.Context, inv *invocation[S], item T) (collect[S], outcome)

func each[S, T any](do func(ctx context.Context, s *S, item T) error) doItem[S, T] {
	return func(ctx context.Context, inv *invocation[S], item T) (collect[S], outcome) {
		return nil, protectStage(fromItem, func() error {
			if inv.node.wrapped == nil {
				return do(ctx, inv.r.state, item)
			}
			return inv.call(ctx, func(ctx context.Context, s *S) error { return do(ctx, s, item) })
		})
	}
}

func addMap[S, T any](p *Pipeline[S], name string, w mapWork[S, T]) *Node[S] {
	n := p.add(event.Map, name, w.opts.NodeOptions)
	n.bad = w.opts.mistakes()
	n.work = &w
	n.each = &w.opts
	n.gathers = w.collector != ""
	if w.items.open == nil {
		n.mistake("nil", "it has no Items")
	}
	return n
}

// mapWork is the work of a map.
type mapWork[S, T any] struct {
	items     Items[S, T]
	opts      MapOptions
	collector string // name of the tasks that call Collect; empty if none do
	do        doItem[S, T]
	decode    func(c Codec, raw []byte) (collect[S], error) // nil if results are not kept
	stub      func(fn any) (doItem[S, T], string)
}

func (w *mapWork[S, T]) stubbed(fn any) (work[S], string) {
	do, want := w.stub(fn)
	if do == nil {
		return nil, want
	}
	stub := *w
	stub.do = do
	return &stub, ""
}

// mapRun is one invocation of a map. The run's ledger guards the fields below
// cut.
type mapRun[S, T any] struct {
	*mapWork[S, T]
	r       *run[S]
	inv     *invocation[S]
	ctx     context.Context
	cancel  context.CancelCauseFunc
	free    context.CancelFunc // of the time limit; nil without
	limit   error              // the cause with which that cancels
	unwatch func() bool        // of halt, then; nil without
	cut     bool               // the run began to end before all items were given

	refill   sched.LeafCond // the producer waits for a free slot
	offered  T              // the item that it has meanwhile
	offers   bool           // a worker may take that
	offer    sched.Edge     // from the producer to who does
	index    int            // of the last item taken
	idle     []*worker[S, T]
	busy     int // items between start and end
	closed   bool
	done     sched.LeafCond // the map waits for the last item and its Collect
	ended    sched.Edge
	inTurn   sched.Edge // from item to item, with MaxConcurrency 1
	complete event.MapCompleted
	failed   error        // of what makes the items, or of Collect
	over     error        // why ctx was done before the end
	stopped  bool         // by Collect
	started  bool         // MAP_START was published
	gather   gathering[S] // unused if nothing collects
	progress *progress    // nil unless a store keeps it
}

// run works on all items.
func (w *mapWork[S, T]) run(ctx context.Context, r *run[S], inv *invocation[S]) outcome {
	m := &mapRun[S, T]{mapWork: w, r: r, inv: inv, index: -1}
	m.refill = sched.LeafCond{L: &r.mu, Why: "a free slot of map " + inv.node.name}
	m.done = sched.LeafCond{L: &r.mu, Why: "the items of map " + inv.node.name}
	m.open(ctx)
	exited := true
	defer func() {
		if exited { // by a runtime.Goexit of the iterator
			m.close(outcome{err: ErrGoexit})
			out := m.outcome(outcome{err: ErrGoexit})
			inv.exit = &out
		}
	}()
	out := protect(fromItems, m.produce)
	exited = false
	m.close(out)
	return m.outcome(out)
}

// open makes the context of the items.
func (m *mapRun[S, T]) open(ctx context.Context) {
	if d := m.opts.MapTimeout; d > 0 {
		m.limit = &limitError{ErrStepTimeout, "map " + m.inv.path(), d}
		ctx, m.free = sched.WithTimeoutCause(ctx, d, m.limit)
	}
	m.ctx, m.cancel = sched.WithCancelCause(ctx)
	if m.free != nil {
		m.unwatch = sched.AfterDone(m.ctx, func() {
			m.r.mu.Lock()
			defer m.r.mu.Unlock()
			m.halt()
		})
	}
	m.r.mu.Lock()
	defer m.r.mu.Unlock()
	m.r.maps = append(m.r.maps, m)
	m.begin()
}

// halt makes the producer look whether it is to go on. The ledger is held.
func (m *mapRun[S, T]) halt() { m.refill.Signal() }

// wakeUp has collected what was held up. The ledger is held.
func (m *mapRun[S, T]) wakeUp() {
	if m.progress != nil && !m.r.held() {
		m.collectStored()
	}
}

// outcome is how the map has ended, given what has come of making the items.
func (m *mapRun[S, T]) outcome(out outcome) outcome {
	m.r.mu.Lock()
	defer m.r.mu.Unlock()
	cut := m.cut || m.complete.Cancelled > 0 || m.gather.waits()
	switch {
	case m.failed != nil:
		return outcome{err: m.failed}
	case out.control != nil && (m.complete.Failed == 0 || !out.asks(skip)):
		return out
	case m.complete.Failed > 0:
		return outcome{err: errItem, derived: true, settled: true}
	case m.r.status != "" && cut:
		return outcome{err: context.Cause(m.r.ctx)}
	case cut && m.over != nil:
		return outcome{err: m.over}
	case cut || m.stopped:
		if c := m.r.halting(); c != nil {
			return outcome{err: c, control: c}
		}
	}
	return outcome{}
}

// close waits for the items that run and ends the workers.
func (m *mapRun[S, T]) close(out outcome) {
	m.drain(out)
	m.ended.Acquire()
}

func (m *mapRun[S, T]) drain(out outcome) {
	m.r.mu.Lock()
	defer m.r.mu.Unlock()
	if out.failed() {
		m.fail(out.err)
	}
	m.closed = true
	for _, w := range m.idle {
		w.wake.Signal()
	}
	m.r.rest(m.inv)
	for m.busy > 0 || m.gather.collecting || m.r.held() {
		m.r.waitFor(&m.done)
	}
	m.r.weigh(m.inv, 1)
	if !m.started { // what makes the items has panicked
		m.r.publish(event.MapStart, m.inv, event.MapStarted{})
	}
	m.r.publish(event.MapComplete, m.inv, m.complete)
	m.r.maps = slices.DeleteFunc(m.r.maps, func(other halter) bool { return other == m })
	if m.unwatch != nil {
		m.unwatch()
	}
	if m.progress != nil {
		m.inv.progress, m.inv.running = m.progress.record(), nil
	}
	if m.ctx.Err() != nil {
		m.over = context.Cause(m.ctx)
	}
	m.cancel(nil)
	if m.free != nil {
		m.free()
	}
}

// fail notes that the map has failed otherwise than by an item: no more items are
// taken, and under FailFast those that run are cancelled. The ledger is held.
func (m *mapRun[S, T]) fail(err error) {
	if m.failed != nil {
		return
	}
	if m.limit != nil && context.Cause(m.ctx) == m.limit {
		err = &lateError{m.limit, err}
	}
	m.failed = err
	if m.r.p.opts.Policy == FailFast {
		m.cancel(fmt.Errorf("%w: %w", ErrSibling, m.inv.failure(err)))
	}
	m.halt()
}
