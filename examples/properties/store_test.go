package properties

import (
	"testing"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/sched"
)

func TestSum(t *testing.T) {
	check.Prop(t, func(t *check.T, r *rapid.T) {
		numbers := rapid.SliceOf(rapid.IntRange(1, 100)).Draw(r, "numbers")
		var s Store
		var wg sched.WaitGroup
		want := 0
		for _, n := range numbers {
			want += n
			wg.Go(func() { s.Add("a", n) })
		}
		wg.Wait()
		require.Equal(t, want, s.Get("a"))
	})
}

type get struct{ key string }

type add struct {
	key string
	n   int
}

// model says what a store does if its calls come one after the other.
var model = porcupine.Model{
	Init: func() any { return map[string]int{} },
	Step: func(state, input, output any) (bool, any) {
		numbers := state.(map[string]int)
		switch in := input.(type) {
		case get:
			return output == numbers[in.key], state
		case add:
			after := map[string]int{in.key: numbers[in.key] + in.n}
			for key, n := range numbers {
				if key != in.key {
					after[key] = n
				}
			}
			return output == after[in.key], after
		}
		return false, state
	},
	Equal: func(a, b any) bool { return assert.ObjectsAreEqual(a, b) },
}

// calls lets tasks call a store as the input says.
func calls(t *check.T, r *rapid.T, s *Store) {
	key := rapid.SampledFrom([]string{"a", "b"})
	var h check.History
	var wg sched.WaitGroup
	r.Repeat(map[string]func(*rapid.T){
		"get": func(r *rapid.T) {
			in := get{key.Draw(r, "key")}
			wg.Go(func() {
				h.Do(in, func() any { return s.Get(in.key) })
			})
		},
		"add": func(r *rapid.T) {
			in := add{key.Draw(r, "key"), rapid.IntRange(1, 9).Draw(r, "n")}
			wg.Go(func() {
				h.Do(in, func() any { return s.Add(in.key, in.n) })
			})
		},
		"wait": func(*rapid.T) { wg.Wait() },
	})
	wg.Wait()
	h.Linearizable(t, model)
}

func TestCalls(t *testing.T) {
	check.Prop(t, func(t *check.T, r *rapid.T) { calls(t, r, &Store{}) })
}

func FuzzCalls(f *testing.F) {
	check.Fuzz(f, func(t *check.T, r *rapid.T) { calls(t, r, &Store{}) })
}

// The hasty store is found: with the smallest input, and one preemption.
func TestHasty(t *testing.T) {
	result := check.Config{}.Search(t.Name(), func(t *check.T) {
		calls(t, t.Rapid(), &Store{hasty: true})
	})
	require.NotEmpty(t, result.Findings)
	for _, f := range result.Findings {
		t.Log(f.Report)
	}
	f := result.Findings[0]
	assert.Equal(t, 1, f.Preemptions)
	require.NotEmpty(t, f.Data.Input)
}
