package sctbench_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"github.com/ravelgo/ravel/check/internal/sctbench"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var strategies = map[string]func(seed uint64) sched.Strategy{
	"random":     strategy.Random,
	"pos":        strategy.POS,
	"pct":        func(seed uint64) sched.Strategy { return strategy.PCT(seed, 3) },
	"urw":        func(seed uint64) sched.Strategy { return strategy.URW(seed) },
	"surw":       func(seed uint64) sched.Strategy { return strategy.SURW(seed) },
	"reads-from": func(seed uint64) sched.Strategy { return strategy.ReadsFrom(seed) },
	"portfolio":  func(seed uint64) sched.Strategy { return strategy.Portfolio(seed, sctbench.Runs) },
}

// Every sampler finds every bug with every seed, and the ones that are always
// there at once.
func TestFound(t *testing.T) {
	for _, p := range sctbench.Programs() {
		for name, newStrategy := range strategies {
			score := sctbench.Measure(p, newStrategy)
			assert.Equal(t, sctbench.Seeds, score.Found, "%s, %s", p.Name, name)
			if p.Always {
				assert.Equal(t, 1., score.Median, "%s, %s", p.Name, name)
			}
		}
	}
}

// The twins have no bug; the table tries ten times as many schedules of them.
func TestTwins(t *testing.T) {
	for _, p := range sctbench.Programs() {
		for name, newStrategy := range strategies {
			assert.Empty(t, sctbench.False(p, newStrategy(1), sctbench.Runs/10), "%s, %s", p.Name, name)
		}
	}
}
