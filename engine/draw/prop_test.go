package draw_test

import (
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ravelgo/ravel/engine/draw"
	"github.com/ravelgo/ravel/engine/plan"
)

// anyName can be seen and is not empty.
var anyName = rapid.OneOf(
	rapid.StringMatching(`[a-cA-C"\\|<>&;#{}% _-]{1,4}`),
	rapid.StringOfN(rapid.RuneFrom(nil, unicode.L, unicode.Nd, unicode.P, unicode.S), 1, 6, -1),
	rapid.SampledFrom([]string{"end", "node", "n0", "n1_0", "subgraph", "-->", "<br>", "default"}),
)

// anyPlan draws a plan with inner plans of the given depth and edges anywhere.
func anyPlan(t *rapid.T, depth int) plan.Plan {
	p := plan.Plan{Name: anyName.Draw(t, "pipeline"), Handler: rapid.Bool().Draw(t, "handler")}
	for _, name := range rapid.SliceOfNDistinct(anyName, 1, 5, rapid.ID).Draw(t, "names") {
		p.Nodes = append(p.Nodes, plan.Node{Name: name, Handler: rapid.Bool().Draw(t, "handler")})
	}
	target := rapid.Custom(func(t *rapid.T) string { return rapid.SampledFrom(p.Nodes).Draw(t, "node").Name })
	targets := rapid.SliceOfNDistinct(target, 0, 3, rapid.ID)
	for i := range p.Nodes {
		n := &p.Nodes[i]
		n.Kind = rapid.SampledFrom([]string{"step", "map", "switch", "sub"}).Draw(t, "kind")
		n.Join = rapid.SampledFrom([]string{"", "all", "any", "at-least:2", "per-arrival"}).Draw(t, "join")
		n.Jumps = targets.Draw(t, "jumps")
		if n.Kind == "switch" {
			for _, to := range targets.Draw(t, "cases") {
				n.Cases = append(n.Cases, plan.Case{Key: anyName.Draw(t, "key"), To: to})
			}
			continue
		}
		n.To = targets.Draw(t, "to")
		if depth > 0 && (n.Kind == "sub" || n.Kind == "map" && rapid.Bool().Draw(t, "inner")) {
			inner := anyPlan(t, depth-1)
			n.Inner = &inner
		}
		if i == 0 || rapid.Bool().Draw(t, "root") {
			p.Roots = append(p.Roots, n.Name)
		}
	}
	return p
}

// drawing is what a text shows: its nodes with id and label, and its edges between
// ids, with arrow and label.
type drawing struct{ nodes, edges []string }

// expected tells what a drawing of p must show.
func expected(p plan.Plan, prefix string) (d drawing) {
	ids := map[string]string{}
	for i, n := range p.Nodes {
		ids[n.Name] = fmt.Sprintf("%s%d", prefix, i)
	}
	for i, n := range p.Nodes {
		id := fmt.Sprintf("%s%d", prefix, i)
		d.nodes = append(d.nodes, id+" "+label(n))
		if n.Inner != nil {
			inner := expected(*n.Inner, id+"_")
			d.nodes, d.edges = append(d.nodes, inner.nodes...), append(d.edges, inner.edges...)
		}
	}
	for _, n := range p.Nodes {
		for _, to := range n.To {
			d.edges = append(d.edges, ids[n.Name]+" --> "+ids[to]+" ")
		}
		for _, c := range n.Cases {
			d.edges = append(d.edges, ids[n.Name]+" --> "+ids[c.To]+" "+c.Key)
		}
		for _, to := range n.Jumps {
			d.edges = append(d.edges, ids[n.Name]+" -.-> "+ids[to]+" ")
		}
	}
	return d
}

// label is what a node must say.
func label(n plan.Node) string {
	s := n.Name
	if n.Inner != nil {
		if n.Inner.Name != n.Name {
			s += ", pipeline " + n.Inner.Name
		}
		if n.Kind == "map" {
			s += ", for each item"
		}
		if n.Inner.Handler {
			s += ", handler for all nodes"
		}
	}
	if n.Join != "" && n.Join != "all" {
		s += ", join " + n.Join
	}
	if n.Handler {
		s += ", handler"
	}
	return s
}

var (
	mermaidNode = regexp.MustCompile(`^(?:subgraph )?(n[\d_]+)(?:\[|\[\[|\{|@\{ shape: procs, label: )"([^"]*)"(?:\]|\]\]|\}| \})$`)
	mermaidEdge = regexp.MustCompile(`^(n[\d_]+) (-->|-\.->)(?:\|"([^"]+)"\|)? (n[\d_]+)$`)
	dotNode     = regexp.MustCompile(`^(n[\d_]+|graph) \[label="((?:[^"\\]|\\.)*)".*\]$`)
	dotEdge     = regexp.MustCompile(`^(n[\d_]+) -> (n[\d_]+)(?: \[(.*)\])?$`)
	dotAttr     = regexp.MustCompile(`(\w+)=("(?:[^"\\]|\\.)*"|\w+)`)
)

// readMermaid reads what [draw.Mermaid] writes. All else in it is an error.
func readMermaid(t require.TestingT, text string) (d drawing) {
	unescape := func(s string) string { return html.UnescapeString(strings.ReplaceAll(s, "#", "&#")) }
	depth := 0
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n")[4:] {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "subgraph ") {
			depth++
		}
		if m := mermaidNode.FindStringSubmatch(line); m != nil {
			d.nodes = append(d.nodes, m[1]+" "+unescape(strings.ReplaceAll(m[2], "<br>", ", ")))
		} else if m := mermaidEdge.FindStringSubmatch(line); m != nil {
			d.edges = append(d.edges, m[1]+" "+m[2]+" "+m[4]+" "+unescape(m[3]))
		} else {
			require.Equal(t, "end", line)
			depth--
		}
	}
	require.Zero(t, depth)
	return d
}

// readDOT reads what [draw.DOT] writes. All else in it is an error.
func readDOT(t require.TestingT, text string) (d drawing) {
	unescape := strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, ", ", `&amp;`, `&`).Replace
	frame, depth := "", 0
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for _, line := range lines[4 : len(lines)-1] {
		line = strings.TrimSpace(line)
		if id, ok := strings.CutPrefix(line, "subgraph cluster_"); ok {
			frame = strings.TrimSuffix(id, " {")
			depth++
		} else if m := dotNode.FindStringSubmatch(line); m != nil {
			id := strings.Replace(m[1], "graph", frame, 1)
			d.nodes = append(d.nodes, id+" "+unescape(m[2]))
		} else if m := dotEdge.FindStringSubmatch(line); m != nil {
			d.edges = append(d.edges, readDOTEdge(m, unescape))
		} else {
			require.Equal(t, "}", line)
			depth--
		}
	}
	require.Zero(t, depth)
	return d
}

func readDOTEdge(m []string, unescape func(string) string) string {
	from, arrow, to, label := m[1], "-->", m[2], ""
	if strings.HasSuffix(m[3], "dir=back") {
		from, to = to, from
		m[3] = strings.NewReplacer("ltail=", "lhead=", "lhead=", "ltail=").Replace(m[3])
	}
	for _, a := range dotAttr.FindAllStringSubmatch(m[3], -1) {
		value := a[2]
		switch a[1] {
		case "style":
			arrow = "-.->"
		case "ltail":
			from = strings.TrimPrefix(value, "cluster_")
		case "lhead":
			to = strings.TrimPrefix(value, "cluster_")
		case "label", "taillabel":
			label = unescape(value[1 : len(value)-1])
		}
	}
	return from + " " + arrow + " " + to + " " + label
}

// noSelf leaves out edges of a frame to itself, which DOT shows in another way.
func noSelf(p plan.Plan) plan.Plan {
	p.Nodes = slices.Clone(p.Nodes)
	for i := range p.Nodes {
		if n := &p.Nodes[i]; n.Inner != nil {
			self := func(to string) bool { return to == n.Name }
			n.To, n.Jumps = slices.DeleteFunc(slices.Clone(n.To), self), slices.DeleteFunc(slices.Clone(n.Jumps), self)
			inner := noSelf(*n.Inner)
			n.Inner = &inner
		}
	}
	return p
}

// Every node and edge of a plan is shown once, in the order of the declaration,
// whatever they are called.
func TestAllIsShownOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPlan(t, 2)
		want := expected(p, "n")
		got := readMermaid(t, draw.Mermaid(p, draw.Options{}))
		assert.Equal(t, want, got)

		assert.Len(t, readDOT(t, draw.DOT(p, draw.Options{})).edges, len(want.edges))
		p = noSelf(p)
		want = expected(p, "n")
		got = readDOT(t, draw.DOT(p, draw.Options{}))
		assert.Equal(t, want, got)
		assert.Equal(t, draw.DOT(p, draw.Options{}), draw.DOT(p, draw.Options{}))
		assert.Equal(t, draw.Mermaid(p, draw.Options{}), draw.Mermaid(p, draw.Options{}))
	})
}
