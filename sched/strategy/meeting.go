package strategy

import "github.com/ravelgo/ravel/sched"

// Place is an operation of a task, in terms that hold in other runs too: of the
// task with the [sched.Task.Key], counted from 1.
type Place struct {
	Task uint64
	Op   int
}

// Meeting returns the strategy of random walks that lead tasks to their places at
// the same moment: one that has come to its place is held back there until the
// others have come to theirs, or nobody else can go on. So a suspected race or
// deadlock shows, if it is one and the walk gets there. It never runs out.
//
// Sen, Race Directed Random Testing of Concurrent Programs, PLDI 2008; Joshi and
// others, A Randomized Dynamic Program Analysis Technique for Detecting Real
// Deadlocks, PLDI 2009.
func Meeting(seed uint64, places []Place) sched.Strategy {
	return &meeting{dice: dice{seed: seed}, places: places}
}

type meeting struct {
	dice
	places []Place
}

// Choose returns one of the tasks that are at no place, or, if all are at theirs,
// one of these.
func (m *meeting) Choose(c *sched.Choice) int {
	if c.Kind != sched.TaskChoice {
		return m.below(c.N)
	}
	var there, free []int
	for i := range c.N {
		if m.isAt(c.Task(i)) {
			there = append(there, i)
		} else {
			free = append(free, i)
		}
	}
	if len(there) == len(m.places) || len(free) == 0 {
		return there[m.below(len(there))]
	}
	return free[m.below(len(free))]
}

func (m *meeting) isAt(t *sched.Task) bool {
	for _, p := range m.places {
		if p.Task == t.Key() && p.Op == t.Ops() {
			return true
		}
	}
	return false
}
