package race

import (
	"github.com/ravelgo/ravel/sched"
)

// Tracker watches the operations of a simulation and finds what goes wrong with
// shared data. It is the [sched.Observer] of one Sim and serves all its runs. The
// zero value is ready to use.
type Tracker struct {
	// Detailed is for recorded runs: the changes of frozen values are looked for
	// at each operation, and told one by one.
	Detailed bool
	// Sites are the places whose accesses of plain memory are operations, if the
	// Tracker is the [sched.Memory] of the Sim too. It may be set between runs.
	Sites *Sites
	// Foreign reports whether a place is in code whose accesses of plain memory are
	// never operations; nil if there is none.
	Foreign func(pc uintptr) bool

	tasks      []taskState
	objects    []object
	findings   []Finding
	suspicions []Suspicion
	run        uint32
	sets       lockSets
	nestings   []nesting
	stages     stages
	frozen     []frozen
	memory     shadow
	scratch    vector
	closed     bool // the end of the run has been looked at
}

// taskState is what is known of a task.
type taskState struct {
	order
	holds  []heldLock // the locks that it holds, in order
	locked locked
	stage  stageState
	ended  bool
}

func (t *taskState) reset() {
	t.order.reset()
	t.holds, t.locked, t.ended = t.holds[:0], locked{}, false
	t.stage = stageState{units: t.stage.units[:0]}
}

// object is the shadow of one shared object.
type object struct {
	run   uint32     // the run that the rest is of
	group int32      // of variables that belong together, or 0
	slots []order    // of a synchronisation object
	whole location   // of data: the header
	parts []location // its elements
	every []access   // and reads of all these that are not ordered before each other
	items []item
	waits location // of a wait group: raising it is a write, waiting a read
}

// Begin forgets the last run.
func (tr *Tracker) Begin() {
	tr.run++
	tr.tasks = tr.tasks[:0]
	tr.findings, tr.suspicions = tr.findings[:0], tr.suspicions[:0]
	tr.nestings = tr.nestings[:0]
	tr.sets.begin()
	tr.stages.begin()
	tr.memory.begin()
	tr.frozen, tr.closed = nil, false
	tr.task(0).begin(0)
}

// Findings returns what was found in the last run, in order. The slice is used
// again by the next run.
func (tr *Tracker) Findings() []Finding {
	tr.close()
	return tr.findings
}

// Suspicions returns what the last run has not shown but its locks suggest, in
// order, where the run has not shown it as well. The slice is used again by the
// next run.
func (tr *Tracker) Suspicions() []Suspicion { return tr.suspicions }

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
		child.copyFrom(&t.order)
		child.begin(e.Peer)
		t.tick(false)
	case sched.EventRenew:
		tr.inspect(int(e.Peer), e.Step)
		tr.task(e.Peer).ended = true
		tr.task(e.Task).begin(e.Task)
	case sched.EventMeet:
		t, u := tr.task(e.Task), tr.task(e.Peer)
		t.join(&u.order)
		u.join(&t.order)
		t.tick(false)
		u.tick(false)
	case sched.EventRaise:
		tr.raise(e)
	case sched.EventAwait:
		tr.await(e)
	case sched.EventFence:
		t := tr.task(e.Task)
		for i := range tr.tasks {
			t.join(&tr.tasks[i].order)
			tr.tasks[i].tick(false)
		}
	case sched.EventStage, sched.EventAtomic, sched.EventLeave, sched.EventEnd, sched.EventPoint:
		tr.boundary(e)
	default:
		tr.sync(e)
	}
}

// sync handles the effects on a clock of a synchronisation object.
func (tr *Tracker) sync(e *sched.Event) {
	t, slot := tr.task(e.Task), tr.object(e.Object).slot(e.Slot)
	if e.Kind == sched.EventAcquire {
		t.all.acquire(&slot.all)
		if !e.Soft {
			t.hard.acquire(&slot.hard)
		}
		if e.Manner != sched.PlainManner {
			tr.takes(e, t)
		}
		return
	}
	switch e.Kind {
	case sched.EventTrade:
		t.all.trade(&slot.all, &tr.scratch)
		t.hard.trade(&slot.hard, &tr.scratch)
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
	if e.Manner == sched.LeavesLock {
		tr.leaves(e.Object, t)
	}
	t.tick(e.Soft)
}

func (tr *Tracker) read(e *sched.Event) {
	o := tr.object(e.Object)
	t := tr.task(e.Task)
	tr.readLocation(e, -1, &o.whole, t)
	switch {
	case e.Loc >= 0:
		tr.readLocation(e, e.Loc, at(&o.parts, e.Loc), t)
	case e.Manner == sched.Everything:
		tr.readEvery(e, o, t)
	}
	if e.Item >= 0 {
		tr.open(o.item(e.Item), openRead{access: accessOf(e, t), missed: e.Manner == sched.Misses})
	}
	if tr.stages.active {
		tr.stages.access(tr, e, o, t)
	}
}

func (tr *Tracker) write(e *sched.Event) {
	o := tr.object(e.Object)
	t := tr.task(e.Task)
	if e.Loc < 0 {
		tr.writeLocation(e, -1, &o.whole, t)
	} else {
		tr.readLocation(e, -1, &o.whole, t)
		tr.writePart(e, o, t)
	}
	if e.Manner == sched.Idle { // to memory a write, and to the item nothing
		return
	}
	if e.Item >= 0 {
		tr.overwrite(e, o.item(e.Item), t)
	}
	if tr.stages.active {
		tr.stages.access(tr, e, o, t)
	}
	if e.Item >= 0 {
		o.item(e.Item).written = true
	}
}

// raise and await check that a wait group is raised from zero before it is
// waited for: of the two, each must be ordered after the last of the other.

func (tr *Tracker) raise(e *sched.Event) {
	t, l := tr.task(e.Task), &tr.object(e.Object).waits
	for _, r := range l.reads {
		if !r.before(t) {
			tr.late(e, r, accessOf(e, t))
		}
	}
	l.write = accessOf(e, t)
	l.reads = l.reads[:0]
}

func (tr *Tracker) await(e *sched.Event) {
	t, l := tr.task(e.Task), &tr.object(e.Object).waits
	if w := &l.write; w.step > 0 && !w.before(t) {
		tr.late(e, accessOf(e, t), *w)
	}
	l.reads = addRead(l.reads, accessOf(e, t), t)
}

// late notes that nothing orders a wait after an add.
func (tr *Tracker) late(e *sched.Event, wait, add access) {
	tr.found(Finding{Kind: LateAdd, Object: int(e.Object), Loc: -1, Item: -1,
		Accesses: []Access{wait.as(false), add.as(true)}})
}

// found keeps the first finding of a kind at a location.
func (tr *Tracker) found(f Finding) {
	for _, g := range tr.findings {
		if g.same(f) {
			return
		}
	}
	tr.findings = append(tr.findings, f)
}

// suspect keeps the first suspicion about a location that is not refuted, or the
// first one.
func (tr *Tracker) suspect(s Suspicion) {
	for i, g := range tr.suspicions {
		if g.same(s.Finding) {
			if g.Refuted && !s.Refuted {
				tr.suspicions[i] = s
			}
			return
		}
	}
	tr.suspicions = append(tr.suspicions, s)
}

func (tr *Tracker) task(id int32) *taskState {
	if int(id) < len(tr.tasks) {
		return &tr.tasks[id]
	}
	return at(&tr.tasks, id)
}

func (tr *Tracker) object(id int32) *object {
	if int(id) < len(tr.objects) {
		if o := &tr.objects[id]; o.run == tr.run {
			return o
		}
	}
	return tr.fresh(id)
}

// fresh returns the shadow of an object that this run uses for the first time.
func (tr *Tracker) fresh(id int32) *object {
	o := at(&tr.objects, id)
	o.reset()
	o.run = tr.run
	return o
}

func (o *object) reset() {
	o.group = 0
	o.slots, o.parts, o.every, o.items = o.slots[:0], o.parts[:0], o.every[:0], o.items[:0]
	o.whole.reset()
	o.waits.reset()
}

func (o *object) slot(i int32) *order {
	if int(i) < len(o.slots) {
		return &o.slots[i]
	}
	return at(&o.slots, i)
}

func (o *object) item(i int32) *item { return at(&o.items, i) }

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
