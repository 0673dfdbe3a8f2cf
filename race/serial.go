package race

import (
	"cmp"
	"slices"
)

// conflict adds an edge, which leads to the node that t is in, and looks whether
// that comes before the other one as well.
func (s *stages) conflict(tr *Tracker, f edge, t *taskState) {
	for _, g := range s.nodes[f.to].after {
		if g.to == f.of && !g.program && !(g.forced && f.forced) {
			s.pair(tr, g, f, t)
		}
	}
	s.work += len(s.nodes[f.to].after)
	s.link(f)
	if s.atomic {
		s.into = append(s.into, f)
	}
}

// pair judges two nodes, each of which comes before the other: f.to by g, f.of by f.
func (s *stages) pair(tr *Tracker, g, f edge, t *taskState) {
	if g.object == f.object && g.item == f.item {
		pattern := serialisation(g, f)
		if pattern == "" && g.at == f.from && !g.fromWrite && f.fromWrite && f.atWrite && !s.losesUpdate(tr, g, f) {
			pattern = Unserialisable
		}
		if n := &s.nodes[f.to]; pattern != "" && (n.atomic || n.stage && !f.blind && g.time == t.all.own) {
			tr.found(s.finding(Atomicity, pattern, g, f))
		}
		return
	}
	if s.torn(tr, g, f) {
		tr.found(s.finding(TornSnapshot, "", g, f))
	}
}

// losesUpdate reports whether a node that has read an item and writes it, after
// another one has, loses that update, which is noted elsewhere: not if it has written
// it in between, nor if the item is the keys of a map, nor if the write is blind.
func (s *stages) losesUpdate(tr *Tracker, g, f edge) bool {
	if f.blind {
		return false
	}
	u := tr.object(f.object).item(f.item).use(f.to)
	return f.item == f.about && (u == nil || u.wrote < g.from)
}

// torn reports whether two edges, from a node and back, are about two items that
// one of the nodes has only read and the other one written, and that it was meant
// to see together: in a stage, or because they were declared so.
func (s *stages) torn(tr *Tracker, g, f edge) bool {
	reader, both := f.of, max(g.at, f.from)
	switch {
	case !g.fromWrite && !f.atWrite:
		reader, both = f.to, f.at
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

// cycles looks for ways from the node that an access belongs to back to it, by the
// edges that the access has added.
func (s *stages) cycles(tr *Tracker, node int32) {
	if len(s.into) > 0 && len(s.nodes[node].after) > 0 {
		s.visit++
		s.path = s.path[:0]
		s.follow(tr, node)
	}
	s.into = s.into[:0]
}

// follow follows the edges from a node, which the path has led to.
func (s *stages) follow(tr *Tracker, node int32) {
	s.nodes[node].seen = s.visit
	if len(s.path) == maxPath || s.work > maxWork {
		return
	}
	s.work += len(s.nodes[node].after) * (1 + len(s.into))
	for _, g := range s.nodes[node].after {
		s.path = append(s.path, g)
		for _, f := range s.into {
			if f.of == g.to {
				s.circle(tr, append(s.path, f))
			}
		}
		if s.nodes[g.to].seen != s.visit {
			s.follow(tr, g.to)
		}
		s.path = s.path[:len(s.path)-1]
	}
}

// circle judges edges that lead from a node back to it.
func (s *stages) circle(tr *Tracker, edges []edge) {
	if s.broken(edges) {
		tr.found(s.finding(s.kindOf(tr, edges), Unserialisable, edges...))
	}
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
	if s.torn(tr, path[0], path[1]) {
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
	for _, e := range edges {
		add(s.nodes[e.of].task, e.from, e.fromWrite)
		add(s.nodes[e.to].task, e.at, e.atWrite)
	}
	slices.SortFunc(steps, func(a, b Access) int { return cmp.Compare(a.Step, b.Step) })
	f.Accesses = steps
	return f
}
