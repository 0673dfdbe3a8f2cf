package strategy

import (
	"math"

	"github.com/ravelgo/ravel/sched"
)

// Census counts what the runs of a search have shown, and estimates what they
// have not. Of more than a million traces it keeps a part only, by their hashes,
// and counts that for the whole.
type Census struct {
	runs, cut   int
	seen        map[uint64]int // how often each trace that is kept
	most        int            // of these; 0 means maxSeen
	level       int            // how many bits of the hashes of these are 0
	once, twice int            // of these, seen so often
	walks       int            // runs in which all options were equally likely
	schedules   float64        // sum of their products of options

	// The run.
	canon   canon
	product float64
	ended   bool // by the strategy
	fresh   bool // it was the first of its trace
}

// Runs returns how many runs came to their end, Cut how many the strategy has
// ended.
func (c *Census) Runs() int { return c.runs }
func (c *Census) Cut() int  { return c.cut }

// Distinct returns how many different traces they were: schedules that differ
// only in the order of operations that can be exchanged are one.
func (c *Census) Distinct() int { return len(c.seen) << c.level }

// Unseen estimates the chance that another run, of the same kind, shows a trace
// that none has shown: the part of the runs whose trace was seen once (Good: The
// Population Frequencies of Species and the Estimation of Population Parameters,
// Biometrika 1953).
func (c *Census) Unseen() float64 {
	if c.runs == 0 {
		return 1
	}
	return float64(c.once<<c.level) / float64(c.runs)
}

// Traces estimates, from below, how many traces there are (Chao: Nonparametric
// Estimation of the Number of Classes in a Population, 1984).
func (c *Census) Traces() float64 {
	f1, f2 := float64(c.once), float64(c.twice)
	return math.Ldexp(float64(len(c.seen))+f1*(f1-1)/(2*(f2+1)), c.level)
}

// Schedules estimates how many schedules there are, from the runs in which each
// option was equally likely; 0 if there were none (Knuth: Estimating the
// Efficiency of Backtrack Programs, Mathematics of Computation 1975).
func (c *Census) Schedules() float64 {
	if c.walks == 0 {
		return 0
	}
	return c.schedules / float64(c.walks)
}

func (c *Census) begin() {
	if c.seen == nil {
		c.seen = map[uint64]int{}
	}
	c.canon.reset()
	c.product, c.ended = 1, false
}

// chose notes that option i was chosen.
func (c *Census) chose(ch *sched.Choice, i int) {
	c.ended = c.ended || i == sched.Cut
	c.product = min(c.product*float64(ch.N), math.MaxFloat64)
	c.canon.chose(ch, i)
}

// finish ends a run, in which all options were equally likely if walk is set.
func (c *Census) finish(walk bool) {
	if c.ended {
		c.cut++
		c.fresh = false
		return
	}
	c.runs++
	if walk {
		c.walks++
		c.schedules += c.product
	}
	c.see(c.canon.sum, 1)
	c.fresh = c.seen[c.canon.sum] == 1
}

// maxSeen is how many traces are kept. Those of each lane of a portfolio are
// fewer.
const (
	maxSeen       = 1 << 20
	maxSeenInLane = 1 << 16
)

func (c *Census) keeps(trace uint64) bool { return trace&(1<<c.level-1) == 0 }

// Add adds what another census has counted.
func (c *Census) Add(d *Census) {
	if c.seen == nil {
		c.seen = map[uint64]int{}
	}
	c.runs, c.cut, c.walks, c.schedules = c.runs+d.runs, c.cut+d.cut, c.walks+d.walks, c.schedules+d.schedules
	c.thin(d.level)
	for trace, n := range d.seen {
		c.see(trace, n)
	}
}

// thin keeps only traces whose hashes have so many bits that are 0, which is one
// in two for each bit (Wegman's adaptive sampling; Flajolet, On Adaptive Sampling,
// Computing 1990).
func (c *Census) thin(level int) {
	if level <= c.level {
		return
	}
	c.level = level
	all := c.seen
	c.seen, c.once, c.twice = map[uint64]int{}, 0, 0
	for trace, n := range all {
		c.see(trace, n)
	}
}

// see notes that a trace was shown n times more.
func (c *Census) see(trace uint64, n int) {
	if !c.keeps(trace) {
		return
	}
	before := c.seen[trace]
	c.seen[trace] = before + n
	for i, count := range []*int{&c.once, &c.twice} {
		if before == i+1 {
			*count--
		}
		if before+n == i+1 {
			*count++
		}
	}
	most := c.most
	if most == 0 {
		most = maxSeen
	}
	if len(c.seen) > most {
		c.thin(c.level + 1)
	}
}

// Counted returns a strategy that does what st does, and a census of it.
func Counted(st sched.Strategy) *CountedStrategy {
	return &CountedStrategy{counting: countingOf(st)}
}

// CountedStrategy is the strategy that [Counted] returns.
type CountedStrategy struct {
	Census
	counting
}

// counting is a strategy, and what a census has to know of it.
type counting struct {
	st       sched.Strategy
	follower sched.Follower // st, if it is one
	walk     bool           // each option is equally likely
}

func countingOf(st sched.Strategy) counting {
	f, _ := st.(sched.Follower)
	_, walk := st.(*random)
	return counting{st, f, walk}
}

// Next is that of the strategy.
func (c *CountedStrategy) Next() bool {
	c.begin()
	return c.st.Next()
}

// Choose is that of the strategy.
func (c *CountedStrategy) Choose(ch *sched.Choice) int {
	i := c.st.Choose(ch)
	c.chose(ch, i)
	return i
}

// Follow tells the strategy.
func (c *CountedStrategy) Follow(tr *sched.Transition) {
	c.canon.add(tr)
	if c.follower != nil {
		c.follower.Follow(tr)
	}
}

// Finish tells the strategy.
func (c *CountedStrategy) Finish(pending []sched.Transition) {
	if c.follower != nil {
		c.follower.Finish(pending)
	}
	c.finish(c.walk)
}
