package engine_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
)

// orderedPlan is a pipeline in which two nodes write the same variable.
type orderedPlan struct {
	kinds   []int
	edges   [][]int // from each node, to later ones
	writers [2]int
}

func drawOrderedPlan(r *rapid.T) orderedPlan {
	n := rapid.IntRange(2, 7).Draw(r, "nodes")
	p := orderedPlan{kinds: make([]int, n), edges: make([][]int, n)}
	for i := range n {
		p.kinds[i] = rapid.IntRange(0, 3).Draw(r, "kind")
		for j := i + 1; j < n; j++ {
			if rapid.IntRange(0, 2).Draw(r, "edge") == 2 {
				p.edges[i] = append(p.edges[i], j)
			}
		}
	}
	p.writers[1] = rapid.IntRange(1, n-1).Draw(r, "second")
	p.writers[0] = rapid.IntRange(0, p.writers[1]-1).Draw(r, "first")
	return p
}

// ordered reports whether a way leads from one writer to the other.
func (p orderedPlan) ordered(from int) bool {
	for _, to := range p.edges[from] {
		if to == p.writers[1] || p.ordered(to) {
			return true
		}
	}
	return false
}

func (p orderedPlan) pipeline() *engine.Pipeline[shared] {
	pl := engine.New[shared]("p", engine.Options{MultiRoot: true})
	var all []*engine.Node[shared]
	for i, kind := range p.kinds {
		all = append(all, orderedNode(pl, fmt.Sprint("n", i), kind, func(s *shared) { s.writeIf(i == p.writers[0] || i == p.writers[1]) }))
	}
	for i, to := range p.edges {
		for _, j := range to {
			all[i].To(all[j])
		}
	}
	return pl
}

// orderedNode adds a node that calls do, as one of several kinds.
func orderedNode(p *engine.Pipeline[shared], name string, kind int, do func(*shared)) *engine.Node[shared] {
	fn := func(_ context.Context, s *shared) error { do(s); return nil }
	switch kind {
	case 1:
		return engine.Map(p, name, engine.Each[shared, int]{Items: numbers[shared](1), Do: func(ctx context.Context, s *shared, _ int) error { return fn(ctx, s) }},
			engine.MapOptions{})
	case 2:
		return engine.MapGather(p, name, engine.Gather[shared, int, int]{Items: numbers[shared](2),
			Do:      func(context.Context, *shared, int) (int, error) { return 0, nil },
			Collect: func(ctx context.Context, s *shared, _, _ int) error { return fn(ctx, s) }}, engine.MapOptions{MaxConcurrency: 1})
	case 3:
		inner := engine.New[shared]("inner", engine.Options{})
		inner.Step("c", fn, engine.NodeOptions{})
		return engine.Sub(p, name, engine.Bind[shared, shared]{Inner: inner, In: func(_ context.Context, s *shared) (*shared, error) { return s, nil }},
			engine.NodeOptions{})
	}
	return p.Step(name, fn, engine.NodeOptions{})
}

// Two nodes of a random pipeline that write the same are reported, on any schedule, if
// and only if no way leads from one to the other.
func TestRandomOrder(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		plan := drawOrderedPlan(r)
		runs := 20
		if !plan.ordered(plan.writers[0]) {
			runs = 1
		}
		result := check.Config{Runs: runs}.Search("TestRandomOrder", func(t *check.T) {
			_, err := plan.pipeline().Run(t.Context(), &shared{}, engine.RunOptions{})
			assert.NoError(t, err)
		})
		if plan.ordered(plan.writers[0]) {
			assert.Empty(r, result.Findings)
		} else {
			assert.NotEmpty(r, result.Findings)
		}
	})
}
