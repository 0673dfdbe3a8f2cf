package engine_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/sched"
)

var pointsTests = []struct {
	name   string
	define func(p *pipeline, n int) (invocations int)
}{
	{"chain", func(p *pipeline, n int) int {
		link(p, n, yields(ok))
		return n
	}},
	{"branches", func(p *pipeline, n int) int {
		root := named(p, "root", yields(ok))
		for i := range n {
			root.To(named(p, fmt.Sprint(i), yields(ok)))
		}
		return n + 1
	}},
	{"layers", func(p *pipeline, n int) int {
		stack(p, n, 4, yields(ok))
		return n * 4
	}},
	{"one item at a time", each(1)},
	{"three items at once", each(3)},
	{"all items at once", each(0)},
	{"results of items", func(p *pipeline, n int) int {
		engine.MapGather(p, "m", engine.Gather[state, int, int]{
			Items:   numbers[state](n),
			Do:      func(_ context.Context, _ *state, i int) (int, error) { sched.Yield(); return i, nil },
			Collect: func(context.Context, *state, int, int) error { return nil },
		}, engine.MapOptions{MaxConcurrency: 3})
		return n
	}},
}

func each(limit int) func(p *pipeline, n int) int {
	return func(p *pipeline, n int) int {
		mapOf(p, "m", n, func(context.Context, int) error { sched.Yield(); return nil }, limit)
		return n
	}
}

// The engine adds no scheduling point to those of the steps and items, of which each
// has one here, and nothing to choose, whoever looks. So the search for a bug of a
// pipeline is not longer for the engine.
func TestPoints(t *testing.T) {
	for _, test := range pointsTests {
		t.Run(test.name, func(t *testing.T) {
			short, few := points(t, test.define, 5, false)
			long, many := points(t, test.define, 20, false)
			assert.Equal(t, many-few, long.Steps-short.Steps)
			told, _ := points(t, test.define, 20, true)
			assert.Equal(t, long.Steps, told.Steps, "with observers and a consumer")
			assert.Len(t, told.Log, len(long.Log), "with observers and a consumer")
			assert.Equal(t, test.name == "chain" || test.name == "one item at a time", len(long.Log) == 0)
		})
	}
}

// points runs a pipeline of some size in a simulation, and returns how that went and
// its invocations.
func points(t *testing.T, define func(p *pipeline, n int) int, n int, told bool) (r *sched.Result, invocations int) {
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	r = sim.Run(lowestFirst{}, 1, func() {
		p := engine.New[state]("p", engine.Options{MultiRoot: true})
		invocations = define(p, n)
		if !told {
			_, err := p.Run(context.Background(), &state{}, engine.RunOptions{})
			require.NoError(t, err)
			return
		}
		seen := 0
		see := observerFunc(func(event.Event) { seen++ })
		run, err := p.Stream(context.Background(), &state{}, engine.RunOptions{Observers: []engine.Observer{see, see}})
		require.NoError(t, err)
		for range run.Events() {
			seen++
		}
		assert.GreaterOrEqual(t, seen, 3*2*invocations)
	})
	require.NoError(t, r.End)
	return r, invocations
}
