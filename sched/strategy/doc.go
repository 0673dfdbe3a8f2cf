// Package strategy holds the ways to decide the choices of a simulation, one a
// file. A strategy knows the ready tasks and their pending operations and
// nothing else; given the same seed it makes the same choices in every process.
//
// The plain schedule is what several of them start from: a task goes on until
// it waits or ends, or yields, or has done so a thousand times in a row; then the
// next ready task by number follows, round robin; a select takes the first ready case and a channel operation
// meets the task that has waited longest.
package strategy

import "github.com/ravelgo/ravel/sched"

// plain returns the choice of the plain schedule.
func plain(c *sched.Choice) int {
	if c.Kind != sched.TaskChoice {
		return 0
	}
	if goesOn(c) {
		return c.Current
	}
	return following(c, c.Moment().ID)
}

// goesOn reports whether the task that did the last operation wants to and may
// go on.
func goesOn(c *sched.Choice) bool {
	return c.Current >= 0 && !c.Tired && !c.Task(c.Current).Yields()
}

// following returns the index of the ready task that follows the one with the
// given ID, round robin.
func following(c *sched.Choice, id int) int {
	next, first := -1, 0
	for i := range c.N {
		t := c.Task(i)
		if t.ID() < c.Task(first).ID() {
			first = i
		}
		if t.ID() > id && (next < 0 || t.ID() < c.Task(next).ID()) {
			next = i
		}
	}
	if next < 0 {
		return first
	}
	return next
}
