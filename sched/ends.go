package sched

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Pos is a place in source code. The zero Pos means that it is not known,
// because the run was not recorded.
type Pos struct {
	File string // the whole path
	Line int
}

func (p Pos) String() string {
	if p.Line == 0 {
		return ""
	}
	return p.File[strings.LastIndexByte(p.File, '/')+1:] + ":" + itoa(p.Line)
}

// Source returns the line of the source at p, or nothing if it is not there.
func (p Pos) Source() string {
	if all := sourceLines(p.File); p.Line >= 1 && p.Line <= len(all) {
		return all[p.Line-1]
	}
	return ""
}

// at returns " at file:line", or nothing if that is not known.
func (p Pos) at() string {
	if p.Line == 0 {
		return ""
	}
	return " at " + p.String()
}

// Wait is a task that cannot go on.
type Wait struct {
	// Task is its name, ID its number.
	Task string
	ID   int
	// Op and Object are what it waits for; Object is empty if there is none.
	Op     Op
	Object string
	// Holders are the names of the tasks that hold the object.
	Holders []string
	// Pos is where it waits, Started where the task was started, if it was.
	Pos, Started Pos

	why     string
	holders []int32
}

// Waits says what for, such as "waits to lock mu".
func (w Wait) Waits() string {
	switch {
	case w.Op == opPark && w.why != "":
		return "waits for " + w.why
	case w.Op == opWait:
		return "waits for " + w.Object
	case w.Object != "":
		return "waits to " + w.Op.String() + " " + w.Object
	}
	return "waits to " + w.Op.String()
}

func (w Wait) String() string {
	text := w.Task + " " + w.Waits() + w.Pos.at()
	if len(w.Holders) > 0 {
		text += ", held by " + strings.Join(w.Holders, ", ")
	}
	return text
}

// maxWaits is how many waits an error lists.
const maxWaits = 8

func joinWaits(waits []Wait) string {
	var all []string
	for _, w := range waits[:min(len(waits), maxWaits)] {
		all = append(all, w.String())
	}
	if more := len(waits) - maxWaits; more > 0 {
		all = append(all, "and "+itoa(more)+" more")
	}
	return strings.Join(all, "; ")
}

// Deadlock ends a run in which nobody can go on and the first task waits or
// some tasks wait for each other.
type Deadlock struct {
	// Cycle are the tasks that wait for each other, each for the next one and
	// the last for the first. It is empty if there is no such cycle.
	Cycle []Wait
	// Others are the other tasks that wait, in order of creation.
	Others []Wait
	// Strays are, in a recorded run, the go statements by which tasks have
	// started goroutines that still run. They may be what the tasks wait for.
	Strays []Pos
}

func (d *Deadlock) Error() string {
	if len(d.Cycle) == 0 {
		return "deadlock: " + joinWaits(d.Others)
	}
	return "deadlock: " + joinWaits(d.Cycle)
}

// Leak ends a run whose first task has returned while others wait for ever.
type Leak struct {
	Blocked []Wait
	// Strays are as for a Deadlock.
	Strays []Pos
}

func (l *Leak) Error() string {
	text := "left blocked: " + joinWaits(l.Blocked)
	if first := l.Blocked[0]; first.Started.Line > 0 {
		text += "; " + first.Task + " was started" + first.Started.at()
	}
	return text
}

// Panic ends a run in which a task panicked.
type Panic struct {
	Task  string
	ID    int
	Value any
	// Stack is where it panicked, innermost first, without the frames of the
	// runtime and of this package.
	Stack []Frame
	// Before is, in a recorded run, what had closed the channel that the task
	// sent to, and the like; else nil.
	Before *Deed
}

// Frame is one function call of a stack.
type Frame struct {
	Func string // the whole name
	Pos  Pos

	start int // first line of the function, if it is known
}

func (p *Panic) Error() string {
	at := ""
	if len(p.Stack) > 0 {
		at = p.Stack[0].Pos.at()
	}
	return "panic in " + p.Task + at + ": " + FormatValue(p.Value) + p.Before.before()
}

// StepLimit ends a run that did Config.MaxSteps operations: it probably never
// ends (a livelock).
type StepLimit struct {
	Steps int
	// Task is the task that did the most operations, as often as Ops says; its
	// pending one is at Pos.
	Task string
	Ops  int
	Pos  Pos
	// Round is what went round in the end, in a recorded run: the different
	// operations among the last ones, task by task.
	Round []Deed
}

func (l *StepLimit) Error() string {
	text := fmt.Sprintf("no end after %d operations: %s did %d of them%s", l.Steps, l.Task, l.Ops, l.Pos.at())
	task := ""
	for _, d := range l.Round[:min(len(l.Round), maxRound)] {
		if d.Task != task {
			text += "; " + d.Task + " goes round " + d.String()
		} else {
			text += ", " + d.String()
		}
		task = d.Task
	}
	if more := len(l.Round) - maxRound; more > 0 {
		text += "; and " + itoa(more) + " more operations"
	}
	return text
}

// maxRound is how many operations an error lists.
const maxRound = 12

// Misuse ends a run in which a task used an object in a way that the standard
// library does not survive.
type Misuse struct {
	What   string // in words
	Task   string
	Object string
	Pos    Pos
	// Before is, in a recorded run, what had unlocked the mutex, and the like;
	// else nil.
	Before *Deed
}

func (m *Misuse) Error() string {
	if m.Task == "" {
		return "misuse: " + m.What
	}
	text := "misuse: " + m.What + " by " + m.Task + m.Pos.at()
	if m.Object != "" {
		text += " (" + m.Object + ")"
	}
	return text + m.Before.before()
}

// Blocked ends a run in which a task came to no scheduling point for
// Config.BlockedAfter, because it waits for something that the scheduler does
// not control.
type Blocked struct {
	Task string
	// State is what the Go runtime says that its goroutine does.
	State string
	// Stack is where, innermost first.
	Stack []Frame
	After time.Duration
	// Advice says what to use instead, or is empty.
	Advice string
	// Package is the import path of the code that blocks, if the code under test was
	// not written on this package; else empty.
	Package string
}

func (b *Blocked) Error() string {
	at := ""
	if len(b.Stack) > 0 {
		at = b.Stack[0].Pos.at()
	}
	s := fmt.Sprintf("blocked outside the scheduler: %s is in %q%s and came to no scheduling point for %v", b.Task, b.State, at, b.After)
	if b.Advice != "" {
		s += ": " + b.Advice
	}
	return s
}

// Uncontrolled ends a run in which a goroutine that is no task, but was
// started by one, used this package.
type Uncontrolled struct {
	// Started is where it was started.
	Started Pos
	// Used is where it called this package.
	Used Pos
	// Package is the import path of the code that started it, if the code under
	// test was not written on this package; else empty.
	Package string
}

func (u *Uncontrolled) Error() string {
	if u.Package != "" {
		return "uncontrolled goroutine: started" + u.Started.at() + " by package " + u.Package + ", which is not controlled, it came to controlled code" + u.Used.at()
	}
	return "uncontrolled goroutine: started" + u.Started.at() + " by a go statement instead of sched.Go, it used sched" + u.Used.at()
}

// stuck says why no task can go on: nil if there is none.
func (s *Sim) stuck() error {
	if s.live == 0 {
		return nil
	}
	alive := s.alive()
	living := make(map[int32]bool, len(alive))
	for _, t := range alive {
		living[t.id] = true
	}
	waits := make([]Wait, 0, len(alive))
	for _, t := range alive {
		waits = append(waits, s.waitOf(t, living))
	}
	var strays []Pos
	if s.rec != nil {
		strays = s.strays()
	}
	if u := s.watch.foreign.Load(); u != nil {
		return u
	}
	cycle, others := splitCycle(waits)
	if len(cycle) == 0 && s.rootEnded() {
		return &Leak{Blocked: waits, Strays: strays}
	}
	return &Deadlock{Cycle: cycle, Others: others, Strays: strays}
}

// alive returns the tasks that have not ended, in order of creation.
func (s *Sim) alive() []*Task {
	var all []*Task
	for _, t := range s.pool.all {
		if t.alive && !t.abandoned.Load() {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(t, u *Task) int { return int(t.id - u.id) })
	return all
}

// waitOf describes what t waits for; living are the tasks that have not ended.
func (s *Sim) waitOf(t *Task, living map[int32]bool) Wait {
	w := Wait{Task: s.taskName(t.id), ID: int(t.id), Op: t.op, Pos: t.pos(), why: t.why}
	if s.rec != nil {
		w.Started = s.rec.birth(t.id)
	}
	if t.obj == nil {
		return w
	}
	w.Object = s.objectName(t.obj)
	for _, h := range t.obj.holders {
		name := s.holderName(h)
		if h != outside && !living[h] {
			name += " (which has ended)"
		}
		w.Holders = append(w.Holders, name)
		w.holders = append(w.holders, h)
	}
	return w
}

func (s *Sim) holderName(h int32) string {
	if h == outside {
		return "a goroutine outside the simulation"
	}
	return s.taskName(h)
}

// limit describes a run that does not end.
func (s *Sim) limit() error {
	l := &StepLimit{Steps: s.result.Steps}
	for _, t := range s.alive() {
		if done := int(t.ops) - 1; done >= l.Ops {
			l.Task, l.Ops, l.Pos = s.taskName(t.id), done, t.pos()
		}
	}
	if s.rec != nil {
		l.Round = s.rec.round()
	}
	return l
}
