package engine_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine"
	plans "github.com/ravelgo/ravel/engine/plan"
)

// described has every kind of node, of edge and of option.
func described() *pipeline {
	p := engine.New[state]("p", engine.Options{Policy: engine.FinishSiblings, MultiRoot: true, MaxRetries: 7, HookTimeout: time.Second})
	p.OnStart(ok)
	p.OnFinish(func(context.Context, *state, engine.Result) error { return nil })
	p.OnFinish(func(context.Context, *state, engine.Result) error { return nil })
	p.Use(func(next step) step { return next })
	p.OnError(handled(nil))
	j := p.Step("j", ok, engine.NodeOptions{Join: engine.AtLeast(2), BarrierTimeout: time.Minute}).OnError(handled(nil))
	y := p.Step("y", ok, engine.NodeOptions{}).To(j)
	s := engine.Switch(p, "s", engine.Choice[state, any]{Key: func(context.Context, *state) (any, error) { return 1, nil },
		Cases: []engine.Case[state, any]{{Key: 1, To: j}, {Key: true, To: y}}, Default: y}, engine.NodeOptions{})
	r := p.Step("r", ok, engine.NodeOptions{Timeout: time.Second,
		Retry: engine.RetryPolicy{MaxAttempts: 3, BaseDelay: 1, MaxDelay: 2, Multiplier: 1.5, Jitter: 0.5}})
	g := engine.MapGather(p, "g", engine.Gather[state, int, int]{Items: numbers[state](1),
		Do:      func(context.Context, *state, int) (int, error) { return 0, nil },
		Collect: func(context.Context, *state, int, int) error { return nil }}, engine.MapOptions{MaxConcurrency: 5, MaxItems: 9, MapTimeout: time.Hour})
	r.To(s, g).MayGoto(r)
	g.To(sub(p, "i", innerOf("inner", ok, ok), engine.NodeOptions{}))
	return p
}

// Describe tells all that a definition has and JSON keeps it; what is not set has its
// default.
func TestDescribe(t *testing.T) {
	step := func(name string, to ...string) plans.Node { return plans.Node{Name: name, Kind: "step", To: to} }
	inner := plans.Plan{Name: "inner", Roots: []string{"c0"}, Policy: "fail-fast", MaxRetries: 100, MaxJumps: 10_000, HookTimeout: 30 * time.Second,
		Nodes: []plans.Node{step("c0", "c1"), step("c1")}}
	inner.Hash = inner.Sum()
	r := step("r", "s", "g")
	r.Timeout, r.Jumps = time.Second, []string{"r"}
	r.Retry = &plans.Retry{MaxAttempts: 3, BaseDelay: 1, MaxDelay: 2, Multiplier: 1.5, Jitter: 0.5}
	want := plans.Plan{Name: "p", Policy: "finish-siblings", MultiRoot: true, MaxRetries: 7, MaxJumps: 10_000, HookTimeout: time.Second,
		OnStart: 1, OnFinish: 2, Middleware: 1, Handler: true, Roots: []string{"r"}, Nodes: []plans.Node{
			{Name: "j", Kind: "step", Join: "at-least:2", BarrierTimeout: time.Minute, Handler: true}, step("y", "j"),
			{Name: "s", Kind: "switch", Cases: []plans.Case{{Key: "1", To: "j"}, {Key: "true", To: "y"}}, Default: "y"}, r,
			{Name: "g", Kind: "map", Gathers: true, MaxConcurrency: 5, MaxItems: 9, MapTimeout: time.Hour, To: []string{"i"}},
			{Name: "i", Kind: "sub", Inner: &inner}}}
	want.Hash = want.Sum()
	got := described().Describe()
	assert.Equal(t, want, got)
	text, err := json.Marshal(got)
	require.NoError(t, err)
	var back plans.Plan
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, got, back)
	assert.Equal(t, got.Hash, back.Sum())
	assert.Len(t, got.Hash, 64)
}

// hashChanges each change one thing of a → b, c → d and s.
var hashChanges = map[string]func(h *hashed){
	"name of a node":     func(h *hashed) { h.name = "z" },
	"name of a pipeline": func(h *hashed) { h.pipeline = "q" },
	"order of nodes":     func(h *hashed) { h.swapNodes = true },
	"order of edges":     func(h *hashed) { h.swapEdges = true },
	"a jump":             func(h *hashed) { h.jump = true },
	"a key":              func(h *hashed) { h.key = "y" },
	"a default":          func(h *hashed) { h.other = true },
	"a join":             func(h *hashed) { h.d.Join = engine.Any },
	"a join's limit":     func(h *hashed) { h.d.BarrierTimeout = 1 },
	"a limit":            func(h *hashed) { h.d.Timeout = 1 },
	"a retry":            func(h *hashed) { h.d.Retry.MaxAttempts = 2 },
	"a jitter":           func(h *hashed) { h.d.Retry.Jitter = 1 },
	"a policy":           func(h *hashed) { h.opts.Policy = engine.ContinueOnError },
	"retries":            func(h *hashed) { h.opts.MaxRetries = 1 },
	"jumps":              func(h *hashed) { h.opts.MaxJumps = 1 },
	"an inner pipeline":  func(h *hashed) { h.inner = "c1" },
	"a limit of a map":   func(h *hashed) { h.m.MaxConcurrency = 1 },
	"items of a map":     func(h *hashed) { h.m.MaxItems = 1 },
	"time of a map":      func(h *hashed) { h.m.MapTimeout = 1 },
}

type hashed struct {
	name, pipeline, key, inner        string
	swapNodes, swapEdges, jump, other bool
	d                                 engine.NodeOptions
	m                                 engine.MapOptions
	opts                              engine.Options
	fn                                step
}

func (h *hashed) hash() string {
	p := engine.New[state](h.pipeline, h.opts)
	names := []string{"b", h.name}
	if h.swapNodes {
		names = []string{h.name, "b"}
	}
	n := nodes(p, h.fn, names...)
	a, d := p.Step("a", h.fn, engine.NodeOptions{}), p.Step("d", h.fn, h.d)
	if h.swapEdges {
		n[0], n[1] = n[1], n[0]
	}
	a.To(n[0].To(d), n[1].To(d))
	if h.jump {
		d.MayGoto(a)
	}
	s := engine.Choice[state, string]{Key: func(context.Context, *state) (string, error) { return "", nil },
		Cases: []engine.Case[state, string]{{Key: h.key, To: p.Step("x", h.fn, engine.NodeOptions{})}}}
	if h.other {
		s.Default = s.Cases[0].To
	}
	inner := engine.New[state]("inner", engine.Options{})
	nodes(inner, h.fn, h.inner)
	each := engine.Each[state, int]{Items: numbers[state](1), Do: func(context.Context, *state, int) error { return nil }}
	d.To(engine.Switch(p, "s", s, engine.NodeOptions{}), engine.Map(p, "m", each, h.m), sub(p, "i", inner, engine.NodeOptions{}))
	return p.Describe().Hash
}

// The hash of a plan depends on all of the definition, and not on code.
func TestHash(t *testing.T) {
	first := func() *hashed {
		return &hashed{name: "c", pipeline: "p", key: "x", inner: "c0", fn: ok,
			d: engine.NodeOptions{Retry: engine.RetryPolicy{MaxAttempts: 3}}}
	}
	seen := map[string]string{first().hash(): "nothing"}
	other := first()
	other.fn = fail
	other.d.Retry.Retryable = func(error) bool { return true }
	assert.Contains(t, seen, other.hash(), "other code")
	for name, change := range hashChanges {
		h := first()
		change(h)
		sum := h.hash()
		assert.NotContains(t, seen, sum, "%s and %s", name, seen[sum])
		seen[sum] = name
	}
}
