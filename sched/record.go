package sched

import (
	"cmp"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Record is a run written down, for people.
type Record struct {
	Tasks   []TaskRecord
	Objects []ObjectRecord
	Steps   []Step
	// Unmodified is set if the code of the run was not written on this package, but
	// rewritten.
	Unmodified bool
}

// TaskRecord describes a task, by ID.
type TaskRecord struct {
	// Name is for people: the given name with a number, that of the function
	// that the task runs, or "task" and its ID.
	Name string
	// Path identifies the task across runs; see [Trace].
	Path string
	// Timer is set for what is no task but a timer or the clock.
	Timer bool
}

// ObjectRecord describes an object, by number.
type ObjectRecord struct {
	// Name is for people: its field path in a described value, the expression
	// by which the source names it, or its kind and number.
	Name string
	// Base is the name without the number that tells namesakes apart.
	Base string
	Kind Kind
	// Plain is set for what is plain memory, or a map of Go.
	Plain bool
}

// Step is one operation of a run, or the start of a task.
type Step struct {
	// N counts the operations of the run from 1.
	N int
	// Task did Op to Object, or -1 if there is none, at Pos. It was operation Nth
	// of the task, from 1.
	Task, Object int
	Nth          int
	Op           Op
	Pos          Pos
	// What is the operation as a [Trace] names it; empty if Side is set.
	What string
	// Since is how many operations the run had done when the task came to it.
	Since int
	// Time is how far the simulated clock had moved.
	Time time.Duration
	// Loc is the element of a slice that was accessed, or -1.
	Loc int
	// Peer is the task that was started or met, or -1.
	Peer int
	// Value is what was read, written, sent or received; empty if there is
	// none.
	Value string
	// Held are the locks that the task held before the operation.
	Held []int
	// Preempts is set where the task before could have gone on.
	Preempts bool
	// Side is set for what is no operation of its own: a start, or the other
	// half of a meeting on a channel.
	Side bool
}

// Operation returns the n-th operation of the run, counted from 1.
func (r *Record) Operation(n int) Step {
	i, _ := slices.BinarySearchFunc(r.Steps, n, func(s Step, n int) int { return s.N - n })
	for r.Steps[i].Side {
		i++
	}
	return r.Steps[i]
}

// recorder writes down a run.
type recorder struct {
	sim   *Sim
	rec   *Record
	funcs []uintptr  // entry of each task's function
	uses  [][]string // of each object, what the source calls it in its first operations
	roots []root
	deeds map[*object]deed

	points []Point        // that the tasks have come to
	times  map[coming]int // how often
}

func newRecorder(s *Sim) *recorder {
	return &recorder{sim: s, rec: &Record{}, deeds: map[*object]deed{}, times: map[coming]int{}}
}

// step writes down the operation that t is about to do.
func (r *recorder) step(t *Task, preempts bool) {
	object := -1
	if t.obj != nil {
		object = int(t.obj.id)
	}
	if t.timer != nil || t == r.sim.clock { // they announce nothing
		r.comes(t, t.what())
	}
	r.add(t, Step{Op: t.op, Object: object, Loc: int(t.loc), Peer: -1, Preempts: preempts, What: r.points[t.id].What})
}

// maxUses is how many operations on an object are looked at for its name.
const maxUses = 4

// announced notes what t is about to do.
func (r *recorder) announced(t *Task) {
	t.since = r.sim.result.Steps
	r.comes(t, t.what())
	if t.obj == nil {
		return
	}
	at := t.site()
	r.suggest(t.obj, cmp.Or(at.full, at.name))
}

// suggest notes that the source calls o by a name.
func (r *recorder) suggest(o *object, name string) {
	for len(r.uses) <= int(o.id) {
		r.uses = append(r.uses, nil)
	}
	if u := &r.uses[o.id]; len(*u) < maxUses {
		*u = append(*u, name)
	}
}

// aside writes down what is no operation of its own: a start, or the other
// half of a meeting.
func (r *recorder) aside(t *Task, op Op, object, peer int32) {
	if op == opGo && t.timer == nil {
		t.look()
	}
	r.add(t, Step{Op: op, Object: int(object), Loc: -1, Peer: int(peer), Side: true})
}

func (r *recorder) add(t *Task, s Step) {
	s.N, s.Task, s.Nth, s.Pos, s.Since = r.sim.result.Steps, int(t.id), int(t.ops), t.pos(), t.since
	s.Time = time.Duration(r.sim.now)
	for _, h := range t.held {
		s.Held = append(s.Held, int(h))
	}
	t.row = len(r.rec.Steps)
	r.rec.Steps = append(r.rec.Steps, s)
}

// value notes the value of the last step of t.
func (r *recorder) value(t *Task, v any) {
	r.sim.quiet = true // it may call methods of the user's
	r.rec.Steps[t.row].Value = FormatValue(v)
	r.sim.quiet = false
}

// chose notes which channel the last step of t, a select, used.
func (r *recorder) chose(t *Task, o *object) { r.rec.Steps[t.row].Object = int(o.id) }

// drop forgets that t holds a lock.
func (r *recorder) drop(t *Task, object int32) {
	if i := slices.Index(t.held, object); i >= 0 {
		t.held = slices.Delete(t.held, i, i+1)
	}
}

// started notes what function a task runs, for its name.
func (r *recorder) started(t *Task, fn func()) {
	for len(r.funcs) <= int(t.id) {
		r.funcs = append(r.funcs, 0)
	}
	r.funcs[t.id] = reflect.ValueOf(fn).Pointer()
}

// birth returns where a task was started.
func (r *recorder) birth(id int32) Pos {
	for _, s := range r.rec.Steps {
		if s.Op == opGo && s.Peer == int(id) {
			return s.Pos
		}
	}
	return Pos{}
}

// round returns the different operations among the last ones, task by task.
func (r *recorder) round() []Deed {
	const window = 2000
	var all []Deed
	first := max(0, len(r.rec.Steps)-window)
	for _, s := range r.rec.Steps[first:] {
		if s.Side {
			continue
		}
		d := Deed{Task: r.sim.taskName(int32(s.Task)), Op: s.Op, Pos: s.Pos}
		if s.Object >= 0 {
			d.Object = r.sim.objectName(r.sim.objects[s.Object])
		}
		if !slices.Contains(all, d) {
			all = append(all, d)
		}
	}
	slices.SortStableFunc(all, func(a, b Deed) int { return strings.Compare(a.Task, b.Task) })
	return all
}

// finish resolves names.
func (r *recorder) finish() *Record {
	for id, name := range r.taskNames() {
		r.rec.Tasks = append(r.rec.Tasks, TaskRecord{Name: name, Path: r.sim.path(id), Timer: r.sim.tasks[id].Timer})
	}
	bases := r.baseNames()
	for id, name := range r.number(bases) {
		o := r.sim.objects[id]
		r.rec.Objects = append(r.rec.Objects, ObjectRecord{name, bases[id], o.kind, o.plain})
	}
	r.rec.Unmodified = r.sim.unmodified.Load()
	return r.rec
}

// objectName returns the name of an object, the best that is known.
func (s *Sim) objectName(o *object) string {
	if o == nil {
		return ""
	}
	if s.rec == nil {
		return kindName(o)
	}
	if len(s.objectNames) != s.nobjects {
		s.objectNames = s.rec.objectNames()
	}
	return s.objectNames[o.id]
}

func kindName(o *object) string { return string(o.kind) + " " + itoa(int(o.id)) }

// look notes where t is.
func (t *Task) look() {
	t.npcs = runtime.Callers(3, t.pcs[:])
	clear(t.pcs[t.npcs:])
}

// pos returns where the pending operation of t is.
func (t *Task) pos() Pos { return t.site().pos }

// site is what the source tells of a stack: the place, and the name of the
// object that is used there, or nothing: the expression, and a name that is clear
// elsewhere too.
type site struct {
	pos        Pos
	name, full string
	typ        string // of plain memory
}

// site returns the site of the pending operation of t.
func (t *Task) site() site {
	if t.npcs == 0 {
		return site{}
	}
	at, known := t.sim.sites[t.pcs]
	if !known {
		pcs := t.pcs[:t.npcs]
		if t.pc != 0 {
			n := t.sim.cfg.Memory.Name(Access{PC: t.pc, Write: t.op == opWrite, Map: t.obj.kind == kindMap})
			at = site{posOf(t.pc), n.Expr, n.Full, n.Type}
		} else {
			at = site{pos: position(pcs), name: expressionOf(pcs)}
		}
		if t.sim.sites == nil {
			t.sim.sites = map[stack]site{}
		}
		t.sim.sites[t.pcs] = at
	}
	return at
}
