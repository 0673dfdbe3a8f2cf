package sched

import (
	"sync/atomic"
	"unsafe"
)

// Task is a thread of control in a simulation, as code sees it that implements
// shared objects of its own ([Current]) and as a [Strategy] sees it. Its
// methods may be called only while the task runs or, by a strategy, during
// Choose. The pointer is used for other tasks later: keep the ID.
type Task struct {
	// The profiler label: must be the first field (label.go).
	labels []label
	text   [1]label

	sim       *Sim
	slot      *slot                // where the goroutine is parked; nil while it runs
	g         atomic.Pointer[byte] // of the goroutine that serves the task; nil once abandoned or retired
	goid      atomic.Int64
	nested    int         // Goexits the goroutine carries
	quit      bool        // the goroutine is to end
	retired   atomic.Bool // the goroutine has ended
	abandoned atomic.Bool

	// What it is now.
	id    int32
	key   uint64
	fn    func()
	ops   int32 // operations announced so far
	draws uint64
	kids  int32
	asked int  // operations of the run before the pending one was announced
	begun bool // fn has been called
	alive bool
	leaf  int32  // LeafMutexes held
	why   string // what it waits for under a LeafCond

	// The pending operation.
	op        Op
	obj       *object
	loc       int32
	by        blocker
	cases     selection
	tries     bool      // a select with a default
	met       bool      // a partner has done its half of the operation
	stamp     uint64    // when a channel operation was announced
	fired     int32     // the case that a partner has completed, from 1
	due       int64     // when a sleep ends
	place     int       // in Sim.sleepers, or -1
	timer     *simTimer // set if this is no task, but a timer that is chosen like one
	seat      int32     // index in Sim.ready, or -1
	queue     *queue    // that it waits in, or nil
	line      int32     // its index there
	pc        uintptr   // of an access of plain memory, else 0
	spread    []Touch   // what it touches besides obj
	every     bool      // it reads all elements of obj
	unsettled unsettled // the last access of memory, when recording
	pcs       stack     // where it was announced, when recording
	npcs      int
	held      []int32 // locks held, when recording
	row       int     // the last step, when recording
	since     int     // operations of the run before the pending one was announced, when recording
	charge    charge  // the last panic that it caused by an operation
}

// blocker is an object that may make a task wait.
type blocker interface {
	// ready reports whether t can do its pending operation now.
	ready(t *Task) bool
}

func newTask(s *Sim) *Task {
	t := &Task{sim: s, seat: -1}
	t.text[0] = label{"ravel", "task"}
	t.labels = t.text[:]
	return t
}

func (t *Task) profLabel() unsafe.Pointer { return unsafe.Pointer(&t.labels) }

// Current returns the task that the calling goroutine is, or nil outside a
// simulation. In a process that has never simulated it costs one predicted branch.
func Current() *Task {
	if !simulated.Load() {
		return nil
	}
	return current()
}

// Path returns the path of the task, as a [Trace] names it: its name or place
// among its parent's tasks, which does not depend on the schedule.
func (t *Task) Path() string { return t.sim.path(int(t.id)) }

// ID returns the number of the task in its run, in order of creation from 0,
// the function that the run was given.
func (t *Task) ID() int { return int(t.id) }

// Parent returns the number of the task that started it, or -1.
func (t *Task) Parent() int { return t.sim.tasks[t.id].Parent }

// Key is a hash of [Task.Path].
func (t *Task) Key() uint64 { return t.key }

// Ops returns how many operations the task has announced so far, the pending
// one included.
func (t *Task) Ops() int { return int(t.ops) }

// Yields reports whether the pending operation is a [Yield], so that choosing
// another task is no preemption.
func (t *Task) Yields() bool { return t.op == opYield }

// Conflicts reports whether the pending operations of t and u touch the same
// object so that their order can matter: one of them is not a mere read.
func (t *Task) Conflicts(u *Task) bool {
	if t.cases != nil || u.cases != nil {
		return conflictCases(t, u)
	}
	if t.spread != nil || u.spread != nil {
		return conflictPlaces(t, u)
	}
	if t.obj != u.obj || t.obj == nil {
		return false
	}
	reads := reading(t.op)
	if reads && reading(u.op) {
		return false
	}
	if t.loc >= 0 && u.loc >= 0 {
		return t.loc == u.loc
	}
	// A header against an element: the element's access reads the header.
	if t.loc >= 0 {
		return !reading(u.op) || u.every && !reads
	}
	if u.loc >= 0 {
		return !reads || t.every && !reading(u.op)
	}
	return true
}

func reading(op Op) bool { return op == opRead || op == opLoad || op == opLen || op == opWait }

// conflictCases is Conflicts where one of the operations is a select.
func conflictCases(t, u *Task) bool {
	for _, o := range t.touches() {
		for _, p := range u.touches() {
			if o == p {
				return true
			}
		}
	}
	return false
}

// conflictPlaces is Conflicts where one of the operations touches several places.
func conflictPlaces(t, u *Task) bool {
	for _, a := range t.places(nil) {
		for _, b := range u.places(nil) {
			if a.Conflicts(b) {
				return true
			}
		}
	}
	return false
}

// touches returns the objects of the pending operation.
func (t *Task) touches() []*object {
	if t.cases == nil {
		return []*object{t.obj}
	}
	objs := make([]*object, 0, len(t.cases))
	for _, c := range t.cases {
		if c.end != nil {
			objs = append(objs, c.end.in(t))
		}
	}
	return objs
}

// Go starts fn in a task of its own: in a goroutine, as the go statement does,
// or in a task of the simulation that the caller is in.
//
// It is no scheduling point: the new task runs up to its first operation
// before anything else is chosen.
func Go(fn func()) { GoNamed("", fn) }

// GoNamed is [Go] with a name for reports. Tasks of one name are told apart by
// number: worker[0], worker[1].
func GoNamed(name string, fn func()) {
	if t := Current(); t != nil {
		t.spawn(name, fn, fn)
		return
	}
	go fn()
}

// GoInTurn is [GoNamed] for a task that the caller waits for before it does anything
// else, as it does for a subtest. As long as a run has no other tasks nothing is
// concurrent in it, and plain memory costs nothing.
func GoInTurn(name string, fn func()) {
	if t := Current(); t != nil {
		t.start(name, fn, fn)
		return
	}
	go fn()
}

// Together notes that t, which was started by [GoInTurn], goes on beside others from
// now on.
func (t *Task) Together() { t.sim.together = true }

// spawn starts fn in a task of t's simulation. What the user calls it is code.
func (t *Task) spawn(name string, code, fn func()) {
	t.Together()
	t.start(name, code, fn)
}

func (t *Task) start(name string, code, fn func()) {
	s := t.sim
	if fn == nil {
		panic("sched: Go of a nil function")
	}
	if s.killing {
		return // the run is over; nothing new begins
	}
	u := s.pool.take(s)
	key := childKey(t.key, int(t.kids))
	s.enrol(u, TaskInfo{Name: name, Index: -1, Parent: int(t.id), Nth: int(t.kids)}, key)
	t.kids++
	u.fn, u.begun = fn, false
	s.fresh = append(s.fresh, u)
	s.live++
	s.led(u.id)
	if s.rec != nil {
		s.rec.aside(t, opGo, -1, u.id)
		s.rec.started(u, code)
	}
	s.emit(Event{Kind: EventStart, Task: t.id, Peer: u.id, Object: -1})
}

// Renew says that the calling task ends here and goes on as another one, named
// name[index], or name if index is negative, which is ordered after what was
// released into the given edges and after nothing else. It lets a worker that
// serves one item after the other appear as one task an item, as if each had
// been started with a go statement of its own. It is no scheduling point, and
// outside a simulation it does nothing.
func Renew(name string, index int, after ...*Edge) {
	t := Current()
	if t == nil || t.sim.killing {
		return
	}
	s := t.sim
	index = max(index, -1)
	old := t.id
	s.leaveTurn(t)
	s.enrolRenewed(t, name, index)
	s.led(t.id)
	s.emit(Event{Kind: EventRenew, Task: t.id, Peer: old, Object: -1})
	for _, e := range after {
		e.Acquire()
	}
}

// enrolRenewed gives the goroutine of t the identity name[index].
func (s *Sim) enrolRenewed(t *Task, name string, index int) {
	base := renewedKey(name, index)
	nth := s.keys[base]
	s.keys[base]++
	s.enrol(t, TaskInfo{Name: name, Index: index, Parent: -1, Nth: nth}, mix(base, uint64(nth)))
}

// TaskInfo describes a task of a run.
type TaskInfo struct {
	// Name is the name that the task was given, or empty.
	Name string
	// Index is the number that was given with the name, or -1.
	Index int
	// Parent is the ID of the task that started it, or -1.
	Parent int
	// Nth tells apart the children of one parent, in the order in which it
	// started them, and renewed tasks of the same name and index.
	Nth int
	// Timer is set for what is no task but a timer or the clock.
	Timer bool
}

// enrol gives the goroutine of t a new identity.
func (s *Sim) enrol(t *Task, info TaskInfo, key uint64) {
	t.id = int32(len(s.tasks))
	s.tasks = append(s.tasks, info)
	t.key = key
	t.ops, t.draws, t.kids = 0, 0, 0
	t.op, t.obj, t.cases, t.met = opNone, nil, nil, false
	t.pc, t.spread, t.every, t.unsettled = 0, nil, false, unsettled{}
	t.queue = nil
	t.alive, t.charge = true, charge{}
	t.held = t.held[:0]
	t.npcs = 0
}
