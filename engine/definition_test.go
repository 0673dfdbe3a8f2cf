package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine"
)

// Every mistake in a definition is found, with the pipeline, the node and a
// code.
func TestDefinitionErrors(t *testing.T) {
	one := func(name string) func(p *pipeline) { return func(p *pipeline) { nodes(p, ok, name) } }
	tests := map[string]struct {
		define func(p *pipeline)
		want   []string
	}{
		"no node":        {func(*pipeline) {}, []string{`pipeline "p": it has no node [empty]`}},
		"empty name":     {one(""), []string{`node "": its name is empty [name]`}},
		"long name":      {one(strings.Repeat("x", 129)), []string{"has 129 bytes, want at most 128 [name]"}},
		"slash":          {one("a/b"), []string{`node "a/b": its name has one of / [ ] # [name]`}},
		"control":        {one("a\n"), []string{`node "a\n": its name has a control character [name]`}},
		"not UTF-8":      {one("\xff"), []string{"its name is not valid UTF-8 [name]"}},
		"duplicate":      {func(p *pipeline) { nodes(p, ok, "a", "a") }, []string{`node "a": declared at `, "[duplicate]"}},
		"nil step":       {func(p *pipeline) { nodes(p, nil, "a") }, []string{`node "a": its function is nil [nil]`}},
		"nil map":        {func(p *pipeline) { engine.Map(p, "m", engine.Each[state, int]{}, engine.MapOptions{}) }, []string{`node "m": its Do is nil [nil]`, `node "m": it has no Items [nil]`}},
		"negative limit": {func(p *pipeline) { mapOf(p, "m", 1, pass, -1) }, []string{"MaxConcurrency is -1, want 0 (no limit) or more [number]"}},
		"nil successor":  {func(p *pipeline) { nodes(p, ok, "a")[0].To(nil) }, []string{`node "a": To has a nil node [nil]`}},
		"foreign": {func(p *pipeline) {
			nodes(p, ok, "a")[0].To(nodes(engine.New[state]("q", engine.Options{}), ok, "b")[0])
		}, []string{`node "a": To has node "b" of pipeline "q" [foreign]`}},
		"edge twice":      {func(p *pipeline) { n := nodes(p, ok, "a", "b"); n[0].To(n[1], n[1]) }, []string{`node "a": two edges to "b" [edge]`}},
		"cycle":           {func(p *pipeline) { n := nodes(p, ok, "r", "a", "b"); n[0].To(n[1]); n[1].To(n[2]); n[2].To(n[1]) }, []string{"edges form a cycle: a → b → a [cycle]"}},
		"itself":          {func(p *pipeline) { n := nodes(p, ok, "r", "a"); n[0].To(n[1]); n[1].To(n[1]) }, []string{"edges form a cycle: a → a [cycle]"}},
		"no root":         {func(p *pipeline) { n := nodes(p, ok, "a", "b"); n[0].To(n[1]); n[1].To(n[0]) }, []string{"a → b → a [cycle]", "so none can start [roots]"}},
		"two roots":       {func(p *pipeline) { nodes(p, ok, "a", "b") }, []string{"it starts with a, b; set Options.MultiRoot if that is meant [roots]"}},
		"several at once": {func(p *pipeline) { nodes(p, nil, "", "a/") }, []string{"is empty", "its function is nil", "/ [ ] #", "[roots]"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := engine.New[state]("p", engine.Options{})
			test.define(p)
			err := p.Validate()
			require.ErrorIs(t, err, engine.ErrDefinition)
			var definition *engine.DefinitionError
			require.ErrorAs(t, err, &definition)
			for _, want := range test.want {
				assert.Contains(t, err.Error(), want)
			}
			_, again := p.Run(context.Background(), &state{}, engine.RunOptions{})
			assert.Equal(t, err, again)
		})
	}
}

// A mistake can be mended, and what has run cannot be changed.
func TestFreezing(t *testing.T) {
	p := engine.New[state]("p", engine.Options{})
	require.Error(t, p.Validate())
	n := nodes(p, ok, "a", "b")
	require.Error(t, p.Validate())
	n[0].To(n[1])
	require.NoError(t, p.Validate())
	assert.Equal(t, "a", n[0].Name())
	assert.PanicsWithValue(t, `engine: pipeline "p": Step after the first run`, func() { nodes(p, ok, "c") })
	assert.PanicsWithValue(t, `engine: pipeline "p": To after the first run`, func() { n[0].To(n[1]) })
	assert.Error(t, engine.New[state]("", engine.Options{}).Validate())
}

// Long and wide pipelines are no problem.
func TestLargeDefinitions(t *testing.T) {
	const long = 20_000
	p := engine.New[state]("long", engine.Options{})
	ran := 0
	count := func(context.Context, *state) error { ran++; return nil }
	last := p.Step("0", count, engine.NodeOptions{})
	for i := 1; i < long; i++ {
		n := p.Step(fmt.Sprint(i), count, engine.NodeOptions{})
		last.To(n)
		last = n
	}
	_, err := p.Run(context.Background(), &state{}, engine.RunOptions{})
	require.NoError(t, err)
	assert.Equal(t, long, ran)

	wide := engine.New[state]("wide", engine.Options{})
	root, join := wide.Step("root", ok, engine.NodeOptions{}), wide.Step("join", ok, engine.NodeOptions{})
	for i := range 1000 {
		n := wide.Step(fmt.Sprintf("n%d", i), ok, engine.NodeOptions{})
		root.To(n)
		n.To(join)
	}
	rec := &recorder{}
	_, err = wide.Run(context.Background(), &state{}, engine.RunOptions{Observers: []engine.Observer{rec}})
	require.NoError(t, err)
	assert.True(t, strings.HasSuffix(trace(rec.events), "G(join) S(join) E(join) FINISH=success"))
}
