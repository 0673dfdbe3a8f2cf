package race

import "github.com/ravelgo/ravel/sched"

// Tracker watches the operations of a simulation and finds data races and lost
// updates. It is the [sched.Observer] of one Sim and serves all its runs. The
// zero value is ready to use.
type Tracker struct {
	tasks    []order
	objects  []object
	findings []Finding
	run      uint32
}

// object is the shadow of one shared object.
type object struct {
	run   uint32     // the run that the rest is of
	slots []order    // of a synchronisation object
	whole location   // of data: the header
	parts []location // and its elements
	items []item
	waits location // of a wait group: raising it is a write, waiting a read
}

// location is the shadow of a memory location: the accesses that later ones
// must be ordered after.
type location struct {
	write access   // the last one; step 0 if there is none
	reads []access // those after it that are not ordered before each other
}

// access is one access of a task at one of its times.
type access struct {
	task int32
	time uint32
	step int
}

// item is the shadow of a value: who has read it and not written since.
type item struct{ open []openRead }

// openRead is the last read of a task that may still write what it read.
type openRead struct {
	access        // with the time of the hard order
	over   access // a write by another task since; step 0 if there is none
	loose  bool   // over could as well have come before the read
}

// Begin forgets the last run.
func (tr *Tracker) Begin() {
	tr.run++
	tr.tasks = tr.tasks[:0]
	tr.findings = tr.findings[:0]
	tr.task(0).begin(0)
}

// Findings returns what was found in the last run, in order. The slice is used
// again by the next run.
func (tr *Tracker) Findings() []Finding { return tr.findings }

// Observe takes in one effect.
func (tr *Tracker) Observe(e *sched.Event) {
	switch e.Kind {
	case sched.EventRead:
		tr.read(e)
	case sched.EventWrite:
		tr.write(e)
	case sched.EventStart:
		child := tr.task(e.Peer) // may move the tasks
		t := tr.task(e.Task)
		child.copyFrom(t)
		child.begin(e.Peer)
		t.tick(false)
	case sched.EventRenew:
		tr.task(e.Task).begin(e.Task)
	case sched.EventMeet:
		t, u := tr.task(e.Task), tr.task(e.Peer)
		t.join(u)
		u.join(t)
		t.tick(false)
		u.tick(false)
	case sched.EventRaise:
		tr.raise(e)
	case sched.EventAwait:
		tr.await(e)
	case sched.EventFence:
		t := tr.task(e.Task)
		for i := range tr.tasks {
			t.join(&tr.tasks[i])
			tr.tasks[i].tick(false)
		}
	default:
		tr.sync(e)
	}
}

// sync handles the effects on a clock of a synchronisation object.
func (tr *Tracker) sync(e *sched.Event) {
	t, slot := tr.task(e.Task), tr.object(e.Object).slot(e.Slot)
	switch e.Kind {
	case sched.EventAcquire:
		t.all.acquire(&slot.all)
		if !e.Soft {
			t.hard.acquire(&slot.hard)
		}
		return
	case sched.EventExchange:
		t.all.exchange(&slot.all)
		if !e.Soft {
			t.hard.exchange(&slot.hard)
		}
	default:
		replace := e.Kind == sched.EventReplace
		t.all.release(&slot.all, replace)
		if !e.Soft {
			t.hard.release(&slot.hard, replace)
		}
	}
	if e.Soft && e.Kind != sched.EventRelease {
		slot.hard.reset()
	}
	t.tick(e.Soft)
}

func (tr *Tracker) read(e *sched.Event) {
	o := tr.object(e.Object)
	t := tr.task(e.Task)
	if e.Loc >= 0 {
		tr.readLocation(e, &o.whole, t)
	}
	tr.readLocation(e, o.location(e.Loc), t)
	if e.Item >= 0 {
		it := o.item(e.Item)
		it.read(access{e.Task, t.hard.at(e.Task), e.Step})
	}
}

func (tr *Tracker) readLocation(e *sched.Event, l *location, t *order) {
	if w := l.write; w.step > 0 && w.time > t.all.at(w.task) {
		tr.race(e, w, true)
	}
	l.addRead(access{e.Task, t.all.at(e.Task), e.Step}, t)
}

// addRead keeps a read, in place of those that are ordered before it.
func (l *location) addRead(a access, t *order) {
	if len(l.reads) == 1 && l.reads[0].time <= t.all.at(l.reads[0].task) {
		l.reads[0] = a
		return
	}
	for i := range l.reads {
		if l.reads[i].task == a.task {
			l.reads[i] = a
			return
		}
	}
	l.reads = append(l.reads, a)
}

func (tr *Tracker) write(e *sched.Event) {
	o := tr.object(e.Object)
	t := tr.task(e.Task)
	if e.Loc >= 0 {
		tr.readLocation(e, &o.whole, t)
	}
	l := o.location(e.Loc)
	if w := l.write; w.step > 0 && w.time > t.all.at(w.task) {
		tr.race(e, w, true)
	}
	for _, r := range l.reads {
		if r.time > t.all.at(r.task) {
			tr.race(e, r, false)
		}
	}
	l.write = access{e.Task, t.all.at(e.Task), e.Step}
	l.reads = l.reads[:0]
	if e.Item >= 0 {
		tr.overwrite(e, o.item(e.Item), t)
	}
}

// raise and await check that a wait group is raised from zero before it is
// waited for: of the two, each must be ordered after the last of the other.

func (tr *Tracker) raise(e *sched.Event) {
	t, l := tr.task(e.Task), &tr.object(e.Object).waits
	for _, r := range l.reads {
		if r.time > t.all.at(r.task) {
			tr.late(e, r, access{e.Task, 0, e.Step})
		}
	}
	l.write = access{e.Task, t.all.at(e.Task), e.Step}
	l.reads = l.reads[:0]
}

func (tr *Tracker) await(e *sched.Event) {
	t, l := tr.task(e.Task), &tr.object(e.Object).waits
	if w := l.write; w.step > 0 && w.time > t.all.at(w.task) {
		tr.late(e, access{e.Task, 0, e.Step}, w)
	}
	l.addRead(access{e.Task, t.all.at(e.Task), e.Step}, t)
}

// late notes that nothing orders a wait after an add.
func (tr *Tracker) late(e *sched.Event, wait, add access) {
	tr.found(Finding{Kind: LateAdd, Object: int(e.Object), Loc: -1, Item: -1,
		Accesses: []Access{{Task: int(wait.task), Step: wait.step}, {Task: int(add.task), Write: true, Step: add.step}}})
}

// read notes that the task of a has read the item.
func (it *item) read(a access) {
	for i := range it.open {
		if it.open[i].task == a.task {
			it.open[i] = openRead{access: a}
			return
		}
	}
	it.open = append(it.open, openRead{access: a})
}

// overwrite looks whether the write e loses an update that its task has not
// seen, and notes for the other tasks that the item has changed.
func (tr *Tracker) overwrite(e *sched.Event, it *item, t *order) {
	kept := it.open[:0]
	for _, r := range it.open {
		if r.task == e.Task {
			if r.over.step > 0 && (r.loose || r.over.time > t.hard.at(r.over.task)) {
				tr.found(Finding{Kind: LostUpdate, Object: int(e.Object), Loc: int(e.Loc), Item: int(e.Item),
					Accesses: []Access{{Task: int(r.task), Step: r.step},
						{Task: int(r.over.task), Write: true, Step: r.over.step},
						{Task: int(e.Task), Write: true, Step: e.Step}}})
			}
			continue
		}
		if r.over.step == 0 || !r.loose {
			r.over = access{e.Task, t.hard.at(e.Task), e.Step}
			r.loose = r.time > t.hard.at(r.task)
		}
		kept = append(kept, r)
	}
	it.open = kept
}

// race notes that the access e is not ordered after the access a.
func (tr *Tracker) race(e *sched.Event, a access, write bool) {
	tr.found(Finding{Kind: DataRace, Object: int(e.Object), Loc: int(e.Loc), Item: int(e.Item),
		Accesses: []Access{{Task: int(a.task), Write: write, Step: a.step},
			{Task: int(e.Task), Write: e.Kind == sched.EventWrite, Step: e.Step}}})
}

// found keeps the first finding of a kind at a location.
func (tr *Tracker) found(f Finding) {
	for _, g := range tr.findings {
		if g.Kind == f.Kind && g.Object == f.Object && g.Loc == f.Loc && (g.Item == f.Item || f.Kind == DataRace) {
			return
		}
	}
	tr.findings = append(tr.findings, f)
}

func (tr *Tracker) task(id int32) *order { return at(&tr.tasks, id) }

func (tr *Tracker) object(id int32) *object {
	o := at(&tr.objects, id)
	if o.run != tr.run {
		o.reset()
		o.run = tr.run
	}
	return o
}

func (o *object) reset() {
	o.slots, o.parts, o.items = o.slots[:0], o.parts[:0], o.items[:0]
	o.whole.reset()
	o.waits.reset()
}

func (o *object) slot(i int32) *order { return at(&o.slots, i) }

func (o *object) location(i int32) *location {
	if i < 0 {
		return &o.whole
	}
	return at(&o.parts, i)
}

func (l *location) reset() { *l = location{reads: l.reads[:0]} }

func (o *object) item(i int32) *item { return at(&o.items, i) }

func (it *item) reset() { it.open = it.open[:0] }

// at returns element i of s, which it makes long enough with elements that are
// reset, not zero, so that what they have allocated is used again.
func at[T any, P interface {
	*T
	reset()
}](s *[]T, i int32) *T {
	for len(*s) <= int(i) {
		if n := len(*s); n < cap(*s) {
			*s = (*s)[:n+1]
			P(&(*s)[n]).reset()
			continue
		}
		*s = append(*s, *new(T))
		P(&(*s)[len(*s)-1]).reset()
	}
	return &(*s)[i]
}
