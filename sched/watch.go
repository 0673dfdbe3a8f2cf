package sched

import (
	"cmp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// This file notices what the scheduler cannot: a task that blocks on something
// outside it, so that no other task and not even the host can go on; and a
// goroutine that is no task and uses the simulation all the same.
//
// A watchdog looks, by the wall clock, whether operations still happen. If
// none does it freezes the simulation: whoever comes to an operation now waits
// for the verdict. A stack dump, which stops the world, then shows what the
// running task does. If it is truly outside, it is abandoned: it ends at its
// next operation, and the host is resumed in its place.

type watch struct {
	beat    atomic.Uint64 // counts operations, now and then
	running atomic.Bool
	foreign atomic.Pointer[Uncontrolled]
	baton   atomic.Uint64
	pool    atomic.Pointer[pool] // of the run

	mu     sync.Mutex // guards the fields below
	thaw   chan struct{}
	quit   chan struct{}
	done   chan struct{}
	victim *Task
	report *Blocked
}

// begin starts the watchdog, once, and lets it look at this run.
func (w *watch) begin(s *Sim) {
	w.foreign.Store(nil)
	w.beat.Add(1)
	w.pool.Store(s.pool)
	w.running.Store(true)
	if w.quit == nil {
		w.quit, w.done = make(chan struct{}), make(chan struct{})
		go w.look(s, w.quit, w.done)
	}
}

// finish ends the watch over a run and notes what it has found.
func (w *watch) finish(s *Sim) {
	w.running.Store(false)
	if u := w.foreign.Load(); u != nil {
		s.fail(u)
	}
}

// stop ends the watchdog.
func (w *watch) stop() {
	if w.quit != nil {
		close(w.quit)
		<-w.done
		w.quit = nil
	}
}

// publish makes what the calling task did visible to the watchdog in the eyes
// of Go's race detector. Nothing else needs it.
func (s *Sim) publish() {
	if raceEnabled {
		s.watch.baton.Add(1)
	}
}

// look is the watchdog.
func (w *watch) look(s *Sim, quit, done chan struct{}) {
	defer close(done)
	limit := s.cfg.BlockedAfter
	tick := time.NewTicker(limit/8 + time.Millisecond)
	defer tick.Stop()
	last, since := w.beat.Load(), time.Now()
	for {
		select {
		case <-quit:
			return
		case <-tick.C:
		}
		if now := w.beat.Load(); now != last || !w.running.Load() {
			last, since = now, time.Now()
			continue
		}
		if still := time.Since(since); still >= limit && w.intervene(s, still) {
			last, since = w.beat.Load(), time.Now()
		}
	}
}

// intervene freezes the simulation and reports whether it had to take it away
// from the running task.
func (w *watch) intervene(s *Sim, still time.Duration) bool {
	beat := w.beat.Load()
	w.mu.Lock()
	w.thaw = make(chan struct{})
	w.mu.Unlock()
	s.flags.Or(flagFrozen)
	defer close(w.thaw)
	defer s.flags.And(^uint32(flagFrozen))
	g, t := s.runningGoroutine()
	if t == nil || g.inside || w.beat.Load() != beat || !g.waits && still < 10*s.cfg.BlockedAfter {
		return false
	}
	t.abandoned.Store(true)
	t.g.Store(nil)
	for g.inside = true; g.inside; {
		// It may have woken up since; let it come out of the scheduler.
		if g, _ = s.goroutine(t); g.frozen {
			break
		}
		runtime.Gosched()
	}
	w.mu.Lock()
	w.victim = t
	w.report = &Blocked{State: g.state, Stack: g.stack, After: still.Round(100 * time.Millisecond), Advice: advice(g)}
	if s.unmodified.Load() {
		w.report.Package, w.report.Advice = packageOf(g.within.Func), adviceUnmodified(g)
	}
	w.mu.Unlock()
	go s.takeOver()
	return true
}

// takeOver resumes the host in place of the abandoned task. Its goroutine is
// parked where the host was.
func (s *Sim) takeOver() {
	s.watch.baton.Load()
	p := s.pool
	defer func() { // the resumer may have ended in a Goexit
		if d := p.draining.Load(); d != nil {
			d.run()
		}
	}()
	transfer(&Task{}, &s.host)
	// Resumed by a goroutine of the old pool that has ended.
}

// resumed is called by the host when control comes back to it. It notes
// whether the watchdog took it from a task.
func (s *Sim) resumed() {
	w := &s.watch
	w.mu.Lock()
	t, b := w.victim, w.report
	w.victim, w.report = nil, nil
	w.mu.Unlock()
	if t != nil {
		b.Task = s.taskName(t.id)
		s.fail(b)
		s.pool.broken = true
	}
}

// pause waits for the verdict if the simulation is frozen. A task must call it
// before it hands over, so that it is not taken for one that is stuck.
func (w *watch) pause(s *Sim) {
	if s.flags.Load()&flagFrozen == 0 {
		return
	}
	w.mu.Lock()
	thaw := w.thaw
	w.mu.Unlock()
	<-thaw
}

// reportUncontrolled notes that the calling goroutine, which is no task, uses
// the simulation.
func (s *Sim) reportUncontrolled() {
	var pcs [16]uintptr
	body := stackText(false)
	_, started := startedBy(body)
	u := &Uncontrolled{Started: started}
	if s.unmodified.Load() {
		u.Package = starter(body)
	}
	if n := runtime.Callers(2, pcs[:]); n > 0 {
		u.Used = position(pcs[:n])
	}
	if s.watch.foreign.CompareAndSwap(nil, u) {
		s.flags.Or(flagForeign)
	}
}

// goroutine is what a stack dump says of one.
type goroutine struct {
	id     int64
	state  string
	waits  bool // blocked, not computing
	inside bool // executing code of this package
	frozen bool // waiting for the watchdog's verdict
	stack  []Frame
	within Frame // that it is blocked in

	parent  int64 // the goroutine that started it
	started Pos   // where
}

// runningGoroutine returns the goroutine of the task that runs: the one that
// is not parked in a coroutine. An abandoned one, which may block for ever, is
// not meant: the run went on without it.
func (s *Sim) runningGoroutine() (goroutine, *Task) {
	dump := parseDump(stackText(true))
	for _, t := range s.watch.pool.Load().snapshot() {
		if g, ok := dump[t.goid.Load()]; ok && g.state != "coroutine" && !t.abandoned.Load() {
			return g, t
		}
	}
	return goroutine{}, nil
}

// strayPatience is how long a run that is stuck waits, by the wall clock, for
// goroutines that are no tasks to show that they use this package.
const strayPatience = 100 * time.Millisecond

// strays returns the go statements of tasks that started goroutines which still
// run, in order of the source. It returns early if one of them is found to use
// the simulation.
func (s *Sim) strays() []Pos {
	var found []Pos
	for start := time.Now(); ; runtime.Gosched() {
		found = s.straysNow()
		if len(found) == 0 || s.watch.foreign.Load() != nil || time.Since(start) > strayPatience {
			return found
		}
	}
}

func (s *Sim) straysNow() []Pos {
	tasks := map[int64]bool{}
	for _, t := range s.pool.snapshot() {
		tasks[t.goid.Load()] = true
	}
	var found []Pos
	for id, g := range parseDump(stackText(true)) {
		if tasks[g.parent] && !tasks[id] && !slices.Contains(found, g.started) {
			found = append(found, g.started)
		}
	}
	slices.SortFunc(found, func(p, q Pos) int { return cmp.Or(cmp.Compare(p.File, q.File), cmp.Compare(p.Line, q.Line)) })
	return found
}

func (s *Sim) goroutine(t *Task) (goroutine, bool) {
	g, ok := parseDump(stackText(true))[t.goid.Load()]
	return g, ok
}

// goid returns the number of the calling goroutine.
func goid() int64 {
	id, _, _ := strings.Cut(strings.TrimPrefix(stackText(false), "goroutine "), " ")
	n, _ := strconv.ParseInt(id, 10, 64)
	return n
}

func stackText(all bool) string {
	buf := make([]byte, 1<<12)
	for {
		if n := runtime.Stack(buf, all); n < len(buf) {
			return string(buf[:n])
		}
		buf = make([]byte, 4*len(buf))
	}
}

func parseDump(text string) map[int64]goroutine {
	dump := map[int64]goroutine{}
	for _, block := range strings.Split(text, "\n\n") {
		head, body, _ := strings.Cut(block, "\n")
		number, state, ok := strings.Cut(strings.TrimPrefix(head, "goroutine "), " ")
		id, err := strconv.ParseInt(number, 10, 64)
		if !ok || err != nil {
			continue
		}
		state = strings.TrimSuffix(strings.TrimPrefix(state, "["), "]:")
		state, _, _ = strings.Cut(state, ",")
		g := goroutine{id: id, state: state}
		g.waits = !strings.HasPrefix(state, "run") && !strings.HasPrefix(state, "syscall") && state != "preempted"
		all := parseStack(body)
		g.stack = userFrames(all)
		g.inside, g.frozen = insideScheduler(all)
		g.within = blockedIn(all)
		g.parent, g.started = startedBy(body)
		dump[id] = g
	}
	return dump
}

// parseStack reads the frames of one goroutine, innermost first.
func parseStack(body string) []Frame {
	var frames []Frame
	lines := strings.Split(body, "\n")
	for i := 0; i+1 < len(lines); i += 2 {
		if strings.HasPrefix(lines[i], "created by ") {
			break
		}
		name := lines[i]
		if j := strings.LastIndexByte(name, '('); j > 0 {
			name = name[:j]
		}
		frames = append(frames, Frame{Func: name, Pos: parsePos(lines[i+1])})
	}
	return frames
}

// parsePos reads "\t/path/file.go:12 +0x1d".
func parsePos(line string) Pos {
	line, _, _ = strings.Cut(strings.TrimSpace(line), " +")
	i := strings.LastIndexByte(line, ':')
	if i < 0 {
		return Pos{}
	}
	n, _ := strconv.Atoi(line[i+1:])
	return Pos{File: line[:i], Line: n}
}

// startedBy reads the go statement from the dump of one goroutine, which ends
// in "created by f in goroutine 7" and its place.
func startedBy(body string) (parent int64, at Pos) {
	i := strings.LastIndex(body, "created by ")
	if i < 0 {
		return 0, Pos{}
	}
	head, place, _ := strings.Cut(body[i:], "\n")
	if _, number, ok := strings.Cut(head, " in goroutine "); ok {
		parent, _ = strconv.ParseInt(number, 10, 64)
	}
	place, _, _ = strings.Cut(place, "\n")
	return parent, parsePos(place)
}

// insideScheduler reports whether the innermost frames, below those of the
// standard library, are this package's, other than the root of a task; and
// whether it waits for a verdict.
func insideScheduler(frames []Frame) (inside, frozen bool) {
	for _, f := range frames {
		if isStandard(f) {
			continue
		}
		if strings.HasSuffix(f.Func, "(*watch).pause") {
			return true, true
		}
		root := strings.HasSuffix(f.Func, "(*Task).once") || strings.HasSuffix(f.Func, "(*Task).serve")
		return packageOf(f.Func) == modulePath+"/sched" && !root && !isTest(f.Pos.File), false
	}
	return false, false
}
