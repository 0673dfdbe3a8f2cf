package draw

import (
	"fmt"
	"strings"

	"github.com/ravelgo/ravel/engine/plan"
)

// DOT returns p as a directed graph for the programs of Graphviz. It panics if
// opts.Direction is none of the directions.
func DOT(p plan.Plan, opts Options) string {
	opts = opts.checked()
	d := &dot{}
	d.printf(0, "digraph {")
	d.printf(1, "graph [label=%s, labelloc=t, rankdir=%s, compound=true, fontname=%q]", dotLabel(title(p, opts)...), opts.Direction, font)
	d.printf(1, "node [shape=box, fontname=%q]", font)
	d.printf(1, "edge [fontname=%q]", font)
	d.graph(newGraph(p, "n", "", opts.States), 1)
	d.printf(0, "}")
	return d.String()
}

const font = "sans-serif"

type dot struct{ text }

func (d *dot) graph(g *graph, depth int) {
	for _, n := range g.nodes {
		d.node(n, depth)
	}
	for _, e := range g.edges {
		d.edge(e, depth)
	}
}

func (d *dot) node(n *node, depth int) {
	attrs := "label=" + dotLabel(n.lines...)
	switch {
	case n.inner != nil:
		d.cluster(n, attrs, depth)
		return
	case n.kind == "map":
		attrs += ", shape=box3d"
	case n.kind == "switch":
		attrs += ", shape=diamond"
	case n.kind == "sub":
		attrs += ", peripheries=2"
	}
	d.printf(depth, "%s [%s%s]", n.id, attrs, fill(n))
}

func (d *dot) cluster(n *node, attrs string, depth int) {
	d.printf(depth, "subgraph cluster_%s {", n.id)
	style := fill(n)
	if style == "" {
		style = ", style=solid, color=black" // not those of the frame around it
	}
	d.printf(depth+1, "graph [%s%s]", attrs, style)
	d.graph(n.inner, depth+1)
	d.printf(depth, "}")
}

func fill(n *node) string {
	if n.colors == nil {
		return ""
	}
	return fmt.Sprintf(", style=filled, fillcolor=%q, color=%q", n.colors.fill, n.colors.stroke)
}

// edge writes an edge. One from or to a frame is, in this format, one from or to
// a node inside, cut at the frame. From a frame to itself it cannot be cut: that
// is a line from what ends in it to what starts, which says so. A jump back is
// written the other way round, so that it does not change what is above what.
func (d *dot) edge(e edge, depth int) {
	tail, head := e.from.exit(), e.to.entry()
	attrs := edgeAttrs(e)
	if e.back && tail != head {
		tail, head = head, tail
		attrs = append(attrs, "dir=back")
	}
	line := fmt.Sprintf("%s -> %s", tail.id, head.id)
	if len(attrs) > 0 {
		line += " [" + strings.Join(attrs, ", ") + "]"
	}
	d.printf(depth, "%s", line)
}

func edgeAttrs(e edge) []string {
	var attrs []string
	if e.dotted {
		attrs = append(attrs, "style=dotted")
	}
	if e.from == e.to && e.from.inner != nil {
		return append(attrs, "label="+dotLabel("again: "+visible(e.to.name)))
	}
	if e.label != "" {
		attrs = append(attrs, routeLabel(e))
	}
	tail, head := e.from, e.to
	if e.back {
		tail, head = head, tail
	}
	if tail.inner != nil {
		attrs = append(attrs, "ltail=cluster_"+tail.id)
	}
	if head.inner != nil {
		attrs = append(attrs, "lhead=cluster_"+head.id)
	}
	return attrs
}

// routeLabel returns the label of a route. The middle of one that is cut may be
// where it cannot be seen.
func routeLabel(e edge) string {
	if e.to.inner == nil {
		return "label=" + dotLabel(e.label)
	}
	return "labeldistance=2, taillabel=" + dotLabel(e.label)
}

// dotLabel quotes lines that are fit to be seen. Graphviz knows the entities of
// HTML in labels.
func dotLabel(lines ...string) string {
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`, `&`, `&amp;`)
	escaped := make([]string, len(lines))
	for i, line := range lines {
		escaped[i] = escape.Replace(line)
	}
	return `"` + strings.Join(escaped, `\n`) + `"`
}
