package engine_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/sched"
)

// yields returns a step that lets others run first.
func yields(fn step) step {
	return func(ctx context.Context, s *state) error {
		sched.Yield()
		return fn(ctx, s)
	}
}

// named adds a step.
func named(p *pipeline, name string, fn step) *engine.Node[state] {
	return p.Step(name, fn, engine.NodeOptions{})
}

var tokenCases = []traceCase{
	{"a skip goes on to the end", func(p *pipeline) {
		n := nodes(p, ok, "b", "c", "d")
		named(p, "a", returns(engine.Skip)).To(n[0])
		n[0].To(n[1])
		n[1].To(n[2])
	}, "START S(a) E(a)=skip FINISH=success"},
	{"a skip comes second to a join", func(p *pipeline) {
		n := nodes(p, ok, "r", "a", "j", "z")
		n[0].To(n[1], named(p, "s", yields(returns(engine.Skip))).To(n[2]))
		n[1].To(n[2])
		n[2].To(n[3])
	}, "START S(r) E(r) S(a) S(s) E(a) W(j) E(s)=skip FINISH=success"},
	{"a skipped branch of any length", func(p *pipeline) {
		n := nodes(p, ok, "r", "b", "c", "j", "o")
		n[0].To(named(p, "a", returns(engine.Skip)).To(n[1]), n[4])
		n[1].To(n[2])
		n[2].To(n[3])
		n[4].To(n[3])
	}, "START S(r) E(r) S(a) S(o) E(a)=skip E(o) FINISH=success"},
	{"a skipped map", func(p *pipeline) {
		m := mapOf(p, "m", 2, pass, 0)
		named(p, "a", returns(engine.Skip)).To(m)
		m.To(nodes(p, ok, "z")...)
	}, "START S(a) E(a)=skip FINISH=success"},
	{"a jump leaves out the successors", func(p *pipeline) {
		n := nodes(p, ok, "r", "x", "d", "o", "j")
		c := named(p, "c", yields(returns(engine.Goto("x")))).To(n[2]).MayGoto(n[1])
		n[0].To(c, n[3])
		n[2].To(n[4])
		n[3].To(n[4])
	}, "START S(r) E(r) S(c) S(o) E(o) W(j) E(c)=goto:x S(x) G(j) S(j) E(x) E(j) FINISH=success"},
	{"a jump past a join to what follows", func(p *pipeline) {
		n := nodes(p, ok, "r", "b", "j", "z")
		c := named(p, "c", returns(engine.Goto("z"))).To(n[2]).MayGoto(n[3])
		n[0].To(c, n[1])
		n[1].To(n[2])
		n[2].To(n[3]) // z is a join of j and c
	}, "START S(r) E(r) S(c) S(b) E(c)=goto:z W(z) E(b) S(j) E(j) G(z) S(z) E(z) FINISH=success"},
	{"two jumps meet", func(p *pipeline) {
		n := nodes(p, ok, "r", "x")
		a := named(p, "a", returns(engine.Goto("x"))).MayGoto(n[1])
		b := named(p, "b", returns(engine.Goto("x"))).MayGoto(n[1])
		n[0].To(a, b)
	}, "START S(r) E(r) S(a) S(b) E(a)=goto:x W(x) E(b)=goto:x G(x) S(x) E(x) FINISH=success"},
	{"to itself", func(p *pipeline) {
		a := named(p, "a", returns(engine.Goto("a"), engine.Goto("a"), nil))
		a.To(named(p, "z", ok)).MayGoto(a)
	}, "START S(a) E(a)=goto:a S(a) E(a)=goto:a S(a) E(a) S(z) E(z) FINISH=success"},
	{"to a successor", func(p *pipeline) {
		n := nodes(p, ok, "b", "c")
		named(p, "a", returns(engine.Goto("b"))).To(n...).MayGoto(n[0])
	}, "START S(a) E(a)=goto:b S(b) E(b) FINISH=success"},
	{"who comes through the join itself is not waited for", func(p *pipeline) {
		n := nodes(p, ok, "q", "w", "c")
		k := named(p, "k", yields(ok)).MayGoto(n[0])
		n[0].To(n[1], k)
		n[1].To(n[2])
		n[2].MayGoto(n[1])
	}, "START S(q) E(q) S(w) S(k) E(w) S(c) E(c) E(k) FINISH=success"},
	{"joins that wait for each other", func(p *pipeline) {
		n := nodes(p, ok, "r", "a", "b")
		j := named(p, "j", ok)
		k := named(p, "k", ok)
		n[0].To(n[1], n[2])
		n[1].To(j)
		n[2].To(k)
		j.MayGoto(k)
		k.MayGoto(j)
	}, "START S(r) E(r) S(a) S(b) E(a) W(j) E(b) W(k) G(j) S(j) E(j) G(k) S(k) E(k) FINISH=success"},
}

// Tokens of skipped nodes and of jumps make joins do what they should.
func TestTokens(t *testing.T) {
	for _, c := range tokenCases {
		t.Run(c.name, func(t *testing.T) {
			events := simulate(t, c.define, context.Background())
			assert.Equal(t, c.want, trace(events))
		})
	}
}

// In loops it is clear what starts, or the definition says why not.
func TestRootsOfLoops(t *testing.T) {
	tests := map[string]struct {
		define func(p *pipeline)
		bad    string
	}{
		"a loop": {func(p *pipeline) { n := nodes(p, ok, "a", "b"); n[0].To(n[1]); n[1].MayGoto(n[0]) }, ""},
		"a loop behind a root": {func(p *pipeline) {
			n := nodes(p, ok, "r", "a", "b")
			n[0].To(n[1])
			n[1].To(n[2])
			n[2].MayGoto(n[1])
		}, ""},
		"only jumps lead there": {func(p *pipeline) { n := nodes(p, ok, "r", "a"); n[0].MayGoto(n[1]) }, ""},
		"two ways into a loop": {func(p *pipeline) { n := nodes(p, ok, "a", "b"); n[0].MayGoto(n[1]); n[1].MayGoto(n[0]) },
			"a and b are on one loop at the start, and each could be the first; let something lead to it [roots]"},
		"two loops": {func(p *pipeline) {
			n := nodes(p, ok, "a", "b")
			n[0].MayGoto(n[0])
			n[1].MayGoto(n[1])
		}, "it starts with a, b; set Options.MultiRoot if that is meant [roots]"},
		"a cycle":    {func(p *pipeline) { n := nodes(p, ok, "a", "b"); n[0].To(n[1]); n[1].To(n[0]) }, "a → b → a [cycle]"},
		"nil target": {func(p *pipeline) { nodes(p, ok, "a")[0].MayGoto(nil) }, `node "a": MayGoto has a nil node [nil]`},
		"foreign": {func(p *pipeline) {
			nodes(p, ok, "a")[0].MayGoto(nodes(engine.New[state]("q", engine.Options{}), ok, "b")[0])
		}, `MayGoto has node "b" of pipeline "q" [foreign]`},
		"twice": {func(p *pipeline) { n := nodes(p, ok, "a", "b"); n[0].MayGoto(n[1], n[1]) }, `two edges to "b" [edge]`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := engine.New[state]("p", engine.Options{})
			test.define(p)
			err := p.Validate()
			if test.bad == "" {
				require.NoError(t, err)
				_, err = p.Run(context.Background(), &state{}, engine.RunOptions{})
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, test.bad)
			}
		})
	}
	bad := engine.New[state]("p", engine.Options{MaxRetries: -1, MaxJumps: -2})
	assert.ErrorContains(t, bad.Validate(), "Options.MaxRetries is -1, want 0 (100) or more [number]; "+
		`engine: pipeline "p": Options.MaxJumps is -2, want 0 (10000) or more [number]`)
}

// A long chain that is skipped needs no stack.
func TestLongSkip(t *testing.T) {
	p := engine.New[state]("p", engine.Options{})
	last := named(p, "0", returns(engine.Skip))
	for i := 1; i < 20_000; i++ {
		n := named(p, fmt.Sprint(i), fail)
		last.To(n)
		last = n
	}
	_, err := p.Run(context.Background(), &state{}, engine.RunOptions{})
	assert.NoError(t, err)
}
