package draw_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine/draw"
	"github.com/ravelgo/ravel/engine/plan"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	if diff := cmp.Diff(string(want), text); diff != "" {
		t.Errorf("%s differs, -want +got:\n%s", path, diff)
	}
}

// orders has every kind of node and of edge.
func orders() plan.Plan {
	check := plan.Plan{Name: "check", Roots: []string{"stock"}, Nodes: []plan.Node{
		{Name: "price", Kind: "step", Handler: true},
		{Name: "stock", Kind: "step", To: []string{"price"}},
	}}
	refund := plan.Plan{Name: "refund-flow", Roots: []string{"find"}, Handler: true, Nodes: []plan.Node{
		{Name: "find", Kind: "step", To: []string{"audit"}},
		{Name: "audit", Kind: "sub", Inner: &check, To: []string{"pay", "tell"}},
		{Name: "pay", Kind: "step"},
		{Name: "tell", Kind: "step", Jumps: []string{"find"}},
	}}
	return plan.Plan{Name: "orders", Roots: []string{"load"}, Handler: true, Nodes: []plan.Node{
		{Name: "load", Kind: "step", To: []string{"pages", "lines"}},
		{Name: "pages", Kind: "map", MaxConcurrency: 5, To: []string{"merge"}},
		{Name: "lines", Kind: "map", Inner: &check, To: []string{"merge"}},
		{Name: "merge", Kind: "step", Join: "any", Handler: true, To: []string{"route"}, Jumps: []string{"load", "merge"}},
		{Name: "route", Kind: "switch", Cases: []plan.Case{{Key: "paid", To: "ship"}, {Key: "true", To: "ship"}, {Key: "", To: "refund"}}, Default: "ship"},
		{Name: "refund", Kind: "sub", Inner: &refund, To: []string{"ship"}, Jumps: []string{"refund"}},
		{Name: "ship", Kind: "step", Join: "at-least:2"},
		{Name: "stub", Kind: "sub"},
	}}
}

// hostile has names that mean something in one of the formats.
func hostile() plan.Plan {
	names := []string{
		"end", "graph", "subgraph", "node", "click", "o", "default", "%% note", "%%{init: {}}%%", "style:#1;",
		`say "hi"`, `back\slash`, `n\N\G`, "a<b>c", "a|b", "a&amp;b", "#quot;", "#35;", "`code`", "1. list", "- item", "* item",
		"_em_", "**b**", "snake_case-x", "A", "a", " lead", "two  spaces", "http://x.example", "www.x.example", "x@y.example",
		"$x$", "$$x$$", "fl°°65¶ß", "---", "};", "{}", "'", "é", "日本語", "😀", "e\u0301", "\u202ertl", "עברית", "<br>", "fa:fa-car",
	}
	p := plan.Plan{Name: `a: "b" & <i a="c"> # %%{`, Roots: []string{names[0]}}
	for i, name := range names {
		n := plan.Node{Name: name, Kind: "step"}
		if i > 0 && i%2 == 0 {
			n.Kind = "switch"
			n.Cases = []plan.Case{{Key: names[i-1], To: names[i-1]}}
		}
		if i%5 == 1 {
			n.Kind = "map"
		}
		if i%5 == 3 {
			n = plan.Node{Name: name, Kind: "sub", Inner: &plan.Plan{Name: name + " inner", Nodes: []plan.Node{{Name: name, Kind: "map"}}}}
		}
		p.Nodes = append(p.Nodes, n)
	}
	p.Nodes[2].Cases = append(p.Nodes[2].Cases, plan.Case{Key: "two\nlines\x00\xff", To: "end"})
	return p
}

var drawings = []struct {
	name string
	plan plan.Plan
	opts draw.Options
}{
	{"orders", orders(), draw.Options{}},
	{"right", orders(), draw.Options{Direction: draw.Right, Title: "Orders, run 7", States: map[string]draw.State{
		"load": draw.OK, "pages": draw.OK, "route": draw.Running, "lines": draw.Cancelled, "lines/price": draw.Failed,
		"refund": draw.Skipped, "refund/audit/stock": draw.Skipped, "ship": "unheard of", "nowhere": draw.OK,
	}}},
	{"hostile", hostile(), draw.Options{}},
	{"empty", plan.Plan{Name: "empty"}, draw.Options{}},
}

func TestGolden(t *testing.T) {
	for _, d := range drawings {
		t.Run(d.name, func(t *testing.T) {
			golden(t, d.name+".mmd", draw.Mermaid(d.plan, d.opts))
			golden(t, d.name+".dot", draw.DOT(d.plan, d.opts))
		})
	}
}

func TestUnknownDirection(t *testing.T) {
	const want = `draw: Direction is "LR; x", want Down, Right or nothing`
	assert.PanicsWithValue(t, want, func() { draw.Mermaid(orders(), draw.Options{Direction: "LR; x"}) })
	assert.PanicsWithValue(t, want, func() { draw.DOT(orders(), draw.Options{Direction: "LR; x"}) })
}

// Of a plan that no pipeline has, edges to unknown names are left out.
func TestUnknownName(t *testing.T) {
	p := plan.Plan{Name: "p", Nodes: []plan.Node{{Name: "a", Kind: "step", To: []string{"b"}, Jumps: []string{"c"}}}}
	for _, text := range []string{draw.Mermaid(p, draw.Options{}), draw.DOT(p, draw.Options{})} {
		assert.NotContains(t, text, "->")
		assert.NotContains(t, text, "-.->")
	}
}
