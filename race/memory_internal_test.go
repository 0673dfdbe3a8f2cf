package race

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// What is kept of a variable does not grow with the number of accesses, nor with
// that of the tasks, until they read it at once.
func TestMemoryOfAVariable(t *testing.T) {
	const tasks = 100
	size := func(body func(x *Var[int])) (reads, open int) {
		tr := &Tracker{}
		sim := sched.NewSim(sched.Config{Observer: tr})
		defer sim.Close()
		st := strategy.RoundRobin()
		st.Next()
		sim.Run(st, 1, func() {
			var x Var[int]
			x.Store(1)
			body(&x)
		})
		o := tr.object(0)
		return len(o.whole.reads), cap(o.items[0].open)
	}
	reads, open := size(func(x *Var[int]) {
		for range 1000 {
			x.Load()
		}
	})
	assert.Equal(t, []int{1, 1}, []int{reads, open}, "one task")

	reads, open = size(func(x *Var[int]) {
		for range tasks {
			var wg sched.WaitGroup
			wg.Go(func() { x.Load() })
			wg.Wait()
		}
	})
	assert.Equal(t, []int{1, 1}, []int{reads, open}, "one after the other")

	reads, open = size(func(x *Var[int]) {
		for range tasks {
			sched.Go(func() { x.Load() })
		}
	})
	assert.Equal(t, tasks, reads, "at once")
	assert.LessOrEqual(t, open, 2, "those that may still write")
}
