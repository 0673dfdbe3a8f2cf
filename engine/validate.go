package engine

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ErrDefinition is what every *DefinitionError wraps.
var ErrDefinition = errors.New("engine: definition")

// DefinitionError says what is wrong with the definition of a pipeline.
type DefinitionError struct {
	// Findings are all mistakes, in the order of declaration, each with the
	// pipeline, the node and a code in brackets.
	Findings []string
}

func (e *DefinitionError) Error() string { return strings.Join(e.Findings, "; ") }

// Unwrap returns ErrDefinition.
func (e *DefinitionError) Unwrap() error { return ErrDefinition }

type finding struct{ code, what string }

const maxName = 128

// Validate returns nil if the definition of p is complete, and freezes it, else
// a [*DefinitionError] with all mistakes: names that are empty, too long, used
// twice or have one of / [ ] # or control characters; nil functions and nodes;
// edges that are repeated or lead to another pipeline; edges of To that form a
// cycle; no node; no root or, without MultiRoot, several; negative numbers.
func (p *Pipeline[S]) Validate() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.checked {
		p.checked = true
		p.err = nil
		if all := p.findings(); len(all) > 0 {
			p.err = &DefinitionError{Findings: all}
		}
	}
	return p.err
}

// findings lists all mistakes.
func (p *Pipeline[S]) findings() []string {
	var all []string
	say := func(n *Node[S], f finding) {
		where := fmt.Sprintf("engine: pipeline %q", p.name)
		if n != nil {
			where += fmt.Sprintf(": node %q", n.name)
		}
		all = append(all, fmt.Sprintf("%s: %s [%s]", where, f.what, f.code))
	}
	if what := badName(p.name); what != "" {
		say(nil, finding{"name", what})
	}
	first := map[string]*Node[S]{}
	for _, n := range p.nodes {
		if what := badName(n.name); what != "" {
			say(n, finding{"name", what})
		}
		if m := first[n.name]; m != nil {
			say(n, finding{"duplicate", fmt.Sprintf("declared at %s and at %s", m.site, n.site)})
		} else {
			first[n.name] = n
		}
		for _, f := range n.bad {
			say(n, f)
		}
		for _, m := range append(repeated(n.next), repeated(n.jumps)...) {
			say(n, finding{"edge", fmt.Sprintf("two edges to %q", m)})
		}
	}
	for _, f := range p.opts.mistakes() {
		say(nil, f)
	}
	if cycle := p.cycle(); cycle != "" {
		say(nil, finding{"cycle", "edges form a cycle: " + cycle})
	}
	for _, f := range p.findRoots() {
		say(nil, f)
	}
	return all
}

// repeated returns the names of nodes to which a second edge leads.
func repeated[S any](edges []edge[S]) []string {
	var names []string
	seen := map[*Node[S]]bool{}
	for _, e := range edges {
		if seen[e.to] {
			names = append(names, e.to.name)
		}
		seen[e.to] = true
	}
	return names
}

func (o Options) mistakes() []finding {
	var all []finding
	for _, f := range []struct {
		name  string
		value int
		zero  int
	}{{"MaxRetries", o.MaxRetries, maxRetries}, {"MaxJumps", o.MaxJumps, maxJumps}} {
		if f.value < 0 {
			all = append(all, finding{"number", fmt.Sprintf("Options.%s is %d, want 0 (%d) or more", f.name, f.value, f.zero)})
		}
	}
	return all
}

func badName(name string) string {
	switch {
	case name == "":
		return "its name is empty"
	case len(name) > maxName:
		return fmt.Sprintf("its name has %d bytes, want at most %d", len(name), maxName)
	case !utf8.ValidString(name):
		return "its name is not valid UTF-8"
	case strings.ContainsAny(name, "/[]#"):
		return "its name has one of / [ ] #"
	case strings.ContainsFunc(name, unicode.IsControl):
		return "its name has a control character"
	}
	return ""
}

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
