package sched_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

func newRandom() sched.Strategy { return strategy.Random(1) }

// A body that does the same again passes.
func TestSelfCheckPasses(t *testing.T) {
	assert.NoError(t, sched.SelfCheck(sched.Config{}, newRandom, 1, func() {
		var x race.Var[int64]
		for range 3 {
			sched.Go(func() { x.Store(sched.Now().UnixNano() + sched.Rand().Int64N(10)); sched.Sleep(time.Second) })
		}
	}))
}

// What the simulation does not control is found at the first operation that
// differs.
func TestSelfCheckFinds(t *testing.T) {
	calls := 0
	tests := map[string]struct {
		body func()
		want string
	}{
		"state left behind": {func() {
			calls++
			var x race.Var[int]
			x.Store(calls)
		}, "operation 1 was first main: write x = 1 at selfcheck_test.go:"},
		"wall clock": {func() {
			var x race.Var[int64]
			sched.Yield()
			x.Store(time.Now().UnixNano())
		}, "operation 2 was first main: write x = "},
		"map order": {func() {
			var x race.Var[int]
			for range 50 {
				for k := range map[int]bool{1: true, 2: true, 3: true, 4: true} {
					x.Store(k)
				}
			}
		}, "write x = "},
		"one operation more": {func() {
			if calls++; calls == 2 {
				sched.Yield()
			}
		}, "operation 1 was first the end of the run and then main: yield at selfcheck_test.go:"},
		"one operation less": {func() {
			sched.Yield()
			if calls++; calls == 1 {
				sched.Yield()
			}
		}, "operation 2 was first main: yield at selfcheck_test.go:"},
		"another end": {func() {
			sched.Yield()
			if calls++; calls == 2 {
				panic("oh")
			}
		}, "operation 2 was first the end of the run and then panic in main at selfcheck_test.go:"},
		"another object": {func() {
			var mu [2]sched.Mutex
			calls++
			mu[calls%2].Lock()
			mu[0].TryLock()
		}, "operation 2 was first main: trylock mu[0] at"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			calls = 0
			err := sched.SelfCheck(sched.Config{}, newRandom, 1, test.body)
			var d *sched.Difference
			require.ErrorAs(t, err, &d)
			assert.Contains(t, err.Error(), test.want)
		})
	}
}

// Two records differ at the first operation that one of them does not have or
// has otherwise.
func TestCompare(t *testing.T) {
	yields := func(n int) *sched.Record {
		return record(t, func() {
			for range n {
				sched.Yield()
			}
		})
	}
	assert.Nil(t, sched.Compare(yields(0), yields(0)))
	assert.Nil(t, sched.Compare(yields(3), yields(3)))
	for _, c := range []struct{ a, b, n int }{{0, 1, 1}, {2, 3, 3}, {5, 3, 4}} {
		d := sched.Compare(yields(c.a), yields(c.b))
		require.NotNil(t, d)
		assert.Equal(t, c.n, d.N)
		assert.Equal(t, c.a < c.b, d.First == "")
		assert.Equal(t, c.b < c.a, d.Second == "")
		assert.Contains(t, d.First+d.Second, "main: yield at selfcheck_test.go:")
	}
}
