package race

import "github.com/ravelgo/ravel/sched"

// location is the shadow of a memory location: the accesses that later ones
// must be ordered after, and what is known of the locks that guard it.
type location struct {
	write  access   // the last one; step 0 if there is none
	reads  []access // those after it that are not ordered before each other
	eraser eraser
}

// access is one access of a task at one of its times.
type access struct {
	task       int32
	time, hard uint32 // in all order, and in the hard one
	step       int32
	locked     locked
}

func (l *location) reset() { *l = location{reads: l.reads[:0]} }

func accessOf(e *sched.Event, t *taskState) access {
	return access{e.Task, t.all.own, t.hard.own, int32(e.Step), t.locked}
}

// before reports whether a is ordered before what t does now; forced, whether it
// is in every schedule.
func (a *access) before(t *taskState) bool { return a.time <= t.all.at(a.task) }
func (a *access) forced(t *taskState) bool { return a.hard <= t.hard.at(a.task) }

// readLocation and writeLocation judge an access to a location, which may be
// another one than that of e: who uses an element reads the header.

func (tr *Tracker) readLocation(e *sched.Event, loc int32, l *location, t *taskState) {
	if w := &l.write; w.step > 0 && !w.before(t) {
		tr.found(between(e, loc, w.as(true), false))
	}
	if l.eraser.access(&tr.sets, e.Task, t.locked.held, false) {
		tr.doubt(e, loc, l, t, false)
	}
	l.reads = addRead(l.reads, accessOf(e, t), t)
}

func (tr *Tracker) writeLocation(e *sched.Event, loc int32, l *location, t *taskState) {
	if w := &l.write; w.step > 0 && !w.before(t) {
		tr.found(between(e, loc, w.as(true), true))
	}
	for i := range l.reads {
		if r := &l.reads[i]; !r.before(t) {
			tr.found(between(e, loc, r.as(false), true))
		}
	}
	if l.eraser.access(&tr.sets, e.Task, t.locked.writing, true) {
		tr.doubt(e, loc, l, t, true)
	}
	l.write = accessOf(e, t)
	l.reads = l.reads[:0]
}

// readEvery judges a read of all elements.
func (tr *Tracker) readEvery(e *sched.Event, o *object, t *taskState) {
	for i := range o.parts {
		if w := &o.parts[i].write; w.step > 0 && !w.before(t) {
			tr.found(between(e, int32(i), w.as(true), false))
		}
	}
	o.every = addRead(o.every, accessOf(e, t), t)
}

// writePart judges a write of an element.
func (tr *Tracker) writePart(e *sched.Event, o *object, t *taskState) {
	for i := range o.every {
		if r := &o.every[i]; !r.before(t) {
			tr.found(between(e, e.Loc, r.as(false), true))
		}
	}
	tr.writeLocation(e, e.Loc, at(&o.parts, e.Loc), t)
}

// addRead adds a read to others, in place of those that are ordered before it.
func addRead(reads []access, a access, t *taskState) []access {
	if len(reads) == 1 && reads[0].before(t) {
		reads[0] = a
		return reads
	}
	for i := range reads {
		if reads[i].task == a.task {
			reads[i] = a
			return reads
		}
	}
	return append(reads, a)
}

// between returns the data race of an access to a location and that of e.
func between(e *sched.Event, loc int32, first Access, write bool) Finding {
	return Finding{Kind: DataRace, Object: int(e.Object), Loc: int(loc), Item: int(e.Item),
		Accesses: []Access{first, {Task: int(e.Task), Write: write, Step: e.Step}}}
}

// as returns a, which writes or reads, as findings have it.
func (a *access) as(write bool) Access {
	return Access{Task: int(a.task), Write: write, Step: int(a.step)}
}

// eraser is which locks have guarded a location so far (Savage et al., Eraser,
// TOCS 1997). It only suspects: what orders accesses without locks it does not
// know.
type eraser struct {
	state  eraserState
	doubts doubt
	owner  int32
	locks  set // held at every access since it was shared
}

type eraserState uint8

const (
	virgin    eraserState = iota
	exclusive             // used by owner alone
	shared                // read by others
	modified              // and written
)

// doubt is what has been told of a location.
type doubt uint8

const (
	noDoubt doubt = iota
	refuted
	doubted
)

// access notes an access with certain locks and reports whether no lock guards
// the location.
func (s *eraser) access(sets *lockSets, task int32, locks set, write bool) bool {
	switch {
	case s.state == virgin:
		s.state, s.owner = exclusive, task
		return false
	case s.state == exclusive && s.owner == task:
		return false
	case s.state == exclusive:
		s.state, s.locks = shared, locks
	case s.locks != locks:
		s.locks = sets.common(s.locks, locks)
	}
	if write {
		s.state = modified
	}
	return s.state == modified && s.locks == 0 && s.doubts != doubted
}

// doubt suspects a location that no lock guards. Of the accesses that e conflicts
// with it names one that another schedule may put at the same moment; if there is
// none, because a lock keeps each apart or starts, joins and messages order it,
// the suspicion is refuted.
func (tr *Tracker) doubt(e *sched.Event, loc int32, l *location, t *taskState, write bool) {
	var other *access
	writes := false
	look := func(a *access, w bool) bool {
		if a.step == 0 || a.task == e.Task {
			return false
		}
		other, writes = a, w
		return !a.forced(t) && !tr.sets.exclude(a.locked, t.locked)
	}
	ok := look(&l.write, true)
	for i := 0; !ok && write && i < len(l.reads); i++ {
		ok = look(&l.reads[i], false)
	}
	switch {
	case ok:
		l.eraser.doubts = doubted
	case l.eraser.doubts == refuted:
		return
	default:
		l.eraser.doubts = refuted
		if other == nil {
			other = &l.write
		}
	}
	tr.suspect(Suspicion{between(e, loc, other.as(writes), write), !ok})
}
