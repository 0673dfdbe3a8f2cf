package sched_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// draws runs two tasks that draw numbers and returns these, by task.
func draws(t *testing.T, st sched.Strategy, seed uint64, more bool) (all [2][]uint64) {
	t.Helper()
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	st.Next()
	r := sim.Run(st, seed, func() {
		for i := range all {
			sched.Go(func() {
				for range 3 {
					sched.Yield()
					if more && i == 0 {
						sched.Rand().Uint64()
					}
					all[i] = append(all[i], sched.Rand().Uint64())
				}
			})
		}
	})
	assert.NoError(t, r.End)
	return all
}

// What a task draws follows from the seed and from what it has drawn, whatever
// the schedule and the other tasks.
func TestRand(t *testing.T) {
	want := draws(t, strategy.RoundRobin(), 1, false)
	assert.NotEqual(t, want[0], want[1])
	for seed := range uint64(20) {
		assert.Equal(t, want, draws(t, strategy.Random(seed), 1, false))
	}
	other := draws(t, strategy.RoundRobin(), 1, true)
	assert.NotEqual(t, want[0], other[0])
	assert.Equal(t, want[1], other[1], "a draw in one task does not shift those of another")
	assert.NotEqual(t, want, draws(t, strategy.RoundRobin(), 2, false))
	assert.NotEqual(t, sched.Rand().Uint64(), sched.Rand().Uint64(), "outside a simulation")
}
