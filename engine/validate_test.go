package engine_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine"
)

// findings returns what Validate finds, without the beginning that all share.
func findings(t *testing.T, p *pipeline) []string {
	t.Helper()
	err := p.Validate()
	if err == nil {
		return nil
	}
	var bad *engine.DefinitionError
	require.ErrorAs(t, err, &bad)
	require.ErrorIs(t, err, engine.ErrDefinition)
	var all []string
	for _, f := range bad.Findings {
		all = append(all, strings.TrimPrefix(f, `engine: pipeline "p": `))
	}
	return all
}

// other is a pipeline that is not the one under test.
func other(names ...string) []*engine.Node[state] {
	return nodes(engine.New[state]("q", engine.Options{}), ok, names...)
}

// cased adds a switch with the given cases.
func cased(p *pipeline, cases []engine.Case[state, any], otherwise *engine.Node[state]) *engine.Node[state] {
	return engine.Switch(p, "s", engine.Choice[state, any]{
		Key: func(context.Context, *state) (any, error) { return 1, nil }, Cases: cases, Default: otherwise,
	}, engine.NodeOptions{})
}

var validateCases = []struct {
	name   string
	define func(p *pipeline)
	want   []string
}{
	{"128 bytes", func(p *pipeline) { nodes(p, ok, strings.Repeat("x", 128)) }, nil},
	{"bracket", func(p *pipeline) { nodes(p, ok, "a[") }, []string{`node "a[": its name has one of / [ ] # [name]`}},
	{"hash", func(p *pipeline) { nodes(p, ok, "a#") }, []string{`node "a#": its name has one of / [ ] # [name]`}},
	{"delete", func(p *pipeline) { nodes(p, ok, "a\x7f") }, []string{`node "a\x7f": its name has a control character [name]`}},
	{"spaces and accents", func(p *pipeline) { nodes(p, ok, "übung 1") }, nil},
	{"nil handlers", func(p *pipeline) { nodes(p, ok, "a")[0].OnError(nil); p.OnError(nil) },
		[]string{`node "a": its handler is nil [nil]`, "the handler of OnError is nil [nil]"}},
	{"two handlers", func(p *pipeline) {
		nodes(p, ok, "a")[0].OnError(handled(nil)).OnError(handled(nil))
		p.OnError(handled(nil))
		p.OnError(handled(nil))
	}, []string{`node "a": OnError was called before [duplicate]`, "OnError was called before [duplicate]"}},
	{"nil hooks and middleware", func(p *pipeline) {
		nodes(p, ok, "a")
		p.OnStart(nil)
		p.OnFinish(nil)
		p.Use(nil)
	}, []string{"a hook of OnStart is nil [nil]", "a hook of OnFinish is nil [nil]", "a middleware is nil [nil]"}},
	{"middleware returns nil", func(p *pipeline) {
		nodes(p, ok, "a")
		p.Use(func(next step) step { return next }, func(step) step { return nil })
	}, []string{`node "a": middleware 2 returns nil [nil]`}},
	{"middleware panics", func(p *pipeline) {
		nodes(p, ok, "a")
		p.Use(func(step) step { panic("oh") })
	}, []string{`node "a": middleware 1 panics while wrapping: oh [nil]`}},
	{"nil in maps", func(p *pipeline) {
		engine.MapGather(p, "g", engine.Gather[state, int, int]{}, engine.MapOptions{})
		engine.MapSub(p, "s", engine.EachSub[state, int, state]{}, engine.MapOptions{}).To(nil).MayGoto(nil)
	}, []string{`node "g": it has no Items [nil]`, `node "g": its Do is nil [nil]`, `node "g": its Collect is nil [nil]`,
		`node "s": it has no Items [nil]`, `node "s": its Inner is nil [nil]`, `node "s": its In is nil [nil]`,
		`node "s": To has a nil node [nil]`, `node "s": MayGoto has a nil node [nil]`,
		"it starts with g, s; set Options.MultiRoot if that is meant [roots]"}},
	{"nil sub", func(p *pipeline) { engine.Sub(p, "s", engine.Bind[state, state]{}, engine.NodeOptions{}) },
		[]string{`node "s": its Inner is nil [nil]`, `node "s": its In is nil [nil]`}},
	{"foreign", func(p *pipeline) {
		q := other("x", "y", "z", "w")
		a := nodes(p, ok, "a")[0].To(q[0]).MayGoto(q[1])
		cased(p, []engine.Case[state, any]{{Key: 1, To: q[2]}}, q[3]).MayGoto(a)
	}, []string{`node "a": To has node "x" of pipeline "q" [foreign]`, `node "a": MayGoto has node "y" of pipeline "q" [foreign]`,
		`node "s": a case has node "z" of pipeline "q" [foreign]`, `node "s": a case has node "w" of pipeline "q" [foreign]`}},
	{"edges", func(p *pipeline) {
		n := nodes(p, ok, "a", "b")
		n[0].To(n[1]).MayGoto(n[0], n[0], n[1]) // both a jump and an edge is fine
		cased(p, []engine.Case[state, any]{{Key: 1, To: n[0]}, {Key: 2, To: n[0]}}, n[0]).To(n[1])
	}, []string{`node "a": two edges to "a" [edge]`, `node "s": a switch has no To; its cases say what follows [edge]`}},
	{"cycle through a route", func(p *pipeline) {
		n := nodes(p, ok, "r", "x", "y")
		s := cased(p, []engine.Case[state, any]{{Key: 1, To: n[1]}}, n[2])
		n[0].To(s)
		n[2].To(s)
	}, []string{"edges form a cycle: s → y → s [cycle]"}},
	{"loop through a jump", func(p *pipeline) {
		n := nodes(p, ok, "r", "x")
		n[0].To(n[1].MayGoto(n[0], n[1]))
	}, nil},
	{"switch", func(p *pipeline) {
		x := nodes(p, ok, "x")[0]
		cased(p, []engine.Case[state, any]{{Key: 1, To: x}, {Key: "1", To: nil}, {Key: true, To: x}, {Key: 1, To: x}}, nil)
	}, []string{`node "s": the case of "1" leads nowhere [switch]`, `node "s": two cases have the key 1 [switch]`}},
	{"switch without cases", func(p *pipeline) { cased(p, nil, nodes(p, ok, "x")[0]) }, []string{`node "s": it has no case [switch]`}},
	{"switch, a case that cannot be compared", func(p *pipeline) {
		cased(p, []engine.Case[state, any]{{Key: []int{1}, To: nodes(p, ok, "x")[0]}}, nil)
	}, []string{`node "s": the key [1] of a case cannot be compared [switch]`}},
}

// Each finding has its node, its words and its code; what is allowed has none.
func TestFindings(t *testing.T) {
	for _, c := range validateCases {
		t.Run(c.name, func(t *testing.T) {
			p := engine.New[state]("p", engine.Options{})
			c.define(p)
			assert.Equal(t, c.want, findings(t, p))
		})
	}
}

// Options of a join need what they are for.
func TestJoinFindings(t *testing.T) {
	tests := map[string]struct {
		join  engine.Join
		limit time.Duration
		in    int
		want  string
	}{
		"any of one":          {engine.Any, 0, 1, "Join is any, but there are not two predecessors"},
		"at least of one":     {engine.AtLeast(2), 0, 1, "Join is at-least:2, but there are not two predecessors"},
		"per arrival of one":  {engine.PerArrival, 0, 1, "Join is per-arrival, but there are not two predecessors"},
		"limit of one":        {engine.All, 1, 1, "BarrierTimeout is set, but there are not two predecessors to wait for"},
		"at least 0":          {engine.AtLeast(0), 0, 2, "Join is AtLeast(0), want 1 to 2, the number of predecessors"},
		"at least too many":   {engine.AtLeast(3), 0, 2, "Join is AtLeast(3), want 1 to 2, the number of predecessors"},
		"per arrival, limit":  {engine.PerArrival, 1, 2, "BarrierTimeout is set, but PerArrival does not wait"},
		"at least all":        {engine.AtLeast(3), 1, 3, ""},
		"any, with a limit":   {engine.Any, 1, 2, ""},
		"all, with a limit":   {engine.All, 1, 2, ""},
		"per arrival of some": {engine.PerArrival, 0, 3, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := engine.New[state]("p", engine.Options{MultiRoot: true})
			j := p.Step("j", ok, engine.NodeOptions{Join: test.join, BarrierTimeout: test.limit})
			for i := range test.in {
				nodes(p, ok, fmt.Sprint("n", i))[0].To(j)
			}
			if test.want == "" {
				assert.Empty(t, findings(t, p))
			} else {
				assert.Equal(t, []string{`node "j": ` + test.want + " [join]"}, findings(t, p))
			}
		})
	}
}

// A join of several behind PerArrival could not pair what comes; another
// PerArrival need not.
func TestPerArrivalFindings(t *testing.T) {
	define := func(behind engine.Join) *pipeline {
		p := engine.New[state]("p", engine.Options{})
		n := joined(p, engine.PerArrival, ok, ok)
		x, y := p.Step("x", ok, engine.NodeOptions{}), p.Step("y", ok, engine.NodeOptions{})
		z := p.Step("z", ok, engine.NodeOptions{Join: behind})
		n[3].To(x, y)
		x.To(z)
		y.To(z)
		return p
	}
	for _, join := range []engine.Join{engine.All, engine.Any, engine.AtLeast(2)} {
		assert.Equal(t, []string{`node "z": it is a join behind a node with PerArrival, whose arrivals cannot be paired [per-arrival]`},
			findings(t, define(join)), join)
	}
	assert.Empty(t, findings(t, define(engine.PerArrival)))
}

// Every number of the options has its bounds, and is named.
func TestNumberFindings(t *testing.T) {
	retry := func(p engine.RetryPolicy) engine.NodeOptions { return engine.NodeOptions{Retry: p} }
	nodeTests := map[string]engine.NodeOptions{
		"Timeout is -1ns, want 0 (no limit) or more":            {Timeout: -1},
		"BarrierTimeout is -1s, want 0 (no limit) or more":      {BarrierTimeout: -time.Second},
		"Retry.MaxAttempts is -1, want 0 (one attempt) or more": retry(engine.RetryPolicy{MaxAttempts: -1}),
		"Retry.BaseDelay is -1ns, want 0 (no delay) or more":    retry(engine.RetryPolicy{BaseDelay: -1}),
		"Retry.MaxDelay is -1ns, want 0 (no cap) or more":       retry(engine.RetryPolicy{MaxDelay: -1}),
		"Retry.Multiplier is 0.5, want 0 (2) or at least 1":     retry(engine.RetryPolicy{Multiplier: 0.5}),
		"Retry.Multiplier is -2, want 0 (2) or at least 1":      retry(engine.RetryPolicy{Multiplier: -2}),
		"Retry.Multiplier is NaN, want 0 (2) or at least 1":     retry(engine.RetryPolicy{Multiplier: math.NaN()}),
		"Retry.Jitter is 1.5, want 0 to 1":                      retry(engine.RetryPolicy{Jitter: 1.5}),
		"Retry.Jitter is -0.1, want 0 to 1":                     retry(engine.RetryPolicy{Jitter: -0.1}),
		"Retry.Jitter is NaN, want 0 to 1":                      retry(engine.RetryPolicy{Jitter: math.NaN()}),
		"Retry.MaxDelay is 1s, less than Retry.BaseDelay, 1m0s": retry(engine.RetryPolicy{BaseDelay: time.Minute, MaxDelay: time.Second}),
		"": {Timeout: 1, Retry: engine.RetryPolicy{MaxAttempts: 1, BaseDelay: 1, MaxDelay: 1, Multiplier: 1, Jitter: 1}},
	}
	for want, opts := range nodeTests {
		check := func(define func(p *pipeline)) {
			t.Helper()
			p := engine.New[state]("p", engine.Options{})
			define(p)
			if want == "" {
				assert.Empty(t, findings(t, p))
			} else {
				assert.Equal(t, []string{`node "a": ` + want + " [number]"}, findings(t, p))
			}
		}
		check(func(p *pipeline) { p.Step("a", ok, opts) })
		check(func(p *pipeline) {
			engine.Map(p, "a", engine.Each[state, int]{Items: numbers[state](1), Do: func(context.Context, *state, int) error { return nil }},
				engine.MapOptions{NodeOptions: opts})
		})
	}
	mapTests := map[string]engine.MapOptions{
		"MaxConcurrency is -1, want 0 (no limit) or more": {MaxConcurrency: -1},
		"MaxItems is -1, want 0 (no limit) or more":       {MaxItems: -1},
		"MapTimeout is -1ns, want 0 (no limit) or more":   {MapTimeout: -1},
	}
	for want, opts := range mapTests {
		p := engine.New[state]("p", engine.Options{})
		engine.Map(p, "a", engine.Each[state, int]{Items: numbers[state](1), Do: func(context.Context, *state, int) error { return nil }}, opts)
		assert.Equal(t, []string{`node "a": ` + want + " [number]"}, findings(t, p))
	}
	tests := map[string]engine.Options{
		"Options.MaxRetries is -1, want 0 (100) or more":                        {MaxRetries: -1},
		"Options.MaxJumps is -1, want 0 (10000) or more":                        {MaxJumps: -1},
		"Options.HookTimeout is -1ns, want 0 (30s) or more":                     {HookTimeout: -1},
		"Options.Policy is 3, want FailFast, FinishSiblings or ContinueOnError": {Policy: 3},
	}
	for want, opts := range tests {
		p := engine.New[state]("p", opts)
		nodes(p, ok, "a")
		assert.Equal(t, []string{want + " [number]"}, findings(t, p))
	}
}

// A pipeline inside itself is found, over any number of pipelines, and what is
// wrong with an inner one is found with the node that it is in.
func TestNestedFindings(t *testing.T) {
	p := engine.New[state]("p", engine.Options{})
	sub(p, "s", p, engine.NodeOptions{})
	assert.Equal(t, []string{"the pipeline contains itself: p → p [recursion]"}, findings(t, p))

	p, q, r := engine.New[state]("p", engine.Options{}), engine.New[state]("q", engine.Options{}), engine.New[state]("r", engine.Options{})
	sub(p, "s", q, engine.NodeOptions{})
	sub(q, "s", r, engine.NodeOptions{})
	sub(r, "s", q, engine.NodeOptions{})
	assert.Equal(t, []string{"the pipeline contains itself: q → r → q [recursion]"}, findings(t, p))
	assert.Equal(t, "p", p.Describe().Name) // and ends

	p, q, r = engine.New[state]("p", engine.Options{}), engine.New[state]("q", engine.Options{}), engine.New[state]("r", engine.Options{})
	sub(p, "s", q, engine.NodeOptions{})
	engine.MapSub(q, "m", engine.EachSub[state, int, state]{Items: numbers[state](1), Inner: r,
		In: func(_ context.Context, s *state, _ int) (*state, error) { return s, nil }}, engine.MapOptions{})
	nodes(r, nil, "x/")
	assert.Equal(t, []string{
		`node "s": pipeline "q": node "m": pipeline "r": node "x/": its name has one of / [ ] # [name]`,
		`node "s": pipeline "q": node "m": pipeline "r": node "x/": its function is nil [nil]`,
	}, findings(t, p))

	p, q = engine.New[state]("p", engine.Options{}), engine.New[state]("q", engine.Options{})
	nodes(q, ok, "x")
	sub(p, "s", q, engine.NodeOptions{}).To(sub(p, "t", q, engine.NodeOptions{})) // twice is no recursion
	assert.Empty(t, findings(t, p))
	assert.Panics(t, func() { nodes(q, ok, "y") }, "the inner one is frozen too")
}

// The names of pipelines have the rules of those of nodes, and both places of a
// name that is used twice are told.
func TestNames(t *testing.T) {
	p := engine.New[state]("p#", engine.Options{})
	nodes(p, ok, "a")
	assert.EqualError(t, p.Validate(), `engine: pipeline "p#": its name has one of / [ ] # [name]`)

	p = engine.New[state]("p", engine.Options{})
	p.Step("a", ok, engine.NodeOptions{}).To(
		engine.Map(p, "a", engine.Each[state, int]{Items: numbers[state](0), Do: func(context.Context, *state, int) error { return nil }}, engine.MapOptions{}))
	found := findings(t, p)
	require.Len(t, found, 1)
	assert.Regexp(t, `^node "a": declared at .*/validate_test.go:\d+ and at .*/validate_test.go:\d+ \[duplicate\]$`, found[0])
}

// A chain of 100,000 nodes is checked, described and hashed; a cycle in it is
// found.
func TestLongChain(t *testing.T) {
	const long = 100_000
	p := engine.New[state]("p", engine.Options{})
	first := p.Step("0", ok, engine.NodeOptions{})
	last := first
	for i := 1; i < long; i++ {
		n := p.Step(fmt.Sprint(i), ok, engine.NodeOptions{})
		last.To(n)
		last = n
	}
	last.To(first)
	assert.ErrorContains(t, p.Validate(), "99999 → 0 [cycle]")

	q := engine.New[state]("q", engine.Options{})
	last = q.Step("0", ok, engine.NodeOptions{})
	for i := 1; i < long; i++ {
		n := q.Step(fmt.Sprint(i), ok, engine.NodeOptions{})
		last.To(n)
		last = n
	}
	require.NoError(t, q.Validate())
	assert.Len(t, q.Describe().Nodes, long)
}

// A wrong definition is the same error each time, and nothing happens.
func TestNothingHappensOnMistakes(t *testing.T) {
	rec := &recorder{}
	p := engine.New[state]("p", engine.Options{})
	nodes(p, ok, "a", "b")
	p.OnStart(func(context.Context, *state) error { panic("called") })
	_, err := p.Run(context.Background(), &state{}, engine.RunOptions{Observers: []engine.Observer{rec}})
	require.ErrorIs(t, err, engine.ErrDefinition)
	run, again := p.Stream(context.Background(), &state{}, engine.RunOptions{Observers: []engine.Observer{rec}})
	assert.Nil(t, run)
	assert.Equal(t, err, again)
	assert.Empty(t, rec.events)
	assert.False(t, errors.Is(err, context.Canceled))
}

// What has passed once cannot be changed, and the text names the call.
func TestFrozen(t *testing.T) {
	p := engine.New[state]("p", engine.Options{})
	n := nodes(p, ok, "a")[0]
	require.NoError(t, p.Validate())
	inner := engine.New[state]("q", engine.Options{})
	changes := map[string]func(){
		"Step":     func() { p.Step("b", ok, engine.NodeOptions{}) },
		"Map":      func() { mapOf(p, "b", 1, pass, 0) },
		"Switch":   func() { choose(p, "b", "x", n) },
		"Sub":      func() { sub(p, "b", inner, engine.NodeOptions{}) },
		"To":       func() { n.To(n) },
		"MayGoto":  func() { n.MayGoto(n) },
		"OnError":  func() { n.OnError(handled(nil)) },
		"Use":      func() { p.Use(func(next step) step { return next }) },
		"OnStart":  func() { p.OnStart(ok) },
		"OnFinish": func() { p.OnFinish(func(context.Context, *state, engine.Result) error { return nil }) },
	}
	for call, change := range changes {
		assert.PanicsWithValue(t, fmt.Sprintf(`engine: pipeline "p": %s after the first run`, call), change)
	}
	assert.PanicsWithValue(t, `engine: pipeline "p": OnError after the first run`, func() { p.OnError(handled(nil)) })
}
