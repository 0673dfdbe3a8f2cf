package engine_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/sched"
)

// after is a step that takes d and returns err.
func after(d time.Duration, err error) step {
	return func(context.Context, *state) error { sched.Sleep(d); return err }
}

// threeWays adds r, which leads to a, b and c, which end after 1, 2 and 3 s, and j,
// to which these lead, before z.
func threeWays(p *pipeline, join engine.Join, a, b, c error) {
	r, j := p.Step("r", ok, engine.NodeOptions{}), p.Step("j", ok, engine.NodeOptions{Join: join})
	for i, err := range []error{a, b, c} {
		n := p.Step("abc"[i:i+1], after(time.Duration(i+1)*time.Second, err), engine.NodeOptions{}).To(j)
		r.To(n)
	}
	j.To(p.Step("z", ok, engine.NodeOptions{}))
}

// A join of three: when it starts, and what becomes of it.
func TestJoinOfThree(t *testing.T) {
	const begin = "START S(r) E(r) S(a) S(b) S(c) "
	skip, all := engine.Skip, engine.All
	tests := map[string]struct {
		join    engine.Join
		a, b, c error
		want    string
		left    engine.Left
	}{
		"all":                 {all, nil, nil, nil, "E(a) W(j) E(b) E(c) G(j) S(j) E(j) S(z) E(z) FINISH=success", ""},
		"all, one skips":      {all, nil, skip, nil, "E(a) W(j) E(b)=skip E(c) FINISH=success", engine.LeftSkipped},
		"all, the last skips": {all, nil, nil, skip, "E(a) W(j) E(b) E(c)=skip FINISH=success", engine.LeftSkipped},
		"all, one fails":      {all, errBad, nil, nil, "X(a) E(b) W(j) E(c) FINISH=failed", engine.LeftFailed},
		"fail before skip":    {all, errBad, skip, nil, "X(a) E(b)=skip E(c) FINISH=failed", engine.LeftFailed},
		"two":                 {engine.AtLeast(2), nil, nil, nil, "E(a) W(j) E(b) G(j) S(j) E(j) S(z) E(z) E(c) FINISH=success", ""},
		"two, one skips":      {engine.AtLeast(2), skip, nil, nil, "E(a)=skip E(b) W(j) E(c) G(j) S(j) E(j) S(z) E(z) FINISH=success", ""},
		"two, two skip":       {engine.AtLeast(2), skip, skip, nil, "E(a)=skip E(b)=skip E(c) FINISH=success", engine.LeftSkipped},
		"two, one fails":      {engine.AtLeast(2), errBad, nil, nil, "X(a) E(b) W(j) E(c) G(j) S(j) E(j) S(z) E(z) FINISH=failed", ""},
		"two, two fail":       {engine.AtLeast(2), errBad, nil, errBad, "X(a) E(b) W(j) X(c) FINISH=failed", engine.LeftFailed},
		"any":                 {engine.Any, nil, nil, nil, "E(a) S(j) E(j) S(z) E(z) E(b) E(c) FINISH=success", ""},
		"any, the last":       {engine.Any, skip, errBad, nil, "E(a)=skip X(b) E(c) S(j) E(j) S(z) E(z) FINISH=failed", ""},
		"any, all skip":       {engine.Any, skip, skip, skip, "E(a)=skip E(b)=skip E(c)=skip FINISH=success", engine.LeftSkipped},
		"any, none":           {engine.Any, skip, errBad, skip, "E(a)=skip X(b) E(c)=skip FINISH=failed", engine.LeftFailed},
		"per arrival":         {engine.PerArrival, nil, skip, nil, "E(a) S(j) E(j) S(z) E(z) E(b)=skip E(c) S(j) E(j) S(z) E(z) FINISH=success", ""},
		"per arrival, none":   {engine.PerArrival, skip, errBad, skip, "E(a)=skip X(b) E(c)=skip FINISH=failed", engine.LeftSkipped},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			events, result, _ := setting{opts: engine.Options{Policy: engine.FinishSiblings}}.run(t, func(p *pipeline) {
				threeWays(p, test.join, test.a, test.b, test.c)
			})
			assert.Equal(t, begin+test.want, trace(events))
			j := result.Nodes[1]
			assert.Equal(t, "j", j.Name)
			assert.Equal(t, test.left, j.Left)
			assert.Equal(t, test.left, result.Nodes[5].Left, "z is as j")
		})
	}
}

// A join that cannot be met any more is a failure without a handler, which tells
// what has come and what is missing.
func TestUnmet(t *testing.T) {
	for _, policy := range []engine.Policy{engine.FailFast, engine.FinishSiblings, engine.ContinueOnError} {
		events, result, err := setting{opts: engine.Options{Policy: policy}}.run(t, func(p *pipeline) {
			n := nodes(p, ok, "r", "x", "y", "o", "p")
			j := p.Step("j", ok, engine.NodeOptions{Join: engine.AtLeast(3)}).OnError(handled(nil)).To(p.Step("z", ok, engine.NodeOptions{}))
			n[0].To(choose(p, "s", "x", n[1], n[2]), n[3])
			n[1].To(j)
			n[2].To(j)
			n[3].To(j, n[4])
			p.OnError(handled(nil))
		})
		assert.ErrorIs(t, err, engine.ErrUnmet)
		require.Len(t, result.Failures, 1)
		f := result.Failures[0]
		assert.Equal(t, []any{engine.KindJoin, "unmet", "j", 0, -1, engine.Engine}, []any{f.Kind, f.Reason, f.Path, f.Invocation, f.Index, f.Source})
		assert.ErrorContains(t, f.Err, "engine: too few predecessors of a join have succeeded: 2 of 3, want 3")
		assert.Equal(t, engine.NodeResult{Name: "j", Left: engine.LeftUnmet, Arrived: []string{"x", "o"}, Missing: []string{"y"}}, result.Nodes[5])
		assert.Equal(t, engine.NotTaken, result.Nodes[2].Left)
		unmet := 0
		for _, e := range events {
			if d, ok := e.Data.(event.Unmet); ok {
				unmet++
				assert.Equal(t, event.Unmet{Arrived: []int{4, 3}, Missing: []string{"y"}, Needed: 3}, d)
				assert.Equal(t, f.Seq, e.Seq)
			}
		}
		assert.Equal(t, 1, unmet)
		if policy != engine.FailFast {
			assert.Equal(t, engine.LeftFailed, result.Nodes[6].Left)
		}
	}
}

// What comes after a join has started belongs to its wave, and is absorbed; the
// next time round it starts again.
func TestWavesInLoops(t *testing.T) {
	for join, want := range map[engine.Join]string{
		engine.Any:        "START S(w) E(w) S(a) S(b) E(a) S(j) E(j)=goto:w S(w) E(w) S(a) S(b) E(b) E(a) S(j) E(j) E(b) FINISH=success",
		engine.All:        "START S(w) E(w) S(a) S(b) E(a) W(j) E(b) G(j) S(j) E(j)=goto:w S(w) E(w) S(a) S(b) E(a) W(j) E(b) G(j) S(j) E(j) FINISH=success",
		engine.PerArrival: "START S(w) E(w) S(a) S(b) E(a) S(j) E(j)=goto:w S(w) E(w) S(a) S(b) E(b) S(j) E(j) E(a) S(j) E(j) E(b) S(j) E(j) FINISH=success",
	} {
		events, result, err := simulateRun(t, func(p *pipeline) {
			w := p.Step("w", ok, engine.NodeOptions{})
			a, b := p.Step("a", after(time.Second, nil), engine.NodeOptions{}), p.Step("b", after(2*time.Second, nil), engine.NodeOptions{})
			j := p.Step("j", returns(engine.Goto("w"), nil), engine.NodeOptions{Join: join}).MayGoto(w)
			w.To(a.To(j), b.To(j))
		}, context.Background())
		require.NoError(t, err, join)
		assert.Equal(t, 2, result.Nodes[0].Invocations, join)
		if join != engine.PerArrival {
			assert.Equal(t, 2, result.Nodes[3].Invocations, join)
		}
		assert.Equal(t, want, trace(events), join)
	}
}

// Tokens of PerArrival flow on one by one through others.
func TestPerArrivalChain(t *testing.T) {
	events, result, err := simulateRun(t, func(p *pipeline) {
		threeWays(p, engine.PerArrival, nil, nil, nil)
	}, context.Background())
	require.NoError(t, err)
	assert.Equal(t, 3, result.Nodes[1].Invocations)
	assert.Equal(t, 3, result.Nodes[5].Invocations)
	var parents []int
	for _, e := range events {
		if e.Type == event.StepStart && e.Node == "j" {
			parents = append(parents, e.Parent)
		}
	}
	assert.Equal(t, []int{2, 3, 4}, parents[:3], "each has its own parent")

	_, result, err = simulateRun(t, func(p *pipeline) {
		n := joined(p, engine.PerArrival, ok, ok)
		x, y := p.Step("x", ok, engine.NodeOptions{}), p.Step("y", ok, engine.NodeOptions{})
		z := p.Step("z", ok, engine.NodeOptions{Join: engine.PerArrival})
		n[3].To(x.To(z), y.To(z))
	}, context.Background())
	require.NoError(t, err)
	assert.Equal(t, 4, result.Nodes[6].Invocations)
}

// Two jumps to one node are one run of it, or with PerArrival two.
func TestJumpsMeet(t *testing.T) {
	for join, want := range map[engine.Join]int{engine.All: 1, engine.Any: 1, engine.AtLeast(2): 1, engine.PerArrival: 2} {
		_, result, err := simulateRun(t, func(p *pipeline) {
			x := p.Step("x", ok, engine.NodeOptions{Join: join})
			a := p.Step("a", returns(engine.Goto("x")), engine.NodeOptions{}).MayGoto(x)
			b := p.Step("b", returns(engine.Goto("x")), engine.NodeOptions{}).MayGoto(x)
			p.Step("r", ok, engine.NodeOptions{}).To(a, b)
		}, context.Background())
		require.NoError(t, err, join)
		assert.Equal(t, want, result.Nodes[0].Invocations, join)
	}
}

// The start of a run makes known what cannot come; the rest waits as ever.
func TestStartInTheMiddle(t *testing.T) {
	tests := map[string]struct{ start, want string }{
		"a branch": {"a", "START S(a) E(a) S(j) E(j) FINISH=success"},
		"the join": {"j", "START S(j) E(j) FINISH=success"},
		"the root": {"r", "START S(r) E(r) S(a) S(b) E(a) W(j) E(b) G(j) S(j) E(j) FINISH=success"},
	}
	for name, test := range tests {
		events, result, err := setting{with: engine.RunOptions{Start: test.start}}.run(t, func(p *pipeline) {
			n := nodes(p, ok, "r", "a", "b", "j")
			n[0].To(n[1].To(n[3]), n[2].To(n[3]))
			p.Step("other", fail, engine.NodeOptions{}) // a second root
		})
		require.NoError(t, err, name)
		assert.Equal(t, test.want, trace(events), name)
		for _, n := range result.Nodes {
			if n.Invocations == 0 {
				assert.Equal(t, engine.NotTaken, n.Left, name)
			}
		}
	}
	_, _, err := setting{with: engine.RunOptions{Start: "a"}}.run(t, func(p *pipeline) {
		threeWays(p, engine.AtLeast(2), nil, nil, nil)
	})
	assert.ErrorIs(t, err, engine.ErrUnmet)
}

// The parent of a join is the last that came to it, also when something else has
// made known that no other one comes.
func TestJoinParent(t *testing.T) {
	events, _, err := simulateRun(t, func(p *pipeline) {
		n := nodes(p, ok, "x", "y", "j")
		slow := engine.Switch(p, "s", engine.Choice[state, string]{
			Key:   func(context.Context, *state) (string, error) { sched.Sleep(time.Second); return "x", nil },
			Cases: []engine.Case[state, string]{{Key: "x", To: n[0]}, {Key: "y", To: n[1].To(n[2])}},
		}, engine.NodeOptions{})
		p.Step("r", ok, engine.NodeOptions{}).To(slow, p.Step("o", ok, engine.NodeOptions{}).To(n[2]))
	}, context.Background())
	require.NoError(t, err)
	assert.Equal(t, "START S(r) E(r) S(s) S(o) E(o) W(j) E(s)=x S(x) G(j) S(j) E(x) E(j) FINISH=success", trace(events))
	for _, e := range events {
		if e.Node == "j" && e.Type != event.BarrierWait {
			assert.Equal(t, 3, e.Parent, e.Type)
		}
	}
}

// Of joins that wait for nothing but each other the first declared one starts.
func TestCrossingLoops(t *testing.T) {
	events, result, err := simulateRun(t, func(p *pipeline) {
		n := nodes(p, ok, "r", "a", "b", "j1", "j2", "k1", "k2")
		n[0].To(n[1].To(n[3]), n[2].To(n[4]))
		n[3].To(n[5].MayGoto(n[4]))
		n[4].To(n[6].MayGoto(n[3]))
	}, context.Background())
	require.NoError(t, err)
	assert.Equal(t, "START S(r) E(r) S(a) S(b) E(a) W(j1) E(b) W(j2) G(j1) S(j1) E(j1) S(k1) E(k1) G(j2) S(j2) E(j2) S(k2) E(k2) FINISH=success",
		trace(events))
	assert.Equal(t, 1, result.Nodes[4].Invocations)
}
