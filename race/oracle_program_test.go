package race_test

import (
	"fmt"
	"strings"

	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/atomic"
)

// act is what a task does: an operation of a program, or an event of its log.
type act uint8

const (
	actGo act = iota
	actRead
	actWrite
	actReadAll
	actLock
	actTry // in a log it is an actLock, which may have failed
	actSend
	actRecv
	actClose
	actLoad
	actStore
	actClear // in a log it is an actStore of 0
	actAdd
	actSwap
	actRaise
	actDone
	actWait
	actOnce // in a log it is the return of Do

	// Only in logs.
	actBegin
	actUnlock
	actOnceEnd
)

// What is done to what, by op.on and event.on: 0 and 1 for atomics, the capacity
// for channels, the task for actGo, and these.

// Places that are read and written; what is lost is an update of one of these.
const (
	placeX = iota
	placeY
	placeS0
	placeS1
	placeHeader // of the slice
	placeA      // keys of the map
	placeB
	nplaces
)

// What actReadAll reads.
const (
	allOfSlice = iota
	lengthOfSlice
	lengthOfMap
)

// Locks.
const (
	lockMu = iota
	lockNu
	lockWrite // an RWMutex
	lockRead
)

// op is an operation of a program. Its body is done under the lock, if an actTry
// or actSwap succeeds, if an actLoad does not see 0, or by the function of a Once.
type op struct {
	act  act
	on   int
	val  int // that it writes; no other one writes that
	body []op
}

// program is the operations of each task; task 0 starts others.
type program [][]op

var (
	actNames = [...]string{"go", "read", "write", "readAll", "lock", "tryLock", "send", "recv", "close", "load", "store",
		"clear", "add", "swap0", "wg.add", "wg.done", "wg.wait", "once.do", "begin", "unlock", "once.end"}
	placeNames = [nplaces]string{"x", "y", "s[0]", "s[1]", "s", `m["a"]`, `m["b"]`}
	allNames   = []string{"s", "len(s)", "len(m)"}
	lockNames  = []string{"mu", "nu", "rw", "rw.R"}
	otherNames = []string{"0", "1", "2", "3"}
)

func (a act) of(on int) string {
	names := otherNames
	switch a {
	case actRead, actWrite:
		names = placeNames[:]
	case actReadAll:
		names = allNames
	case actLock, actTry, actUnlock:
		names = lockNames
	}
	return actNames[a] + "(" + names[on] + ")"
}

func (o op) String() string {
	if len(o.body) == 0 {
		return o.act.of(o.on)
	}
	return o.act.of(o.on) + "{ " + opsString(o.body) + " }"
}

func opsString(ops []op) string {
	var all []string
	for _, o := range ops {
		all = append(all, o.String())
	}
	return strings.Join(all, "; ")
}

func (p program) String() string {
	var text strings.Builder
	for i, ops := range p {
		fmt.Fprintf(&text, "task %d: %s\n", i, opsString(ops))
	}
	return text.String()
}

func (e event) String() string {
	return fmt.Sprintf("task %d: %s val %d, seen %d, %t", e.task, e.act.of(e.on), e.val, e.seen, e.ok)
}

// shared is what the tasks of a program share.
type shared struct {
	x, y race.Var[int]
	s    race.Slice[int]
	m    race.Map[string, int]
	mu   [2]sched.Mutex
	rw   sched.RWMutex
	ch   [3]sched.Chan[int] // by capacity
	a    [2]atomic.Int64
	wg   sched.WaitGroup
	once sched.Once
}

func newShared() *shared {
	w := &shared{}
	w.s.Append(0, 0)
	for i := range w.ch {
		w.ch[i] = sched.NewChan[int](i)
	}
	return w
}

// locker is what a region is made of.
type locker interface {
	Lock()
	TryLock() bool
	Unlock()
}

// reader is the reading side of an RWMutex.
type reader struct{ *sched.RWMutex }

func (r reader) Lock()         { r.RLock() }
func (r reader) TryLock() bool { return r.TryRLock() }
func (r reader) Unlock()       { r.RUnlock() }

func (w *shared) locker(on int) locker {
	switch on {
	case lockWrite:
		return &w.rw
	case lockRead:
		return reader{&w.rw}
	}
	return &w.mu[on]
}

func (w *shared) read(place int) int {
	switch place {
	case placeX:
		return w.x.Load()
	case placeY:
		return w.y.Load()
	case placeS0, placeS1:
		return w.s.At(place - placeS0)
	}
	return w.m.Load(placeNames[place])
}

func (w *shared) write(place, v int) {
	switch place {
	case placeX:
		w.x.Store(v)
	case placeY:
		w.y.Store(v)
	case placeS0, placeS1:
		w.s.Store(place-placeS0, v)
	case placeHeader:
		w.s.Append(v)
	default:
		w.m.Store(placeNames[place], v)
	}
}

func (w *shared) readAll(what int) {
	switch what {
	case allOfSlice:
		w.s.Snapshot()
	case lengthOfSlice:
		w.s.Len()
	default:
		w.m.Len()
	}
}

// witness is a tracker that also notes when each task last read and wrote, so
// that the accesses of a finding are found in the log.
type witness struct {
	race.Tracker
	reads, writes [8]int
}

func (w *witness) Observe(e *sched.Event) {
	switch e.Kind {
	case sched.EventRead:
		w.reads[e.Task] = e.Step
	case sched.EventWrite:
		w.writes[e.Task] = e.Step
	}
	w.Tracker.Observe(e)
}

// interpreter runs a program and logs each operation when it returns, which is
// before any other one happens: but for the two that meet on a channel.
type interpreter struct {
	program program
	tracker witness
	world   *shared
	log     []event
}

// body is the function of a run.
func (in *interpreter) body() {
	in.world, in.log = newShared(), in.log[:0]
	in.task(0)
}

func (in *interpreter) task(id int) {
	in.note(event{task: id, act: actBegin})
	in.all(id, in.program[id])
}

func (in *interpreter) note(e event) { in.log = append(in.log, e) }

func (in *interpreter) all(task int, ops []op) {
	for i := range ops {
		in.do(task, &ops[i])
	}
}

func (in *interpreter) do(task int, o *op) {
	e := event{task: task, act: o.act, on: o.on, val: o.val, ok: true}
	w := in.world
	switch o.act {
	case actGo:
		in.note(e)
		sched.Go(func() { in.task(o.on) })
		return
	case actRead, actWrite, actReadAll:
		in.access(e)
		return
	case actLock, actTry:
		in.region(e, o.body)
		return
	case actOnce:
		w.once.Do(func() {
			in.all(task, o.body)
			in.note(event{task: task, act: actOnceEnd, ok: true})
		})
	case actSend:
		w.ch[o.on].Send(o.val)
	case actRecv:
		e.seen, e.ok = w.ch[o.on].Recv()
	case actClose:
		w.ch[o.on].Close()
	case actRaise:
		w.wg.Add(1)
	case actDone:
		w.wg.Done()
	case actWait:
		w.wg.Wait()
	default:
		in.atomic(e, o.body)
		return
	}
	in.note(e)
}

func (in *interpreter) access(e event) {
	w, tr, id := in.world, &in.tracker, sched.Current().ID()
	switch {
	case e.act == actReadAll:
		w.readAll(e.on)
	case e.act == actRead:
		e.seen = w.read(e.on)
	case e.on == placeHeader:
		// An Append is a read and a write, with anything in between.
		w.write(e.on, e.val)
		in.note(event{task: e.task, act: actRead, on: e.on, step: tr.reads[id]})
	default:
		w.write(e.on, e.val)
	}
	if e.step = tr.reads[id]; e.act == actWrite {
		e.step = tr.writes[id]
	}
	in.note(e)
}

func (in *interpreter) region(e event, body []op) {
	l := in.world.locker(e.on)
	if e.act == actTry {
		e.act, e.ok = actLock, l.TryLock()
	} else {
		l.Lock()
	}
	in.note(e)
	if e.ok {
		in.all(e.task, body)
		l.Unlock()
		e.act = actUnlock
		in.note(e)
	}
}

func (in *interpreter) atomic(e event, body []op) {
	a := &in.world.a[e.on]
	goOn := true
	switch e.act {
	case actLoad:
		e.seen = int(a.Load())
		goOn = e.seen != 0
	case actStore:
		a.Store(int64(e.val))
	case actClear:
		e.act, e.val = actStore, 0
		a.Store(0)
	case actAdd:
		e.seen = int(a.Add(int64(e.val)))
	case actSwap:
		e.ok = a.CompareAndSwap(0, int64(e.val))
		goOn = e.ok
	}
	in.note(e)
	if goOn {
		in.all(e.task, body)
	}
}
