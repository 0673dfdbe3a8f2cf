package check_test

import (
	"runtime"
	"testing"

	"github.com/ravelgo/ravel/check"
)

// BenchmarkSearch is 10,000 schedules of a map over ten items, whose workers
// take a lock, by the default search.
func BenchmarkSearch(b *testing.B) {
	for name, most := range map[string]int{"1 worker": 1, "all cores": runtime.GOMAXPROCS(0)} {
		b.Run(name, func(b *testing.B) {
			steps, runs := 0, 0
			for b.Loop() {
				r := check.Config{Seed: 1, Runs: 10_000, Workers: most}.Search("BenchmarkSearch", workers(locked, 5))
				steps, runs = steps+r.Steps, runs+r.Runs
			}
			b.ReportMetric(float64(runs)/b.Elapsed().Seconds(), "schedules/s")
			b.ReportMetric(float64(steps)/b.Elapsed().Seconds()/1e6, "Mop/s")
		})
	}
}
