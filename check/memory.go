package check

import (
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/race/access"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// Accesses of plain memory are operations at places in the program where tasks have
// met. A search learns these places before it counts runs, by some that are not
// counted. Later runs may show more: they join between rounds, so that the set is
// the same for all runs of a round, and what strategies know of the program is
// forgotten then.

// Bounds of learning.
const (
	maxLearning = 48 // runs
	quietRuns   = 4  // in a row without a new place: enough
)

// memory is what a search knows of plain memory.
type memory struct {
	sites  *race.Sites
	learnt bool
	joined int          // places since then
	late   []race.Place // places that the runs so far have shown, which have not joined
}

// learn looks for the places where tasks share memory.
func (s *search) learn() {
	m := &s.memory
	if m.learnt || !access.Arrived() {
		return
	}
	m.learnt = true
	r := s.worker(0)
	for n, quiet := 0, 0; n < maxLearning && quiet < quietRuns && !s.hurries(); n++ {
		st := s.learner(n)
		st.Next()
		from := start{s.cfg.Seed + uint64(n), input{seeds: [2]uint64{s.cfg.Seed, uint64(n)}, random: firstInput}}
		_, res := r.run(st, from)
		if _, blocked := res.End.(*sched.Blocked); blocked || n == 0 && !r.watch.Noted() {
			return // a time-out each, or no accesses at all
		}
		quiet++
		if all := m.sites.With(r.watch.NewSites()); all != m.sites {
			s.use(all)
			quiet = 0
		}
	}
}

// learner returns the strategy of a run that is not counted: the plain schedule,
// then random ones.
func (s *search) learner(n int) sched.Strategy {
	if n == 0 {
		return strategy.RoundRobin()
	}
	return strategy.Random(s.cfg.Seed + uint64(n))
}

// use makes the accesses at some places operations, from the next run on.
func (s *search) use(sites *race.Sites) {
	s.memory.sites = sites
	for _, r := range append(s.workers, s.slow) {
		r.watch.Sites = sites
	}
}

// learnLate learns after the first run, if that was the first in the process to
// make accesses that the search was told of. It reports whether the run counts for
// nothing then, as others are to be made in its place.
func (s *search) learnLate() bool {
	if s.memory.learnt || !access.Arrived() {
		return false
	}
	if s.learn(); s.memory.sites.Len() == 0 {
		return false
	}
	s.memory.late = s.memory.late[:0]
	s.result = Result{Stopped: s.result.Stopped}
	s.tried, s.ready, s.explained = 0, 0, 0
	s.candidates, s.suspects, s.contention = nil, nil, contention{}
	clear(s.seen)
	clear(s.precise)
	return true
}

// grows reports whether runs have shown places that have not joined yet.
func (s *search) grows() bool { return len(s.memory.late) > 0 }

// unfixed returns how many places came to light after the first counted run.
func (m *memory) unfixed() int { return m.joined + m.sites.With(m.late).Len() - m.sites.Len() }

// join adds the places that runs have shown to those that are known, and reports
// whether there are more now.
func (s *search) join() bool {
	m := &s.memory
	all := m.sites.With(m.late)
	m.late = m.late[:0]
	if all == m.sites {
		return false
	}
	m.joined += all.Len() - m.sites.Len()
	s.use(all)
	clear(s.seen)
	s.suspects = s.suspects[:s.steered]
	return true
}

// Name returns what the source calls what is accessed.
func (w *watcher) Name(a sched.Access) sched.Name { return access.NameOf(a) }

// Shared reports whether an access of plain memory is an operation.
func (w *watcher) Shared(a sched.Access) bool {
	return w.Tracker.Shared(a) || w.named != nil && w.named.has(a)
}

// fixed is accesses of memory that are operations in a run of which nothing else is
// to be learnt.
type fixed struct{ sites *race.Sites }

func (f fixed) Shared(a sched.Access) bool     { return f.sites.Has(a.PC) }
func (f fixed) Note(int, sched.Access)         {}
func (f fixed) Name(a sched.Access) sched.Name { return access.NameOf(a) }

// named is accesses that a trace has as operations, though their places are not known
// to be shared: the search that wrote it had seen more, or the program was another
// one.
type named struct {
	words map[string]bool
	known map[uintptr]bool // by place
}

func (n *named) has(a sched.Access) bool {
	is, known := n.known[a.PC]
	if !known {
		is = n.words[a.What(access.NameOf(a))]
		n.known[a.PC] = is
	}
	return is
}

// name makes the accesses that a trace names operations, until it is called with
// nil. Those by a name that a known place has too are not meant: the search would
// have known them.
func (x *explainer) name(tr *sched.Trace) {
	x.fast.watch.named, x.slow.watch.named = nil, nil
	if tr == nil || !access.Arrived() {
		return
	}
	words := map[string]bool{}
	for _, s := range tr.Steps {
		words[s.What] = true
	}
	for _, d := range tr.Deviations {
		words[d.What] = true
	}
	for _, p := range x.slow.watch.Sites.All() {
		a := sched.Access{PC: p.PC, Write: p.Write, Map: p.Map}
		delete(words, a.What(access.NameOf(a)))
	}
	for _, r := range []*runner{x.fast, x.slow} {
		r.watch.named = &named{words, map[uintptr]bool{}}
	}
}
