package engine_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/sched"
)

// kinds is a pipeline with a node of every kind, all of which fail.
type kinds struct {
	p                               *pipeline
	step, each, gather, sub, mapSub *engine.Node[state]
	choice, other, innerOfMap       *engine.Node[state]
}

func everyKind(opts engine.Options) *kinds {
	opts.MultiRoot = true
	k := &kinds{p: engine.New[state]("p", opts)}
	one, two := innerOf("one", fail), engine.New[state]("two", engine.Options{})
	k.innerOfMap = two.Step("d", fail, engine.NodeOptions{})
	retry := engine.NodeOptions{Retry: engine.RetryPolicy{MaxAttempts: 2}}
	k.step = k.p.Step("step", fail, retry)
	k.each = engine.Map(k.p, "each", engine.Each[state, int]{Items: numbers[state](2), Do: func(context.Context, *state, int) error { return errBad }}, engine.MapOptions{NodeOptions: retry})
	k.gather = engine.MapGather(k.p, "gather", engine.Gather[state, int, string]{Items: numbers[state](2),
		Do: func(context.Context, *state, int) (string, error) { return "", errBad },
		Collect: func(_ context.Context, _ *state, _ int, got string) error {
			return map[bool]error{false: errWorse}[got == "stub"]
		}}, engine.MapOptions{})
	k.sub = sub(k.p, "sub", one, engine.NodeOptions{})
	k.mapSub = mapSub(k.p, "mapSub", 2, two, engine.MapOptions{MaxConcurrency: 1})
	k.other = k.p.Step("other", ok, engine.NodeOptions{})
	k.choice = engine.Switch(k.p, "choice", engine.Choice[state, string]{Key: func(context.Context, *state) (string, error) { return "", errBad },
		Cases: []engine.Case[state, string]{{Key: "other", To: k.other}}}, engine.NodeOptions{})
	return k
}

// stubs makes every node of kinds succeed.
func (k *kinds) stubs() []engine.Stubbed {
	item := func(context.Context, *state, int) error { return nil }
	return []engine.Stubbed{engine.Stub(k.step, ok), engine.Stub(k.each, item),
		engine.Stub(k.gather, func(context.Context, *state, int) (string, error) { return "stub", nil }),
		engine.Stub(k.sub, step(ok)), engine.Stub(k.mapSub, item),
		engine.Stub(k.choice, func(context.Context, *state) (string, error) { return "other", nil })}
}

// A stub stands for the function of every kind of node, for one run: without it
// the pipeline is as before.
func TestStubs(t *testing.T) {
	k := everyKind(engine.Options{Policy: engine.FinishSiblings})
	run := func(stubs ...engine.Stubbed) (engine.Result, error) {
		return k.p.Run(context.Background(), &state{}, engine.RunOptions{Stubs: stubs})
	}
	result, err := run(k.stubs()...)
	require.NoError(t, err)
	for _, n := range result.Nodes {
		assert.Equal(t, 1, n.Invocations, n.Name)
	}
	result, err = run()
	require.ErrorIs(t, err, errBad)
	assert.Len(t, result.Failures, 9, "step, choice, sub, and two items of each of three maps")

	inner := append(k.stubs()[:4:4], engine.Stub(k.innerOfMap, ok), k.stubs()[5])
	_, err = run(inner...)
	require.NoError(t, err, "a node of an inner pipeline")
}

// Middleware, retrying, limits and handlers of a node with a stub stay in force.
func TestStubsKeepTheRest(t *testing.T) {
	var seen []string
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	r := sim.Run(lowestFirst{}, 1, func() {
		seen = nil
		p := engine.New[state]("p", engine.Options{})
		p.Use(around("m", &seen))
		a := p.Step("a", ok, engine.NodeOptions{Timeout: time.Second, Retry: engine.RetryPolicy{MaxAttempts: 2}}).OnError(handled(nil))
		rec := &recorder{}
		_, err := p.Run(context.Background(), &state{}, engine.RunOptions{Stubs: []engine.Stubbed{engine.Stub(a, step(wait))}, Observers: []engine.Observer{rec}})
		require.NoError(t, err)
		assert.Equal(t, "START S(a) R(a) S(a)#2 E(a)#2! FINISH=success", trace(rec.events))
		assert.Equal(t, 2*time.Second, length(rec.events))
	})
	require.NoError(t, r.End)
	assert.Equal(t, []string{"m: step a #1", "m: context deadline exceeded", "m: step a #2", "m: context deadline exceeded"}, seen)
}

// Runs at once have stubs of their own.
func TestStubsInParallel(t *testing.T) {
	p := engine.New[int]("p", engine.Options{})
	a := p.Step("a", func(_ context.Context, n *int) error { *n = -1; return nil }, engine.NodeOptions{})
	for i := range 8 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			n, opts := 0, engine.RunOptions{}
			want := -1
			if i%2 == 0 {
				want = i
				opts.Stubs = []engine.Stubbed{engine.Stub(a, func(_ context.Context, n *int) error { *n = i; return nil })}
			}
			_, err := p.Run(context.Background(), &n, opts)
			require.NoError(t, err)
			assert.Equal(t, want, n)
		})
	}
}

// Options of a run that make no sense are told, all of them, before it begins.
func TestRunOptionFindings(t *testing.T) {
	k := everyKind(engine.Options{})
	const fn, item = "func(context.Context, *engine_test.state) error", "func(context.Context, *engine_test.state, int) error"
	var none *engine.Node[state]
	foreign := other("x")[0]
	tests := map[string]engine.RunOptions{
		`RunOptions.Buffer is -1, want 0 (64) or more`:                                   {Buffer: -1},
		`RunOptions.Timeout is -1ns, want 0 (no limit) or more`:                          {Timeout: -1},
		`RunOptions.Grace is -1s, want 0 (wait for ever) or more`:                        {Grace: -time.Second},
		`RunOptions.Start is "stpe", which no node is named; the closest name is "step"`: {Start: "stpe"},
		`RunOptions.Start is "gathr", which no node is named; did you mean "gather"?`:    {Start: "gathr"},
		`a stub is for no node`: {Stubs: []engine.Stubbed{engine.Stub(none, ok)}},
		`the stub for pipeline "p": node "step" has type func(), want ` + fn + `, and not nil`:                                                           {Stubs: []engine.Stubbed{engine.Stub(k.step, func() {})}},
		`the stub for pipeline "p": node "sub" has type string, want ` + fn + `, and not nil`:                                                            {Stubs: []engine.Stubbed{engine.Stub(k.sub, "x")}},
		`the stub for pipeline "p": node "step" has type engine.StepFunc[github.com/ravelgo/ravel/engine_test.state], want ` + fn + `, and not nil`:      {Stubs: []engine.Stubbed{engine.Stub(k.step, step(nil))}},
		`the stub for pipeline "p": node "each" has type ` + fn + `, want ` + item + `, and not nil`:                                                     {Stubs: []engine.Stubbed{engine.Stub(k.each, ok)}},
		`the stub for pipeline "p": node "mapSub" has type ` + fn + `, want ` + item + `, and not nil`:                                                   {Stubs: []engine.Stubbed{engine.Stub(k.mapSub, ok)}},
		`the stub for pipeline "p": node "gather" has type ` + fn + `, want func(context.Context, *engine_test.state, int) (string, error), and not nil`: {Stubs: []engine.Stubbed{engine.Stub(k.gather, ok)}},
		`the stub for pipeline "p": node "choice" has type ` + fn + `, want func(context.Context, *engine_test.state) (string, error), and not nil`:      {Stubs: []engine.Stubbed{engine.Stub(k.choice, ok)}},
		`the stub is for pipeline "q": node "x", which is not part of the run`:                                                                           {Stubs: []engine.Stubbed{engine.Stub(foreign, ok)}},
	}
	for want, opts := range tests {
		rec := &recorder{}
		opts.Observers = []engine.Observer{rec}
		_, err := k.p.Run(context.Background(), &state{}, opts)
		assert.ErrorIs(t, err, engine.ErrDefinition)
		assert.EqualError(t, err, `engine: pipeline "p": `+want+" [option]")
		assert.Empty(t, rec.events)
		_, again := k.p.Stream(context.Background(), &state{}, opts)
		assert.Equal(t, err, again)
	}
	_, err := k.p.Run(context.Background(), &state{}, engine.RunOptions{Buffer: -1, Start: "x", Stubs: []engine.Stubbed{{}}})
	var bad *engine.DefinitionError
	require.ErrorAs(t, err, &bad)
	assert.Len(t, bad.Findings, 3)
}

// With Start several roots are no mistake, but what else is wrong is.
func TestStartAndRoots(t *testing.T) {
	p := engine.New[state]("p", engine.Options{})
	nodes(p, ok, "a", "b")
	_, err := p.Run(context.Background(), &state{}, engine.RunOptions{})
	require.ErrorContains(t, err, "it starts with a, b; set Options.MultiRoot if that is meant [roots]")
	result, err := p.Run(context.Background(), &state{}, engine.RunOptions{Start: "b"})
	require.NoError(t, err)
	assert.Equal(t, []engine.NodeResult{{Name: "a", Left: engine.NotTaken}, {Name: "b", Invocations: 1}}, result.Nodes)
	_, err = p.Run(context.Background(), &state{}, engine.RunOptions{})
	assert.ErrorContains(t, err, "[roots]")

	q := engine.New[state]("q", engine.Options{})
	nodes(q, ok, "a", "b")
	nodes(q, nil, "c")
	_, err = q.Run(context.Background(), &state{}, engine.RunOptions{Start: "b"})
	assert.EqualError(t, err, `engine: pipeline "q": node "c": its function is nil [nil]`)
}
