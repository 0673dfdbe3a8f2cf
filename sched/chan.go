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
	more []T       // sent by goroutines outside, unbuffered, and not received yet
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
		o.flag, o.n, o.gate = true, int64(len(c.std)), c
		o.meet = cap(c.std) == 0 && o.kind == kindChan
		c.regulate(o)
	}
	return o
}

// The queues of a channel.
const (
	receivers = 0
	senders   = 1
)

func (o *object) side(send bool) *queue {
	if send {
		return &o.queues[senders]
	}
	return &o.queues[receivers]
}

func (c *channel[T]) regulate(o *object) {
	shut := c.isShut()
	if cap(c.std) > 0 {
		o.sim.setOpen(o.side(false), shut || len(c.std) > 0)
		o.sim.setOpen(o.side(true), shut || len(c.std) < cap(c.std))
		return
	}
	o.matchMake(true, shut)
	o.matchMake(false, shut || len(c.more) > 0)
}

// isShut reports whether c is closed, in a simulation or outside.
func (c *channel[T]) isShut() bool {
	if c.shut || len(c.std) > 0 {
		return c.shut
	}
	select {
	case v, ok := <-c.std:
		if ok {
			c.more = append(c.more, v)
		}
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
		return !send && len(c.more) > 0 || c.in(t).hasPartner(t, !send)
	case send:
		return len(c.std) < cap(c.std)
	}
	return len(c.std) > 0
}

// early reports whether t can use c only because of tasks that have come to it
// since the clock last moved.
func (c *channel[T]) early(t *Task, send bool) bool {
	if cap(c.std) > 0 || c.isShut() || !send && len(c.more) > 0 {
		return false
	}
	o := c.in(t)
	if q := o.side(!send); len(q.tasks) > 0 && q.tasks[0].stamp <= t.sim.settled {
		return false
	}
	for _, w := range o.waiters {
		if ok, _ := w.wants(c.in(t), !send); ok && t.meets(w) && w.stamp <= t.sim.settled {
			return false
		}
	}
	return true
}

func (c *channel[T]) send(t *Task, v T) {
	o := c.in(t)
	c.await(t, opSend, o)
	c.put(t, o, v)
}

func (c *channel[T]) recv(t *Task) (v T, ok bool) {
	o := c.in(t)
	c.await(t, opRecv, o)
	return c.get(t, o)
}

func (c *channel[T]) await(t *Task, op Op, o *object) {
	q := o.side(op == opSend)
	if cap(c.std) > 0 {
		t.await(op, o, q, c)
		return
	}
	t.op, t.obj, t.loc, t.by = op, o, -1, c
	if !t.sim.killing {
		t.stampNow()
		if o.meet {
			o.touch(true)
		}
		q.tasks = append(q.tasks, t)
	}
	t.stop()
	o.leaveSide(t, q)
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
		t.effect(EventTrade, o, place, false)
	default:
		p := t.choosePartner(o, false)
		c.hand = v
		t.meet(p, o)
	}
	if t.Recording() {
		t.Value(v)
	}
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
		t.effect(EventTrade, o, place, false)
	case len(c.more) > 0:
		v, ok, c.more = c.more[0], true, c.more[1:]
		o.wake()
		t.effect(EventFence, o, 0, false)
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
	if t.Recording() {
		t.Value(v)
	}
	return v, ok
}

// take takes the value that is being handed over.
func (c *channel[T]) take() (v T, ok bool) {
	v, c.hand = c.hand, v
	return v, true
}
