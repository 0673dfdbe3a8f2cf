package sched

import (
	"sync/atomic"
	"time"
	"unsafe"
)

// Config is what stays the same over the runs of a [Sim]. The zero value is
// the default.
type Config struct {
	// MaxSteps is how many operations a run may do before it ends with a
	// [StepLimit], because it probably never would. Zero means 1,000,000.
	MaxSteps int
	// BlockedAfter is how long, by the wall clock, a task may take from one
	// operation to the next if it blocks on something outside this package.
	// One that computes may take ten times as long. Zero means 3 seconds.
	BlockedAfter time.Duration
	// AnyWaiter makes which waiting task a [Cond] wakes a choice.
	AnyWaiter bool
	// AnyTime makes it a choice, at any time, to let the clock go on to the
	// next instant at which something is due, as if the tasks that could go on
	// were slow: so a timeout can win that else never would.
	AnyTime bool
	// Slack is AnyTime for what is due within so long: computing takes some time, but
	// not so much that a timeout of seconds wins. Zero is none.
	Slack time.Duration
	// EndWithRoot ends a run when its first task has ended and the others go on for
	// long whenever the clock does, as a process ends when main returns.
	EndWithRoot bool
	// Observer is told what happens; nil for none.
	Observer Observer
	// Memory decides which accesses of plain memory are operations, of code that
	// tells of them (see package race/access); nil for none.
	Memory Memory
	// Cover notes which cases of selects were taken; see [Sim.Selects].
	Cover bool
	// Record keeps every operation with its source position and value in
	// Result.Record. It makes runs many times slower.
	Record bool
}

const (
	defaultMaxSteps     = 1_000_000
	defaultBlockedAfter = 3 * time.Second
)

// A Sim runs functions on simulated tasks, one run after the other. Its
// goroutines, objects and buffers serve all runs, so that a warm run allocates
// nothing. It must be used by one goroutine at a time; any number of Sims may
// run at once.
type Sim struct {
	cfg      Config
	pool     *pool
	host     Task // the goroutine that called Run
	flags    atomic.Uint32
	strategy Strategy
	follower Follower // the strategy, if it is one
	observer Observer
	choice   Choice
	rec      *recorder
	event    Event
	result   Result

	// The run.
	run       uint64 // unique in the process
	seed      uint64
	ready     []*Task  // whose pending operation can happen
	open      []*queue // of tasks that can go on and are not in ready
	nopen     int      // tasks in there
	fresh     []*Task  // that go on to their next point before any choice
	nfresh    int      // of these, gone on
	cur       *Task    // did the last operation; nil if it has ended since
	row       int      // how often it went on while others could
	left      Moment   // when cur is nil: that of the task that was it
	root      *Task
	live      int
	ticks     int // how often the clock went on though it need not have, since it had to
	moved     int // the operation at which it went on last
	late      int // how often the clock went on after the root has ended
	tasks     []TaskInfo
	keys      map[uint64]int
	objects   []*object
	nobjects  int
	bound     map[*Object]*object
	addresses map[unsafe.Pointer]*Object
	twins     twins
	extents   extents
	together  bool // two tasks may have gone on at once
	quiet     bool // code that is no task's runs on its goroutine: accesses are none
	now       int64
	clock     *Task // that is chosen to let the clock go on; nil without AnyTime
	stamps    uint64
	settled   uint64 // the last stamp before the clock moved
	sleepers  sleepers
	contexts  contexts
	end       error
	killing   bool
	over      int // operations done while killing

	unmodified atomic.Bool // the code under test is rewritten; the watchdog asks

	selects map[uintptr]*SelectCover // by where they are

	// Names of all tasks and objects, made when the first one is asked for.
	taskNames, objectNames []string
	sites                  map[stack]site // of stacks

	// For a follower.
	stepping bool // step is under way
	step     Transition
	stopped  []*Task // that could go on at some time of it, and then could not
	seen     int64   // the time of the last step

	watch watch
}

// Flags of a run, for what an operation rarely has to look at.
const (
	flagFrozen    = 1 << iota // the watchdog looks
	flagForeign               // a goroutine that is no task used the simulation
	flagOver                  // the run is being unwound
	flagRecording             // Sim.rec is set
)

// flagged does what the flags ask for before an operation of t and reports
// whether the operation happens at once.
func (t *Task) flagged() bool {
	s := t.sim
	// First of all: what an abandoned task reads or writes after it has been
	// taken for a stuck one, the host does at the same time.
	if s.watch.pause(s); t.abandoned.Load() {
		exitTask()
	}
	if s.killing {
		t.overtime(t.by == nil || t.by.ready(t))
		return true
	}
	if t.leaf > 0 {
		panic("sched: operation under a LeafMutex")
	}
	if s.rec != nil {
		s.rec.settle(t)
		t.look()
		s.rec.announced(t)
		s.emit(Event{Kind: EventPoint, Task: t.id, Object: -1, Loc: -1})
	}
	if u := s.watch.foreign.Load(); u != nil {
		t.abort(u)
	}
	return false
}

// runs numbers the runs of the process, so that an Object knows an old one.
var runs atomic.Uint64

// NewSim returns a simulation. Close it to end its goroutines. It panics if a
// limit is negative.
func NewSim(cfg Config) *Sim {
	if cfg.MaxSteps < 0 {
		panic("sched: Config.MaxSteps is " + itoa(cfg.MaxSteps) + ", want 0 (default) or more")
	}
	if cfg.BlockedAfter < 0 {
		panic("sched: Config.BlockedAfter is " + cfg.BlockedAfter.String() + ", want 0 (default) or more")
	}
	if cfg.MaxSteps == 0 {
		cfg.MaxSteps = defaultMaxSteps
	}
	if cfg.BlockedAfter == 0 {
		cfg.BlockedAfter = defaultBlockedAfter
	}
	s := &Sim{cfg: cfg, observer: cfg.Observer, pool: newPool(), keys: map[uint64]int{}, bound: map[*Object]*object{}}
	s.host.sim, s.choice.sim = s, s
	return s
}

// Close ends the goroutines of s. One that is stuck outside the scheduler ends
// when it is no longer stuck. Closing twice is allowed; Run after Close is too,
// and needs another Close.
func (s *Sim) Close() {
	s.watch.stop()
	s.pool.close()
	s.pool = newPool()
}

// Limit sets Config.MaxSteps for the runs to come. It must be more than 0.
func (s *Sim) Limit(steps int) { s.cfg.MaxSteps = steps }

// Run runs body as the first task of a simulation, with the choices of st,
// until all tasks have ended or none can go on. Every task is then unwound: its
// deferred calls have run when Run returns. The numbers that tasks draw from
// [Rand] follow from seed. The result is valid until the next Run.
//
// It panics if the caller is itself a task.
func (s *Sim) Run(st Strategy, seed uint64, body func()) *Result {
	if Current() != nil {
		panic("sched: Run inside a simulation")
	}
	s.reset(st, seed)
	simulated.Store(true)
	runsUnderWay.Add(1)
	defer runsUnderWay.Add(-1)
	s.unmodified.Store(false)
	s.watch.begin(s)
	root := s.pool.take(s)
	s.enrol(root, TaskInfo{Name: "main", Index: -1, Parent: -1}, hashString("main"))
	root.fn, root.begun = body, false
	s.root, s.live = root, 1
	transfer(&s.host, root)
	s.resumed()
	if s.follower != nil {
		s.followedAll()
	}
	s.unwind()
	s.twins.end()
	s.watch.finish(s)
	return s.finished()
}

// reset forgets the last run.
func (s *Sim) reset(st Strategy, seed uint64) {
	s.strategy, s.seed = st, seed
	s.follower, _ = st.(Follower)
	s.stepping, s.seen, s.stopped = false, 0, s.stopped[:0]
	s.run = runs.Add(1)
	s.ready, s.fresh, s.nfresh = s.ready[:0], s.fresh[:0], 0
	s.open, s.nopen = s.open[:0], 0
	s.sleepers = s.sleepers[:0]
	s.contexts = contexts{}
	s.clock = nil
	s.tasks = s.tasks[:0]
	s.cur, s.end, s.live = nil, nil, 0
	s.killing = false
	s.flags.And(flagFrozen)
	s.left = Moment{ID: -1}
	s.now, s.over, s.row, s.late, s.ticks, s.moved = 0, 0, 0, 0, 0, 0
	s.settled = s.stamps
	s.nobjects = 0
	s.taskNames, s.objectNames = nil, nil
	clear(s.bound)
	clear(s.addresses)
	s.extents.reset()
	s.quiet, s.together = false, false
	clear(s.keys)
	s.result = Result{Hash: hashStart, Log: s.result.Log[:0]}
	s.rec = nil
	if s.cfg.Record {
		s.rec = newRecorder(s)
		s.flags.Or(flagRecording)
	}
	if s.observer != nil {
		s.observer.Begin()
	}
}

// finished completes the result.
func (s *Sim) finished() *Result {
	r := &s.result
	r.End, r.Elapsed, r.Tasks = s.end, time.Duration(s.now), len(s.tasks)
	if s.rec != nil {
		r.Record = s.rec.finish()
	}
	if s.pool.worn() {
		s.pool.close()
		s.pool = newPool()
		s.publish()
	}
	return r
}

// stop leaves t before its pending operation and returns when that is to
// happen. The operation can wait if t.by is set.
func (t *Task) stop() {
	s := t.sim
	t.ops++
	t.asked = s.result.Steps
	if s.flags.Load()|uint32(t.leaf) != 0 && t.flagged() {
		return
	}
	if t.by == nil {
		if t.seat < 0 {
			s.setReady(t, true)
		}
	} else if t.queue == nil {
		s.setReady(t, t.by.ready(t))
	}
	if next := s.pick(); next != t {
		// transfer, written out: after a switch to another stack every frame to
		// return through costs some 6 ns, as the processor mispredicts it.
		sl := next.slot
		next.slot, t.slot = nil, sl
		if sl.out = !sl.out; sl.out {
			sl.next()
		} else {
			sl.yield(struct{}{})
		}
		if s.killing {
			exitTask()
		}
	}
	s.publish()
}

// emit tells the observer.
func (s *Sim) emit(e Event) {
	if s.observed() {
		s.event = e
		s.event.Step = s.result.Steps
		s.observer.Observe(&s.event)
	}
	s.publish()
}

// observed reports whether somebody is to be told what happens.
func (s *Sim) observed() bool { return s.observer != nil && !s.killing }
