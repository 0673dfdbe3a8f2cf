package strategy

import (
	"fmt"

	"github.com/ravelgo/ravel/sched"
)

// DFS returns the strategy that tries every schedule once, depth first, and
// then runs out. The number of runs is the number of schedules, which grows
// exponentially with the operations.
func DFS() *Exhaustive { return &Exhaustive{} }

// Exhaustive is the strategy that [DFS] returns.
type Exhaustive struct {
	path  []level
	depth int
	begun bool
	err   error
}

// level is one choice of the current run: option of n.
type level struct{ option, n int }

// Next takes the next option of the last choice that has one left.
func (d *Exhaustive) Next() bool {
	if !d.begun {
		d.begun = true
		return true
	}
	if d.depth < len(d.path) && d.err == nil {
		d.err = fmt.Errorf("strategy: DFS: a run made %d choices where the one before made more: the body is not deterministic", d.depth)
	}
	d.path, d.depth = d.path[:d.depth], 0
	for n := len(d.path); n > 0; n-- {
		last := &d.path[n-1]
		if last.option++; last.option < last.n {
			return d.err == nil
		}
		d.path = d.path[:n-1]
	}
	return false
}

// Choose repeats the choices of the run before and then takes first options.
func (d *Exhaustive) Choose(c *sched.Choice) int {
	if d.depth == len(d.path) {
		d.path = append(d.path, level{0, c.N})
	}
	l := d.path[d.depth]
	d.depth++
	if l.n != c.N {
		if d.err == nil {
			d.err = fmt.Errorf("strategy: DFS: choice %d has %d options where the run before had %d: the body is not deterministic", d.depth, c.N, l.n)
		}
		return 0
	}
	return l.option
}

// Err returns nil as long as the runs were repeatable. If the body of the runs
// is not deterministic it says what differed, and Next reports false.
func (d *Exhaustive) Err() error { return d.err }
