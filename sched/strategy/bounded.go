package strategy

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/ravelgo/ravel/sched"
)

// PreemptionBounded returns the strategy that tries every schedule with at most
// so many preemptions, those with fewer first, and then runs out. Most bugs need
// one or two.
// Musuvathi, Qadeer: Iterative Context Bounding for Systematic Testing of
// Multithreaded Programs, PLDI 2007.
func PreemptionBounded(most int) *Bounded {
	return newBounded("PreemptionBounded", most, func(c *sched.Choice, costs []int) {
		if goesOn(c) {
			for i := range costs {
				costs[i] = 1
			}
			costs[c.Current] = 0
		}
	})
}

// DelayBounded returns the strategy that tries every schedule with at most so
// many delays, those with fewer first, and then runs out. A delay skips the task
// whose turn it is in the plain schedule for the one that follows it, round
// robin.
// Emmi, Qadeer, Rakamarić: Delay-Bounded Scheduling, POPL 2011.
func DelayBounded(most int) *Bounded {
	return newBounded("DelayBounded", most, func(c *sched.Choice, costs []int) {
		first := c.Task(plain(c)).ID()
		order := make([]int, len(costs))
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(i, j int) int {
			a, b := c.Task(i).ID(), c.Task(j).ID()
			if (a < first) != (b < first) {
				return cmp.Compare(b, a) // those from the first on come first
			}
			return cmp.Compare(a, b)
		})
		for rank, i := range order {
			costs[i] = rank
		}
	})
}

func newBounded(name string, most int, cost func(c *sched.Choice, costs []int)) *Bounded {
	if most < 0 {
		panic(fmt.Sprintf("strategy: %s by %d, want 0 or more", name, most))
	}
	return &Bounded{name: name, cost: cost, todo: append(make([][]branch, most), []branch{})}
}

// Bounded is the strategy that [PreemptionBounded] and [DelayBounded] return.
type Bounded struct {
	name  string
	cost  func(c *sched.Choice, costs []int) // sets those that are not 0
	todo  [][]branch                         // by cost
	begun bool
	cut   int
	err   error

	now   branch
	spent int
	depth int
	log   []choice
}

// branch is how a run begins.
type branch struct{ choices []choice }

// choice is one made in a run: option of n.
type choice struct{ option, n int32 }

// Cost returns how many preemptions or delays the last run was made of.
func (b *Bounded) Cost() int { return b.spent }

// Cut returns how many options so far cost more than the bound, and were not
// tried. If it is 0 when Next reports false, every schedule has been.
func (b *Bounded) Cut() int { return b.cut }

// Err returns nil as long as the runs were repeatable. If the body of the runs
// is not deterministic it says what differed, and Next reports false.
func (b *Bounded) Err() error { return b.err }

// Next begins with the last branch that costs least.
func (b *Bounded) Next() bool {
	b.depth, b.log = 0, b.log[:0]
	if !b.begun {
		b.begun = true
		return true
	}
	if b.err != nil {
		return false
	}
	for cost := b.spent; cost < len(b.todo); cost++ {
		if n := len(b.todo[cost]); n > 0 {
			b.now, b.spent = b.todo[cost][n-1], cost
			b.todo[cost] = b.todo[cost][:n-1]
			return true
		}
	}
	return false
}

// Choose repeats the branch and then takes options without a cost, and leaves
// the others for other runs.
func (b *Bounded) Choose(c *sched.Choice) int {
	b.depth++
	if b.depth <= len(b.now.choices) {
		was := b.now.choices[b.depth-1]
		if int(was.n) != c.N {
			if b.err == nil {
				b.err = fmt.Errorf("strategy: %s: choice %d has %d options where the run before had %d: the body is not deterministic",
					b.name, b.depth, c.N, was.n)
			}
			return 0
		}
		b.log = append(b.log, was)
		return int(was.option)
	}
	costs := make([]int, c.N)
	usual := plain(c)
	if c.Kind == sched.TaskChoice {
		b.cost(c, costs)
	}
	for i := c.N - 1; i >= 0; i-- {
		if i == usual {
			continue
		}
		cost := b.spent + costs[i]
		if cost >= len(b.todo) {
			b.cut++
			continue
		}
		b.todo[cost] = append(b.todo[cost], branch{append(slices.Clone(b.log), choice{int32(i), int32(c.N)})})
	}
	b.log = append(b.log, choice{int32(usual), int32(c.N)})
	return usual
}
