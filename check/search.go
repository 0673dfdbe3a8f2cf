package check

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// Result is what a search found.
type Result struct {
	// Findings are what went wrong, the most telling first; none if nothing
	// did.
	Findings []Finding
	// More counts findings beyond those that are listed.
	More int
	// Runs counts the schedules that were tried, Distinct those that differed
	// from all before. Steps counts the operations of all of them.
	Runs, Distinct, Steps int
	// Complete is set if these were all the schedules that there are.
	Complete bool
	// Elapsed is how long the search took, by the wall clock.
	Elapsed time.Duration
	// Hash identifies all that happened in the search: equal searches have
	// equal hashes in every process.
	Hash uint64
}

// Limits of a search that users have no reason to change.
const (
	maxFindings = 5  // reported
	maxExplains = 64 // failing runs that are looked at
)

// search tries schedules of one body.
type search struct {
	name string
	cfg  Config
	body func(*T)

	fast, slow *runner
	result     Result
	hashes     map[uint64]struct{}
	seen       map[string]bool // coarse keys
	explained  int
	candidates []candidate
	precise    map[string]bool // keys of the candidates
}

// candidate is a failing run that shows something new.
type candidate struct {
	problem
	run         int
	seed        uint64
	preemptions int
	deviations  []sched.Deviation
}

// runner runs the body, recorded or not.
type runner struct {
	sim     *sched.Sim
	tracker *race.Tracker
	name    string
	body    func(*T)
}

// sched returns what of c is about single runs.
func (c Config) sched() sched.Config {
	return sched.Config{MaxSteps: c.MaxSteps, BlockedAfter: c.BlockedAfter, AnyWaiter: c.AnyWaiter, AnyTime: c.AnyTime}
}

func newRunner(name string, cfg Config, record bool, body func(*T)) *runner {
	tr := &race.Tracker{}
	sc := cfg.sched()
	sc.Observer, sc.Record = tr, record
	sim := sched.NewSim(sc)
	return &runner{sim: sim, tracker: tr, name: name, body: body}
}

func (r *runner) run(st sched.Strategy, seed uint64) (*T, *sched.Result) {
	t := newT(r.name)
	return t, r.sim.Run(st, seed, func() { t.run(r.body) })
}

func newSearch(name string, cfg Config, body func(*T)) *search {
	if body == nil {
		panic("check: the body is nil")
	}
	return &search{name: name, cfg: cfg, body: body,
		fast:   newRunner(name, cfg, false, body),
		slow:   newRunner(name, cfg, true, body),
		hashes: map[uint64]struct{}{}, seen: map[string]bool{}, precise: map[string]bool{}}
}

func (s *search) close() {
	s.fast.sim.Close()
	s.slow.sim.Close()
}

// explore tries schedules until the budget is used up or there are no more.
func (s *search) explore() {
	start := time.Now()
	st := s.cfg.Strategy
	if st == nil {
		st = newMixed(s.cfg.Seed)
	}
	more := func() bool {
		return s.result.Runs == 0 || s.result.Runs < s.cfg.Runs && time.Since(start) <= s.cfg.Time
	}
	for more() && !s.result.Complete && !s.pointless() {
		if !st.Next() {
			s.result.Complete = s.exhausted(st)
			break
		}
		s.result.Complete = s.tryOne(st)
	}
	s.result.Elapsed = time.Since(start)
}

// exhausted reports whether a strategy that has run out has tried everything.
func (s *search) exhausted(st sched.Strategy) bool {
	e, ok := st.(*strategy.Exhaustive)
	if ok && e.Err() != nil {
		s.keep(candidate{problem: problem{kind: keyNondeterminism, key: keyNondeterminism, summary: e.Err().Error()}})
	}
	return ok && e.Err() == nil
}

// pointless reports whether more runs would show nothing, or take a time-out
// each.
func (s *search) pointless() bool { return s.precise[keyNondeterminism] || s.precise[keyBlocked] }

// Keys of problems. The first two end a search.
const (
	keyNondeterminism = "not deterministic"
	keyBlocked        = "blocked outside the scheduler"
	keyNoEnd          = "no end"
)

// tryOne runs one schedule and looks at what is new in it. It reports whether
// that is the only one there is.
func (s *search) tryOne(st sched.Strategy) bool {
	s.result.Runs++
	seed := s.cfg.Seed
	if s.cfg.Strategy == nil {
		seed += uint64(s.result.Runs)
	}
	t, r := s.fast.run(st, seed)
	s.result.Steps += r.Steps
	s.result.Hash = s.result.Hash*31 + r.Hash
	if _, old := s.hashes[r.Hash]; !old {
		s.hashes[r.Hash] = struct{}{}
		s.result.Distinct++
	}
	fresh := false
	for _, k := range coarseKeys(t, r, s.fast.tracker.Findings()) {
		if !s.seen[k] {
			s.seen[k], fresh = true, true
		}
	}
	if n := s.result.Runs; fresh && s.explained < maxExplains || n&(n-1) == 0 {
		s.explained++
		s.explain(r, seed)
	}
	return len(r.Log) == 0 && r.Draws == 0
}

// explain repeats a run, recorded, and keeps what it shows that is new. It
// also tells whether the run can be repeated at all.
func (s *search) explain(r *sched.Result, seed uint64) {
	hash := r.Hash
	repeat := strategy.Repeat(slices.Clone(r.Log))
	repeat.Next()
	t, again := s.slow.run(repeat, seed)
	if again.Hash != hash {
		s.keep(candidate{problem: s.difference(r, seed), run: s.result.Runs, seed: seed})
		return
	}
	for _, p := range problems(t, again, s.slow.tracker.Findings()) {
		s.keep(candidate{problem: p, run: s.result.Runs, seed: seed, preemptions: again.Preemptions,
			deviations: repeat.Deviations()})
	}
}

func (s *search) keep(c candidate) {
	if !s.precise[c.key] {
		s.precise[c.key] = true
		s.candidates = append(s.candidates, c)
	}
}

// difference explains that a run could not be repeated. Two more runs may
// happen to agree, so it tries some pairs.
func (s *search) difference(r *sched.Result, seed uint64) problem {
	log := slices.Clone(r.Log)
	repeat := func() sched.Strategy { return strategy.Repeat(log) }
	p := problem{kind: keyNondeterminism, key: keyNondeterminism, rank: rankBroken,
		summary: "not deterministic: the same choices led to another run; perhaps an earlier run has left something behind"}
	for range 8 {
		if err := sched.SelfCheck(s.cfg.sched(), repeat, seed, func() { newT(s.name).run(s.body) }); err != nil {
			p.summary = err.Error()
			break
		}
	}
	return p
}

// findings makes a finding of each candidate that no other one covers.
func (s *search) findings() {
	slices.SortStableFunc(s.candidates, func(c, d candidate) int { return cmp.Compare(c.rank, d.rank) })
	covered := map[string]bool{}
	for _, c := range s.candidates {
		if covered[c.key] {
			continue
		}
		if len(s.result.Findings) == maxFindings {
			s.result.More++
			continue
		}
		if c.kind == keyNondeterminism {
			s.result.Findings = append(s.result.Findings, Finding{Kind: c.kind, Summary: c.summary, Report: wrap(c.summary, "") + "\n"})
			continue
		}
		small := s.shrink(c)
		note := fmt.Sprintf("Found by run %d of a search with seed %d, on a schedule with %s; made smaller in %s.",
			c.run, s.cfg.Seed, plural(c.preemptions, "preemption"), plural(small.tries, "run"))
		if small.draws == 0 {
			c.seed = 0 // it does not matter
		}
		tr := &sched.Trace{Test: s.name, Finding: c.key, Seed: c.seed, Deviations: small.deviations, Notes: []string{note}}
		f, keys, _ := s.slow.finding(tr, s.cfg)
		for _, k := range keys {
			covered[k] = true
		}
		s.result.Findings = append(s.result.Findings, f)
	}
}

// finding replays a trace and explains what it is about. It returns the keys of
// all that the run shows; none, and no finding, if it does not fail. The error
// is about a trace that cannot be followed, or a *strategy.Drift.
func (r *runner) finding(tr *sched.Trace, cfg Config) (f Finding, keys []string, err error) {
	replay, err := strategy.Replay(tr)
	if err != nil {
		return f, nil, err
	}
	replay.Next()
	t, res := r.run(replay, tr.Seed)
	if d := replay.Drift(res.Record); d != nil {
		err = d
	}
	all := problems(t, res, r.tracker.Findings())
	if len(all) == 0 {
		return f, nil, err
	}
	slices.SortStableFunc(all, func(p, q problem) int { return cmp.Compare(p.rank, q.rank) })
	main := max(0, slices.IndexFunc(all, func(p problem) bool { return p.key == tr.Finding }))
	p := all[main]
	f = Finding{Kind: p.kind, Object: p.object, Summary: p.summary, Preemptions: res.Preemptions, Trace: replay.Trace(res.Record), File: cfg.fileOf(tr)}
	for i, q := range all {
		keys = append(keys, q.key)
		if i != main {
			f.Also = append(f.Also, q.summary)
		}
	}
	annotate(f.Trace, res.Record)
	f.Report = report(p, f, t, res.Record, r.body)
	return f, keys, err
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
