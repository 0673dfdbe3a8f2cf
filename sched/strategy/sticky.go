package strategy

import "github.com/ravelgo/ravel/sched"

// Sticky returns the random walk that stays with the task that did the last
// operation, if that can go on, seven times of eight. It never runs out.
// It reaches long stretches of one task that a [Random] walk does not.
// Deligiannis et al.: Industrial-Strength Controlled Concurrency Testing for C#
// Programs with Coyote, TACAS 2023.
func Sticky(seed uint64) sched.Strategy { return &sticky{dice{seed: seed}} }

type sticky struct{ dice }

func (s *sticky) Choose(c *sched.Choice) int {
	if c.Kind == sched.TaskChoice && c.Current >= 0 && !c.Task(c.Current).Yields() && s.below(8) > 0 {
		return c.Current
	}
	return s.below(c.N)
}
