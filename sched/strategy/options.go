package strategy

import (
	"cmp"
	"slices"

	"github.com/ravelgo/ravel/sched"
)

// Options returns the strategy that makes the choices of the plain schedule and
// notes what else could have been chosen.
func Options() *Optioner { return &Optioner{} }

// Optioner is the strategy that [Options] returns.
type Optioner struct{ all []sched.Deviation }

// Next begins anew.
func (o *Optioner) Next() bool {
	o.all = nil
	return true
}

// Choose makes the choice of the plain schedule.
func (o *Optioner) Choose(c *sched.Choice) int {
	usual := plain(c)
	options := make([]int, c.N)
	for i := range options {
		options[i] = i
	}
	if c.Kind == sched.TaskChoice {
		slices.SortFunc(options, func(i, j int) int { return cmp.Compare(c.Task(i).ID(), c.Task(j).ID()) })
	}
	for _, i := range options {
		if i != usual {
			o.all = append(o.all, deviation(c, i))
		}
	}
	return usual
}

// All returns every single deviation from the last run: in the order of the
// run, those of one moment by task.
func (o *Optioner) All() []sched.Deviation { return o.all }
