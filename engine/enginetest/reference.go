package enginetest

import "github.com/ravelgo/ravel/sched"

// Reference is the schedule of [Record], one for any number of runs: of the tasks that
// can move the one with the lowest number does, those that yield last. So of branches
// that run at once the one declared first goes on until it ends or waits. The zero value
// is ready to use.
type Reference struct{}

// Next returns true: there is always another run, which is the same one.
func (Reference) Next() bool { return true }

// Choose returns the task with the lowest number, and the first of other things.
func (Reference) Choose(c *sched.Choice) int {
	if c.Kind != sched.TaskChoice {
		return 0
	}
	best := 0
	for i := range c.N {
		t := c.Task(i)
		if b := c.Task(best); b.Yields() && !t.Yields() || b.Yields() == t.Yields() && t.ID() < b.ID() {
			best = i
		}
	}
	return best
}
