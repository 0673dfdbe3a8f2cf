package sched

import (
	"math"
	"slices"
	"sort"
)

// Two tasks meet on an unbuffered channel. The one that announced its operation
// later does it, so a pair that can meet is one option of the search, not two.
//
// The queues of such a channel are in order of announcement, and are never open:
// who can go on depends on who came when.

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
	s.undo(p)
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
