package sched

import (
	"context"
	"reflect"
	"slices"
	"sync"
)

// Semaphore is the weighted semaphore of golang.org/x/sync/semaphore: those who
// wait are served in the order in which they came, so that a large request is
// not overtaken for ever by small ones. Acquire, TryAcquire and Release are
// scheduling points, and so is the end of a wait. The zero value has size 0.
//
// The methods panic if n is negative.
type Semaphore struct {
	obj Object

	mu   sync.Mutex // guards line, which is not used in simulations
	line line
}

// NewSemaphore returns a semaphore of which size can be taken in all.
func NewSemaphore(size int64) *Semaphore { return &Semaphore{line: line{size: size}} }

// Acquire takes n, and waits until that can be had. If ctx is done before, it
// takes nothing and returns ctx.Err(). A request for more than the size waits
// for ctx and delays nobody.
func (s *Semaphore) Acquire(ctx context.Context, n int64) error {
	notNegative(n)
	if t := Current(); t != nil {
		return s.acquire(t, ctx, n)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	s.mu.Lock()
	if s.line.take(n) {
		s.mu.Unlock()
		return nil
	}
	p := s.line.join(n)
	p.ready = make(chan struct{})
	s.mu.Unlock()
	select {
	case <-p.ready:
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if ctx.Err() != nil {
		s.line.leave(p)
	}
	return ctx.Err()
}

// TryAcquire takes n if that can be had at once, and reports whether it did.
func (s *Semaphore) TryAcquire(n int64) bool {
	notNegative(n)
	if t := Current(); t != nil {
		o, l := s.in(t)
		t.point(opTryAcquire, o, -1)
		ok := l.take(n)
		if ok {
			t.effect(EventAcquire, o, 0, true)
		}
		return ok
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.line.take(n)
}

// Release gives n back. Any task may do so. It panics if that is more than is
// taken.
func (s *Semaphore) Release(n int64) {
	notNegative(n)
	if t := Current(); t != nil {
		o, l := s.in(t)
		t.point(opRelease, o, -1)
		l.giveBack(n)
		t.effect(EventRelease, o, 0, true)
		o.wake()
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.line.giveBack(n)
}

func notNegative(n int64) {
	if n < 0 {
		panic("sched: Semaphore used with a negative n")
	}
}

// in binds s, and returns the line of this run.
func (s *Semaphore) in(t *Task) (*object, *line) {
	o := s.obj.in(t, kindSemaphore)
	if !o.flag {
		s.mu.Lock()
		o.flag, o.data = true, &line{size: s.line.size, used: s.line.used}
		s.mu.Unlock()
	}
	return o, o.data.(*line)
}

func (s *Semaphore) acquire(t *Task, ctx context.Context, n int64) error {
	o, l := s.in(t)
	t.point(opAcquire, o, -1)
	done := Done(ctx)
	if done.c != nil {
		done.c.in(t).touch(false)
	}
	ended := func() bool { return done.c != nil && done.c.isShut() }
	if ended() {
		return ctx.Err()
	}
	if !l.take(n) {
		p := l.join(n)
		p.o = o
		t.selectCase([]Case{{end: p}, done.Receiving(nil, nil)}, false)
		if ended() {
			l.leave(p)
			o.wake()
			return ctx.Err()
		}
	}
	t.effect(EventAcquire, o, 0, true)
	return nil
}

// line is what a semaphore has given out, and who waits.
type line struct {
	size, used int64
	places     []*place
}

// place is a place in the line.
type place struct {
	n      int64
	served bool
	ready  chan struct{} // closed when served; nil in a simulation
	o      *object       // in a simulation
}

// take takes n if that can be had and nobody is in line.
func (l *line) take(n int64) bool {
	ok := l.size-l.used >= n && len(l.places) == 0
	if ok {
		l.used += n
	}
	return ok
}

// join takes a place at the end of the line, or outside if it is for more than
// can ever be had.
func (l *line) join(n int64) *place {
	p := &place{n: n}
	if n <= l.size {
		l.places = append(l.places, p)
	}
	return p
}

// leave gives up a place, and what has been served there.
func (l *line) leave(p *place) {
	if p.served {
		l.used -= p.n
	} else if i := slices.Index(l.places, p); i >= 0 {
		l.places = slices.Delete(l.places, i, i+1)
	}
	l.serve()
}

func (l *line) giveBack(n int64) {
	if n > l.used {
		panic("sched: Semaphore released more than was taken")
	}
	l.used -= n
	l.serve()
}

// serve gives those first in line what they wait for.
func (l *line) serve() {
	for len(l.places) > 0 && l.size-l.used >= l.places[0].n {
		p := l.places[0]
		l.places = slices.Delete(l.places, 0, 1)
		l.used += p.n
		p.served = true
		if p.ready != nil {
			close(p.ready)
		}
	}
}

// A place is an endpoint: in a simulation one waits there by a select.

func (p *place) in(*Task) *object       { return p.o }
func (p *place) can(*Task, bool) bool   { return p.served }
func (p *place) early(*Task, bool) bool { return false }
func (p *place) try() bool              { return p.served }
func (p *place) do(*Task)               {}

func (p *place) reflected() (reflect.SelectCase, func(reflect.Value, bool)) {
	panic("sched: Semaphore in reflect.Select")
}
