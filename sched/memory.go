package sched

import "unsafe"

// kindMemory is what accesses of plain memory are about, kindMap maps of Go too.
const kindMemory Kind = "memory"

// Access is an access of plain memory, which code tells of before it makes it.
type Access struct {
	// Addr is where the memory begins, Size how many bytes it has: 1 if it is not
	// known, as two accesses of one variable begin at the same byte.
	Addr unsafe.Pointer
	Size uintptr
	// PC is the return address of the call that tells of it.
	PC    uintptr
	Write bool
	// Map is set if it is of a map of Go, whose header is at Addr.
	Map bool
}

// Name is what the source calls what is accessed.
type Name struct {
	// Expr is the expression, such as s.Counter, Full the name that tells it apart
	// from others, such as State.Counter, or empty.
	Expr, Full string
	// Type is the name of its type if that is a basic one, as int is, or is made of
	// one; else, and if it is not known, it is empty.
	Type string
}

// What returns the access as an operation in the words of a [Trace].
func (a Access) What(n Name) string {
	op, name := opRead, n.Expr
	if a.Write {
		op = opWrite
	}
	if name == "" {
		name = string(a.kind())
	}
	return op.word() + " " + quoteWord(name)
}

func (a Access) kind() Kind {
	if a.Map {
		return kindMap
	}
	return kindMemory
}

// Memory decides which accesses of plain memory are operations. It is called on the
// goroutine of whichever task runs, one call at a time, and must not call operations
// of this package. Its answers may depend on nothing but the run so far and the
// place: not on addresses.
type Memory interface {
	// Shared reports whether an access is an operation. The answer is the same for
	// all accesses at a place.
	Shared(a Access) bool
	// Note is called for each access when it happens: after the operation, if it
	// is one.
	Note(task int, a Access)
	// Name returns what the source calls what is accessed: of the Access it has what
	// does not differ from one run to the next.
	Name(a Access) Name
}

// Simulated reports whether there has been a simulation in this process.
func Simulated() bool { return simulated.Load() }

// Reach tells the simulation that the caller is in, if it is in one, of an access
// of memory that it is about to make. It is a scheduling point if the access is an
// operation.
func Reach(a Access) {
	t := running()
	if t == nil {
		return
	}
	s := t.sim
	m := s.cfg.Memory
	if m == nil || s.quiet || s.killing || t.leaf > 0 || onStack(a.Addr) {
		return
	}
	if s.rec != nil {
		s.rec.settle(t)
	}
	if m.Shared(a) {
		t.reach(a)
	}
	if s.together { // what was before comes before all that is after
		m.Note(int(t.id), a)
	}
}

// running returns the task that the calling goroutine is, or nil. It leaves alone
// a goroutine that a task started behind the scheduler's back.
func running() *Task {
	t := labelled()
	if t == nil || t.g.Load() != getg() {
		return nil
	}
	return t
}

// reach is the scheduling point and the effects of an access.
func (t *Task) reach(a Access) {
	s := t.sim
	e := s.extents.of(a)
	op, event := opRead, EventRead
	if a.Write {
		op, event = opWrite, EventWrite
	}
	b := e.obj.in(t, a.kind())
	b.plain = true
	t.pc, t.spread = a.PC, s.spread(t, e, a.Write)
	t.point(op, b, -1)
	if s.rec != nil {
		s.rec.accessed(t, a)
	}
	t.pc, t.spread = 0, nil
	switch {
	case a.Map:
		t.access(event, PlainManner, b, -1, -1)
	case a.Write:
		t.access(event, Bare, b, -1, 0)
	case e.size > 1:
		t.access(event, Everything, b, -1, 0)
	default:
		t.access(event, PlainManner, b, -1, 0)
	}
	for _, o := range s.extents.around(e) {
		t.overlap(event, e, o)
	}
}

// overlap tells the observer of an access of e of what it has in common with o.
func (t *Task) overlap(event EventKind, e, o *extent) {
	b := o.obj.in(t, kindMemory)
	if e.covers(o) {
		manner := Bare
		if event == EventRead {
			manner = Everything
		}
		t.access(event, manner, b, -1, 0)
		return
	}
	first, last := o.part(e)
	for at := first; at < last; at++ {
		if event == EventRead {
			t.access(event, PlainManner, b, at, -1)
		} else {
			t.access(event, Blind, b, at, 0)
		}
	}
}

// spread returns the places that an access of e touches but for the whole of e.
func (s *Sim) spread(t *Task, e *extent, write bool) []Touch {
	others := s.extents.around(e)
	if len(others) == 0 && (e.size == 1 || write) {
		return nil
	}
	var all []Touch
	elements := func(o *extent, first, last int) {
		id := o.obj.in(t, kindMemory).id // it is known: it has been accessed
		for at := first; at < last; at++ {
			all = append(all, Touch{id, int32(at), write})
		}
	}
	if e.size > 1 && !write {
		elements(e, 0, int(min(e.size, maxParts)))
	}
	for _, o := range others {
		first, last := o.part(e)
		if e.covers(o) {
			all = append(all, Touch{o.obj.in(t, kindMemory).id, -1, write})
			if write || o.size == 1 {
				continue
			}
		}
		elements(o, first, last)
	}
	return all
}
