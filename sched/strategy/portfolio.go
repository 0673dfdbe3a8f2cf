package strategy

import (
	"math"

	"github.com/ravelgo/ravel/sched"
)

// Portfolio returns the strategy for those who do not want to choose one: it
// samples with SURW, reads-from feedback, POS, PCT of depth 1 to 3 and the random
// walk, those the more often that have shown new traces. It never runs out.
// Package check turns to [DPOR] besides, where there are few traces.
//
// Searches of one seed that go on at once have different lanes, from 0. They
// begin with different strategies, lane 0 with the plain schedule. The
// choices follow from seed, lane and what the runs show.
func Portfolio(seed uint64, lane int) *Mixed {
	seed += uint64(lane) * gamma
	m := &Mixed{dice: dice{seed: seed}}
	m.most = maxSeenInLane
	for _, st := range []sched.Strategy{SURW(seed), ReadsFrom(seed), POS(seed), PCT(seed, 2), Random(seed), PCT(seed, 3), PCT(seed, 1)} {
		m.arms = append(m.arms, &arm{counting: countingOf(st), share: 1, value: 1})
	}
	m.arms[0].share, m.arms[1].share = 3, 3 // they find the hard bugs soonest, once they have learnt
	if lane == 0 {
		m.first = append(m.first, &arm{counting: countingOf(RoundRobin())})
	}
	others := m.arms[2:]
	for i := range others {
		m.first = append(m.first, others[(lane/2+i)%len(others)], m.arms[(lane/2+i)%2])
	}
	if lane%2 == 1 {
		m.first = m.first[1:]
	}
	return m
}

// Mixed is the strategy that [Portfolio] returns.
type Mixed struct {
	CountedStrategy
	dice  dice
	arms  []*arm
	first []*arm // to have a turn, in order
	now   *arm
}

// arm is one of the strategies.
type arm struct {
	counting
	share float64 // of the runs, if all are of equal value
	value float64 // how often it has shown something new, of late
}

// Next chooses the strategy of the next run: each once, in turn with the first
// two, and then by value.
func (m *Mixed) Next() bool {
	m.dice.Next()
	if len(m.first) > 0 {
		m.now, m.first = m.first[0], m.first[1:]
	} else {
		var weights []float64
		for _, a := range m.arms {
			weights = append(weights, a.share*(0.1+a.value))
		}
		m.now = m.arms[m.dice.weighted(weights)]
	}
	m.counting = m.now.counting
	return m.CountedStrategy.Next()
}

// Finish tells the strategy of the run, and judges it.
func (m *Mixed) Finish(pending []sched.Transition) {
	m.CountedStrategy.Finish(pending)
	if !m.keeps(m.canon.sum) {
		return // it is not known whether it is new
	}
	found := 0.0
	if m.fresh {
		found = 1
	}
	m.now.value += 0.1 * (found - m.now.value)
}

// Miss returns an upper bound of the probability that a bug which needs so many
// orderings, 1 to 3, was missed by the runs of PCT of that depth.
func (m *Mixed) Miss(depth int) float64 {
	for _, a := range m.arms {
		if p, ok := a.st.(*Priorities); ok && len(p.changes) == depth-1 {
			return p.Miss(int(p.run))
		}
	}
	return math.NaN()
}
