package sched

import (
	"iter"
	"math"
	"slices"
	"sort"
)

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
		o.flag, o.n, o.gate = true, int64(len(c.std)), c
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
	o.matchMake(false, shut)
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
		return c.in(t).hasPartner(t, !send)
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
		q.tasks = append(q.tasks, t)
	}
	t.stop()
	o.leaveSide(t, q)
}

// The queues of an unbuffered channel are in order of announcement, and are never
// open: who can go on depends on who came when.

// leaveSide takes t out of the queue of an unbuffered channel, if it is there.
func (o *object) leaveSide(t *Task, q *queue) {
	if i := q.before(t.stamp); i < len(q.tasks) && q.tasks[i] == t {
		q.tasks = slices.Delete(q.tasks, i, i+1)
	}
}

// before returns how many tasks of such a queue have come before the stamp.
func (q *queue) before(stamp uint64) int {
	return sort.Search(len(q.tasks), func(i int) bool { return q.tasks[i].stamp >= stamp })
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

// ---- meeting on an unbuffered channel ----
//
// Of the two tasks that meet, the one that announced its operation later does
// it. So a pair that can meet is one option of the search, not two.

// stampNow notes that t announces an operation on channels now.
func (t *Task) stampNow() {
	t.sim.stamps++
	t.stamp = t.sim.stamps
}

// wants reports whether the select that w waits in sends to o, or else receives
// from it, and by which case, from 1.
func (w *Task) wants(o *object, send bool) (bool, int32) {
	for i, c := range w.cases {
		if c.end != nil && c.send == send && c.end.in(w) == o {
			return true, int32(i + 1)
		}
	}
	return false, 0
}

// matchMake lets those of one side of an unbuffered channel go on that have
// announced their operation after the first one of the other side, or all, and
// no others.
func (o *object) matchMake(send, all bool) {
	first := o.firstOf(!send)
	if all {
		first = 0
	}
	tasks := o.side(send).tasks
	for i := len(tasks) - 1; i >= 0; i-- {
		w := tasks[i]
		if w.stamp <= first && w.seat < 0 {
			return // those before it cannot go on either
		}
		o.sim.setReady(w, w.stamp > first)
	}
}

// firstOf returns when the first one of a side, selects included, announced its
// operation.
func (o *object) firstOf(send bool) uint64 {
	first := uint64(math.MaxUint64)
	if q := o.side(send); len(q.tasks) > 0 {
		first = q.tasks[0].stamp
	}
	for _, w := range o.waiters {
		if w.stamp < first {
			if ok, _ := w.wants(o, send); ok {
				first = w.stamp
			}
		}
	}
	return first
}

// hasPartner reports whether a task waits at o that sends, or else receives,
// and has done so for longer than t.
func (o *object) hasPartner(t *Task, send bool) bool {
	if t.sim.killing {
		return false // nobody waits any more
	}
	if q := o.side(send); len(q.tasks) > 0 && q.tasks[0].stamp < t.stamp {
		return true
	}
	for _, w := range o.waiters {
		if t.meets(w) {
			if ok, _ := w.wants(o, send); ok {
				return true
			}
		}
	}
	return false
}

// partners counts such tasks: so many in the queue, and so many in selects.
func (o *object) partners(t *Task, send bool) (queued, selecting int) {
	for _, w := range o.waiters {
		if t.meets(w) {
			if ok, _ := w.wants(o, send); ok {
				selecting++
			}
		}
	}
	return o.side(send).before(t.stamp), selecting
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
	queued, selecting := o.partners(t, send)
	i := 0
	if n := queued + selecting; n > 1 {
		i = t.sim.choose(PartnerChoice, n)
	}
	if i < queued {
		return o.side(send).tasks[i]
	}
	for _, w := range o.waiters {
		if !t.meets(w) {
			continue
		}
		if ok, which := w.wants(o, send); ok {
			if i == queued {
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
	if p.cases == nil {
		o.leaveSide(p, o.side(p.op == opSend))
	}
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
