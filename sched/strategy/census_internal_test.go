package strategy

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A census that keeps a part of the traces counts all of them, nearly, and does
// not depend on their order.
func TestCensusOfMany(t *testing.T) {
	const traces = 200_000
	exact, thin, backward := Census{seen: map[uint64]int{}}, Census{most: 1 << 12}, Census{most: 1 << 12}
	thin.seen, backward.seen = map[uint64]int{}, map[uint64]int{}
	for i := range uint64(traces) {
		n := 1 + int(scramble(i^1)%3)
		for _, c := range []*Census{&exact, &thin} {
			c.see(scramble(i), n)
			c.runs += n
		}
		j := traces - 1 - i
		backward.see(scramble(j), 1+int(scramble(j^1)%3))
	}
	assert.Equal(t, traces, exact.Distinct())
	assert.LessOrEqual(t, len(thin.seen), 1<<12)
	assert.InEpsilon(t, traces, thin.Distinct(), 0.05)
	assert.InEpsilon(t, exact.Traces(), thin.Traces(), 0.1)
	assert.InDelta(t, exact.Unseen(), thin.Unseen(), 0.03)
	assert.Equal(t, thin.seen, backward.seen)
	assert.Equal(t, []int{thin.level, thin.once, thin.twice}, []int{backward.level, backward.once, backward.twice})

	var sum Census
	sum.Add(&thin)
	sum.Add(&exact)
	assert.Equal(t, thin.level, sum.level)
	assert.InEpsilon(t, traces, sum.Distinct(), 0.05)
}
