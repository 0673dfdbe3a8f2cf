package sched

import "slices"

// splitCycle finds tasks that wait for each other, by a depth-first search from
// each task to the holders of what it waits for.
func splitCycle(waits []Wait) (cycle, others []Wait) {
	g := waitGraph{waits: waits, place: map[int32]int{}, state: make([]visited, len(waits))}
	for i, w := range waits {
		g.place[int32(w.ID)] = i
	}
	for start := range waits {
		if g.state[start] == unvisited && g.follow(start) {
			break
		}
	}
	on := map[int]bool{}
	for _, i := range g.cycle {
		cycle = append(cycle, waits[i])
		on[i] = true
	}
	for i, w := range waits {
		if !on[i] {
			others = append(others, w)
		}
	}
	return cycle, others
}

// waitGraph is who waits for whom.
type waitGraph struct {
	waits []Wait
	place map[int32]int // in waits, by task
	state []visited
	path  []int
	cycle []int // from the task with the lowest number on
}

type visited int8

const (
	unvisited visited = iota
	onPath
	left
)

// follow extends the path by task i and reports whether that leads to a cycle.
func (g *waitGraph) follow(i int) bool {
	g.state[i] = onPath
	g.path = append(g.path, i)
	for _, h := range g.waits[i].holders {
		next, blocked := g.place[h]
		if !blocked || g.state[next] == left {
			continue
		}
		if g.state[next] == onPath {
			c := g.path[slices.Index(g.path, next):]
			first := slices.Index(c, slices.Min(c))
			g.cycle = slices.Concat(c[first:], c[:first])
			return true
		}
		if g.follow(next) {
			return true
		}
	}
	g.state[i] = left
	g.path = g.path[:len(g.path)-1]
	return false
}
