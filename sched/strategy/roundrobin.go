package strategy

import "github.com/ravelgo/ravel/sched"

// RoundRobin returns the strategy without preemption: every choice is that of
// the plain schedule. It has one run.
func RoundRobin() sched.Strategy { return &roundRobin{} }

type roundRobin struct{ used bool }

func (r *roundRobin) Next() bool {
	first := !r.used
	r.used = true
	return first
}

func (r *roundRobin) Choose(c *sched.Choice) int { return plain(c) }
