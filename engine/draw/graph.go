package draw

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ravelgo/ravel/engine/plan"
)

// graph is a plan as both formats need it.
type graph struct {
	lines []string // of the title
	nodes []*node  // as declared
	edges []edge   // by node from which they lead; static, routes, jumps
	roots []string // names
}

// node is a node of a graph.
type node struct {
	id     string // unique in the drawing: n2, or n2_0 inside it
	name   string
	kind   string
	lines  []string // of the label, each fit to be seen
	colors *colors  // nil if it has none
	inner  *graph   // nil if it is no frame
	next   []*node  // to which lines lead
}

// edge is an edge of a graph. Only routes have a label.
type edge struct {
	from, to *node
	label    string
	dotted   bool
	back     bool // a jump to a node from which lines lead to this one
}

// newGraph returns the graph of p. Ids and paths of its nodes begin with the
// given ones.
func newGraph(p plan.Plan, id, path string, states map[string]State) *graph {
	g := &graph{roots: p.Roots, lines: titleLines(p)}
	byName := map[string]*node{}
	for i, described := range p.Nodes {
		n := newNode(described, fmt.Sprintf("%s%d", id, i), path+described.Name, states)
		g.nodes = append(g.nodes, n)
		if byName[n.name] == nil {
			byName[n.name] = n
		}
	}
	for i, described := range p.Nodes {
		g.addEdges(g.nodes[i], described, byName)
	}
	for i := range g.edges {
		e := &g.edges[i]
		e.back = e.dotted && e.to.reach()[e.from]
	}
	return g
}

func newNode(described plan.Node, id, path string, states map[string]State) *node {
	n := &node{id: id, name: described.Name, kind: described.Kind, lines: []string{visible(described.Name)}}
	if inner := described.Inner; inner != nil && len(inner.Nodes) > 0 {
		n.inner = newGraph(*inner, id+"_", path+"/", states)
		if inner.Name != described.Name {
			n.lines = append(n.lines, "pipeline "+visible(inner.Name))
		}
		if n.kind == "map" {
			n.lines = append(n.lines, "for each item")
		}
		n.lines = append(n.lines, n.inner.lines...)
	}
	if described.Join != "" && described.Join != "all" {
		n.lines = append(n.lines, "join "+visible(described.Join))
	}
	if described.Handler {
		n.lines = append(n.lines, "handler")
	}
	if i := slices.IndexFunc(palette, func(c colors) bool { return c.state == states[path] }); i >= 0 {
		n.colors = &palette[i]
	}
	return n
}

// titleLines returns what a title says about p beside its name.
func titleLines(p plan.Plan) []string {
	if p.Handler {
		return []string{"handler for all nodes"}
	}
	return nil
}

func (g *graph) addEdges(from *node, described plan.Node, byName map[string]*node) {
	add := func(to, label string, dotted bool) {
		if n := byName[to]; n != nil {
			g.edges = append(g.edges, edge{from: from, to: n, label: label, dotted: dotted})
			if !dotted {
				from.next = append(from.next, n)
			}
		}
	}
	for _, to := range described.To {
		add(to, "", false)
	}
	for _, c := range described.Cases {
		add(c.To, visible(c.Key), false)
	}
	if described.Default != "" {
		add(described.Default, "default", false)
	}
	for _, to := range described.Jumps {
		add(to, "", true)
	}
}

// reach returns n and the nodes to which lines lead from it.
func (n *node) reach() map[*node]bool {
	reached, todo := map[*node]bool{n: true}, []*node{n}
	for len(todo) > 0 {
		n, todo = todo[0], todo[1:]
		for _, m := range n.next {
			if !reached[m] {
				reached[m] = true
				todo = append(todo, m)
			}
		}
	}
	return reached
}

// entry returns the first node to start in n that is no frame, exit one of the
// last.
func (n *node) entry() *node {
	for n.inner != nil {
		i := slices.IndexFunc(n.inner.nodes, func(m *node) bool { return slices.Contains(n.inner.roots, m.name) })
		n = n.inner.nodes[max(i, 0)]
	}
	return n
}

func (n *node) exit() *node {
	for n.inner != nil {
		nodes := slices.Clone(n.inner.nodes)
		slices.Reverse(nodes)
		i := slices.IndexFunc(nodes, func(m *node) bool { return len(m.next) == 0 })
		n = nodes[max(i, 0)]
	}
	return n
}

// title returns the lines above a drawing of p.
func title(p plan.Plan, opts Options) []string {
	name := opts.Title
	if name == "" {
		name = p.Name
	}
	return append([]string{visible(name)}, titleLines(p)...)
}

// visible returns s with what cannot be seen written as in a string of Go.
func visible(s string) string {
	if s == "" {
		return `""`
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if invalid := r == utf8.RuneError && size == 1; invalid || !unicode.IsGraphic(r) {
			quoted := strconv.Quote(s[:size])
			b.WriteString(quoted[1 : len(quoted)-1])
		} else {
			b.WriteRune(r)
		}
		s = s[size:]
	}
	return b.String()
}

// text is a drawing as lines.
type text struct{ strings.Builder }

// printf writes a line, depth times indented.
func (t *text) printf(depth int, format string, args ...any) {
	t.WriteString(strings.Repeat("  ", depth))
	fmt.Fprintf(t, format+"\n", args...)
}
