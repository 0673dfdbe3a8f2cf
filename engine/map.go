package engine

import (
	"context"
	"fmt"
	"iter"

	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/sched"
)

// Items is where a map gets its items: see [Slice] and [Seq]. The zero value is
// none, which is a mistake.
type Items[S, T any] struct {
	slice func(ctx context.Context, s *S) ([]T, error)
	seq   func(ctx context.Context, s *S) iter.Seq[T]
}

// Slice returns items from a slice, which fn returns when the map starts. An
// error fails the map.
func Slice[S, T any](fn func(ctx context.Context, s *S) ([]T, error)) Items[S, T] {
	return Items[S, T]{slice: fn}
}

// Seq returns items from an iterator, which fn returns when the map starts. It
// runs in the map's own task, and an item is taken only when one of the map's
// items may start or is about to.
func Seq[S, T any](fn func(ctx context.Context, s *S) iter.Seq[T]) Items[S, T] {
	return Items[S, T]{seq: fn}
}

// Each is what a map does.
type Each[S, T any] struct {
	// Items are the items.
	Items Items[S, T]
	// Do is called for each item, at once for several: nothing orders the calls
	// but MaxConcurrency 1.
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
	n := p.add(name)
	n.each = &mapNode[S, T]{body: body, opts: opts}
	if body.Do == nil {
		n.mistake("nil", "its Do is nil")
	}
	if body.Items.slice == nil && body.Items.seq == nil {
		n.mistake("nil", "it has no Items")
	}
	if opts.MaxConcurrency < 0 {
		n.mistake("number", fmt.Sprintf("MaxConcurrency is %d, want 0 (no limit) or more", opts.MaxConcurrency))
	}
	return n
}

// mapper runs a map, whatever the type of its items.
type mapper[S any] interface {
	run(r *run[S], inv invocation[S]) outcome
}

type mapNode[S, T any] struct {
	body Each[S, T]
	opts MapOptions
}

// mapRun is one invocation of a map. The run's ledger guards the fields below
// held.
type mapRun[S, T any] struct {
	*mapNode[S, T]
	r   *run[S]
	inv invocation[S]
	cut bool // the run began to end before all items were given

	refill   sched.LeafCond // the producer waits for a free slot
	index    int            // of the last item taken
	idle     []*worker[S, T]
	busy     int // items between start and end
	closed   bool
	done     sched.LeafCond // the map waits for busy to be 0
	ended    sched.Edge
	inTurn   sched.Edge // from item to item, with MaxConcurrency 1
	complete event.MapCompleted
}

// worker is a task that serves one item after the other.
type worker[S, T any] struct {
	item  T
	inv   invocation[S] // of the item; 0 while idle
	given sched.Edge    // from the producer
	wake  sched.LeafCond
}

// run works on all items.
func (n *mapNode[S, T]) run(r *run[S], inv invocation[S]) outcome {
	m := &mapRun[S, T]{mapNode: n, r: r, inv: inv, index: -1}
	m.refill = sched.LeafCond{L: &r.mu, Why: "a free slot of map " + inv.node.name}
	m.done = sched.LeafCond{L: &r.mu, Why: "the items of map " + inv.node.name}
	exited := true
	defer func() {
		if exited { // by a runtime.Goexit of the iterator
			m.close()
		}
	}()
	out := protect(m.produce)
	exited = false
	m.close()
	switch {
	case out.err != nil:
	case m.complete.Failed > 0:
		out.derived = true
	case m.cut || m.complete.Cancelled > 0:
		out.err = context.Cause(r.ctx)
	}
	return out
}

// close waits for the items that run and ends the workers.
func (m *mapRun[S, T]) close() {
	m.drain()
	m.ended.Acquire()
}

func (m *mapRun[S, T]) drain() {
	m.r.mu.Lock()
	defer m.r.mu.Unlock()
	m.closed = true
	for _, w := range m.idle {
		w.wake.Signal()
	}
	for m.busy > 0 {
		m.done.Wait()
	}
	m.r.publish(event.MapComplete, event.Map, m.inv, m.complete)
}

// produce takes the items and gives them to workers.
func (m *mapRun[S, T]) produce() error {
	if m.body.Items.seq != nil {
		seq := m.body.Items.seq(m.r.ctx, m.r.state)
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
	items, err := m.body.Items.slice(m.r.ctx, m.r.state)
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
	m.r.publish(event.MapStart, event.Map, m.inv, event.MapStarted{Count: count})
	m.r.mu.Unlock()
}

// give hands an item to a worker, and waits for one if there are as many as may
// be. It reports false if the run is ending and no more items are wanted.
func (m *mapRun[S, T]) give(item T) bool {
	r := m.r
	r.awaitDelivery()
	r.mu.Lock()
	defer r.mu.Unlock()
	for !r.mustEnd() && m.opts.MaxConcurrency > 0 && m.busy == m.opts.MaxConcurrency {
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

// assign makes item the next one of w. The ledger is held.
func (m *mapRun[S, T]) assign(w *worker[S, T], item T) {
	m.index++
	m.complete.Started++
	w.item = item
	w.inv = m.r.invoke(m.inv.node, m.inv.id)
	w.inv.owner, w.inv.index = m.inv.id, m.index
	m.r.publishStart(event.Worker, w.inv)
}

// serve is the task of a worker.
func (m *mapRun[S, T]) serve(w *worker[S, T]) {
	after := []*sched.Edge{&w.given}
	if m.opts.MaxConcurrency == 1 {
		after = append(after, &m.inTurn)
	}
	for more := true; more; more = m.next(w, m.do(w)) {
		sched.Renew(m.inv.node.name, w.inv.index, after...)
	}
}

// do calls the user's function for the item of w. If that calls
// runtime.Goexit, the item ends here and the worker with it.
func (m *mapRun[S, T]) do(w *worker[S, T]) outcome {
	exited := true
	defer func() {
		if exited {
			m.release()
			m.r.mu.Lock()
			m.finish(w, outcome{err: ErrGoexit})
			m.leave()
			m.r.mu.Unlock()
		}
	}()
	out := protectStage(func() error { return m.body.Do(m.r.ctx, m.r.state, w.item) })
	exited = false
	return out
}

// next ends the item of w and waits for another one. It reports false if there
// is none.
func (m *mapRun[S, T]) next(w *worker[S, T], out outcome) bool {
	m.release()
	m.r.awaitDelivery()
	m.r.mu.Lock()
	defer m.r.mu.Unlock()
	m.finish(w, out)
	m.leave()
	m.idle = append(m.idle, w)
	for w.inv.id == 0 && !m.closed {
		w.wake.Wait()
	}
	return w.inv.id != 0
}

// release orders what the caller has done before the end of the map.
func (m *mapRun[S, T]) release() {
	m.ended.Release()
	m.inTurn.Release()
}

// finish publishes the end of the item of w. The ledger is held.
func (m *mapRun[S, T]) finish(w *worker[S, T], out outcome) {
	switch m.r.conclude(event.Worker, w.inv, out) {
	case concludedOK:
		m.complete.OK++
	case concludedFailed:
		m.complete.Failed++
	case concludedCancelled:
		m.complete.Cancelled++
	}
	w.inv = invocation[S]{}
	var none T
	w.item = none
}

// leave frees the slot of a worker. The ledger is held.
func (m *mapRun[S, T]) leave() {
	m.busy--
	m.refill.Signal()
	if m.busy == 0 {
		m.done.Signal()
	}
}
