package strategy

import (
	"fmt"
	"math"

	"github.com/ravelgo/ravel/sched"
)

// PCT returns probabilistic concurrency testing: tasks have random priorities and
// the highest one that is ready goes on; at depth-1 random choices the task that
// went on falls to a low priority of its own, which is random among the low ones.
// It never runs out.
//
// A bug that needs depth orderings of operations is found by a run with
// probability at least 1/(n k^(depth-1)), for n tasks and k choices: see
// [Priorities.Miss]. No estimate of k is needed; it follows from the last runs.
// The first run has no changes.
//
// A task that yields, or that has gone on a thousand times in a row, falls below
// all others, so that waiting in a loop for another task ends.
// Burckhardt, Kothari, Musuvathi, Nagarakatte: A Randomized Scheduler with
// Probabilistic Guarantees of Finding Bugs, ASPLOS 2010. It panics if depth is
// less than 1.
func PCT(seed uint64, depth int) *Priorities {
	if depth < 1 {
		panic(fmt.Sprintf("strategy: PCT of depth %d, want 1 or more", depth))
	}
	return &Priorities{dice: dice{seed: seed}, changes: make([]int, depth-1)}
}

// Priorities is the strategy that [PCT] returns.
type Priorities struct {
	dice
	changes []int // after which choice change i happens, from 1
	given   []int64
	choices int // of this run
	horizon horizon
	tasks   int // most at a choice, of all runs
	bottom  int64
}

// Next draws the changes of the next run.
func (p *Priorities) Next() bool {
	p.dice.Next()
	p.horizon.end(p.choices)
	p.choices, p.bottom = 0, -1
	clear(p.given)
	for i := range p.changes {
		p.changes[i] = 0
		if k := p.horizon.length(); k > 0 {
			p.changes[i] = 1 + p.below(k)
		}
	}
	return true
}

// Choose returns the ready task with the highest priority. Those of tasks that
// have not fallen are random numbers above the low ones, so that a new task has
// a random rank among them.
func (p *Priorities) Choose(c *sched.Choice) int {
	if c.Kind != sched.TaskChoice {
		return p.below(c.N)
	}
	if c.Tired {
		p.fall(c.Task(c.Current))
	}
	best := 0
	highest := int64(math.MinInt64)
	for i := range c.N {
		if v := p.of(c.Task(i).ID()); v > highest {
			best, highest = i, v
		}
	}
	p.tasks = max(p.tasks, c.N)
	p.choices++
	t := c.Task(best)
	for i, at := range p.changes {
		if at == p.choices {
			p.given[t.ID()] = int64(i + 1)
		}
	}
	if t.Yields() {
		p.fall(t)
	}
	return best
}

// fall gives a task the lowest priority.
func (p *Priorities) fall(t *sched.Task) {
	p.of(t.ID())
	p.given[t.ID()] = p.bottom
	p.bottom--
}

// of returns the priority of a task: never 0.
func (p *Priorities) of(id int) int64 {
	for len(p.given) <= id {
		p.given = append(p.given, 0)
	}
	if p.given[id] == 0 {
		p.given[id] = int64(len(p.changes)) + 1 + int64(p.draw()>>2)
	}
	return p.given[id]
}

// Depth returns the depth that PCT was given.
func (p *Priorities) Depth() int { return len(p.changes) + 1 }

// Miss returns an upper bound of the probability that so many runs all miss a
// bug that needs as many orderings as the depth: for the most tasks and choices
// that were seen.
func (p *Priorities) Miss(runs int) float64 {
	n, k := max(p.tasks, 1), max(p.horizon.most, p.choices, 1)
	return math.Pow(1-math.Pow(float64(k), float64(-len(p.changes)))/float64(n), float64(runs))
}

// horizon estimates how many choices a run has: the most of the last runs.
type horizon struct {
	runs        int
	now, before int // most in this window and the one before
	most        int // of all
	notFirst    bool
}

// window is how many runs an outlier matters, at least.
const window = 64

// end notes that a run had so many choices.
func (h *horizon) end(choices int) {
	if !h.notFirst {
		h.notFirst = true
		return
	}
	h.now, h.most = max(h.now, choices), max(h.most, choices)
	if h.runs++; h.runs%window == 0 {
		h.before, h.now = h.now, 0
	}
}

// length returns the estimate, 0 before the end of the first run.
func (h *horizon) length() int { return max(h.now, h.before) }
