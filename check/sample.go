package check

import (
	"slices"

	"github.com/ravelgo/ravel/sched/strategy"
)

// sample is the default search: a portfolio in each lane, and DPOR where it can
// try all that there is.
func (s *search) sample() {
	lanes := s.portfolio()
	s.round(lanes[:1], 1) // the plain schedule
	if s.learnLate() {
		lanes = s.portfolio()
		s.round(lanes[:1], 1)
	}
	s.result.Complete = s.forced && !s.grows()
	reduction := strategy.DPOR()
	reducing := s.lane(reduction)
	for per, estimated := 1, 0; s.goesOn(); per = min(2*per, maxRound) {
		if s.join() { // of what was learnt about another program
			s.steering.Add(s.together(lanes))
			s.steering.Add(reducing.census)
			lanes, reduction, estimated = s.portfolio(), strategy.DPOR(), 0
			reducing = s.lane(reduction)
		}
		s.round(lanes, per)
		s.steer()
		if s.tried < 2*estimated || !s.goesOn() || s.grows() || s.result.Steps > longRun*s.tried {
			continue
		}
		estimated = s.tried
		room := min(s.cfg.Runs-s.tried, 16*s.tried)
		if c := s.together(lanes); !s.draws.Load() && c.Unseen() < 0.5 && c.Traces() < float64(room)/2 {
			share := room * 3 / 4
			if slices.ContainsFunc(lanes, func(l *lane) bool { return l.draws > 0 }) {
				share = room / 4 // DPOR has the same random numbers in all runs
			}
			s.exhaust(reducing, s.tried+share)
			s.judge(reducing, reduction)
		}
	}
	s.tally(lanes, reducing)
}

// portfolio returns the lanes of the default search.
func (s *search) portfolio() []*lane {
	var lanes []*lane
	for i := range lanesOfSampling {
		st := strategy.Portfolio(s.cfg.Seed, i)
		l := &lane{st: st, census: &st.Census, words: firstInput, seen: map[string]bool{}}
		l.start = func(number int) start {
			return start{s.cfg.Seed + uint64(number), s.input(l, i)}
		}
		lanes = append(lanes, l)
	}
	return lanes
}

// tally adds up what the lanes of the default search know.
func (s *search) tally(lanes []*lane, reducing *lane) {
	all := s.together(lanes)
	s.estimate(all)
	all.Add(reducing.census)
	all.Add(&s.steering)
	s.result.Distinct = all.Distinct()
	if reducing.over && s.result.Complete { // it has met all, and counts exactly
		s.result.Distinct = reducing.census.Distinct()
	}
	if s.draws.Load() { // each input is a program of its own
		s.result.Schedules = 0
		return
	}
	for d := range s.result.Missed {
		s.result.Missed[d] = 1
		for _, l := range lanes {
			s.result.Missed[d] *= l.st.(*strategy.Mixed).Miss(d + 1)
		}
	}
}
