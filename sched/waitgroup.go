package sched

import "sync"

// WaitGroup is a [sync.WaitGroup]. Add, Done and Wait are scheduling points. In a
// simulation the counter is zero at first, whatever was added outside.
type WaitGroup struct {
	std sync.WaitGroup
	obj Object
}

// Add adds delta, which may be negative, to the counter. It panics if the
// counter falls below zero.
func (wg *WaitGroup) Add(delta int) {
	if t := Current(); t != nil {
		wg.add(t, delta)
		return
	}
	wg.std.Add(delta)
}

// Done takes one from the counter.
func (wg *WaitGroup) Done() { wg.Add(-1) }

// Wait waits until the counter is zero.
func (wg *WaitGroup) Wait() {
	if t := Current(); t != nil {
		o := wg.in(t)
		t.await(opWait, o, &o.queues[0], wg)
		if t.sim.observer != nil {
			t.sim.emit(Event{Kind: EventAwait, Task: t.id, Object: o.id})
		}
		t.effect(EventAcquire, o, 0, false)
		return
	}
	wg.std.Wait()
}

// Go adds one to the counter, runs fn in a task of its own and calls Done when
// it returns.
func (wg *WaitGroup) Go(fn func()) {
	if t := Current(); t != nil {
		wg.add(t, 1)
		t.spawn("", fn, func() {
			defer wg.Done()
			fn()
		})
		return
	}
	wg.std.Go(fn)
}

func (wg *WaitGroup) in(t *Task) *object {
	o := wg.obj.in(t, kindWait)
	if o.gate == nil {
		o.gate, o.queues[0].open = wg, true
	}
	return o
}

// Begin makes the counter, in the run of t and before wg is used in it, n. It is
// no operation.
func (wg *WaitGroup) Begin(t *Task, n int) {
	o := wg.in(t)
	o.n = int64(n)
	wg.regulate(o)
}

func (wg *WaitGroup) regulate(o *object) { o.sim.setOpen(&o.queues[0], o.n == 0) }

// ready: o.n is the counter.
func (wg *WaitGroup) ready(t *Task) bool { return t.obj.n == 0 }

func (wg *WaitGroup) add(t *Task, delta int) {
	o := wg.in(t)
	op := opAdd
	if delta < 0 {
		op = opDone
	}
	t.point(op, o, -1)
	o.n += int64(delta)
	if o.n < 0 {
		t.panics("negative WaitGroup counter", o)
		panic("sync: negative WaitGroup counter")
	}
	o.wake()
	if delta > 0 && o.n == int64(delta) && t.sim.observer != nil {
		t.sim.emit(Event{Kind: EventRaise, Task: t.id, Object: o.id})
	}
	if delta < 0 {
		t.remember(o)
		t.effect(EventRelease, o, 0, false)
	}
}
