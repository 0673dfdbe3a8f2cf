package draw

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"

	"github.com/ravelgo/ravel/engine/plan"
)

// Mermaid returns p as a flowchart of Mermaid 11.3 or later. Only in the title,
// which Mermaid takes for HTML, wide characters stand for & and <. It panics if
// opts.Direction is none of the directions.
func Mermaid(p plan.Plan, opts Options) string {
	opts = opts.checked()
	m := &mermaid{}
	m.printf(0, "---\ntitle: %s\n---", mermaidTitle(strings.Join(title(p, opts), ", ")))
	m.printf(0, "flowchart %s", opts.Direction)
	g := newGraph(p, "n", "", opts.States)
	m.graph(g, 1)
	m.classes(g)
	return m.String()
}

type mermaid struct{ text }

func (m *mermaid) graph(g *graph, depth int) {
	for _, n := range g.nodes {
		m.node(n, depth)
	}
	for _, e := range g.edges {
		m.edge(e, depth)
	}
}

func (m *mermaid) node(n *node, depth int) {
	label := mermaidLabel(n.lines...)
	switch {
	case n.inner != nil: // a second line of its label would cover what is inside
		m.printf(depth, "subgraph %s[%s]", n.id, mermaidLabel(strings.Join(n.lines, ", ")))
		m.graph(n.inner, depth+1)
		m.printf(depth, "end")
	case n.kind == "map":
		m.printf(depth, "%s@{ shape: procs, label: %s }", n.id, label)
	case n.kind == "switch":
		m.printf(depth, "%s{%s}", n.id, label)
	case n.kind == "sub":
		m.printf(depth, "%s[[%s]]", n.id, label)
	default:
		m.printf(depth, "%s[%s]", n.id, label)
	}
}

func (m *mermaid) edge(e edge, depth int) {
	switch {
	case e.dotted:
		m.printf(depth, "%s -.-> %s", e.from.id, e.to.id)
	case e.label != "":
		m.printf(depth, "%s -->|%s| %s", e.from.id, mermaidLabel(e.label), e.to.id)
	default:
		m.printf(depth, "%s --> %s", e.from.id, e.to.id)
	}
}

// classes writes the colours that are used in g, and by which nodes.
func (m *mermaid) classes(g *graph) {
	for i := range palette {
		c := &palette[i]
		if ids := g.colored(c); len(ids) > 0 {
			m.printf(1, "classDef %s fill:%s,stroke:%s,color:#111827", c.state, c.fill, c.stroke)
			m.printf(1, "class %s %s", strings.Join(ids, ","), c.state)
		}
	}
}

// colored returns the ids of the nodes with the given colours.
func (g *graph) colored(c *colors) []string {
	var ids []string
	for _, n := range g.nodes {
		if n.colors == c {
			ids = append(ids, n.id)
		}
		if n.inner != nil {
			ids = append(ids, n.inner.colored(c)...)
		}
	}
	return ids
}

// mermaidLabel quotes lines that are fit to be seen.
func mermaidLabel(lines ...string) string {
	escaped := make([]string, len(lines))
	for i, line := range lines {
		escaped[i] = escapeMermaid(line)
	}
	return `"` + strings.Join(escaped, "<br>") + `"`
}

// escapeMermaid writes as numbers all characters that might mean something:
// quoted or not, labels are searched for comments and directives, and are then
// Markdown, in which a number and a full stop begin a list. Letters and digits
// mean nothing, nor does a space, hyphen or underscore between them.
func escapeMermaid(s string) string {
	var b strings.Builder
	runes := []rune(s)
	for i, r := range runes {
		between := i > 0 && i+1 < len(runes) && plain(runes[i-1]) && plain(runes[i+1])
		if plain(r) || between && strings.ContainsRune(" -_", r) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "#%d;", r)
		}
	}
	return b.String()
}

func plain(r rune) bool { return unicode.In(r, unicode.L, unicode.M, unicode.Nd) }

// mermaidTitle quotes a title as JSON does, which YAML reads too. What looks like
// HTML Mermaid takes out of it, and it knows no way to escape that.
func mermaidTitle(s string) string {
	text, err := json.Marshal(strings.NewReplacer("&", "\uff06", "<", "\uff1c").Replace(s))
	if err != nil {
		panic("draw: " + err.Error()) // strings can be encoded
	}
	return string(text)
}
