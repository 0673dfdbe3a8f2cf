package strategy

import (
	"slices"

	"github.com/ravelgo/ravel/sched"
)

// graph is the happens-before order of a run: what must come before what in all
// schedules of its trace.
type graph struct {
	events []event
	clocks []clock // of each task, by number
	uses   map[int32]*uses
	alls   []int // events whose order with every other matters
	floor  clock // what came before the clock went on
	last   event
}

// clock holds for each task how many events, by number in the run, precede: the
// number of its last one and 1.
type clock []int

// event is a transition in the graph.
type event struct {
	task    int
	clock   clock
	touches []sched.Touch
	all     bool
}

// uses are those of an object.
type uses struct{ writes, reads []use }

// use is one by an event.
type use struct {
	event int
	sched.Touch
}

func (g *graph) reset() {
	g.events, g.clocks, g.alls, g.floor = g.events[:0], g.clocks[:0], g.alls[:0], nil
	if g.uses == nil {
		g.uses = map[int32]*uses{}
	}
	clear(g.uses)
}

func (c clock) at(task int) int {
	if task < len(c) {
		return c[task]
	}
	return 0
}

func (c *clock) join(d clock) {
	for len(*c) < len(d) {
		*c = append(*c, 0)
	}
	for i, n := range d {
		(*c)[i] = max((*c)[i], n)
	}
}

func (g *graph) clock(task int) *clock {
	for len(g.clocks) <= task {
		g.clocks = append(g.clocks, nil)
	}
	return &g.clocks[task]
}

// before reports whether event f precedes what has the clock c.
func (g *graph) before(f int, c clock) bool { return c.at(g.events[f].task) > f }

// add adds a transition.
func (g *graph) add(tr *sched.Transition) {
	i := len(g.events)
	if tr.Later {
		g.floor = nil
		for t := range g.clocks {
			g.floor.join(g.clocks[t])
		}
	}
	c := slices.Clone(*g.clock(tr.Task))
	c.join(g.floor)
	for _, t := range tr.Touches {
		g.conflicts(t, false, func(f int) {
			if !g.before(f, c) {
				c.join(g.events[f].clock)
			}
		})
	}
	if tr.All {
		for t := range g.clocks {
			c.join(g.clocks[t])
		}
	} else if n := len(g.alls); n > 0 {
		c.join(g.events[g.alls[n-1]].clock)
	}
	var own clock
	for len(own) <= tr.Task {
		own = append(own, 0)
	}
	own[tr.Task] = i + 1
	c.join(own)
	g.last = event{tr.Task, c, slices.Clone(tr.Touches), tr.All}
	g.events = append(g.events, g.last)
	*g.clock(tr.Task) = c
	for _, t := range tr.Touches {
		u := g.uses[t.Object]
		if u == nil {
			u = &uses{}
			g.uses[t.Object] = u
		}
		if t.Write {
			u.writes = append(u.writes, use{i, t})
		} else {
			u.reads = append(u.reads, use{i, t})
		}
	}
	if tr.All {
		g.alls = append(g.alls, i)
	}
	for _, t := range tr.Next {
		joined := slices.Clone(*g.clock(t))
		joined.join(c)
		*g.clock(t) = joined
	}
}

// races calls found for each event that could as well come after e, the next
// one of its task: for the last ones only, unless its operation may wait.
func (g *graph) races(e *event, waits bool, found func(f int, e *event)) {
	c := *g.clock(e.task)
	var last []int
	races := func(f int) {
		if g.events[f].task == e.task || g.before(f, c) {
			return
		}
		if !waits && slices.ContainsFunc(last, func(l int) bool { return g.before(f, g.events[l].clock) }) {
			return
		}
		last = append(last, f)
		found(f, e)
	}
	if e.all {
		for f := range slices.Backward(g.events) {
			races(f)
		}
		return
	}
	for _, f := range g.alls {
		races(f)
	}
	for _, t := range e.touches {
		g.conflicts(t, waits, races)
	}
}

// conflicts calls found for the events that used a place in conflict with t: none
// after one that it precedes. Unless all are asked for, it may leave out those that
// precede another one.
func (g *graph) conflicts(t sched.Touch, all bool, found func(f int)) {
	u := g.uses[t.Object]
	if u == nil {
		return
	}
	last := -1 // of the writes that all before precede
	if !all {
		for i, w := range slices.Backward(u.writes) {
			if w.Loc == t.Loc || w.Loc < 0 {
				last = i
				break
			}
		}
	}
	for _, r := range slices.Backward(u.reads) {
		if !t.Write || last >= 0 && r.event < u.writes[last].event {
			break
		}
		if r.Conflicts(t) {
			found(r.event)
		}
	}
	for _, w := range slices.Backward(u.writes[max(last, 0):]) {
		if w.Conflicts(t) {
			found(w.event)
		}
	}
}

// initials returns the tasks that can come first when what does not follow from
// event f, and then e, come before f.
func (g *graph) initials(f int, e *event) []int {
	var first []int // events
	var initials []int
	seen := func(t int) bool {
		return slices.ContainsFunc(first, func(j int) bool { return g.events[j].task == t })
	}
	follows := false // e, from one of them
	c := *g.clock(e.task)
	for i := f + 1; i < len(g.events); i++ {
		d := &g.events[i]
		if g.before(f, d.clock) {
			continue
		}
		follows = follows || g.before(i, c) || d.conflicts(e)
		if seen(d.task) {
			continue
		}
		if !slices.ContainsFunc(first, func(j int) bool { return g.before(j, d.clock) }) {
			initials = append(initials, d.task)
		}
		first = append(first, i)
	}
	if follows || seen(e.task) {
		return initials
	}
	return append([]int{e.task}, initials...)
}

// conflicts reports whether the order of two events of different tasks matters.
func (e *event) conflicts(d *event) bool {
	if e.all || d.all {
		return true
	}
	return slices.ContainsFunc(e.touches, func(t sched.Touch) bool { return slices.ContainsFunc(d.touches, t.Conflicts) })
}
