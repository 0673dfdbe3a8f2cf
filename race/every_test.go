package race_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// The order of a snapshot and of the writes of elements matters: partial order
// reduction sees all that can be read, as trying all schedules does, and no more
// schedules than that needs.
func TestSnapshotAgainstElements(t *testing.T) {
	explore := func(st sched.Strategy) (seen []string, runs int) {
		sim := sched.NewSim(sched.Config{})
		defer sim.Close()
		for ; st.Next(); runs++ {
			var got []int
			sim.Run(st, 1, func() {
				var s race.Slice[int]
				s.Append(0, 0)
				var wg sched.WaitGroup
				wg.Go(func() { got = s.Snapshot() })
				wg.Go(func() { s.Set(0, 1) })
				wg.Go(func() { s.Set(1, 2); _ = s.At(0) })
				wg.Wait()
			})
			if text := fmt.Sprint(got); !slices.Contains(seen, text) {
				seen = append(seen, text)
			}
		}
		slices.Sort(seen)
		return seen, runs
	}
	all, _ := explore(strategy.DFS())
	assert.Equal(t, []string{"[0 0]", "[0 2]", "[1 0]", "[1 2]"}, all)
	reduced, runs := explore(strategy.DPOR())
	assert.Equal(t, all, reduced)
	assert.LessOrEqual(t, runs, 40)
}

// Tasks that sample by what conflicts, as POS does, see the same.
func TestConflictsOfASnapshot(t *testing.T) {
	var between [2]bool
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	sim.Run(pendings(func(ready []*sched.Task) {
		if len(ready) == 2 {
			between = [2]bool{ready[0].Conflicts(ready[1]), ready[1].Conflicts(ready[0])}
		}
	}), 1, func() {
		var s race.Slice[int]
		s.Append(0)
		sched.Go(func() { s.Snapshot() })
		sched.Go(func() { s.Set(0, 1) })
	})
	assert.Equal(t, [2]bool{true, true}, between)
}

// pendings is a strategy that shows who could go on.
type pendings func(ready []*sched.Task)

func (p pendings) Next() bool { return true }

func (p pendings) Choose(c *sched.Choice) int {
	var ready []*sched.Task
	for i := range c.N {
		ready = append(ready, c.Task(i))
	}
	p(ready)
	return 0
}
