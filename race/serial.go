package race

import (
	"cmp"
	"slices"
)

// conflict adds the edge f from a node, which leads to the node that t is in, and
// looks for what it makes impossible.
func (s *stages) conflict(tr *Tracker, from int32, f edge, t *taskState) {
	for _, g := range s.nodes[f.to].after {
		if g.to == from && !g.program && !(g.forced && f.forced) {
			s.pair(tr, from, g, f, t)
		}
	}
	if s.atomic {
		s.visit++
		s.cycle(tr, f.to, []edge{f}, from)
	}
	s.link(from, f)
}

// pair judges two nodes, each of which comes before the other: f.to by g, the
// other one by f.
func (s *stages) pair(tr *Tracker, other int32, g, f edge, t *taskState) {
	if g.object == f.object && g.item == f.item {
		pattern := serialisation(g, f)
		if pattern == "" && g.at == f.from && !g.fromWrite && f.fromWrite && f.atWrite && !s.losesUpdate(tr, g, f) {
			pattern = Unserialisable
		}
		if n := &s.nodes[f.to]; pattern != "" && (n.atomic || n.stage && g.time == t.all.own) {
			tr.found(s.finding(Atomicity, pattern, g, f))
		}
		return
	}
	if s.torn(tr, f.to, other, g, f) {
		tr.found(s.finding(TornSnapshot, "", g, f))
	}
}

// losesUpdate reports whether a node that has read an item and writes it, after
// another one has, loses that update, which is noted elsewhere: not if it has written
// it in between, nor if the item is the keys of a map.
func (s *stages) losesUpdate(tr *Tracker, g, f edge) bool {
	u := tr.object(f.object).item(f.item).use(f.to)
	return f.item == f.about && (u == nil || u.wrote < g.from)
}

// torn reports whether two edges, from a node and back, are about two items that
// one of the nodes has only read and the other one written, and that it was meant
// to see together: in a stage, or because they were declared so.
func (s *stages) torn(tr *Tracker, node, other int32, g, f edge) bool {
	reader, both := other, max(g.at, f.from)
	switch {
	case !g.fromWrite && !f.atWrite:
		reader, both = node, f.at
	case g.atWrite || f.fromWrite:
		return false
	}
	group := tr.object(g.object).group
	if n := &s.nodes[reader]; !n.atomic && (group != tr.object(f.object).group || group == 0 && !n.stage) {
		return false
	}
	for _, e := range []edge{g, f} {
		if u := tr.object(e.object).item(e.item).use(reader); u != nil && u.wrote > 0 && u.wrote < both {
			return false
		}
	}
	return true
}

// serialisation names the pattern of an access of a node, one of another node and
// one of the first again, if no order of the nodes explains it: three of the four
// of AVIO (Lu et al., ASPLOS 2006). The fourth is a lost update.
func serialisation(g, f edge) string {
	if g.at != f.from {
		return ""
	}
	switch [3]bool{g.fromWrite, g.atWrite, f.atWrite} {
	case [3]bool{false, true, false}:
		return UnrepeatableRead
	case [3]bool{true, true, false}:
		return OverwrittenWrite
	case [3]bool{true, false, true}:
		return DirtyRead
	}
	return ""
}

// cycle looks for a way from a node to another one, which the first edge of the
// path leads from, and judges the cycle.
func (s *stages) cycle(tr *Tracker, node int32, path []edge, end int32) bool {
	s.nodes[node].seen = s.visit
	if len(path) == maxPath {
		return false
	}
	for _, g := range s.nodes[node].after {
		next := append(path[:len(path):len(path)], g)
		switch {
		case g.to == end && s.broken(next):
			tr.found(s.finding(s.kindOf(tr, next), Unserialisable, next...))
			return true
		case g.to != end && s.nodes[g.to].seen != s.visit && s.cycle(tr, g.to, next, end):
			return true
		}
	}
	return false
}

// broken reports whether a cycle is one that atomicity forbids: through an atomic
// stage by two operations, on more than one item, and not in every schedule.
func (s *stages) broken(path []edge) bool {
	forced, one, atomic := true, true, false
	for i, e := range path {
		forced = forced && e.forced
		one = one && e.object == path[0].object && e.item == path[0].item
		next := path[(i+1)%len(path)]
		atomic = atomic || s.nodes[e.to].atomic && e.at != next.from
	}
	return atomic && !forced && !(one && len(path) == 2)
}

// kindOf tells the kind of a cycle: two nodes, one of which only reads, are a torn
// snapshot.
func (s *stages) kindOf(tr *Tracker, path []edge) Kind {
	if len(path) != 2 || path[0].program || path[1].program {
		return Atomicity
	}
	if s.torn(tr, path[0].to, path[1].to, path[1], path[0]) {
		return TornSnapshot
	}
	return Atomicity
}

// finding returns a finding about the operations of edges, in their order.
func (s *stages) finding(kind Kind, pattern string, edges ...edge) Finding {
	var steps []Access
	add := func(task, step int32, write bool) {
		a := Access{Task: int(task), Write: write, Step: int(step)}
		if step > 0 && !slices.Contains(steps, a) {
			steps = append(steps, a)
		}
	}
	f := Finding{Kind: kind, Pattern: pattern, Object: int(edges[0].object), Loc: -1, Item: int(edges[0].item)}
	for i, e := range edges {
		from := edges[(i+len(edges)-1)%len(edges)].to
		add(s.nodes[from].task, e.from, e.fromWrite)
		add(s.nodes[e.to].task, e.at, e.atWrite)
	}
	slices.SortFunc(steps, func(a, b Access) int { return cmp.Compare(a.Step, b.Step) })
	f.Accesses = steps
	return f
}
