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

// The census of two searches is that of one that does both.
func TestCensusAdd(t *testing.T) {
	var sum strategy.Census
	both := strategy.Counted(strategy.POS(1))
	runAll(both, 500, writers(3, 2))
	st := strategy.Counted(strategy.POS(1))
	for range 5 {
		st.Census = strategy.Census{}
		runAll(st, 100, writers(3, 2))
		sum.Add(&st.Census)
	}
	assert.Equal(t, both.Runs(), sum.Runs())
	assert.Equal(t, both.Distinct(), sum.Distinct())
	assert.InDelta(t, both.Unseen(), sum.Unseen(), 0)
	assert.InDelta(t, both.Traces(), sum.Traces(), 0)
}

// Each lane of a portfolio does something else.
func TestPortfolioLanes(t *testing.T) {
	var sum strategy.Census
	for lane := range 8 {
		st := strategy.Portfolio(1, lane)
		runAll(st, 100, writers(4, 3))
		assert.Greater(t, st.Distinct(), 60)
		sum.Add(&st.Census)
	}
	assert.Greater(t, sum.Distinct(), 500)
}

// The more orderings a bug needs the likelier it was missed.
func TestMiss(t *testing.T) {
	st := strategy.Portfolio(1, 0)
	runAll(st, 500, writers(4, 3))
	assert.Less(t, st.Miss(1), 0.5)
	assert.Greater(t, st.Miss(2), st.Miss(1))
	assert.Greater(t, st.Miss(3), st.Miss(2))
	assert.LessOrEqual(t, st.Miss(3), 1.)
}
