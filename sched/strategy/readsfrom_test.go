package strategy_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/atomic"
	"github.com/ravelgo/ravel/sched/strategy"
)

// reached returns the outcomes of so many runs of a program, in order.
func reached(t *testing.T, st sched.Strategy, runs int, program func() (func(), func(error) int)) []int {
	seen := map[int]bool{}
	sampled(t, st, runs, program, func(_, outcome int) { seen[outcome] = true })
	return slices.Sorted(maps.Keys(seen))
}

// seeds returns how many seeds to try.
func seeds() uint64 { return uint64(shorter(20, 10)) }

// Each outcome that there is comes soon, and no other. The seed is fixed.
func TestReadsFromReachesAll(t *testing.T) {
	for _, l := range slices.Concat(litmusTests, syncTests, memoryTests) {
		assert.Equal(t, slices.Sorted(maps.Keys(l.want)), reached(t, strategy.ReadsFrom(1), 300, l.program), l.name)
	}
}

// Two tasks that change an atomic variable twice: each order of the four shows
// in what they see.
func TestReadsFromOrdersUpdates(t *testing.T) {
	program := result(func(seen *int) {
		var x atomic.Int64
		add := func(n int64) func() {
			return times(2, func() { *seen = *seen*10 + int(x.Add(n)) })
		}
		tasks(add(1), add(2))
	})
	for seed := range uint64(20) {
		assert.Len(t, reached(t, strategy.ReadsFrom(seed), 60, program), 6, "seed %d", seed)
	}
}

// Litmus E6: a write falls between any two of 25 others, and after all of them,
// which a random walk does with probability 2^-25.
func TestReadsFromWaitsLong(t *testing.T) {
	const writes, runs = 25, 1000
	program := result(func(before *int) {
		var x race.Var[int]
		n := 0
		tasks(func() { x.Store(0); *before = n }, times(writes, func() { x.Store(1); n++ }))
	})
	for seed := range seeds() {
		assert.Len(t, reached(t, strategy.ReadsFrom(seed), runs, program), writes+1, "seed %d", seed)
		assert.Less(t, len(reached(t, strategy.Random(seed), runs, program)), writes*3/4, "seed %d", seed)
	}
}

// What needs many orders at once is found one after the other: two tasks pass a
// turn to each other, and give up where it is not theirs; no random walk comes
// to the end, and no POS.
func TestReadsFromClimbs(t *testing.T) {
	const turns, runs = 16, 3000
	program := result(func(passed *int) {
		var turn race.Var[int]
		pass := func(mine int) func() {
			return func() {
				for n := mine; n < turns && turn.Load() == n; n += 2 {
					turn.Store(n + 1)
					*passed = n + 1
				}
			}
		}
		tasks(pass(0), pass(1))
	})
	for seed := range seeds() {
		assert.Contains(t, reached(t, strategy.ReadsFrom(seed), runs, program), turns, "seed %d", seed)
		for _, st := range []sched.Strategy{strategy.Random(seed), strategy.POS(seed)} {
			assert.NotContains(t, reached(t, st, runs, program), turns, "%T, seed %d", st, seed)
		}
	}
}

// A warm run allocates nothing.
func TestReadsFromAllocates(t *testing.T) {
	var x race.Var[int]
	add := times(5, func() { x.Update(inc) })
	body := func() { sched.Go(add); sched.Go(add) }
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	st := strategy.ReadsFrom(1)
	run := func() {
		st.Next()
		sim.Run(st, 1, body)
	}
	for range 1000 {
		run()
	}
	assert.Zero(t, testing.AllocsPerRun(100, run))
}
