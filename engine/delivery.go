package engine

import (
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/sched"
)

// buffer is how many events may wait for delivery before steps do.
const buffer = 64

// delivery hands the events of a run to its observers, in a task of its own, so
// that what observers do is ordered after what they are told of, and before the
// return of Run, and after nothing else.
type delivery struct {
	observers []Observer
	edge      sched.Edge // from the steps to the observers
	told      sched.Edge // from the observers to Run

	mu      *sched.LeafMutex // the ledger's; guards the fields below
	seq     uint64
	backlog []event.Event
	more    sched.LeafCond // the task waits for events
	room    sched.LeafCond // steps wait for room in the backlog
	closed  bool
	gone    bool
	ended   sched.LeafCond // Run waits for the task
}

func (d *delivery) begin(observers []Observer, mu *sched.LeafMutex) {
	d.observers, d.mu = observers, mu
	d.more = sched.LeafCond{L: mu, Why: "events"}
	d.room = sched.LeafCond{L: mu, Why: "observers"}
	d.ended = sched.LeafCond{L: mu, Why: "observers"}
	sched.Go(d.serve)
}

// serve is the task that calls the observers.
func (d *delivery) serve() {
	defer d.leave()
	sched.Renew("observers", -1, &d.edge)
	for batch := d.next(); batch != nil; batch = d.next() {
		d.edge.Acquire()
		for _, e := range batch {
			for _, o := range d.observers {
				observe(o, e)
			}
		}
	}
}

// next waits for events and takes them, or returns nil if there will be none.
func (d *delivery) next() []event.Event {
	d.mu.Lock()
	defer d.mu.Unlock()
	for len(d.backlog) == 0 && !d.closed {
		d.more.Wait()
	}
	batch := d.backlog
	d.backlog = nil
	d.room.Broadcast()
	return batch
}

// leave notes that nobody delivers any more: all is delivered, or an observer
// has ended the task with runtime.Goexit.
func (d *delivery) leave() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.gone = true
	d.told.Release()
	d.ended.Signal()
	d.room.Broadcast()
}

// observe calls one observer, whose panic is its own affair.
func observe(o Observer, e event.Event) {
	defer func() { _ = recover() }()
	o.Observe(e)
}

// end waits until all events are delivered.
func (d *delivery) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	d.more.Signal()
	for !d.gone {
		d.ended.Wait()
	}
}

// awaitDelivery waits, before a transition, until the observers keep up.
func (r *run[S]) awaitDelivery() {
	if !r.observed {
		return
	}
	d := &r.delivery
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(d.backlog) >= buffer && !d.gone {
		d.room.Wait()
	}
}

// publish adds an event to the backlog. The ledger is held.
func (r *run[S]) publish(typ event.Type, kind event.Kind, inv invocation[S], data any) {
	if !r.observed {
		return
	}
	d := &r.delivery
	d.seq++
	e := event.Event{Seq: d.seq, Type: typ, Kind: kind, Time: sched.Now(), RunID: r.id, Pipeline: r.p.name,
		Invocation: inv.id, Parent: inv.parent, Owner: inv.owner, Index: inv.index, Data: data}
	e.Elapsed = e.Time.Sub(r.started)
	if inv.node != nil {
		e.Node, e.Path = inv.node.name, inv.path()
	}
	if inv.id > 0 {
		e.Attempt = 1
	}
	d.backlog = append(d.backlog, e)
	d.edge.Release()
	d.more.Signal()
}

func (r *run[S]) publishStart(kind event.Kind, inv invocation[S]) {
	r.publish(event.StepStart, kind, inv, nil)
}

func (r *run[S]) publishFailure(typ event.Type, kind event.Kind, inv invocation[S], f event.Failed) {
	if r.observed {
		f.Duration = sched.Since(inv.began)
		r.publish(typ, kind, inv, f)
	}
}
