package sched

import "iter"

// Chan is a channel of T: as a chan it is a reference, its zero value is the
// nil channel, and values compare equal if they are the same channel. Send,
// Recv, Close and Len are scheduling points.
//
// In a simulation, which of several tasks that wait on the other side an
// unbuffered operation meets is a choice of the search.
type Chan[T any] struct {
	c *channel[T]
}

type channel[T any] struct {
	std  chan T // a simulation keeps the buffered values there too
	obj  Object
	shut bool      // closed in a simulation
	hand T         // the value that two tasks hand over in a simulation
	tick *simTimer // that sends to it, in a simulation
}

// NewChan returns a channel with the given capacity, unbuffered if that is
// zero. It panics if capacity is negative.
func NewChan[T any](capacity int) Chan[T] {
	return Chan[T]{&channel[T]{std: make(chan T, capacity)}}
}

// Send sends v, and waits until it is received or buffered: for ever on the
// nil channel. It panics if the channel is closed.
func (c Chan[T]) Send(v T) {
	if t := Current(); t != nil {
		if c.c == nil {
			t.forever(opSend)
		}
		c.c.send(t, v)
		return
	}
	if c.c == nil {
		select {}
	}
	c.c.std <- v
}

// Recv receives a value, and waits until there is one: for ever on the nil
// channel. When the channel is closed and empty it returns the zero value and
// false.
func (c Chan[T]) Recv() (v T, ok bool) {
	if t := Current(); t != nil {
		if c.c == nil {
			t.forever(opRecv)
		}
		return c.c.recv(t)
	}
	if c.c == nil {
		select {}
	}
	v, ok = <-c.c.std
	return v, ok
}

// All returns the values received until the channel is closed, as range over a
// chan does.
func (c Chan[T]) All() iter.Seq[T] {
	return func(yield func(T) bool) {
		for {
			v, ok := c.Recv()
			if !ok || !yield(v) {
				return
			}
		}
	}
}

// Close closes the channel. It panics if the channel is nil or closed already.
func (c Chan[T]) Close() {
	if c.c == nil {
		close((chan T)(nil))
	}
	t := Current()
	if t == nil {
		close(c.c.std)
		return
	}
	o := c.c.in(t)
	t.point(opClose, o, -1)
	if c.c.isShut() {
		t.panics("close of closed channel", o)
	}
	close(c.c.std)
	t.remember(o)
	c.c.shut = true
	o.wake()
	t.effect(EventRelease, o, c.c.closeSlot(), false)
}

// Len returns how many values are buffered.
func (c Chan[T]) Len() int {
	if c.c == nil {
		return 0
	}
	if t := Current(); t != nil {
		t.point(opLen, c.c.in(t), -1)
	}
	if c.c.tick != nil {
		return 0 // as in Go, where what is in it is not sent yet
	}
	return len(c.c.std)
}

// Cap returns the capacity.
func (c Chan[T]) Cap() int {
	if c.c == nil {
		return 0
	}
	if c.c.tick != nil {
		return 0
	}
	return cap(c.c.std)
}

// in binds c. The values that it holds already were sent first.
func (c *channel[T]) in(t *Task) *object {
	o := c.obj.in(t, kindChan)
	if !o.flag {
		o.flag, o.n = true, int64(len(c.std))
	}
	return o
}

// isShut reports whether c is closed, in a simulation or outside.
func (c *channel[T]) isShut() bool {
	if c.shut || len(c.std) > 0 {
		return c.shut
	}
	select {
	case _, ok := <-c.std:
		return !ok
	default:
		return false
	}
}

// The clocks of a channel: one a place in the buffer, then one for Close.
func (c *channel[T]) closeSlot() int32 { return int32(cap(c.std)) }

// forever waits on the nil channel.
func (t *Task) forever(op Op) {
	t.op, t.obj, t.loc, t.by = op, nil, -1, never{}
	t.stop()
}

func (c *channel[T]) ready(t *Task) bool { return c.can(t, t.op == opSend) }

// can reports whether t could send to c, or else receive from it, now.
func (c *channel[T]) can(t *Task, send bool) bool {
	switch {
	case c.isShut():
		return true
	case cap(c.std) == 0:
		return partners(t, c.in(t), !send) > 0
	case send:
		return len(c.std) < cap(c.std)
	}
	return len(c.std) > 0
}

// early reports whether t can use c only because of tasks that have come to it
// since the clock last moved.
func (c *channel[T]) early(t *Task, send bool) bool {
	if cap(c.std) > 0 || c.isShut() {
		return false
	}
	for _, w := range c.in(t).waiters {
		if ok, _ := w.wants(c.in(t), !send); ok && t.meets(w) && w.stamp <= t.sim.settled {
			return false
		}
	}
	return true
}

func (c *channel[T]) send(t *Task, v T) {
	o := c.in(t)
	t.stampNow()
	t.wait(opSend, o, c)
	c.put(t, o, v)
}

func (c *channel[T]) recv(t *Task) (v T, ok bool) {
	o := c.in(t)
	t.stampNow()
	t.wait(opRecv, o, c)
	return c.get(t, o)
}

// put completes a send of t, which is possible, or has been completed by a
// partner if t.met is set.
func (c *channel[T]) put(t *Task, o *object, v T) {
	switch {
	case t.met:
		t.met = false
		c.hand = v
	case c.isShut():
		t.cases = nil // the task may recover
		t.panics("send on closed channel", o)
		c.std <- v // panics
	case cap(c.std) > 0:
		c.std <- v
		place := int32(o.n % int64(cap(c.std)))
		o.n++
		o.wake()
		t.effect(EventExchange, o, place, false)
	default:
		p := t.choosePartner(o, false)
		c.hand = v
		t.meet(p, o)
	}
	t.Value(v)
}

// get completes a receive of t likewise.
func (c *channel[T]) get(t *Task, o *object) (v T, ok bool) {
	switch {
	case t.met:
		t.met = false
		v, ok = c.take()
	case cap(c.std) > 0 && len(c.std) > 0:
		v, ok = <-c.std
		place := int32(o.m % int64(cap(c.std)))
		o.m++
		if c.tick != nil {
			c.tick.taken()
		}
		o.wake()
		t.effect(EventExchange, o, place, false)
	case c.isShut():
		kind := EventAcquire
		if !c.shut {
			kind = EventFence // closed from outside
		}
		t.effect(kind, o, c.closeSlot(), false)
		return v, false
	default:
		p := t.choosePartner(o, true)
		t.meet(p, o)
		t.letPartnerGo(p)
		v, ok = c.take()
	}
	t.Value(v)
	return v, ok
}

// take takes the value that is being handed over.
func (c *channel[T]) take() (v T, ok bool) {
	v, c.hand = c.hand, v
	return v, true
}

// ---- meeting on an unbuffered channel ----
//
// Of the two tasks that meet, the one that announced its operation later does
// it. So a pair that can meet is one option of the search, not two.

// stampNow notes that t announces an operation on channels now.
func (t *Task) stampNow() {
	t.sim.stamps++
	t.stamp = t.sim.stamps
}

// wants reports whether the pending operation of w sends to o, or else
// receives from it, and which case of a select it is, from 1.
func (w *Task) wants(o *object, send bool) (bool, int32) {
	if w.cases == nil {
		return w.op == opSend && send || w.op == opRecv && !send, 0
	}
	for i, c := range w.cases {
		if c.end != nil && c.send == send && c.end.in(w) == o {
			return true, int32(i + 1)
		}
	}
	return false, 0
}

// partners counts the tasks waiting at o that send, or else receive, and have
// done so for longer than t.
func partners(t *Task, o *object, send bool) int {
	if t.sim.killing {
		return 0 // nobody waits any more
	}
	n := 0
	for _, w := range o.waiters {
		if t.meets(w) {
			if ok, _ := w.wants(o, send); ok {
				n++
			}
		}
	}
	return n
}

// meets reports whether t may find w waiting: w was there before, and one of
// the two waits if need be.
func (t *Task) meets(w *Task) bool {
	return w.stamp < t.stamp && !(t.polls() && w.polls())
}

// polls reports whether the pending operation is a [TrySelect].
func (t *Task) polls() bool { return t.cases != nil && t.tries }

// choosePartner returns one of them.
func (t *Task) choosePartner(o *object, send bool) *Task {
	i := 0
	if n := partners(t, o, send); n > 1 {
		i = t.sim.choose(PartnerChoice, n)
	}
	for _, w := range o.waiters {
		if !t.meets(w) {
			continue
		}
		if ok, which := w.wants(o, send); ok {
			if i == 0 {
				w.fired = which
				return w
			}
			i--
		}
	}
	panic("sched: no partner")
}

// meet completes the operation of t's partner p together with t's own.
func (t *Task) meet(p *Task, o *object) {
	s := t.sim
	p.met = true
	if s.rec != nil {
		op := opSend
		if t.sends() {
			op = opRecv
		}
		s.rec.aside(p, op, o.id, t.id)
	}
	s.emit(Event{Kind: EventMeet, Task: t.id, Peer: p.id, Object: o.id, Loc: -1})
	p.leaveAll()
	s.goOn(p)
	o.wake()
}

// sends reports whether the operation that t does is a send.
func (t *Task) sends() bool {
	if t.cases == nil {
		return t.op == opSend
	}
	return t.cases[t.fired-1].send
}

// letPartnerGo lets p, which meet has released, run until it has put its value
// into the channel and come to its next point; then t goes on.
func (t *Task) letPartnerGo(p *Task) {
	s := t.sim
	s.fresh = append(s.fresh, t)
	transfer(t, s.nextFresh())
	if s.killing {
		exitTask()
	}
}
