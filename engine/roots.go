package engine

import (
	"fmt"
	"strings"
)

// findRoots returns the roots, the nodes that start first, and says what is wrong
// with them: those that no edge leads to, and of a loop at the start, which
// nothing leads into, the node without edges of To.
func (p *Pipeline[S]) findRoots() (roots []*Node[S], bad []finding) {
	var names []string
	for _, n := range p.nodes {
		if n.after > 0 || len(n.prev) > 0 && !p.opensLoop(n) {
			continue
		}
		for _, m := range roots {
			if len(m.prev) > 0 && p.reach(m, false)[n.index] && p.reach(n, false)[m.index] {
				return roots, []finding{{"roots", fmt.Sprintf("%s and %s are on one loop at the start, and each could be the first; let something lead to it",
					m.name, n.name)}}
			}
		}
		roots = append(roots, n)
		names = append(names, n.name)
	}
	switch {
	case len(p.nodes) == 0:
		return roots, []finding{{"empty", "it has no node"}}
	case len(roots) == 0:
		return roots, []finding{{"roots", "every node has a predecessor, so none can start"}}
	case len(roots) > 1 && !p.opts.MultiRoot:
		return roots, []finding{{"roots", fmt.Sprintf("it starts with %s; set Options.MultiRoot if that is meant", strings.Join(names, ", "))}}
	}
	return roots, nil
}

// opensLoop reports whether n leads to every node that leads to it.
func (p *Pipeline[S]) opensLoop(n *Node[S]) bool {
	after := p.reach(n, false)
	for i, before := range p.reach(n, true) {
		if before && !after[i] {
			return false
		}
	}
	return true
}

// reach tells, by Node.index, which nodes edges of any kind lead to from n, or
// from which they lead to n.
func (p *Pipeline[S]) reach(n *Node[S], back bool) []bool {
	seen := make([]bool, len(p.nodes))
	stack := []*Node[S]{n}
	visit := func(m *Node[S]) {
		if !seen[m.index] {
			seen[m.index] = true
			stack = append(stack, m)
		}
	}
	for len(stack) > 0 {
		m := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if back {
			for _, l := range m.prev {
				visit(l)
			}
			continue
		}
		for _, edges := range [][]edge[S]{m.next, m.jumps} {
			for _, e := range edges {
				visit(e.to)
			}
		}
	}
	return seen
}
