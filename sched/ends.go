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
	// Pos is where it waits.
	Pos Pos

	why     string
	holders []int32
}

func (w Wait) String() string {
	var b strings.Builder
	b.WriteString(w.Task + " waits")
	switch {
	case w.Op == opPark && w.why != "":
		b.WriteString(" for " + w.why)
	case w.Op == opWait:
		b.WriteString(" for " + w.Object)
	case w.Object != "":
		b.WriteString(" to " + w.Op.String() + " " + w.Object)
	default:
		b.WriteString(" to " + w.Op.String())
	}
	b.WriteString(w.Pos.at())
	if len(w.Holders) > 0 {
		b.WriteString(", held by " + strings.Join(w.Holders, ", "))
	}
	return b.String()
}

func joinWaits(waits []Wait) string {
	var all []string
	for _, w := range waits {
		all = append(all, w.String())
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
}

func (l *Leak) Error() string { return "left blocked: " + joinWaits(l.Blocked) }

// Panic ends a run in which a task panicked.
type Panic struct {
	Task  string
	ID    int
	Value any
	// Stack is where it panicked, innermost first, without the frames of the
	// runtime and of this package.
	Stack []Frame
}

// Frame is one function call of a stack.
type Frame struct {
	Func string // the whole name
	Pos  Pos
}

func (p *Panic) Error() string {
	at := ""
	if len(p.Stack) > 0 {
		at = p.Stack[0].Pos.at()
	}
	return "panic in " + p.Task + at + ": " + FormatValue(p.Value)
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
}

func (l *StepLimit) Error() string {
	return fmt.Sprintf("no end after %d operations: %s did %d of them%s", l.Steps, l.Task, l.Ops, l.Pos.at())
}

// Misuse ends a run in which a task used an object in a way that the standard
// library does not survive.
type Misuse struct {
	What   string // in words
	Task   string
	Object string
	Pos    Pos
}

func (m *Misuse) Error() string {
	if m.Task == "" {
		return "misuse: " + m.What
	}
	return "misuse: " + m.What + " by " + m.Task + m.Pos.at() + " (" + m.Object + ")"
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
}

func (u *Uncontrolled) Error() string {
	return "uncontrolled goroutine: started" + u.Started.at() + " by a go statement instead of sched.Go, it used sched" + u.Used.at()
}

// stuck says why no task can go on: nil if there is none.
func (s *Sim) stuck() error {
	if s.live == 0 {
		return nil
	}
	var waits []Wait
	for _, t := range s.alive() {
		waits = append(waits, s.waitOf(t))
	}
	cycle, others := splitCycle(waits)
	if len(cycle) == 0 && !s.root.alive {
		return &Leak{Blocked: waits}
	}
	return &Deadlock{Cycle: cycle, Others: others}
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

func (s *Sim) waitOf(t *Task) Wait {
	w := Wait{Task: s.taskName(t.id), ID: int(t.id), Op: t.op, Pos: t.pos(), why: t.why}
	if t.obj == nil {
		return w
	}
	w.Object = s.objectName(t.obj)
	for _, h := range t.obj.holders {
		w.Holders = append(w.Holders, s.holderName(h))
		w.holders = append(w.holders, h)
	}
	return w
}

// holderName names the task that holds a lock.
func (s *Sim) holderName(id int32) string {
	if id == outside {
		return "a goroutine outside the simulation"
	}
	for _, t := range s.pool.all {
		if t.alive && t.id == id {
			return s.taskName(id)
		}
	}
	return s.taskName(id) + " (which has ended)"
}

// splitCycle finds tasks that wait for each other.
func splitCycle(waits []Wait) (cycle, others []Wait) {
	place := map[int32]int{}
	for i, w := range waits {
		place[int32(w.ID)] = i
	}
	for start := range waits {
		path := []int{start}
		if p := follow(waits, place, path); p != nil {
			for _, i := range p {
				cycle = append(cycle, waits[i])
			}
			for i, w := range waits {
				if !slices.Contains(p, i) {
					others = append(others, w)
				}
			}
			return cycle, others
		}
	}
	return nil, waits
}

// follow extends path from holder to holder until it comes back to its start.
func follow(waits []Wait, place map[int32]int, path []int) []int {
	for _, h := range waits[path[len(path)-1]].holders {
		next, blocked := place[h]
		if !blocked {
			continue
		}
		if next == path[0] {
			return path
		}
		if !slices.Contains(path, next) {
			if p := follow(waits, place, append(slices.Clone(path), next)); p != nil {
				return p
			}
		}
	}
	return nil
}

// limit describes a run that does not end.
func (s *Sim) limit() error {
	l := &StepLimit{Steps: s.result.Steps}
	for _, t := range s.alive() {
		if int(t.ops) > l.Ops {
			l.Task, l.Ops, l.Pos = s.taskName(t.id), int(t.ops), t.pos()
		}
	}
	return l
}
