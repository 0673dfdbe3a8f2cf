package strategy_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// runAll runs body until the strategy runs out, or so many times.
func runAll(st sched.Strategy, most int, body func()) {
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	for n := 0; n < most && st.Next(); n++ {
		sim.Run(st, 1, body)
	}
}

func writers(tasks, writes int) func() {
	return func() {
		var x race.Var[int]
		alike(tasks, writes, func() { x.Store(1) })
	}
}

// Traces are told apart as theory does: DFS meets as many as there are.
func TestCensusOfAll(t *testing.T) {
	for _, c := range []struct {
		schedules, traces int
		body              func()
	}{
		{90, 90, writers(3, 2)},
		{90, 1, func() { alike(3, 2, sched.Yield) }},
		{35, 5, func() { lastZero(2) }},
		{920, 12, func() { lastZero(3) }},
		{168, 7, func() { dine(3, false) }},
		{142, 6, func() { dine(3, true) }},
	} {
		st := strategy.Counted(strategy.DFS())
		runAll(st, 10_000, c.body)
		assert.Equal(t, c.schedules, st.Runs())
		assert.Equal(t, c.traces, st.Distinct())
	}
}

// Litmus H7: the mean of Knuth's estimates is the number of schedules.
func TestCensusEstimates(t *testing.T) {
	st := strategy.Counted(strategy.Random(3))
	runAll(st, 50_000, func() { dine(3, false) })
	assert.InDelta(t, 168, st.Schedules(), 5)
	assert.Equal(t, 7, st.Distinct())
	assert.Zero(t, st.Unseen())
	assert.InDelta(t, 7, st.Traces(), 0)

	st = strategy.Counted(strategy.Random(3))
	runAll(st, 500, writers(4, 2))
	assert.Greater(t, st.Unseen(), 0.5, "most of 2,520 traces are new")
	assert.Greater(t, st.Traces(), 1000.)
	assert.Equal(t, 0., strategy.Counted(strategy.POS(1)).Schedules())
}

// Where there are few traces the portfolio tries them all and runs out; where
// there are many it goes on sampling.
func TestPortfolioVerifies(t *testing.T) {
	for _, c := range []struct {
		traces int
		body   func()
	}{{90, writers(3, 2)}, {7, func() { dine(3, false) }}, {1, func() { alike(3, 3, sched.Yield) }}, {64, func() { lastZero(5) }}} {
		st := strategy.Portfolio(1, 1000)
		runAll(st, 1000, c.body)
		assert.True(t, st.Verified())
		assert.Equal(t, c.traces, st.Distinct())
		assert.NoError(t, st.Err())
	}
	st := strategy.Portfolio(1, 1000)
	runAll(st, 1000, writers(4, 3))
	assert.False(t, st.Verified())
	assert.Equal(t, 1000, st.Runs()+st.Cut())
	assert.Greater(t, st.Distinct(), 800)
}

// The more orderings a bug needs the likelier it was missed.
func TestMiss(t *testing.T) {
	st := strategy.Portfolio(1, 1000)
	runAll(st, 500, writers(4, 3))
	assert.Less(t, st.Miss(1), 0.5)
	assert.Greater(t, st.Miss(2), st.Miss(1))
	assert.Greater(t, st.Miss(3), st.Miss(2))
	assert.LessOrEqual(t, st.Miss(3), 1.)
}
