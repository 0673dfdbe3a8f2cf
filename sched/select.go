package sched

import (
	"math/rand/v2"
	"reflect"
)

// Case is one case of a [Select]: a channel operation that it may do. The
// methods [Chan.Sending] and [Chan.Receiving] make one.
type Case struct {
	end  endpoint // nil for the nil channel
	send bool
}

// endpoint is a channel together with where its value comes from or goes to.
type endpoint interface {
	// in returns the object of the channel.
	in(t *Task) *object
	// can reports whether t could do the case now.
	can(t *Task, send bool) bool
	// early reports whether the case, which t can do, needs a partner that
	// might as well come a moment later, so that a select with a default could
	// miss it.
	early(t *Task, send bool) bool
	// do does the case in a simulation.
	do(t *Task)
	// try does the case outside a simulation if it can be done at once.
	try() bool
	// reflected returns the case for reflect.Select, and a function that takes
	// what it received.
	reflected() (reflect.SelectCase, func(v reflect.Value, ok bool))
}

// Sending returns the case that sends v to c. On the nil channel it is never
// ready.
func (c Chan[T]) Sending(v T) Case {
	if c.c == nil {
		return Case{send: true}
	}
	return Case{end: &sending[T]{c.c, v}, send: true}
}

// Receiving returns the case that receives from c into *v and *ok, either of
// which may be nil. On the nil channel it is never ready.
func (c Chan[T]) Receiving(v *T, ok *bool) Case {
	if c.c == nil {
		return Case{}
	}
	return Case{end: &receiving[T]{c.c, v, ok}}
}

// Select waits until one of the cases can be done, does it, and returns its
// index. If several can, it does any of them: at random, or by the choice of
// the search. Without cases it waits for ever. It is one scheduling point.
func Select(cases ...Case) int {
	if t := Current(); t != nil {
		return t.selectCase(cases, false)
	}
	return selectReal(cases, true)
}

// TrySelect is [Select] with a default: it returns -1 if no case can be done
// at once. In a simulation it may miss a task that has just come to the other
// side of an unbuffered channel, but not one that was there before the clock
// last moved.
func TrySelect(cases ...Case) int {
	if t := Current(); t != nil {
		return t.selectCase(cases, true)
	}
	return selectReal(cases, false)
}

// selectReal does a select of the standard library. The cases are tried first,
// from a random one on, which spares reflection where one is ready.
func selectReal(cases []Case, wait bool) int {
	n := len(cases)
	if n > 0 {
		start := rand.IntN(n)
		for k := range n {
			if i := (start + k) % n; cases[i].end != nil && cases[i].end.try() {
				return i
			}
		}
	}
	if !wait {
		return -1
	}
	std := make([]reflect.SelectCase, n)
	take := make([]func(reflect.Value, bool), n)
	for i, c := range cases {
		std[i].Dir = reflect.SelectRecv
		if c.end != nil {
			std[i], take[i] = c.end.reflected()
		}
	}
	i, v, ok := reflect.Select(std)
	if take[i] != nil {
		take[i](v, ok)
	}
	return i
}

// selection is the cases of a pending select, as what it waits for.
type selection []Case

func (s selection) ready(t *Task) bool {
	for _, c := range s {
		if c.can(t) {
			return true
		}
	}
	return t.tries
}

func (c Case) can(t *Task) bool { return c.end != nil && c.end.can(t, c.send) }

// selectCase is a select in a simulation.
func (t *Task) selectCase(cases []Case, tries bool) int {
	t.op, t.obj, t.loc, t.by = opSelect, nil, -1, &t.cases
	t.cases, t.tries, t.fired = cases, tries, 0
	t.stampNow()
	for _, c := range cases {
		if c.end != nil && !t.sim.killing {
			o := c.end.in(t)
			if o.meet {
				o.touch(true)
			}
			o.waiters = append(o.waiters, t)
		}
	}
	t.stop()
	t.leaveAll()
	i := t.chooseCase()
	if t.sim.cfg.Cover && !t.sim.killing {
		t.sim.cover(len(cases), i, tries)
	}
	if i >= 0 {
		if t.sim.rec != nil && !t.met {
			t.sim.rec.chose(t, cases[i].end.in(t))
		}
		cases[i].end.do(t)
	}
	t.cases = nil
	return i
}

// chooseCase returns the case that t does, or -1 for the default.
func (t *Task) chooseCase() int {
	if t.met {
		return int(t.fired - 1)
	}
	n, last := 0, -1
	sure := !t.tries
	for i, c := range t.cases {
		if c.can(t) {
			n, last = n+1, i
			sure = sure || !c.end.early(t, c.send)
		}
	}
	options := n
	if n > 0 && !sure {
		options++ // the default
	}
	if options > 1 {
		last = t.readyCase(t.sim.choose(CaseChoice, options))
	}
	t.fired = int32(last + 1)
	return last
}

// readyCase returns the k-th case that t can do, or -1 if there are not so many.
func (t *Task) readyCase(k int) int {
	for i, c := range t.cases {
		if c.can(t) {
			if k == 0 {
				return i
			}
			k--
		}
	}
	return -1
}

// leaveAll removes t from the waiters of everything that it waited for.
func (t *Task) leaveAll() {
	if t.obj != nil {
		t.obj.leave(t)
	}
	for _, c := range t.cases {
		if c.end != nil {
			o := c.end.in(t)
			o.leave(t)
			o.wake()
		}
	}
}

type sending[T any] struct {
	c *channel[T]
	v T
}

func (e *sending[T]) in(t *Task) *object            { return e.c.in(t) }
func (e *sending[T]) can(t *Task, send bool) bool   { return e.c.can(t, send) }
func (e *sending[T]) early(t *Task, send bool) bool { return e.c.early(t, send) }
func (e *sending[T]) do(t *Task)                    { e.c.put(t, e.c.in(t), e.v) }

func (e *sending[T]) try() bool {
	select {
	case e.c.std <- e.v:
		return true
	default:
		return false
	}
}

func (e *sending[T]) reflected() (reflect.SelectCase, func(reflect.Value, bool)) {
	return reflect.SelectCase{Dir: reflect.SelectSend, Chan: reflect.ValueOf(e.c.std), Send: reflect.ValueOf(&e.v).Elem()}, nil
}

type receiving[T any] struct {
	c  *channel[T]
	v  *T
	ok *bool
}

func (e *receiving[T]) in(t *Task) *object            { return e.c.in(t) }
func (e *receiving[T]) can(t *Task, send bool) bool   { return e.c.can(t, send) }
func (e *receiving[T]) early(t *Task, send bool) bool { return e.c.early(t, send) }

func (e *receiving[T]) do(t *Task) {
	v, ok := e.c.get(t, e.c.in(t))
	e.store(v, ok)
}

func (e *receiving[T]) store(v T, ok bool) {
	if e.v != nil {
		*e.v = v
	}
	if e.ok != nil {
		*e.ok = ok
	}
}

func (e *receiving[T]) try() bool {
	select {
	case v, ok := <-e.c.std:
		e.store(v, ok)
		return true
	default:
		return false
	}
}

func (e *receiving[T]) reflected() (reflect.SelectCase, func(reflect.Value, bool)) {
	take := func(v reflect.Value, ok bool) {
		var got T
		reflect.ValueOf(&got).Elem().Set(v)
		e.store(got, ok)
	}
	return reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(e.c.std)}, take
}
