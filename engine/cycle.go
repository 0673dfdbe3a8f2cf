package engine

import (
	"slices"
	"strings"
)

// cycle returns a cycle of edges as text, or nothing. It uses a stack of its
// own, so that long chains are no problem.
func (p *Pipeline[S]) cycle() string {
	w := &walk[S]{state: make([]visit, len(p.nodes))}
	for _, root := range p.nodes {
		if w.state[root.index] != unseen {
			continue
		}
		w.enter(root)
		for len(w.path) > 0 {
			if m := w.step(); m != nil {
				return w.cycle(m)
			}
		}
	}
	return ""
}

// walk is a depth-first search for a cycle.
type walk[S any] struct {
	state []visit     // by Node.index
	path  []branch[S] // from where it began to where it is
}

type visit int8

const (
	unseen visit = iota
	open         // on the path
	closed
)

// branch is a node on the path and how many of its edges have been followed.
type branch[S any] struct {
	n    *Node[S]
	edge int
}

func (w *walk[S]) enter(n *Node[S]) {
	w.state[n.index] = open
	w.path = append(w.path, branch[S]{n: n})
}

// step follows an edge of the last node on the path, or leaves it if there is
// none. It returns the node that the edge leads to if that closes a cycle.
func (w *walk[S]) step() *Node[S] {
	last := &w.path[len(w.path)-1]
	if last.edge == len(last.n.next) {
		w.state[last.n.index] = closed
		w.path = w.path[:len(w.path)-1]
		return nil
	}
	m := last.n.next[last.edge].to
	last.edge++
	switch w.state[m.index] {
	case unseen:
		w.enter(m)
	case open:
		return m
	}
	return nil
}

// cycle writes the end of the path from m on.
func (w *walk[S]) cycle(m *Node[S]) string {
	from := slices.IndexFunc(w.path, func(b branch[S]) bool { return b.n == m })
	var text strings.Builder
	for _, b := range w.path[from:] {
		text.WriteString(b.n.name + " → ")
	}
	return text.String() + m.name
}
