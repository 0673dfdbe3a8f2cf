package sctbench

import (
	"slices"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// Bounds of a measurement, those of the literature.
const (
	Seeds = 20
	Runs  = 10_000
)

// Score is how soon a strategy finds a bug.
type Score struct {
	// Found is with how many of the seeds it does within Runs schedules.
	Found int
	// Median is that of the schedules up to the first that shows it, of the
	// seeds that found it.
	Median float64
}

// Strategy is one to measure.
type Strategy struct {
	Name string
	New  func(seed uint64) sched.Strategy
}

// Strategies returns those that sample.
func Strategies() []Strategy {
	return []Strategy{
		{"PCT-3", func(seed uint64) sched.Strategy { return strategy.PCT(seed, 3) }},
		{"POS", strategy.POS},
		{"random", strategy.Random},
		{"URW", func(seed uint64) sched.Strategy { return strategy.URW(seed) }},
		{"SURW", func(seed uint64) sched.Strategy { return strategy.SURW(seed) }},
		{"reads-from", func(seed uint64) sched.Strategy { return strategy.ReadsFrom(seed) }},
	}
}

// Measure tries a strategy on a program with each seed.
func Measure(p Program, newStrategy func(seed uint64) sched.Strategy) Score {
	return Summarise(Seeds, func(seed uint64) int { return First(p, newStrategy(seed), Runs) })
}

// Summarise returns the score of seeds from 1, given the first run that shows the
// bug for each, or 0.
func Summarise(seeds int, first func(seed uint64) int) Score {
	var firsts []int
	for seed := range uint64(seeds) {
		if n := first(seed + 1); n > 0 {
			firsts = append(firsts, n)
		}
	}
	s := Score{Found: len(firsts)}
	slices.Sort(firsts)
	if n := len(firsts); n > 0 {
		s.Median = float64(firsts[(n-1)/2]+firsts[n/2]) / 2
	}
	return s
}

// First returns the number of the first run of at most so many that shows the
// bug of p, or 0.
func First(p Program, st sched.Strategy, runs int) int {
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	for n := 1; n <= runs && st.Next(); n++ {
		if Shows(sim, st, p.Bad) == p.Kind {
			return n
		}
	}
	return 0
}

// False tries the twin of p with a strategy and returns the kind of what goes
// wrong, or nothing.
func False(p Program, st sched.Strategy, runs int) string {
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	for n := 0; n < runs && st.Next(); n++ {
		if kind := Shows(sim, st, p.Good); kind != "" {
			return kind
		}
	}
	return ""
}

// Shows runs a body once and returns the kind of what goes wrong, or nothing.
func Shows(sim *sched.Sim, st sched.Strategy, body func(t T)) string {
	var f failures
	end := sim.Run(st, 1, func() { body(&f) }).End
	switch end.(type) {
	case *sched.Panic:
		return "panic"
	case *sched.Deadlock, *sched.Leak:
		return "stuck"
	case nil:
		if f > 0 {
			return "assertion"
		}
		return ""
	}
	if end == sched.ErrCut {
		return ""
	}
	return end.Error()
}

// failures counts failed assertions.
type failures int

func (f *failures) Errorf(string, ...any) { *f++ }
