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
		"another length": {func() {
			if calls++; calls%2 == 0 {
				sched.Yield()
			}
		}, "the end of the run"},
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
