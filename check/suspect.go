package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ravelgo/ravel/check/internal/say"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// A run may give reason to suspect what it does not show: two accesses that no
// lock keeps apart, but that locks happened to order; locks that are taken in two
// orders, but not at once. Then some runs lead the tasks to the suspected places
// at the same moment. What they show is found like anything else. What they do
// not show is only possible.

// Bounds of looking into suspicions.
const (
	maxSuspects = 8
	steeredRuns = 16 // for one
)

// suspect is a run that gives reason for a suspicion.
type suspect struct {
	key   string // coarse
	start start
	log   []int32
}

// possibility is a suspicion in words.
type possibility struct {
	key  string // of the problem that would show it
	text string
}

// suspicions returns the coarse keys of what a run gives reason to suspect.
func suspicions(tr *race.Tracker) []string {
	var keys []string
	for _, s := range tr.Suspicions() {
		if !s.Refuted {
			keys = append(keys, suspicionKey(s))
		}
	}
	return keys
}

func suspicionKey(s race.Suspicion) string {
	return fmt.Sprint("possible ", s.Kind, " ", s.Object, " ", s.Loc)
}

// steer looks into the suspicions that are new.
func (s *search) steer() {
	for ; s.steered < min(len(s.suspects), maxSuspects) && !s.result.Complete; s.steered++ {
		s.lookInto(s.suspects[s.steered])
	}
}

// lookInto repeats the run that gives reason for a suspicion, to know what it is
// about, and leads others to it.
func (s *search) lookInto(q suspect) {
	repeat := strategy.Repeat(q.log)
	repeat.Next()
	_, r := s.slow.run(repeat, q.start)
	all := s.slow.watch.Suspicions()
	i := slices.IndexFunc(all, func(f race.Suspicion) bool { return suspicionKey(f) == q.key })
	if i < 0 {
		return // the body is not deterministic, which is noticed elsewhere
	}
	f := all[i]
	p := possibility{key: problemKey(f.Finding, r.Record)}
	if s.precise[p.key] {
		return
	}
	e := f.Explain(r.Record)
	l := s.lane(strategy.Meeting(s.cfg.Seed+uint64(s.steered), meetingPlaces(f.Finding, r.Record)))
	l.start = func(int) start { return q.start }
	first := s.tried
	for s.goesOn() && s.tried < first+steeredRuns && !s.precise[p.key] {
		s.round([]*lane{l}, 4)
	}
	s.steering.Add(l.census)
	p.text = fmt.Sprintf("possible %s. %s %s that led the tasks there did not show it: perhaps something else keeps them apart, such as a condition. %s",
		e.Summary, strings.Join(e.Details, " "), say.Plural(s.tried-first, "schedule"), e.Fix)
	s.possible = append(s.possible, p)
}

// problemKey returns the key of the problem that shows what a finding suspects.
func problemKey(f race.Finding, rec *sched.Record) string {
	if f.Kind == race.LockOrder {
		return keyDeadlock
	}
	return f.Kind.String() + " on " + f.Explain(rec).Object
}

// meetingPlaces returns where the tasks of a suspicion must be at once.
func meetingPlaces(f race.Finding, rec *sched.Record) []strategy.Place {
	var all []strategy.Place
	for i, a := range f.Accesses {
		if f.Kind == race.LockOrder && i%2 == 0 {
			continue // the lock that it holds already
		}
		key, err := sched.PathKey(rec.Tasks[a.Task].Path)
		if err == nil {
			all = append(all, strategy.Place{Task: key, Op: rec.Operation(a.Step).Nth})
		}
	}
	return all
}

// remaining returns what was suspected and never shown.
func (s *search) remaining() []string {
	var all []string
	for _, p := range s.possible {
		if !s.precise[p.key] && !s.result.Complete {
			all = append(all, p.text)
		}
	}
	return all
}
