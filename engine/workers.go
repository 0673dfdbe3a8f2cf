package engine

import (
	"fmt"

	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/sched"
)

// worker is a task that serves one item of a map after the other.
type worker[S, T any] struct {
	item   T
	inv    *invocation[S] // of the item; nil while idle
	result *result[S]     // of the item; nil if nothing collects
	given  sched.Edge     // from the producer
	after  *sched.Edge    // given, or the map's offer
	wake   sched.LeafCond

	collecting *result[S] // the result that it collects
	raw        []byte     // the result of the item for a store
}

// produce gives the items to workers.
func (m *mapRun[S, T]) produce() error {
	seq, count, err := m.items.open(m.ctx, m.r.state)
	m.start(count)
	if err == nil && m.progress != nil {
		err = m.progress.check(m.inv.node.name, count)
	}
	if err != nil || seq == nil {
		return err
	}
	for item, err := range seq {
		if err == nil {
			err = m.tooMany()
		}
		if err != nil {
			return err
		}
		if m.cut = !m.give(item); m.cut {
			break
		}
	}
	return nil
}

// tooMany returns an error if there may be no other item.
func (m *mapRun[S, T]) tooMany() error {
	if n := m.opts.MaxItems; n > 0 && m.index+1 == n {
		return fmt.Errorf("%w: map %q has more than MaxItems, %d", ErrTooManyItems, m.inv.node.name, n)
	}
	return nil
}

func (m *mapRun[S, T]) start(count int) {
	m.r.mu.Lock()
	defer m.r.mu.Unlock()
	m.started = true
	m.r.publish(event.MapStart, m.inv, event.MapStarted{Count: count})
}

// ending reports whether no more items are wanted. The ledger is held.
func (m *mapRun[S, T]) ending() bool {
	return m.r.mustEnd() || m.failed != nil || m.ctx.Err() != nil
}

// give hands an item to a worker, and waits for one if there are as many as may
// be. It reports false if no more items are wanted.
func (m *mapRun[S, T]) give(item T) bool {
	r := m.r
	r.awaitDelivery()
	r.mu.Lock()
	defer r.mu.Unlock()
	if m.awaitSlot(item) {
		return true
	}
	if m.ending() {
		return false
	}
	if m.passOver() {
		m.collectStored()
		return true
	}
	m.busy++
	if n := len(m.idle); n > 0 {
		w := m.idle[n-1]
		m.idle = m.idle[:n-1]
		m.assign(w, item, &w.given)
		w.given.Release()
		w.wake.Signal()
		return true
	}
	w := &worker[S, T]{wake: sched.LeafCond{L: &m.r.mu, Why: "an item of map " + m.inv.node.name}}
	m.assign(w, item, &w.given)
	w.given.Release()
	sched.Go(func() { m.serve(w) })
	return true
}

// awaitSlot waits until item may start. Meanwhile a worker may take it as soon as it
// has ended another one, which saves them both from waiting for each other. It reports
// whether one has. The ledger is held.
func (m *mapRun[S, T]) awaitSlot(item T) (taken bool) {
	if !m.full() && !m.r.held() {
		return false
	}
	if m.offers = m.progress == nil; m.offers { // else it may have been done by an earlier process
		m.offered = item
		m.offer.Release()
	}
	offered := m.offers
	m.r.rest(m.inv)
	for m.offers == offered && !m.ending() && m.full() || m.r.held() {
		m.r.waitFor(&m.refill)
	}
	m.r.weigh(m.inv, 1)
	taken = m.offers != offered
	var none T
	m.offered, m.offers = none, false
	return taken
}

// take makes the item that the producer has, if it waits, the next one of w, and
// reports whether it did. The ledger is held.
func (m *mapRun[S, T]) take(w *worker[S, T]) bool {
	if !m.offers || m.full() || m.ending() {
		return false
	}
	m.offers = false
	m.busy++
	m.assign(w, m.offered, &m.offer)
	m.refill.Signal()
	return true
}

// full reports whether as many items run, or as many results wait, as may.
func (m *mapRun[S, T]) full() bool {
	k := m.opts.MaxConcurrency
	return k > 0 && (m.busy >= k || m.gather.slots.len()-m.busy >= waitingResults*k)
}

// assign makes item the next one of w, after what is released into an edge. The
// ledger is held.
func (m *mapRun[S, T]) assign(w *worker[S, T], item T, after *sched.Edge) {
	m.index++
	m.complete.Started++
	w.item, w.after = item, after
	w.inv = &invocation[S]{r: m.r, node: m.inv.node, parent: m.inv.id, owner: m.inv.id, index: m.index, around: m.ctx}
	m.enlist(w.inv)
	if m.collector != "" {
		w.result = m.gather.add(m.index)
	}
	m.r.publishStart(w.inv)
}

// serve is the task of a worker. If a function of the user calls runtime.Goexit,
// another task goes on.
func (m *mapRun[S, T]) serve(w *worker[S, T]) {
	after := []*sched.Edge{nil}
	if m.opts.MaxConcurrency == 1 {
		after = append(after, &m.inTurn)
	}
	exited := true
	defer func() {
		if exited {
			sched.Go(func() { m.resume(w) })
		}
	}()
	for more := true; more; {
		after[0] = w.after
		sched.Renew(m.inv.node.name, w.inv.index, after...)
		more = m.work(w, m.try(w))
	}
	exited = false
}

// resume goes on after the item, or the Collect, in which the task of w has ended.
func (m *mapRun[S, T]) resume(w *worker[S, T]) {
	exited := true
	defer func() {
		if exited {
			sched.Go(func() { m.resume(w) })
		}
	}()
	more := false
	if c := w.collecting; c != nil {
		more = m.gatherOn(w, c, outcome{err: ErrGoexit})
	} else {
		more = m.work(w, w.inv.exited())
	}
	exited = false
	if more {
		m.serve(w)
	}
}

// work goes on after an attempt of the item of w, and reports whether there is
// another item.
func (m *mapRun[S, T]) work(w *worker[S, T], out outcome) (more bool) {
	for m.r.again(w.inv, &out) {
		out = m.try(w)
	}
	c, more := m.finish(w, out)
	if c == nil {
		return more
	}
	return m.gatherOn(w, c, m.collect(c))
}

// try calls the user's function for the item of w.
func (m *mapRun[S, T]) try(w *worker[S, T]) outcome {
	call, out := m.do(w.inv.enter(), w.inv, w.item)
	if out.err == nil && call != nil {
		w.result.keep(call)
		out = m.encode(w, out)
	}
	return w.inv.left(out)
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
	if !w.inv.alive { // it was abandoned
		m.complete.Cancelled++
		m.busy--
		m.freed()
		return nil, false
	}
	m.conclude(w, out)
	m.settled(w)
	return m.next(w)
}

// conclude is the transition at the end of the item of w. The ledger is held
// here and below.
func (m *mapRun[S, T]) conclude(w *worker[S, T], out outcome) {
	came := m.r.conclude(w.inv, &out)
	m.r.bury(w.inv)
	m.r.depart(w.inv)
	m.note(w.inv, came, w.raw)
	c := &m.complete
	came.count(&c.OK, &c.Skipped, &c.Failed, &c.Cancelled)
	if w.result != nil {
		// What is behind an item that will run again waits for it.
		w.result.ended = came != concludedCancelled || m.r.stopped
	}
}

// settled makes w free for another item.
func (m *mapRun[S, T]) settled(w *worker[S, T]) {
	m.r.cut(w.inv)
	w.inv, w.result, w.raw = nil, nil, nil
	var none T
	w.item = none
	m.busy--
	m.freed()
	if m.r.lapsed {
		if m.r.leaveBehind(); m.r.live == 0 {
			m.r.finish()
		}
	}
}

// freed wakes those who wait for items and results to end.
func (m *mapRun[S, T]) freed() {
	m.refill.Signal()
	if m.busy == 0 && !m.gather.collecting {
		m.inv.returning = m.closed
		m.done.Signal()
	}
}

// next finds w something to do: a result whose turn it is to be collected, or
// another item, for which it waits. It reports false if there will be none.
func (m *mapRun[S, T]) next(w *worker[S, T]) (c *result[S], more bool) {
	if m.collector != "" && !m.stopped && m.failed == nil && m.ctx.Err() == nil && !m.r.held() {
		if m.r.noticeCancel(); m.r.status == "" {
			c = m.gather.next()
		}
	}
	if w.collecting = c; c != nil {
		m.r.weigh(m.inv, 1)
		return c, true
	}
	if m.take(w) {
		return nil, true
	}
	m.idle = append(m.idle, w)
	for w.inv == nil && !m.closed {
		w.wake.Wait()
	}
	return nil, w.inv != nil
}
