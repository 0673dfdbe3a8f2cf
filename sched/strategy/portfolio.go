package strategy

import (
	"math"

	"github.com/ravelgo/ravel/sched"
)

// Portfolio returns the strategy for those who do not want to choose one. Its
// first run is the plain schedule. Then it samples with SURW, POS, PCT of depth
// 1 to 3, and the random walk, those the more often that have shown new traces.
// As soon as an estimate says that there are few enough traces left to try them
// all in so many runs in all, it turns to DPOR, and runs out when that has: then
// every trace has been tried. If DPOR takes too long it samples again.
//
// The choices follow from seed, runs and what the runs show.
func Portfolio(seed uint64, runs int) *Mixed {
	m := &Mixed{dice: dice{seed: seed}, budget: runs, reduction: DPOR()}
	m.arms = []arm{
		{st: RoundRobin()},
		{st: SURW(seed)}, {st: POS(seed)}, {st: PCT(seed, 2)}, {st: Random(seed)}, {st: PCT(seed, 3)}, {st: PCT(seed, 1)},
	}
	for i := range m.arms {
		m.arms[i].follower, _ = m.arms[i].st.(sched.Follower)
		m.arms[i].value = 1
	}
	return m
}

// Mixed is the strategy that [Portfolio] returns.
type Mixed struct {
	Census
	dice
	budget    int
	tried     int // runs so far
	arms      []arm
	now       *arm
	reduction *Reduction
	reducing  arm
	until     int // when to give up DPOR
	verified  bool
}

// arm is one of the strategies.
type arm struct {
	st       sched.Strategy
	follower sched.Follower // st, if it is one
	value    float64        // how often it has shown something new, of late
}

// Verified reports whether every trace has been tried.
func (m *Mixed) Verified() bool { return m.verified }

// Err returns nil as long as the runs were repeatable, as far as [DPOR] can tell.
func (m *Mixed) Err() error { return m.reduction.Err() }

const (
	firstEstimate = 16 // runs before the first estimate
	plainArm      = 0
	walkArm       = 4
)

// Next chooses the strategy of the next run.
func (m *Mixed) Next() bool {
	m.dice.Next()
	m.begin()
	if n := m.tried; n >= firstEstimate && n&(n-1) == 0 && m.now != &m.reducing && m.Traces() < float64(m.budget-n)/2 {
		m.reducing = arm{st: m.reduction, follower: m.reduction}
		m.now, m.until = &m.reducing, n+(m.budget-n)*3/4
	}
	m.tried++
	if m.now == &m.reducing && m.tried < m.until {
		if m.reduction.Next() {
			return true
		}
		m.verified = m.reduction.Err() == nil
		return false
	}
	m.now = m.chooseArm()
	m.now.st.Next()
	return true
}

// chooseArm returns each arm once, in order, and then one by value.
func (m *Mixed) chooseArm() *arm {
	if m.tried <= len(m.arms) {
		return &m.arms[m.tried-1]
	}
	var weights []float64
	for i := range m.arms {
		weights = append(weights, 0.1+m.arms[i].value)
	}
	weights[plainArm] = 0
	return &m.arms[m.weighted(weights)]
}

// Choose is that of the strategy of the run.
func (m *Mixed) Choose(c *sched.Choice) int {
	i := m.now.st.Choose(c)
	m.chose(c, i)
	return i
}

// Follow tells the strategy of the run.
func (m *Mixed) Follow(tr *sched.Transition) {
	m.canon.add(tr)
	if m.now.follower != nil {
		m.now.follower.Follow(tr)
	}
}

// Finish tells the strategy of the run, and judges it.
func (m *Mixed) Finish(pending []sched.Transition) {
	if m.now.follower != nil {
		m.now.follower.Finish(pending)
	}
	m.finish(m.now == &m.arms[walkArm])
	found := 0.0
	if m.fresh {
		found = 1
	}
	m.now.value += 0.1 * (found - m.now.value)
}

// Miss returns an upper bound of the probability that a bug which needs so many
// orderings, 1 to 3, was missed by the runs of PCT of that depth.
func (m *Mixed) Miss(depth int) float64 {
	for i := range m.arms {
		if p, ok := m.arms[i].st.(*Priorities); ok && len(p.changes) == depth-1 {
			return p.Miss(int(p.run))
		}
	}
	return math.NaN()
}
