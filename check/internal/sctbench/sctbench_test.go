package sctbench_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"github.com/ravelgo/ravel/check/internal/sctbench"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Every sampler finds every bug with every seed, and the ones that are always
// there at once.
func TestFound(t *testing.T) {
	if testing.Short() {
		t.Skip("many runs")
	}
	for _, p := range sctbench.Programs() {
		for _, s := range sctbench.Strategies() {
			score := sctbench.Measure(p, s.New)
			assert.Equal(t, sctbench.Seeds, score.Found, "%s, %s", p.Name, s.Name)
			if p.Always {
				assert.Equal(t, 1., score.Median, "%s, %s", p.Name, s.Name)
			}
		}
	}
}

// The twins have no bug; the table tries ten times as many schedules of them.
func TestTwins(t *testing.T) {
	if testing.Short() {
		t.Skip("many runs")
	}
	for _, p := range sctbench.Programs() {
		for _, s := range sctbench.Strategies() {
			assert.Empty(t, sctbench.False(p, s.New(1), sctbench.Runs/10), "%s, %s", p.Name, s.Name)
		}
	}
}
