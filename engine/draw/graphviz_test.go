package draw_test

import (
	"bytes"
	"encoding/json"
	"html"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ravelgo/ravel/engine/draw"
)

// dot runs the program of Graphviz. Without it the test is skipped, or fails if
// RAVEL_GRAPHVIZ is "required". Warnings are errors.
func dot(t *testing.T) func(t require.TestingT, text, format string) []byte {
	t.Helper()
	path, err := exec.LookPath("dot")
	if err != nil {
		const missing = "no dot of Graphviz in PATH: the text is not tested with it"
		if os.Getenv("RAVEL_GRAPHVIZ") == "required" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	return func(t require.TestingT, text, format string) []byte {
		var out, errs bytes.Buffer
		cmd := exec.Command(path, "-T"+format)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(text), &out, &errs
		require.NoError(t, cmd.Run(), "%s\n%s", &errs, text)
		require.Empty(t, errs.String(), text)
		return out.Bytes()
	}
}

var svgText = regexp.MustCompile(`<text [^>]*>([^<]*)</text>`)

// Graphviz shows names as they are, after what cannot be seen is made visible.
func TestGraphvizShowsNames(t *testing.T) {
	run := dot(t)
	var got []string
	for _, m := range svgText.FindAllSubmatch(run(t, draw.DOT(hostile(), draw.Options{}), "svg"), -1) {
		got = append(got, strings.ReplaceAll(html.UnescapeString(string(m[1])), "\u00a0", " "))
	}
	for _, n := range hostile().Nodes {
		assert.Contains(t, got, strings.ReplaceAll(n.Name, "\u202e", `\u202e`))
	}
	assert.Contains(t, got, `two\nlines\x00\xff`)
	assert.Contains(t, got, hostile().Name)
}

// Graphviz reads what any plan gives without a warning, and finds its nodes,
// frames and edges.
func TestGraphvizReadsAll(t *testing.T) {
	run := dot(t)
	check := func(t *rapid.T) {
		p := anyPlan(t, 2)
		want := expected(p, "n")
		var got struct {
			Objects []struct{ Name string }
			Edges   []struct{}
		}
		require.NoError(t, json.Unmarshal(run(t, draw.DOT(p, draw.Options{}), "json0"), &got))
		var names []string
		for _, o := range got.Objects {
			names = append(names, strings.TrimPrefix(o.Name, "cluster_"))
		}
		var ids []string
		for _, n := range want.nodes {
			id, _, _ := strings.Cut(n, " ")
			ids = append(ids, id)
		}
		assert.ElementsMatch(t, ids, names)
		assert.Len(t, got.Edges, len(want.edges))
	}
	rapid.Check(t, check)
}
