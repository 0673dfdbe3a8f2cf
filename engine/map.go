package engine

import (
	"context"
	"fmt"

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

// MapOptions are the options of a map. The zero value is the default.
type MapOptions struct {
	NodeOptions
	// MaxConcurrency is how many items are worked on at once; as many tasks
	// serve them all. Zero means no limit: one task an item, as with a go
	// statement in a loop. A limit is recommended.
	MaxConcurrency int
}

// Map adds a node that calls body.Do for each item. It ends when all calls have
// returned.
func Map[S, T any](p *Pipeline[S], name string, body Each[S, T], opts MapOptions) *Node[S] {
	n := addMap(p, name, mapNode[S, T]{items: body.Items, opts: opts,
		do: func(ctx context.Context, s *S, item T) (collect[S], error) { return nil, body.Do(ctx, s, item) }})
	if body.Do == nil {
		n.mistake("nil", "its Do is nil")
	}
	return n
}

func addMap[S, T any](p *Pipeline[S], name string, m mapNode[S, T]) *Node[S] {
	n := p.add(name, 3)
	n.each = &m
	if m.items.slice == nil && m.items.seq == nil {
		n.mistake("nil", "it has no Items")
	}
	if m.opts.MaxConcurrency < 0 {
		n.mistake("number", fmt.Sprintf("MaxConcurrency is %d, want 0 (no limit) or more", m.opts.MaxConcurrency))
	}
	return n
}

// mapper runs a map, whatever the type of its items.
type mapper[S any] interface {
	run(ctx context.Context, r *run[S], inv invocation[S]) outcome
	// parallel reports whether functions of the map are called at once.
	parallel() bool
}

type mapNode[S, T any] struct {
	items     Items[S, T]
	opts      MapOptions
	collector string // name of the tasks that call Collect; empty if none do
	do        func(ctx context.Context, s *S, item T) (collect[S], error)
}

func (n *mapNode[S, T]) parallel() bool { return n.opts.MaxConcurrency != 1 || n.collector != "" }

// mapRun is one invocation of a map. The run's ledger guards the fields below
// cut.
type mapRun[S, T any] struct {
	*mapNode[S, T]
	r   *run[S]
	inv invocation[S]
	ctx context.Context
	cut bool // the run began to end before all items were given

	refill   sched.LeafCond // the producer waits for a free slot
	index    int            // of the last item taken
	idle     []*worker[S, T]
	busy     int // items between start and end
	closed   bool
	done     sched.LeafCond // the map waits for the last item and its Collect
	ended    sched.Edge
	inTurn   sched.Edge // from item to item, with MaxConcurrency 1
	complete event.MapCompleted
	failed   outcome      // of what makes the items, or of Collect
	stopped  bool         // by Collect
	gather   gathering[S] // unused if nothing collects
}

// worker is a task that serves one item after the other.
type worker[S, T any] struct {
	item   T
	inv    invocation[S] // of the item; 0 while idle
	result *result[S]    // of the item; nil if nothing collects
	given  sched.Edge    // from the producer
	wake   sched.LeafCond
}

// run works on all items.
func (n *mapNode[S, T]) run(ctx context.Context, r *run[S], inv invocation[S]) outcome {
	m := &mapRun[S, T]{mapNode: n, r: r, inv: inv, ctx: ctx, index: -1}
	m.refill = sched.LeafCond{L: &r.mu, Why: "a free slot of map " + inv.node.name}
	m.done = sched.LeafCond{L: &r.mu, Why: "the items of map " + inv.node.name}
	exited := true
	defer func() {
		if exited { // by a runtime.Goexit of the iterator
			m.close(outcome{err: ErrGoexit})
		}
	}()
	out := protect(fromItems, m.produce)
	exited = false
	m.close(out)
	return m.outcome(out)
}

// outcome is how the map has ended, given what has come of making the items.
func (m *mapRun[S, T]) outcome(out outcome) outcome {
	m.r.mu.Lock()
	defer m.r.mu.Unlock()
	cut := m.cut || m.complete.Cancelled > 0
	switch {
	case m.failed.err != nil:
		return m.failed
	case out.control != nil:
		return out
	case m.complete.Failed > 0:
		return outcome{derived: true}
	case m.r.status != "" && cut:
		return outcome{err: context.Cause(m.r.ctx)}
	case cut || m.stopped:
		return outcome{control: m.r.halting()}
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
	if out.err != nil && out.control == nil {
		m.fail(out)
	}
	m.closed = true
	for _, w := range m.idle {
		w.wake.Signal()
	}
	for m.busy > 0 || m.gather.collecting {
		m.done.Wait()
	}
	m.r.publish(event.MapComplete, m.inv, m.complete)
}

// fail notes that the map has failed otherwise than by an item, and cancels
// what runs. The ledger is held.
func (m *mapRun[S, T]) fail(out outcome) {
	if m.failed.err != nil {
		return
	}
	m.failed = out
	if !m.r.cancelled(out.err) {
		m.failed.decided = m.r.abort(m.inv.failure(out.err))
	}
	m.refill.Signal()
}

// produce gives the items to workers.
func (m *mapRun[S, T]) produce() error {
	if m.items.slice == nil {
		seq := m.items.seq(m.ctx, m.r.state)
		m.start(-1)
		if seq == nil {
			return nil
		}
		for item := range seq {
			if m.cut = !m.give(item); m.cut {
				break
			}
		}
		return nil
	}
	items, err := m.items.slice(m.ctx, m.r.state)
	m.start(len(items))
	if err != nil {
		return err
	}
	for _, item := range items {
		if m.cut = !m.give(item); m.cut {
			break
		}
	}
	return nil
}

func (m *mapRun[S, T]) start(count int) {
	m.r.mu.Lock()
	defer m.r.mu.Unlock()
	m.r.publish(event.MapStart, m.inv, event.MapStarted{Count: count})
}

// give hands an item to a worker, and waits for one if there are as many as may
// be. It reports false if the run is ending and no more items are wanted.
func (m *mapRun[S, T]) give(item T) bool {
	r := m.r
	r.awaitDelivery()
	r.mu.Lock()
	defer r.mu.Unlock()
	for !r.mustEnd() && m.full() {
		m.refill.Wait()
	}
	if r.mustEnd() {
		return false
	}
	m.busy++
	if n := len(m.idle); n > 0 {
		w := m.idle[n-1]
		m.idle = m.idle[:n-1]
		m.assign(w, item)
		w.given.Release()
		w.wake.Signal()
		return true
	}
	w := &worker[S, T]{wake: sched.LeafCond{L: &m.r.mu, Why: "an item of map " + m.inv.node.name}}
	m.assign(w, item)
	w.given.Release()
	sched.Go(func() { m.serve(w) })
	return true
}

// full reports whether as many items run, or as many results wait, as may.
func (m *mapRun[S, T]) full() bool {
	k := m.opts.MaxConcurrency
	return k > 0 && (m.busy == k || m.gather.slots.len()-m.busy >= waitingResults*k)
}

// assign makes item the next one of w. The ledger is held.
func (m *mapRun[S, T]) assign(w *worker[S, T], item T) {
	m.index++
	m.complete.Started++
	w.item = item
	w.inv = invocation[S]{node: m.inv.node, parent: m.inv.id, owner: m.inv.id, index: m.index}
	m.r.invoke(&w.inv)
	if m.collector != "" {
		w.result = m.gather.add()
	}
	m.r.publish(event.StepStart, w.inv, nil)
}

// serve is the task of a worker.
func (m *mapRun[S, T]) serve(w *worker[S, T]) {
	after := []*sched.Edge{&w.given}
	if m.opts.MaxConcurrency == 1 {
		after = append(after, &m.inTurn)
	}
	for more := true; more; {
		sched.Renew(m.inv.node.name, w.inv.index, after...)
		var c *result[S]
		for c, more = m.finish(w, m.execute(w)); c != nil; c, more = m.collect(w, c) {
		}
	}
}

// execute calls the user's function for the item of w, as often as it asks for
// it. If that calls runtime.Goexit, the item ends here and the worker with it.
func (m *mapRun[S, T]) execute(w *worker[S, T]) (out outcome) {
	exited := true
	defer func() {
		if exited {
			m.release()
			m.r.mu.Lock()
			m.conclude(w, outcome{err: ErrGoexit})
			m.r.mu.Unlock()
		}
	}()
	for more := true; more; more = m.r.again(&w.inv, &out) {
		ctx := m.r.enter(&w.inv)
		out = protectStage(fromItem, func() error {
			c, err := m.do(ctx, m.r.state, w.item)
			if err == nil && c != nil {
				w.result.keep(c)
			}
			return err
		})
	}
	exited = false
	return out
}

// release orders what the caller has done before the end of the map.
func (m *mapRun[S, T]) release() {
	m.ended.Release()
	m.inTurn.Release()
}

// finish ends the item of w. It returns a result that w is to collect; if there
// is none it waits for another item and reports whether there is one.
func (m *mapRun[S, T]) finish(w *worker[S, T], out outcome) (c *result[S], more bool) {
	m.release()
	m.r.awaitDelivery()
	m.r.mu.Lock()
	defer m.r.mu.Unlock()
	m.conclude(w, out)
	return m.next(w)
}

// conclude is the transition at the end of the item of w. The ledger is held
// here and below.
func (m *mapRun[S, T]) conclude(w *worker[S, T], out outcome) {
	came := m.r.conclude(w.inv, &out)
	switch came {
	case concludedOK:
		m.complete.OK++
	case concludedSkipped:
		m.complete.Skipped++
	case concludedFailed:
		m.complete.Failed++
	case concludedCancelled:
		m.complete.Cancelled++
	}
	if w.result != nil {
		// What is behind an item that will run again waits for it.
		w.result.ended = came != concludedCancelled || m.r.stopped
	}
	w.inv, w.result = invocation[S]{}, nil
	var none T
	w.item = none
	m.busy--
	m.freed()
}

// freed wakes those who wait for items and results to end.
func (m *mapRun[S, T]) freed() {
	m.refill.Signal()
	if m.busy == 0 && !m.gather.collecting {
		m.done.Signal()
	}
}

// next finds w something to do: a result whose turn it is to be collected, or
// another item, for which it waits. It reports false if there will be none.
func (m *mapRun[S, T]) next(w *worker[S, T]) (c *result[S], more bool) {
	if m.collector != "" && !m.stopped {
		if m.r.noticeCancel(); m.r.status == "" {
			c = m.gather.next()
		}
	}
	if c != nil {
		return c, true
	}
	m.idle = append(m.idle, w)
	for w.inv.id == 0 && !m.closed {
		w.wake.Wait()
	}
	return nil, w.inv.id != 0
}
