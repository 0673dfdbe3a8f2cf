package strategy

import (
	"fmt"
	"slices"

	"github.com/ravelgo/ravel/sched"
)

// DPOR returns the strategy that tries one schedule of each trace and then runs
// out: schedules that differ only in the order of operations that can be
// exchanged show the same. It finds what [DFS] finds, in fewer runs.
//
// Some runs are cut short because all that could follow has been seen; their
// number is that of [Reduction.Blocked]. The others are exactly as many as
// there are traces, as far as the operations tell: those of one lock, channel or
// other primitive count as never exchangeable.
//
// It is source-DPOR with sleep sets (Abdulla, Aronis, Jonsson, Sagonas: Source
// Sets: A Foundation for Optimal Dynamic Partial Order Reduction, JACM 2017).
// Operations that may wait are compared with all earlier ones that they conflict
// with, as whoever is disabled has no place in a source set (Flanagan and
// Godefroid, Dynamic Partial-Order Reduction, POPL 2005).
func DPOR() *Reduction { return &Reduction{} }

// Reduction is the strategy that [DPOR] returns.
type Reduction struct {
	nodes   []*node
	begun   bool
	err     error
	traces  int
	blocked int

	// The run.
	depth  int // transitions so far
	fresh  int // from this node on the run is new
	sub    int // case and partner choices of the transition so far
	chosen bool
	redone bool // all that can follow has been seen
	over   bool
	graph  graph
}

// node is a state of the current run and what is tried there.
type node struct {
	enabled []int // tasks that could go on
	chosen  int   // the one that does
	subs    []level
	todo    []int
	asleep  []sleeper
	objects int
	touches []sched.Touch // of the chosen one, all that was tried
	all     bool
}

// sleeper is a task that has been tried: to choose it is useless until something
// happens that its operation conflicts with.
type sleeper struct {
	task    int
	touches []sched.Touch
	objects int // those with higher numbers were new to it
	all     bool
}

// Traces returns how many runs were not cut short.
func (d *Reduction) Traces() int { return d.traces }

// Blocked returns how many runs were cut short.
func (d *Reduction) Blocked() int { return d.blocked }

// Err returns nil as long as the runs were repeatable. If the body of the runs
// is not deterministic it says what differed, and Next reports false.
func (d *Reduction) Err() error { return d.err }

// Next goes back to the last state at which something else is to be tried.
func (d *Reduction) Next() bool {
	if d.begun {
		if d.redone {
			d.blocked++
		} else {
			d.traces++
		}
		if d.err != nil || !d.back() {
			return false
		}
	}
	d.begun = true
	d.fresh = max(0, len(d.nodes)-1)
	d.depth, d.sub, d.chosen, d.redone, d.over = 0, 0, false, false, false
	d.graph.reset()
	return true
}

// back changes the last node that has something left to try, and drops those
// after it. It reports false if there is none.
func (d *Reduction) back() bool {
	for len(d.nodes) > 0 {
		n := d.nodes[len(d.nodes)-1]
		if n.advance() {
			return true
		}
		d.nodes = d.nodes[:len(d.nodes)-1]
	}
	return false
}

// advance makes n try the next thing, if there is one.
func (n *node) advance() bool {
	for i := len(n.subs) - 1; i >= 0; i-- {
		if n.subs[i].option++; n.subs[i].option < n.subs[i].n {
			n.subs = n.subs[:i+1]
			return true
		}
	}
	n.asleep = append(n.asleep, sleeper{n.chosen, n.touches, n.objects, n.all})
	for len(n.todo) > 0 {
		t := n.todo[0]
		n.todo = n.todo[1:]
		if !n.sleeps(t) {
			n.chosen, n.subs, n.touches, n.all = t, nil, nil, false
			return true
		}
	}
	return false
}

func (n *node) sleeps(task int) bool {
	return slices.ContainsFunc(n.asleep, func(s sleeper) bool { return s.task == task })
}

// Choose repeats the choices of the run before up to the one that is changed.
func (d *Reduction) Choose(c *sched.Choice) int {
	if d.redone {
		return sched.Cut
	}
	if c.Kind != sched.TaskChoice {
		return d.chooseSub(c)
	}
	d.chosen = true
	if d.depth == len(d.nodes) {
		n := d.extend()
		for i := range c.N {
			n.enabled = append(n.enabled, c.Task(i).ID())
		}
		usual := plain(c)
		if n.sleeps(n.enabled[usual]) {
			usual = slices.IndexFunc(n.enabled, func(t int) bool { return !n.sleeps(t) })
		}
		if usual < 0 {
			d.nodes = d.nodes[:d.depth]
			d.redone = true
			return sched.Cut
		}
		n.chosen = n.enabled[usual]
		return usual
	}
	want := d.nodes[d.depth].chosen
	for i := range c.N {
		if c.Task(i).ID() == want {
			return i
		}
	}
	d.fail("task %d cannot go on", want)
	return 0
}

// extend adds a node.
func (d *Reduction) extend() *node {
	n := &node{}
	if d.depth > 0 {
		before := d.nodes[d.depth-1]
		for _, s := range before.asleep {
			if !s.conflicts(&d.graph.last) {
				n.asleep = append(n.asleep, s)
			}
		}
	}
	d.nodes = append(d.nodes, n)
	return n
}

func (d *Reduction) chooseSub(c *sched.Choice) int {
	for d.depth >= len(d.nodes) { // a forced transition
		d.force(-1)
	}
	n := d.nodes[d.depth]
	if d.sub == len(n.subs) {
		n.subs = append(n.subs, level{0, c.N})
	}
	l := n.subs[d.sub]
	d.sub++
	if l.n != c.N {
		d.fail("%d options, where there were %d", c.N, l.n)
		return 0
	}
	return l.option
}

func (d *Reduction) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("strategy: DPOR: operation %d: "+format+": the body is not deterministic", append([]any{d.depth + 1}, args...)...)
	}
}

// force adds the node of a transition without a choice.
func (d *Reduction) force(task int) {
	n := d.extend()
	n.enabled, n.chosen = []int{task}, task
}

// Follow notes what the transition conflicts with.
func (d *Reduction) Follow(tr *sched.Transition) {
	if d.redone || d.err != nil {
		return
	}
	if d.depth == len(d.nodes) {
		d.force(tr.Task)
	}
	n := d.nodes[d.depth]
	if !d.chosen {
		n.enabled, n.chosen = append(n.enabled[:0], tr.Task), tr.Task
	}
	if n.chosen != tr.Task {
		d.fail("task %d, where it was task %d", tr.Task, n.chosen)
		return
	}
	if d.depth >= d.fresh {
		n.objects = tr.Objects
		n.all = n.all || tr.All
		for _, t := range tr.Touches {
			if !slices.Contains(n.touches, t) {
				n.touches = append(n.touches, t)
			}
		}
		if n.sleeps(tr.Task) {
			d.redone = true
			return
		}
	}
	g := &d.graph
	if d.depth >= d.fresh {
		g.races(&event{task: tr.Task, touches: tr.Touches, all: tr.All}, tr.Waits, d.reverse)
	}
	d.never(tr.Undone, n)
	for _, t := range tr.Disabled {
		n.try(t)
	}
	g.add(tr)
	d.depth++
	d.sub, d.chosen = 0, false
}

// Finish looks at the operations that never came. The last one of the run kept
// those from coming that could have.
func (d *Reduction) Finish(pending []sched.Transition) {
	if d.redone || d.err != nil {
		return
	}
	if d.depth < len(d.nodes) {
		d.fail("the run is over, where it went on")
		return
	}
	if d.depth > 0 {
		d.never(pending, d.nodes[d.depth-1])
	}
}

// never makes sure that runs are tried in which operations come that did not,
// the ready ones because of what happened at n.
func (d *Reduction) never(pending []sched.Transition, n *node) {
	for _, p := range pending {
		d.graph.races(&event{task: p.Task, touches: p.Touches, all: p.All}, p.Waits, d.reverse)
		if p.Ready {
			n.try(p.Task)
		}
	}
}

// reverse makes sure that a run is tried in which e, the next one of its task,
// comes before event f, which conflicts with it.
func (d *Reduction) reverse(f int, e *event) {
	n := d.nodes[f]
	initials := d.graph.initials(f, e)
	if slices.ContainsFunc(initials, n.tried) {
		return
	}
	for _, t := range initials {
		if n.try(t) {
			return
		}
	}
	for _, t := range n.enabled {
		n.try(t)
	}
}

func (n *node) tried(task int) bool {
	return task == n.chosen || slices.Contains(n.todo, task) || n.sleeps(task)
}

// try adds a task to what is to be tried, and reports false if it cannot go on
// or is among it already.
func (n *node) try(task int) bool {
	if n.tried(task) || !slices.Contains(n.enabled, task) {
		return false
	}
	n.todo = append(n.todo, task)
	return true
}

// conflicts reports whether e ends the sleep of s.
func (s *sleeper) conflicts(e *event) bool {
	if s.all || e.all || e.task == s.task {
		return true
	}
	fresh := slices.ContainsFunc(s.touches, func(t sched.Touch) bool { return int(t.Object) >= s.objects })
	for _, t := range e.touches {
		if fresh && int(t.Object) >= s.objects {
			return true
		}
		for _, u := range s.touches {
			if t.Conflicts(u) {
				return true
			}
		}
	}
	return false
}
