package engine

import (
	"cmp"
	"time"

	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/sched"
)

// buffer is how many events may wait for delivery if RunOptions do not say.
const buffer = 64

// delivery hands the events of a run to its observers, in a task of its own, so
// that what observers do is ordered after what they are told of, and before the
// return of Run, and after nothing else. Then the consumer of a stream can read
// them.
type delivery struct {
	observers []Observer
	buffer    int
	edge      sched.Edge // from the steps to the observers and the consumer
	told      sched.Edge // from the observers to Run

	mu       *sched.LeafMutex // the ledger's; guards the fields below
	seq      uint64
	backlog  queue[queued]      // for the store and the observers
	unread   queue[event.Event] // for the consumer
	telling  bool               // the task runs
	current  event.Event        // what the observers are being told; Seq is 0 if nothing
	most     int                // the longest backlog so far
	blocked  time.Duration      // that steps have waited for room
	panics   int                // of observers
	consumer consumer
	closed   bool            // there will be no more events
	more     sched.LeafCond  // the task waits for events
	news     sched.LeafCond  // the consumer waits for events
	room     sched.LeafCond  // steps wait for room
	over     *sched.LeafCond // Run waits for the task
	journal  *journal        // nil without a store
	owner    keeper          // the outermost run
}

// queued is an event that waits.
type queued struct {
	event.Event
	raw []byte // the value of a TOKEN as the codec has encoded it; nil without a store
}

// consumer is what the reader of a stream has come to.
type consumer uint8

const (
	nobody   consumer = iota // there is no stream, or nobody reads it any more
	expected                 // someone may call Events
	promised                 // has called it
	reading
)

func (d *delivery) begin(opts RunOptions, streamed bool, over *sched.LeafCond) {
	d.observers, d.buffer, d.mu, d.over = opts.Observers, cmp.Or(opts.Buffer, buffer), over.L, over
	d.more = sched.LeafCond{L: d.mu, Why: "events"}
	d.news = sched.LeafCond{L: d.mu, Why: "events"}
	d.room = sched.LeafCond{L: d.mu, Why: "observers or the consumer of events"}
	if streamed {
		d.consumer = expected
	}
	if d.journal != nil {
		d.arm()
	}
	if len(d.observers) > 0 || d.journal != nil {
		d.telling = true
		sched.Go(d.serve)
	}
}

// serve is the task that calls the store and the observers.
func (d *delivery) serve() {
	finished := false
	defer func() {
		if !finished && d.journal != nil { // an observer has called runtime.Goexit
			sched.Go(d.serve)
			return
		}
		d.leave()
	}()
	sched.Renew("observers", -1, &d.edge)
	for e, ok := d.next(); ok; e, ok = d.next() {
		d.edge.Acquire()
		for _, o := range d.observers {
			if !observe(o, e) {
				d.panicked()
			}
		}
	}
	finished = true
}

// observe calls one observer and reports whether it did not panic, which is its
// own affair.
func observe(o Observer, e event.Event) (fine bool) {
	defer func() { _ = recover() }()
	o.Observe(e)
	return true
}

func (d *delivery) panicked() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.panics++
}

// next waits for an event and takes it, or reports false if there will be none.
func (d *delivery) next() (event.Event, bool) {
	for d.await() {
		d.write()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.backlog.len() == 0 {
		return event.Event{}, false
	}
	d.current = d.backlog.pop().Event
	d.room.Broadcast()
	return d.current, true
}

// await waits for something to do, and reports whether there is something to be
// written first.
func (d *delivery) await() (write bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for d.pass(); d.backlog.len() == 0 && !d.closed && !d.journal.waits(d); {
		d.more.Wait()
	}
	return d.journal.waits(d)
}

// pass lets the consumer have the event that the observers have been told.
func (d *delivery) pass() {
	if d.current.Seq > 0 {
		d.offer(d.current)
		d.current = event.Event{}
	}
}

// offer lets the consumer have an event, if there is one.
func (d *delivery) offer(e event.Event) {
	if d.consumer != nobody {
		d.unread.push(e)
		d.news.Signal()
	}
}

// leave notes that observers are told no more: all is delivered, or one of them
// has ended the task with runtime.Goexit.
func (d *delivery) leave() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.telling = false
	for d.pass(); d.backlog.len() > 0; {
		d.offer(d.backlog.pop().Event)
	}
	d.told.Release()
	d.over.Broadcast()
	d.news.Broadcast()
	d.room.Broadcast()
}

// full reports whether as many events wait as may.
func (d *delivery) full() bool { return d.backlog.len()+d.unread.len() >= d.buffer }

// close notes that there will be no more events.
func (d *delivery) close() {
	d.closed = true
	d.more.Signal()
	d.news.Broadcast()
}

// read waits for the next event for the consumer, and reports false if there is
// none.
func (d *delivery) read() (event.Event, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for d.unread.len() == 0 && (d.telling || !d.closed) {
		d.news.Wait()
	}
	if d.unread.len() == 0 {
		return event.Event{}, false
	}
	d.room.Broadcast()
	return d.unread.pop(), true
}

// become moves the consumer on from one state to another, and reports whether
// it was in the first.
func (d *delivery) become(from, to consumer) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.consumer != from {
		return false
	}
	d.consumer = to
	if to == nobody {
		d.unread.clear()
		d.room.Broadcast()
	}
	return true
}

// awaitDelivery waits, before a transition, until the observers and the
// consumer keep up.
func (t *tree) awaitDelivery() {
	if !t.observed {
		return
	}
	d := &t.delivery
	t.mu.Lock()
	defer t.mu.Unlock()
	if !d.full() {
		return
	}
	began := sched.Now()
	for d.full() {
		d.room.Wait()
	}
	d.blocked += sched.Since(began)
}

// publish adds an event to the backlog. It is about inv, or if that is nil about
// the run. The ledger is held.
func (r *run[S]) publish(typ event.Type, inv *invocation[S], data any) {
	late := r.result != nil || inv != nil && inv.attempt != nil && inv.attempt.ended // it was abandoned
	if r.observed && !late {
		r.add(queued{Event: r.event(typ, inv, data, sched.Now())})
	}
}

// publishStart publishes that the attempt of inv has begun, which is now.
func (r *run[S]) publishStart(inv *invocation[S]) {
	if r.observed && r.result == nil {
		r.add(queued{Event: r.event(event.StepStart, inv, nil, inv.attempt.began)})
	}
}

// publishEnd is publish for the end of an attempt, at the given time.
func (r *run[S]) publishEnd(typ event.Type, inv *invocation[S], data any, now time.Time) {
	e := r.event(typ, inv, data, now)
	e.Notes = inv.attempt.notes
	r.add(queued{Event: e})
}

// event makes an event.
func (r *run[S]) event(typ event.Type, inv *invocation[S], data any, now time.Time) event.Event {
	e := event.Event{Type: typ, Kind: event.Run, Time: now, Elapsed: now.Sub(r.started), RunID: r.id, ParentRunID: r.caller.run,
		RootRunID: r.root, Pipeline: r.p.name, Path: r.caller.path, Owner: r.caller.invocation, Index: -1, Data: data}
	if inv == nil {
		return e
	}
	e.Kind, e.Node, e.Path, e.Index = inv.kind(), inv.node.name, inv.path(), inv.index
	e.Invocation, e.Parent, e.Owner = inv.id, inv.parent, inv.owner
	if inv.attempt != nil {
		e.Attempt = inv.attempt.n
	}
	return e
}

// add numbers an event and adds it to the backlog.
func (r *run[S]) add(e queued) {
	d := &r.delivery
	d.seq++
	e.Seq = d.seq
	if e.Type != event.Finish && e.Type != event.SubFinish { // which have the counts in them
		r.metrics.published(e.Type)
	}
	d.edge.Release()
	if d.telling {
		d.backlog.push(e)
		d.more.Signal()
	} else {
		d.offer(e.Event)
	}
	d.most = max(d.most, d.backlog.len()+d.unread.len())
}
