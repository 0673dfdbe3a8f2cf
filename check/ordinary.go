package check

import (
	"cmp"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ravelgo/ravel/check/internal/ordinary"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// slack is how long computing may take in an ordinary test: it sleeps less for a
// purpose than to let something happen.
const slack = 100 * time.Microsecond

// Ordinary is [Config.Run] for package check/unmodified: it searches schedules of a
// test that was not written for that. The first run comes before the search. It tells
// whether the test is concurrent at all, and what is set up once in a process is set
// up then.
func (c Config) Ordinary(t testing.TB, o *ordinary.Test, body func(*T)) {
	t.Helper()
	c.test, c.Slack = o, slack
	s := newSearch(t.Name(), c.quick().environment(t), func(t *T) {
		sched.Current().Unmodified()
		body(t)
	})
	defer s.close()
	s.slow.code = o.Code
	if interrupted.Load() {
		t.Errorf("ravel: interrupted before the search")
		return
	}
	failed := s.firstRun()
	s.publisher = newPublisher(s)
	if o.Plain != "" {
		s.publisher.search.Summary = "not searched: " + o.Plain
	}
	defer s.publisher.end(t, &s.result)
	if o.Plain != "" || o.Only {
		return
	}
	s.prepare(t)
	if s.replaySaved(t) {
		return
	}
	s.conduct(t)
	if failed != "" && len(s.result.Findings) == 0 {
		t.Errorf("ravel: the first run has failed, and no other one: %s\n%s", failed, leftBehind)
	}
	o.Skipped = s.result.Skipped == s.result.Runs && s.result.Runs > 0
}

const leftBehind = "Package-level variables keep their values from run to run. Perhaps the first run has left something behind that changes the others."

// runsOfDraws is how many runs a test has in which nothing is concurrent, but that draws
// random numbers, as the range over a map does.
const runsOfDraws = 16

// firstRun makes the first run and tells how it has failed, if it has.
func (s *search) firstRun() (failed string) {
	o, began := s.cfg.test, time.Now()
	w, plain := s.worker(0), strategy.RoundRobin()
	plain.Next()
	w.sim.Limit(s.cfg.MaxSteps * longer)
	t, res := w.run(plain, start{seed: s.cfg.Seed + 1})
	s.limit(res)
	o.Plain = cmp.Or(o.Plain, unsearchable(res.End))
	if o.Plain != "" {
		return ""
	}
	alone := res.Tasks == 1+o.Alone() && len(res.Log) == 0
	shown := signs(t, res, w.watch.Findings())
	asserted := len(shown) == len(t.failures[:min(len(t.failures), 1)]) // nothing else is wrong
	o.Skipped = t.skipped && len(shown) == 0
	o.Only = o.Skipped || alone && res.Draws == 0 && asserted && os.Getenv("RAVEL_REPLAY") == ""
	if o.Only {
		s.result = Result{Runs: 1, Steps: res.Steps, Peak: res.Peak, Distinct: 1, Complete: true, Elapsed: time.Since(began), Hash: res.Hash}
		return ""
	}
	if alone && os.Getenv("RAVEL_RUNS") == "" && os.Getenv("RAVEL_TIME") == "" {
		s.cfg.Runs = min(s.cfg.Runs, runsOfDraws)
	}
	if len(t.failures) > 0 {
		return t.failures[0].text + at(t.failures[0].pos)
	}
	if res.End != nil && len(shown) > 0 {
		return res.End.Error()
	}
	return strings.Join(shown, ", ")
}

// longer is how many times as long the first run may be as a run is without one. A test
// that ends by then is a long one; one that does not may go round for ever.
const longer = 10

// limit lets the runs of the search be as long as the first one shows that they are.
func (s *search) limit(first *sched.Result) {
	if _, endless := first.End.(*sched.StepLimit); !endless {
		s.cfg.MaxSteps = max(s.cfg.MaxSteps, 2*first.Steps)
	}
	for _, r := range append(s.workers, s.slow) {
		r.sim.Limit(s.cfg.MaxSteps)
	}
}

// unsearchable says why a test that ends like that cannot be searched; nothing if it
// can.
func unsearchable(end error) string {
	switch end := end.(type) {
	case *nested:
		return end.Error()
	case *sched.Blocked:
		where := ""
		if len(end.Stack) > 0 {
			where = at(end.Stack[0].Pos)
		}
		return fmt.Sprintf("%s is in %q%s for %v, outside of what is controlled", end.Task, end.State, where, end.After)
	case *sched.Uncontrolled:
		return fmt.Sprintf("a goroutine that is not controlled, started%s, comes to code that is%s", at(end.Started), at(end.Used))
	}
	return ""
}

// ofOrdinary says of a problem what an ordinary test can do about it.
func (p *problem) ofOrdinary(end error) {
	if p.kind == keyBlocked || p.kind == keyUncontrolled {
		p.summary = p.kind + ": " + unsearchable(end)
		p.advice.help = "If that is in a dependency, have it controlled too (-with); else use a stand-in for it in this test, or leave the test out (RAVEL_UNMODIFIED=off)."
	}
	p.rankOrdinary()
}

// nested ends a run whose body begins a search.
type nested struct{ pos sched.Pos }

func (n *nested) Error() string { return "the test begins a search itself" + at(n.pos) }

// notNested ends the run that the caller is in, if it is in one: its body begins a
// search of its own.
func notNested() {
	if sched.Current() != nil {
		sched.Abort(&nested{failurePos()})
	}
}

// Fails is [T.Error] for package check/unmodified.
func (t *T) Fails(f ordinary.Failure) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failures = append(t.failures, failure{strings.TrimSpace(f.Text), f.Pos})
}

// command returns what runs the tests of a package.
func (r *runner) command() string {
	if r.test == nil {
		return "go test"
	}
	return ordinary.Command()
}

// notice reports whether a finding only says that a test cannot be searched well. That
// does not make an ordinary test fail.
func (s *search) notice(f *Finding) bool {
	if s.cfg.test == nil || s.cfg.test.Strict {
		return false
	}
	return f.Kind == keyNoEnd || f.Kind == keyBlocked || f.Kind == keyUncontrolled || f.Kind == keyNondeterminism && !s.shown
}

// cursory returns the finding that a run of an ordinary test came to no end. Most such
// runs are long, and nothing else; so no small schedule is looked for.
func (c candidate) cursory() Finding {
	return Finding{Kind: c.kind, Summary: c.summary, Report: wrap(c.summary, ""), Run: c.run}
}
