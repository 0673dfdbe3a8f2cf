package strategy

import "github.com/ravelgo/ravel/sched"

// POS returns partial order sampling: every pending operation has a random
// priority and the highest one that is ready happens. After that the task's
// next operation draws a new one, and so does every ready operation that
// conflicts with what happened. It never runs out.
//
// Compared with a random walk it wastes no choices on the order of operations
// that commute; where all operations conflict it is a random walk.
//
// Yuan, Yang, Gu: Partial Order Aware Concurrency Sampling, CAV 2018.
func POS(seed uint64) sched.Strategy { return &pos{dice: dice{seed: seed}} }

type pos struct {
	dice
	drawn []priority // by task ID
}

// priority is that of the op-th operation of a task.
type priority struct {
	op    int
	value uint64
}

func (p *pos) Next() bool {
	clear(p.drawn)
	return p.dice.Next()
}

func (p *pos) Choose(c *sched.Choice) int {
	if c.Kind != sched.TaskChoice {
		return p.below(c.N)
	}
	best := p.highest(c, nobody)
	p.chose(c, best)
	return best
}

// nobody is held.
func nobody(*sched.Task) bool { return false }

// highest returns the task of the highest priority that is not held, or -1.
func (p *pos) highest(c *sched.Choice, held func(t *sched.Task) bool) int {
	best := -1
	var highest uint64
	for i := range c.N {
		t := c.Task(i)
		if v := p.of(t); !held(t) && (best < 0 || v > highest) {
			best, highest = i, v
		}
	}
	return best
}

// chose lets those draw again whose order with the chosen one matters.
func (p *pos) chose(c *sched.Choice, best int) {
	chosen := c.Task(best)
	for i := range c.N {
		t := c.Task(i)
		if i == best || chosen.Conflicts(t) {
			p.drawn[t.ID()].op = 0
		}
	}
}

// of returns the priority of the pending operation of t.
func (p *pos) of(t *sched.Task) uint64 {
	for len(p.drawn) <= t.ID() {
		p.drawn = append(p.drawn, priority{})
	}
	d := &p.drawn[t.ID()]
	if d.op != t.Ops() {
		*d = priority{t.Ops(), p.draw()}
	}
	return d.value
}
