package engine_test

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/sched"
)

// A simulation that ends while a pipeline runs takes the pipeline down with it,
// wherever it is.
func TestSimulationEndsInside(t *testing.T) {
	ends := map[string]func(t *check.T){
		"failed assertion": func(t *check.T) { t.FailNow() },
		"deadlock": func(*check.T) {
			var mu sched.Mutex
			mu.Lock()
			mu.Lock()
		},
		"misuse": func(*check.T) { var mu sched.Mutex; mu.Unlock() },
		"no end": func(*check.T) {
			for {
				sched.Yield()
			}
		},
	}
	for kind, end := range ends {
		for place, define := range places {
			for _, observed := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%s/observed=%t", kind, place, observed), func(t *testing.T) {
					result := check.Config{Runs: 20, MaxSteps: 100}.Search("TestEnds", func(t *check.T) {
						p := engine.New[state]("p", engine.Options{MultiRoot: true})
						define(p, func() error { sched.Yield(); end(t); return nil })
						opts := engine.RunOptions{}
						if observed {
							opts.Observers = []engine.Observer{&recorder{}}
						}
						_, err := p.Run(t.Context(), &state{}, opts)
						require.NoError(t, err)
					})
					require.NotEmpty(t, result.Findings)
					assert.Equal(t, kind, result.Findings[0].Kind)
				})
			}
		}
	}
}

// ending is a store in which a simulation ends.
type ending struct {
	store.Store
	end func()
}

// Append does not return.
func (e ending) Append(context.Context, store.Lease, store.Batch) error {
	sched.Yield()
	e.end()
	return nil
}

// A simulation may also end while a checkpoint is written, for which the run waits without
// its ledger.
func TestSimulationEndsInCheckpoint(t *testing.T) {
	result := check.Config{Runs: 20}.Search("TestEnds", func(t *check.T) {
		p := engine.New[state]("p", engine.Options{})
		nodes(p, returns(nil), "a")
		_, err := p.Run(t.Context(), &state{}, engine.RunOptions{Store: ending{store.NewMemory(), t.FailNow}})
		require.NoError(t, err)
	})
	require.NotEmpty(t, result.Findings)
	assert.Equal(t, "failed assertion", result.Findings[0].Kind)
}

// places are where the code of a user runs in a pipeline.
var places = map[string]func(p *pipeline, do func() error){
	"steps": func(p *pipeline, do func() error) {
		nodes(p, func(context.Context, *state) error { return do() }, "a", "b")
	},
	"items": func(p *pipeline, do func() error) {
		mapOf(p, "m", 4, func(context.Context, int) error { return do() }, 2)
	},
	"Collect": func(p *pipeline, do func() error) {
		engine.MapGather(p, "m", engine.Gather[state, int, int]{
			Items:   numbers[state](4),
			Do:      func(_ context.Context, _ *state, item int) (int, error) { sched.Yield(); return item, nil },
			Collect: func(context.Context, *state, int, int) error { return do() },
		}, engine.MapOptions{MaxConcurrency: 2})
	},
	"beside a retry": func(p *pipeline, do func() error) {
		nodes(p, returns(engine.RetryAfter(1), nil), "a")
		nodes(p, func(context.Context, *state) error { return do() }, "b")
	},
	"iterator": func(p *pipeline, do func() error) {
		engine.Map(p, "m", engine.Each[state, int]{
			Items: engine.Seq(func(context.Context, *state) iter.Seq[int] {
				return func(yield func(int) bool) { _ = yield(0) && yield(1) && do() == nil }
			}),
			Do: func(context.Context, *state, int) error { sched.Yield(); return nil },
		}, engine.MapOptions{MaxConcurrency: 1})
	},
}
