package engine_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/sched"
)

// observed runs a map of n items on real goroutines and returns its error.
func observed(n int, opts engine.RunOptions) (engine.Result, error) {
	return mapping(n).Run(context.Background(), &state{}, opts)
}

func mapping(n int) *pipeline {
	p := engine.New[state]("p", engine.Options{})
	mapOf(p, "m", n, func(context.Context, int) error { return nil }, 4)
	return p
}

// Every observer is told every event, whatever the others do.
func TestObservers(t *testing.T) {
	const n = 500 // many more than may wait for delivery
	var order []string
	first, last := &recorder{}, &recorder{}
	slow := observerFunc(func(event.Event) { runtime.Gosched() })
	panics := observerFunc(func(e event.Event) {
		if e.Type == event.Start {
			order = append(order, "panics")
		}
		panic("oh")
	})
	ordered := observerFunc(func(e event.Event) {
		if e.Type == event.Start {
			order = append(order, "ordered")
		}
	})
	result, err := observed(n, engine.RunOptions{ID: "mine", Observers: []engine.Observer{first, slow, panics, ordered, last}})
	require.NoError(t, err)
	assert.Equal(t, "mine", result.RunID)
	assert.Equal(t, first.events, last.events)
	assert.Len(t, first.events, 1+2+2+2*n+1)
	assert.Equal(t, []string{"panics", "ordered"}, order)
	checkEvents(t, mapping(n), first.events)
	for _, e := range first.events {
		assert.Equal(t, "mine", e.RunID)
		assert.Equal(t, "p", e.Pipeline)
		assert.False(t, e.Time.Before(result.Started))
	}
}

// An observer that ends its goroutine is heard no more; the run goes on.
func TestObserverExits(t *testing.T) {
	seen := 0
	_, err := observed(500, engine.RunOptions{Observers: []engine.Observer{observerFunc(func(event.Event) {
		if seen++; seen == 3 {
			runtime.Goexit()
		}
	})}})
	require.NoError(t, err)
	assert.Equal(t, 3, seen)
}

// A run whose events nobody sees has no identity unless it is given one.
func TestRunID(t *testing.T) {
	result, err := observed(1, engine.RunOptions{})
	require.NoError(t, err)
	assert.Empty(t, result.RunID)

	one, err := observed(1, engine.RunOptions{Observers: []engine.Observer{&recorder{}}})
	require.NoError(t, err)
	two, err := observed(1, engine.RunOptions{Observers: []engine.Observer{&recorder{}}})
	require.NoError(t, err)
	assert.Len(t, one.RunID, 32)
	assert.NotEqual(t, one.RunID, two.RunID)
}

// An observer that is slower than the steps makes them wait instead of losing
// events or keeping all of them.
func TestBackpressure(t *testing.T) {
	const n = 300
	result := check.Config{Runs: 50}.Search("TestBackpressure", func(t *check.T) {
		done, told, worst := 0, 0, 0
		p := engine.New[state]("p", engine.Options{})
		mapOf(p, "m", n, func(context.Context, int) error { done++; worst = max(worst, done-told); return nil }, 2)
		_, err := p.Run(t.Context(), &state{}, engine.RunOptions{Observers: []engine.Observer{observerFunc(func(e event.Event) {
			sched.Yield()
			if e.Type == event.StepEnd && e.Kind == event.Worker {
				told++
			}
		})}})
		require.NoError(t, err)
		assert.Equal(t, n, told)
		assert.Less(t, worst, 150, "items done whose end was not told")
	})
	assert.Empty(t, result.Findings)
}

// The same seed gives the same search, at any GOMAXPROCS.
func TestSearchesAreEqual(t *testing.T) {
	search := func() uint64 {
		return check.Config{Seed: 3, Runs: 200}.Search("TestSearches", func(t *check.T) {
			p := engine.New[state]("p", engine.Options{})
			mapOf(p, "m", 5, pass, 2).To(p.Step("z", ok, engine.NodeOptions{}))
			rec := &recorder{}
			_, err := p.Run(t.Context(), &state{}, engine.RunOptions{Observers: []engine.Observer{rec}})
			require.NoError(t, err)
			checkEvents(t, p, rec.events)
		}).Hash
	}
	want := search()
	for n := range 2 {
		old := runtime.GOMAXPROCS(n + 1)
		assert.Equal(t, want, search())
		runtime.GOMAXPROCS(old)
	}
}
