package check

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ravelgo/ravel/check/internal/say"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// A search is made of lanes: strategies that know nothing of each other, each
// with runs of its own. They go on in rounds, on as many workers as there are;
// then what the runs have shown is looked at, in the order of their numbers. So
// the result does not depend on how many workers there are.

// Sizes of rounds.
const (
	lanesOfSampling = 16
	maxRound        = 64 // runs of a lane

	// longRun is how many operations make a run too long for DPOR, which may
	// compare each with all before.
	longRun = 2000
)

// lane is a strategy and its runs of the round.
type lane struct {
	st      sched.Strategy
	census  *strategy.Census
	start   func(number int) start // of a run
	seen    map[string]bool        // coarse keys
	runs    []outcome
	over    bool // the strategy has run out
	tries   int  // runs so far
	words   int  // how long inputs are
	fixed   bool // all runs have one input
	draws   int
	limited int // runs that came to no end
	forced  int // runs in which not all that happened was a choice
}

// outcome is what a run has shown.
type outcome struct {
	number, steps, preemptions int
	peak, ready                int
	start                      start
	hash                       uint64
	cut, blocked, skipped      bool
	log                        []int32 // if it is to be looked at again
	keys, suspects             []string
	signs                      []string     // of a run with new keys
	sites                      []race.Place // seen to be shared for the first time
}

// explore tries schedules until the budget is used up or there are no more.
func (s *search) explore() {
	start := time.Now()
	s.until = start.Add(s.cfg.Time)
	s.result.Stopped = stoppedByTime
	if !s.deadline.IsZero() && s.deadline.Before(s.until) {
		s.until = s.deadline
		s.result.Stopped = stoppedByDeadline
	}
	s.learn()
	if s.cfg.Strategy == nil {
		s.sample()
	} else {
		l := s.lane(s.cfg.Strategy)
		s.exhaust(l, s.cfg.Runs)
		s.judge(l, s.cfg.Strategy)
		s.result.Distinct = l.census.Distinct()
		s.estimate(l.census)
		if p, ok := s.cfg.Strategy.(*strategy.Priorities); ok && p.Depth() <= len(s.result.Missed) && !s.draws.Load() {
			s.result.Missed[p.Depth()-1] = p.Miss(s.result.Runs)
		}
	}
	if s.result.Complete && len(s.candidates) == 0 {
		s.confirm()
	}
	s.result.Complete = s.result.Complete && !s.precise[keyNondeterminism]
	if !s.expired() || s.result.Complete || s.tried >= s.cfg.Runs {
		s.result.Stopped = ""
	} else if s.interrupted.Load() {
		s.result.Stopped = stoppedByInterrupt
	}
	s.result.Never = s.neverTaken()
	s.result.Possible = s.remaining()
	s.result.Waits = s.contention.waits()
	s.result.Average = float64(s.ready) / max(float64(s.result.Steps), 1)
	s.result.Elapsed = time.Since(start)
}

// confirmations is how many runs a search makes, with repetitions of the first one,
// before it says that it has tried all: in a map of two keys the same one comes last
// seven times in eight.
const confirmations = 64

// fewConfirmations is the same for an ordinary test, which may take long.
const fewConfirmations = 8

// confirm repeats the first run, as a body that is not deterministic may have done
// the same by chance in the few runs of a small search.
func (s *search) confirm() {
	w := s.worker(0)
	most := confirmations
	if s.cfg.test != nil {
		most = fewConfirmations
	}
	for n := s.result.Runs; n < most && !s.expired(); n++ {
		repeat := strategy.Repeat(s.first.log)
		repeat.Next()
		t, res := w.run(repeat, s.first.start)
		if res.Hash != s.first.hash || len(signs(t, res, w.watch.Findings())) > 0 {
			s.keep(candidate{problem: s.difference(&s.first), run: 1, start: s.first.start})
			return
		}
	}
}

// neverTaken describes the cases of selects that no run took.
func (s *search) neverTaken() []string {
	var all []sched.SelectCover
	for _, r := range s.workers {
		for _, sel := range r.sim.Selects() {
			all = sched.MergeSelects(all, sel)
		}
	}
	var never []string
	for _, sel := range all {
		for i, was := range sel.Taken {
			if !was {
				never = append(never, fmt.Sprintf("case %d of the select at %v", i, sel.Pos))
			}
		}
		if sel.Tries && !sel.Default {
			never = append(never, fmt.Sprintf("the default of the select at %v", sel.Pos))
		}
	}
	return never
}

// lane returns a lane for a strategy, whose runs all draw the same random
// numbers.
func (s *search) lane(st sched.Strategy) *lane {
	c := strategy.Counted(st)
	l := &lane{st: c, census: &c.Census, words: firstInput, seen: map[string]bool{}}
	switch st.(type) {
	case *strategy.Exhaustive, *strategy.Reduction, *strategy.Bounded:
		l.fixed = true
	}
	l.start = func(int) start { return start{s.cfg.Seed, s.input(l, 0)} }
	return l
}

// runsOfInput is how many schedules a lane tries for one input of a property.
const runsOfInput = 8

// input returns the input of the next run of a lane.
func (s *search) input(l *lane, number int) input {
	n := l.tries / runsOfInput
	if l.fixed {
		n = 0
	}
	return input{seeds: [2]uint64{s.cfg.Seed, uint64(number)<<32 + uint64(n)}, random: l.words}
}

// together returns the census of several lanes.
func (s *search) together(lanes []*lane) *strategy.Census {
	var sum strategy.Census
	for _, l := range lanes {
		sum.Add(l.census)
	}
	return &sum
}

func (s *search) estimate(c *strategy.Census) {
	s.result.Unseen, s.result.Traces, s.result.Schedules = c.Unseen(), c.Traces(), c.Schedules()
}

// goesOn reports whether there is more to try and the budget allows it. More
// runs would show nothing if the body is not deterministic, and take a time-out
// each if it blocks.
func (s *search) goesOn() bool {
	return s.tried == 0 || s.tried < s.cfg.Runs && !s.result.Complete && !s.expired() &&
		!s.precise[keyNondeterminism] && !s.precise[keyBlocked]
}

func (s *search) expired() bool { return s.interrupted.Load() || time.Now().After(s.until) }

// exhaust tries what the strategy of a lane has left, up to a number of runs of
// the search.
func (s *search) exhaust(l *lane, most int) {
	for per := 1; s.goesOn() && s.tried < most && !l.over && !(s.cfg.Strategy == nil && s.grows()); per = min(2*per, maxRound) {
		s.round([]*lane{l}, min(per, most-s.tried))
	}
}

// judge says what it means that the strategy of a lane has run out, if it has.
func (s *search) judge(l *lane, st sched.Strategy) {
	if !l.over {
		return
	}
	if e, ok := st.(interface{ Err() error }); ok && e.Err() != nil {
		s.keep(candidate{problem: problem{kind: keyNondeterminism, key: keyNondeterminism, summary: e.Err().Error()}})
		return
	}
	var limits []string
	switch st := st.(type) {
	case *strategy.Exhaustive, *strategy.Reduction:
	case *strategy.Bounded:
		if n := st.Cut(); n > 0 {
			limits = append(limits, say.Plural(n, "option")+" beyond the bound")
		}
	default:
		return
	}
	if s.draws.Load() {
		limits = append(limits, "all runs had the same input")
	}
	if l.draws > 0 {
		limits = append(limits, "all runs had the same random numbers")
	}
	if l.forced > 0 {
		limits = append(limits, say.Plural(l.forced, "run")+" gave tasks a turn that had waited long for it")
	}
	if l.limited > 0 {
		limits = append(limits, say.Plural(l.limited, "run")+fmt.Sprintf(" ended at %d operations", s.cfg.MaxSteps))
	}
	if n := s.memory.unfixed(); n > 0 {
		limits = append(limits, say.Plural(n, "place")+" where tasks share memory came to light during the search")
	}
	s.result.Limits = limits
	s.result.Complete = len(limits) == 0
}

// round lets each lane try so many schedules.
func (s *search) round(lanes []*lane, per int) {
	first, most := s.tried, min(s.tried+per*len(lanes), s.cfg.Runs)
	work := func(r *runner, i int) {
		l := lanes[i]
		for number := first + i + 1; number <= most && !l.over && s.mayTry(number); number += len(lanes) {
			s.try(l, r, number)
		}
	}
	if s.cfg.Workers == 1 || len(lanes) == 1 {
		for i := range lanes {
			work(s.worker(0), i)
		}
	} else {
		var wg sync.WaitGroup
		var next atomic.Int64
		for w := range min(s.cfg.Workers, len(lanes)) {
			r := s.worker(w)
			wg.Go(func() {
				for i := int(next.Add(1)); i <= len(lanes); i = int(next.Add(1)) {
					work(r, i-1)
				}
			})
		}
		wg.Wait()
	}
	s.tried = most
	for k := range per {
		for _, l := range lanes {
			if k < len(l.runs) {
				s.note(&l.runs[k])
			}
		}
	}
	for _, l := range lanes {
		l.runs = l.runs[:0]
	}
}

// mayTry reports whether there is still a reason to try a run. Whether one before
// it was blocked decides that, so that all those before are tried.
func (s *search) mayTry(number int) bool {
	return number == 1 || int64(number) < s.blocked.Load() && !s.expired()
}

// try runs the next schedule of a lane.
func (s *search) try(l *lane, r *runner, number int) {
	from, t, res := s.next(l, r, number)
	if res == nil {
		return
	}
	s.done.Add(1)
	o := outcome{number: number, start: from, skipped: t.skipped}
	o.steps, o.preemptions, o.hash, o.cut = res.Steps, res.Preemptions, res.Hash, res.End == sched.ErrCut
	o.peak, o.ready = res.Peak, res.Ready
	l.draws += res.Draws
	endless := false
	if res.Forced > 0 {
		l.forced++
	}
	switch res.End.(type) {
	case *sched.Blocked:
		o.blocked = true
		for was := s.blocked.Load(); int64(number) < was && !s.blocked.CompareAndSwap(was, int64(number)); {
			was = s.blocked.Load()
		}
	case *sched.StepLimit:
		endless = true
		l.limited++
	}
	if number == 1 {
		s.forced = len(res.Log) == 0 && res.Draws == 0 && t.draws == nil && !endless && !o.blocked
	}
	o.sites = slices.Clone(r.watch.NewSites())
	if !o.cut {
		o.keys = l.fresh(coarseKeys(t, res, r.watch.Findings()))
		o.suspects = l.fresh(suspicions(&r.watch.Tracker))
		if len(o.keys) > 0 {
			o.signs = signs(t, res, r.watch.Findings())
		}
		if len(o.keys)+len(o.suspects) > 0 || number&(number-1) == 0 {
			o.log = append([]int32{}, res.Log...)
		}
	}
	if number == 1 {
		s.first = o
	}
	l.runs = append(l.runs, o)
}

// next makes the next run of a lane, with as long an input as it needs; there is no
// result if the strategy has run out.
func (s *search) next(l *lane, r *runner, number int) (from start, t *T, res *sched.Result) {
	for l.st.Next() {
		from = l.start(number)
		if t, res = r.run(l.st, from); t.overrun && l.words < maxInput {
			l.words *= 4
			continue
		}
		l.tries++
		if t.draws == nil {
			from.input = input{}
		} else if !s.draws.Load() {
			s.draws.Store(true)
		}
		return from, t, res
	}
	l.over = true
	return from, nil, nil
}

// fresh returns those of some keys that the lane has not shown before.
func (l *lane) fresh(keys []string) []string {
	var fresh []string
	for _, k := range keys {
		if !l.seen[k] {
			l.seen[k] = true
			fresh = append(fresh, k)
		}
	}
	return fresh
}
