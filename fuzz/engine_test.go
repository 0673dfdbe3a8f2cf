package fuzz

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/sched"
)

// plan is a random pipeline.
type plan struct {
	nodes []node
}

// node is a step, or a map over some items if there are any, and how it ends.
type node struct {
	from    []int // predecessors
	isMap   bool
	items   int
	limit   int
	outcome string // ok, skip, stop or fail
}

func drawPlan(r *rapid.T) plan {
	var p plan
	outcomes := rapid.SampledFrom([]string{"ok", "ok", "ok", "skip", "stop", "fail"})
	for i := range rapid.IntRange(1, 5).Draw(r, "nodes") {
		n := node{isMap: rapid.Bool().Draw(r, "map"), outcome: outcomes.Draw(r, "outcome")}
		if n.isMap {
			n.items, n.limit = rapid.IntRange(0, 3).Draw(r, "items"), rapid.IntRange(0, 2).Draw(r, "limit")
		}
		for k := range i {
			if rapid.Bool().Draw(r, "edge") {
				n.from = append(n.from, k)
			}
		}
		p.nodes = append(p.nodes, n)
	}
	return p
}

// expected returns which nodes run if nothing ends the run early: all but those
// behind one that skips.
func (p plan) expected() []bool {
	runs := make([]bool, len(p.nodes))
	for i, n := range p.nodes {
		runs[i] = true
		for _, k := range n.from {
			runs[i] = runs[i] && runs[k] && !(p.nodes[k].outcome == "skip" && !p.nodes[k].hasNoEnd())
		}
	}
	return runs
}

// hasNoEnd reports whether the outcome of a node cannot show: a map without items
// calls nothing, and an item that skips only says that it had nothing to do.
func (n node) hasNoEnd() bool { return n.isMap && (n.items == 0 || n.outcome == "skip") }

// tally is what the nodes of a run did.
type tally struct {
	begun, ended [5]int
	items        [5][3]int
}

var errPlanned = errors.New("planned")

// act does what a node or an item does: another task may go on in the middle.
func (n node) act() error {
	sched.Yield()
	switch n.outcome {
	case "skip":
		return engine.Skip
	case "stop":
		return engine.Stop
	case "fail":
		return errPlanned
	}
	return nil
}

// build makes the pipeline.
func (p plan) build(t *check.T) *engine.Pipeline[tally] {
	pipe := engine.New[tally]("random", engine.Options{MultiRoot: true})
	var made []*engine.Node[tally]
	for i, n := range p.nodes {
		begin := func(s *tally) {
			for _, k := range n.from {
				assert.Equal(t, 1, s.ended[k], "node %d begins before %d has ended", i, k)
			}
			s.begun[i]++
		}
		name := fmt.Sprint("n", i)
		var it *engine.Node[tally]
		if n.isMap {
			it = engine.Map(pipe, name, engine.Each[tally, int]{
				Items: engine.Slice(func(_ context.Context, s *tally) ([]int, error) {
					begin(s)
					if n.items == 0 {
						s.ended[i]++
					}
					return []int{0, 1, 2}[:n.items], nil
				}),
				Do: func(_ context.Context, s *tally, item int) error {
					s.items[i][item]++
					err := n.act()
					if done := s.items[i]; done[0]+done[1]+done[2] == n.items {
						s.ended[i] = 1
					}
					return err
				},
			}, engine.MapOptions{MaxConcurrency: n.limit})
		} else {
			it = pipe.Step(name, func(_ context.Context, s *tally) error {
				begin(s)
				defer func() { s.ended[i]++ }()
				return n.act()
			}, engine.NodeOptions{})
		}
		for _, k := range n.from {
			made[k].To(it)
		}
		made = append(made, it)
	}
	return pipe
}

// FuzzEngine runs random pipelines under random schedules: each node begins once at
// most, and after all before it; if nothing ends the run early, exactly those run that
// no skip is before, and each item once.
func FuzzEngine(f *testing.F) {
	f.Add([]byte{1, 5, 1, 9, 9, 9, 9, 0xff, 0x80, 0x40, 0xc0})
	f.Add([]byte("\x05\x01\x09\x01\xff\xff\x00\x80\xff\x80\xff\xa0\xff\x90\xff"))
	check.Fuzz(f, func(t *check.T, r *rapid.T) {
		p := drawPlan(r)
		early := false
		for _, n := range p.nodes {
			early = early || n.outcome == "stop" || n.outcome == "fail"
		}
		var s tally
		result, err := p.build(t).Run(t.Context(), &s, engine.RunOptions{})
		if !early {
			require.NoError(t, err)
			assert.Equal(t, engine.Success, result.Status)
		}
		for i, runs := range p.expected() {
			assert.LessOrEqual(t, s.begun[i], 1, "node %d", i)
			if early {
				continue
			}
			want := map[bool]int{true: 1}[runs]
			assert.Equal(t, want, s.begun[i], "node %d", i)
			for k := range p.nodes[i].items {
				assert.Equal(t, want, s.items[i][k], "item %d of node %d", k, i)
			}
		}
		if err != nil {
			assert.ErrorIs(t, err, errPlanned)
			assert.NotEmpty(t, result.Failures)
		}
	})
}
