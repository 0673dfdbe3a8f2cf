package check

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ravelgo/ravel/check/internal/ordinary"
	"github.com/ravelgo/ravel/check/internal/say"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/race/access"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

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

	workers     []*runner
	slow        *runner
	failed      bool      // the test, before the search
	deadline    time.Time // of the test, or zero
	until       time.Time // when to stop
	interrupted atomic.Bool
	done        atomic.Int64 // runs so far
	blocked     atomic.Int64 // number of the first run that was
	tried       int
	forced      bool        // there is one schedule only
	first       outcome     // of the first run
	draws       atomic.Bool // the body draws an input
	result      Result
	seen        map[string]bool // coarse keys
	explained   int
	candidates  []candidate
	precise     map[string]bool // keys of the candidates
	suspects    []suspect
	steered     int // of them
	steering    strategy.Census
	possible    []possibility
	contention  contention
	publisher   *publisher
	memory      memory
	fuzzed      bool // the only run is an input of a fuzz target
	shown       bool // some run of a body that is not deterministic has shown something else
	ready       int  // tasks that could go on, added up over all operations
}

// candidate is a failing run that shows something new.
type candidate struct {
	problem
	run         int
	start       start
	preemptions int
	deviations  []sched.Deviation
	log         []int32     // of the run
	shared      *race.Sites // places whose accesses of memory were operations
	reduced     int         // runs that it took to make the input smaller
}

// runner runs the body, recorded or not.
type runner struct {
	sim   *sched.Sim
	watch *watcher
	name  string
	body  func(*T)
	code  any // the function that the user has written
	test  *ordinary.Test
}

// sched returns what of c is about single runs.
func (c Config) sched() sched.Config {
	return sched.Config{MaxSteps: c.MaxSteps, BlockedAfter: c.BlockedAfter, AnyWaiter: c.AnyWaiter,
		AnyTime: c.AnyTime, Slack: c.Slack, EndWithRoot: c.test != nil}
}

func newRunner(name string, cfg Config, record bool, body func(*T)) *runner {
	w := &watcher{Tracker: race.Tracker{Detailed: record, Foreign: access.Foreign}}
	sc := cfg.sched()
	sc.Observer, sc.Memory, sc.Record, sc.Cover = w, w, record, !record
	sim := sched.NewSim(sc)
	return &runner{sim: sim, watch: w, name: name, body: body, code: body, test: cfg.test}
}

func (r *runner) run(st sched.Strategy, from start) (*T, *sched.Result) {
	t := newT(r.name)
	t.input, t.detailed, t.test = from.input, r.watch.Detailed, r.test
	res := r.sim.Run(st, from.seed, func() { t.run(r.body) })
	if t.draws != nil {
		t.draws.end(res)
	}
	t.violation = r.watch.violation
	return t, res
}

func newSearch(name string, cfg Config, body func(*T)) *search {
	if body == nil {
		panic("check: the body is nil")
	}
	s := &search{name: name, cfg: cfg, body: body, slow: newRunner(name, cfg, true, body),
		seen: map[string]bool{}, precise: map[string]bool{}}
	s.blocked.Store(math.MaxInt64)
	return s
}

// worker returns a runner of its own for each worker.
func (s *search) worker(i int) *runner {
	for len(s.workers) <= i {
		s.workers = append(s.workers, newRunner(s.name, s.cfg, false, s.body))
		s.workers[len(s.workers)-1].watch.Sites = s.memory.sites
	}
	return s.workers[i]
}

func (s *search) close() {
	for _, r := range append(s.workers, s.slow) {
		r.sim.Close()
	}
}

// Keys of problems. The first two end a search.
const (
	keyNondeterminism = "not deterministic"
	keyBlocked        = "blocked outside the scheduler"
	keyUncontrolled   = "uncontrolled goroutine" // whether it shows is up to the goroutine
	keyNoEnd          = "no end"
	keyDeadlock       = "deadlock"
	keyInvariant      = "broken invariant"
)

// note adds a run to the result and looks at what is new in it. Some others are
// looked at too, to see whether they can be repeated.
func (s *search) note(o *outcome) {
	if int64(o.number) > s.blocked.Load() {
		return
	}
	s.memory.late = append(s.memory.late, o.sites...)
	s.result.Steps += o.steps
	s.result.Peak, s.ready = max(s.result.Peak, o.peak), s.ready+o.ready
	s.result.Hash = s.result.Hash*31 + o.hash
	if o.cut {
		s.result.Cut++
		return
	}
	s.result.Runs++
	if o.skipped {
		s.result.Skipped++
	}
	s.result.Preemptions = max(s.result.Preemptions, o.preemptions)
	fresh := false
	for _, k := range o.keys {
		if !s.seen[k] {
			s.seen[k], fresh = true, true
		}
	}
	for _, k := range o.suspects {
		if !s.seen[k] {
			s.seen[k] = true
			s.suspects = append(s.suspects, suspect{k, o.start, o.log})
		}
	}
	if fresh && s.explained < maxExplains || o.number&(o.number-1) == 0 {
		s.explained++
		s.explain(o)
	}
}

// explain repeats a run, recorded, and keeps what it shows that is new. It
// also tells whether the run can be repeated at all.
func (s *search) explain(o *outcome) {
	if o.blocked && o.number == 1 { // the plain schedule; to repeat it takes a time-out
		s.keep(candidate{problem: problem{kind: keyBlocked, key: keyBlocked, sign: keyBlocked}, run: 1, start: o.start})
		return
	}
	repeat := strategy.Repeat(o.log)
	repeat.Next()
	t, again := s.slow.run(repeat, o.start)
	shown := signs(t, again, s.slow.watch.Findings())
	other := func(sign string) bool { return !slices.Contains(shown, sign) }
	foreign := slices.Contains(append(shown, o.signs...), keyUncontrolled)
	if again.Hash != o.hash || !foreign && slices.ContainsFunc(o.signs, other) {
		s.keep(candidate{problem: s.difference(o), run: o.number, start: o.start})
		return
	}
	s.contention.add(again.Record)
	for _, p := range problems(t, again, s.slow.watch.Findings()) {
		s.keep(candidate{problem: p, run: o.number, start: o.start, preemptions: again.Preemptions,
			deviations: repeat.Deviations(), log: o.log})
	}
}

func (s *search) keep(c candidate) {
	if !s.precise[c.key] {
		s.precise[c.key] = true
		c.shared = s.memory.sites
		s.candidates = append(s.candidates, c)
	}
}

// difference explains that a run could not be repeated. Two more runs may
// happen to agree, so it tries some pairs.
func (s *search) difference(o *outcome) problem {
	repeat := func() sched.Strategy { return strategy.Repeat(o.log) }
	p := problem{kind: keyNondeterminism, key: keyNondeterminism, rank: rankBroken,
		summary: "not deterministic: the same choices led to another run; perhaps an earlier run has left something behind"}
	sc := s.cfg.sched()
	sc.Memory = fixed{s.memory.sites}
	for range 8 {
		if err := sched.SelfCheck(sc, repeat, o.start.seed, func() {
			t := newT(s.name)
			t.input = o.start.input
			t.run(s.body)
		}); err != nil {
			p.summary = err.Error()
			if s.cfg.test != nil { // what looks like a cause in the source is controlled
				err.(*sched.Difference).Suspects = nil
				p.summary, _, _ = strings.Cut(err.Error(), "; likely causes")
				p.summary += "; perhaps an earlier run has left something behind"
			}
			break
		}
	}
	return p
}

// findings makes a finding of each candidate that no other one covers.
func (s *search) findings() {
	slices.SortStableFunc(s.candidates, s.inOrder)
	covered := map[string]bool{}
	var told []candidate
	for _, c := range s.candidates {
		if covered[c.key] || slices.ContainsFunc(told, func(d candidate) bool { return c.partOf(d.problem) }) {
			continue
		}
		told = append(told, c)
		if len(s.result.Findings) == maxFindings {
			s.result.More++
			continue
		}
		if c.kind == keyNondeterminism {
			s.result.Findings = append(s.result.Findings, s.nondeterminism(c))
			continue
		}
		s.use(c.shared)
		if c.kind == keyNoEnd && s.notice(&Finding{Kind: c.kind}) {
			s.result.Findings = append(s.result.Findings, c.cursory())
			continue
		}
		c = s.reduce(c)
		small := s.shrink(c)
		found := fmt.Sprintf("run %d of a search with seed %d", c.run, s.cfg.Seed)
		if s.fuzzed {
			found = "an input of the fuzz target"
		}
		note := fmt.Sprintf("Found by %s, on a schedule with %s; made smaller in %s.", found, say.Plural(c.preemptions, "preemption"), say.Plural(small.tries+c.reduced, "run"))
		if small.minimal && small.preemptions > 0 {
			note += " None with fewer preemptions shows it."
		}
		if small.draws == 0 {
			c.start.seed = 0 // it does not matter
		}
		tr := &sched.Trace{Test: s.name, Finding: c.key, Seed: c.start.seed, Input: c.start.input.list, Deviations: small.deviations, Notes: []string{note}}
		f, keys, _ := s.explainer().finding(tr)
		if f.Kind == "" { // what was seen twice is not seen again
			repeat, p := &outcome{start: c.start, log: c.log}, c.problem
			p.summary = s.difference(repeat).summary + "; some runs show: " + c.summary
			s.result.Complete = false
			f = s.nondeterminism(candidate{problem: p})
			s.shown = true
			s.result.Findings = append(s.result.Findings, f)
			continue
		}
		f.Fewest, f.Run = small.minimal, c.run
		for _, k := range keys {
			covered[k] = true
		}
		s.result.Findings = append(s.result.Findings, f)
	}
}

// nondeterminism returns the finding that a body is not deterministic.
func (s *search) nondeterminism(c candidate) Finding {
	a := advice{page: "not-deterministic"}
	if s.cfg.test != nil {
		a.help = leftBehind + " Set them at the beginning of the test, or undo the change by t.Cleanup."
	}
	return Finding{Kind: keyNondeterminism, Summary: c.summary, Report: wrap(c.summary, "") + "\n" + a.text()}
}

// explainer makes findings of traces.
type explainer struct {
	fast, slow *runner
	cfg        Config
	file       string      // where the trace is, if it is not where it would be saved
	stop       func() bool // whether somebody waits
}

func (s *search) explainer() *explainer {
	return &explainer{fast: s.worker(0), slow: s.slow, cfg: s.cfg, stop: s.hurries}
}

// hurries reports whether somebody waits for the search to end.
func (s *search) hurries() bool {
	return s.interrupted.Load() || !s.deadline.IsZero() && time.Now().After(s.deadline)
}

// finding replays a trace and explains what it is about. It returns the keys of
// all that the run shows; none, and no finding, if it does not fail. The error
// is about a trace that cannot be followed, or a *strategy.Drift.
func (x *explainer) finding(tr *sched.Trace) (f Finding, keys []string, err error) {
	replay, err := strategy.Replay(tr)
	if err != nil {
		return f, nil, err
	}
	replay.Next()
	x.name(tr)
	defer x.name(nil)
	t, res, run := x.slow.record(replay, startOf(tr))
	rec := res.Record
	drift := replay.Drift(rec)
	if drift != nil {
		err = drift
	}
	all := problems(t, res, x.slow.watch.Findings())
	if len(all) == 0 {
		return f, nil, err
	}
	slices.SortStableFunc(all, byRank)
	main := max(0, slices.IndexFunc(all, func(p problem) bool { return p.key == tr.Finding }))
	p := all[main]
	f = Finding{Kind: p.kind, Object: p.object, Summary: p.summary, Explanation: p.explanation, Preemptions: res.Preemptions, Trace: replay.Trace(rec), File: cmp.Or(x.file, x.cfg.fileOf(tr))}
	for i, q := range all {
		keys = append(keys, q.key)
		if i != main {
			f.Also = append(f.Also, q.summary)
		}
	}
	annotate(f.Trace, rec)
	if drift != nil { // the notes are of another run
		f.Trace.Notes = []string{fmt.Sprintf("The run is not the one that was saved: %v.", drift)}
	}
	a := &causes{fast: x.fast, slow: x.slow, stop: x.stop, problem: p, start: startOf(tr), log: slices.Clone(res.Log), rec: rec, draws: res.Draws > 0}
	p.explain(a, rec)
	f.Report = text(p, f, t, rec, x.slow)
	f.Data = x.data(p, f, t, run)
	return f, keys, err
}

// startOf returns what the run of a trace starts from.
func startOf(tr *sched.Trace) start { return start{seed: tr.Seed, input: input{list: tr.Input}} }
