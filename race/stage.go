package race

import (
	"slices"

	"github.com/ravelgo/ravel/sched"
)

// A stage is meant to see shared data in order and to leave them so. What stages
// do is put into nodes of a graph, whose edges are conflicts: of two accesses to
// one item, one of which writes, the node of the first comes before that of the
// second. Where there is a cycle no order of the nodes explains what was seen
// (Flanagan, Freund and Yi, Velodrome, PLDI 2008).
//
// A stage that is declared atomic is one node. That a stage of a pipeline, or what
// uses variables that were declared together, is meant to be atomic throughout is
// not known: a worker may well take a lock twice. There a node is a round: it
// ends when the task comes back to an item that it is done with, and only a round
// that has read two items and written neither is held to have seen one moment.

// stages is the graph of a run.
type stages struct {
	nodes  []node // the first one is none
	groups int32
	active bool // there is something to judge
	atomic bool // a stage that is atomic has begun
	visit  int32
	into   []edge // that the access has added
	path   []edge // while following
	work   int    // edges that were looked at
}

// node is what one task does that is judged as a whole.
type node struct {
	task   int32
	atomic bool
	stage  bool // or of a stage that is not
	closed bool // nothing more is done in it
	after  []edge
	seen   int32 // the last visit
}

func (n *node) reset() { *n = node{after: n.after[:0]} }

// edge leads from a node to one that comes after it.
type edge struct {
	of, to             int32
	object, item       int32
	about              int32 // the item of the second operation: the item, or a key
	from, at           int32 // the operations
	fromWrite, atWrite bool
	time               uint32 // of the first operation, in its task
	forced             bool   // in every schedule
	program            bool   // one task did both nodes
	blind              bool   // the second operation is a write that builds on nothing
}

// use is what a node did with an item.
type use struct {
	node        int32
	read, write access // the last ones; step 0 if there is none
	wrote       int32  // the first write
}

// Bounds of what is kept.
const (
	maxUses  = 64  // of an item
	maxEdges = 256 // of a node
	maxPath  = 8   // nodes of a cycle
	maxWork  = 1 << 19
)

// stageState is where a task is.
type stageState struct {
	depth  int32 // of stages that it is in
	atomic int32 // the depth of the outermost atomic one, or 0
	node   int32 // of that
	last   int32 // the last node of the task
	units  []unit
}

// unit is the round of a task that is judged for a group of variables; group 0 is
// those of its stage.
type unit struct{ group, node int32 }

func (s *stages) begin() {
	s.nodes = s.nodes[:0]
	at(&s.nodes, 0)
	s.groups, s.active, s.atomic, s.visit, s.work = 0, false, false, 0, 0
}

// node makes a node of a task.
func (s *stages) node(t *taskState, atomic bool) int32 {
	id := int32(len(s.nodes))
	n := at(&s.nodes, id)
	n.task, n.atomic, n.stage = t.all.id, atomic, t.stage.depth > 0
	if s.atomic {
		if t.stage.last > 0 {
			s.link(edge{of: t.stage.last, to: id, forced: true, program: true})
		}
		t.stage.last = id
	}
	return id
}

func (s *stages) link(e edge) {
	if n := &s.nodes[e.of]; len(n.after) < maxEdges {
		n.after = append(n.after, e)
	}
}

// enter and leave are where a task enters a stage and leaves it.

func (s *stages) enter(t *taskState, atomic bool) {
	s.active = true
	t.stage.depth++
	if !atomic || t.stage.atomic > 0 {
		return
	}
	s.atomic = true
	s.close(t)
	t.stage.atomic, t.stage.node = t.stage.depth, s.node(t, true)
}

func (s *stages) leave(t *taskState) {
	if t.stage.depth == t.stage.atomic {
		t.stage.atomic = 0
	}
	if t.stage.depth--; t.stage.depth == 0 {
		s.close(t)
	}
}

// close ends the rounds of a task.
func (s *stages) close(t *taskState) {
	for _, u := range t.stage.units {
		s.nodes[u.node].closed = true
	}
	t.stage.units = t.stage.units[:0]
}

// together notes that objects belong together.
func (tr *Tracker) together(objects []int) {
	s := &tr.stages
	s.active = true
	s.groups++
	for _, o := range objects {
		tr.object(int32(o)).group = s.groups
	}
}

// access puts an access into the graph. If a run is so long that this would take for
// ever, the rest of it is not judged.
func (s *stages) access(tr *Tracker, e *sched.Event, o *object, t *taskState) {
	if s.work > maxWork {
		s.active = false
		return
	}
	if e.Item >= 0 {
		s.touch(tr, e, o, e.Item, t)
	}
	if e.Kind == sched.EventWrite && e.Loc < 0 && e.Item != keySet && !o.item(e.Item).written {
		s.touch(tr, e, o, keySet, t) // a key that may be new
	}
	for i := 0; e.Manner == sched.Everything && i < len(o.items); i++ {
		s.touch(tr, e, o, int32(i), t)
	}
}

// touch puts an access to one item into the graph.
func (s *stages) touch(tr *Tracker, e *sched.Event, o *object, i int32, t *taskState) {
	it := o.item(i)
	id := s.current(e, o, i, t, it)
	if id == 0 {
		return
	}
	write := e.Kind == sched.EventWrite
	own := int32(0) // the last write of the node, which hides those before from its reads
	if u := it.use(id); u != nil {
		own = u.write.step
	}
	hidden := !write && own > 0
	// Nothing comes before a node that is closed any more, so that one which comes
	// before nothing yet can make no pair with it.
	open := s.atomic || len(s.nodes[id].after) > 0
	for k := range it.uses {
		u := &it.uses[k]
		if n := &s.nodes[u.node]; u.node == id || n.task == e.Task || n.closed && !open {
			continue
		}
		f := edge{of: u.node, to: id, object: e.Object, item: i, about: e.Item, at: int32(e.Step), atWrite: write,
			blind: e.Manner == sched.Blind}
		if u.write.step > 0 && (write || u.write.step > own) {
			hidden = false
			s.conflict(tr, f.after(&u.write, true, t), t)
		}
		if write && u.read.step > 0 {
			s.conflict(tr, f.after(&u.read, false, t), t)
		}
	}
	s.cycles(tr, id)
	if !hidden { // else it reads what the node has written itself
		it.note(id, accessOf(e, t), write)
	}
}

// after returns f as an edge from an access.
func (f edge) after(a *access, write bool, t *taskState) edge {
	f.from, f.time, f.fromWrite, f.forced = a.step, a.time, write, a.forced(t)
	return f
}

// note adds an access to what the node has done with the item.
func (it *item) note(id int32, a access, write bool) {
	u := it.use(id)
	if u == nil {
		if len(it.uses) == maxUses {
			it.uses = slices.Delete(it.uses, 0, 1)
		}
		it.uses = append(it.uses, use{node: id})
		u = &it.uses[len(it.uses)-1]
	}
	if !write {
		u.read = a
		return
	}
	if u.write = a; u.wrote == 0 {
		u.wrote = a.step
	}
}

func (it *item) use(id int32) *use {
	for k := len(it.uses) - 1; k >= 0; k-- {
		if it.uses[k].node == id {
			return &it.uses[k]
		}
	}
	return nil
}

// current returns the node that an access belongs to, or 0 if it is not judged.
func (s *stages) current(e *sched.Event, o *object, i int32, t *taskState, it *item) int32 {
	switch {
	case t.stage.atomic > 0:
		return t.stage.node
	case o.group > 0 || i == 0 && (t.stage.depth > 0 || !s.atomic):
		return s.round(e, o.group, t, it)
	case s.atomic:
		return s.node(t, false)
	}
	return 0
}

// round returns the node of the task's round, a new one if this access begins
// one.
func (s *stages) round(e *sched.Event, group int32, t *taskState, it *item) int32 {
	for k := range t.stage.units {
		u := &t.stage.units[k]
		if u.group != group {
			continue
		}
		if done := it.use(u.node); done != nil && done.over(e, t) {
			s.nodes[u.node].closed = true
			u.node = s.node(t, false)
		}
		return u.node
	}
	id := s.node(t, false)
	t.stage.units = append(t.stage.units, unit{group, id})
	return id
}

// over reports whether a round is over that comes back to an item by e: to write it
// again, or to read again what it only reads. It is not if it has synchronised with
// nobody since, nor if it still holds a lock that it held then.
func (u *use) over(e *sched.Event, t *taskState) bool {
	last := &u.write
	switch {
	case e.Kind == sched.EventWrite:
	case last.step > 0:
		return false // it reads what it has written
	default:
		last = &u.read
	}
	return last.step > 0 && last.time != t.all.own && !(len(t.holds) > 0 && t.holds[0].step < last.step)
}
