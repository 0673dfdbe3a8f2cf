package strategy_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/atomic"
	"github.com/ravelgo/ravel/sched/strategy"
)

func additions(tasks, adds int) func() {
	return func() {
		var n atomic.Int64
		alike(tasks, adds, func() { n.Add(1) })
	}
}

// BenchmarkStrategies runs 4 tasks of 10 atomic adds under each sampler.
func BenchmarkStrategies(b *testing.B) {
	for _, c := range []struct {
		name string
		st   sched.Strategy
	}{
		{"random", strategy.Random(1)}, {"pos", strategy.POS(1)}, {"pct", strategy.PCT(1, 3)}, {"urw", strategy.URW(1)},
		{"surw", strategy.SURW(1)}, {"readsfrom", strategy.ReadsFrom(1)}, {"portfolio", strategy.Portfolio(1, 0)},
	} {
		b.Run(c.name, func(b *testing.B) {
			sim := sched.NewSim(sched.Config{})
			defer sim.Close()
			body := additions(4, 10)
			b.ReportAllocs()
			for b.Loop() {
				c.st.Next()
				sim.Run(c.st, 1, body)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "schedules/s")
		})
	}
}

// BenchmarkExhaustive tries all there is: a run of the benchmark is a whole
// search.
func BenchmarkExhaustive(b *testing.B) {
	for _, c := range []struct {
		name        string
		tasks, adds int
		runs        int
	}{{"2x3", 2, 3, 20}, {"3x2", 3, 2, 90}, {"2x6", 2, 6, 924}, {"3x3", 3, 3, 1680}} {
		for name, newStrategy := range map[string]func() sched.Strategy{
			"dpor": func() sched.Strategy { return strategy.DPOR() },
			"dfs":  func() sched.Strategy { return strategy.DFS() },
		} {
			b.Run(c.name+" "+name, func(b *testing.B) {
				sim := sched.NewSim(sched.Config{})
				defer sim.Close()
				for b.Loop() {
					runs := 0
					for st := newStrategy(); st.Next(); runs++ {
						sim.Run(st, 1, additions(c.tasks, c.adds))
					}
					require.Equal(b, c.runs, runs)
				}
			})
		}
	}
}
