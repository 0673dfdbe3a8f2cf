package check

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/ravelgo/ravel/check/internal/env"
	"github.com/ravelgo/ravel/check/internal/ordinary"
	"github.com/ravelgo/ravel/check/internal/say"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// Config says how to search. The zero value is the default.
type Config struct {
	// Runs is how many schedules to try. Zero means as many as Time allows, or,
	// if that is zero too, 1,000, and 100 under go test -short.
	Runs int
	// Time limits the search by the wall clock; the schedule that is running
	// then is finished. Zero means 2 seconds if Runs is zero too, else no
	// limit. A search also ends a little before the deadline of its test, and at
	// an interrupt, and reports what it has found so far.
	Time time.Duration
	// Workers is how many schedules are tried at once, up to 16, each in a
	// simulation of its own. The result does not depend on it. Zero means
	// GOMAXPROCS. One is for bodies that share something from run to run.
	Workers int
	// Seed decides which schedules are tried and what tasks draw from
	// sched.Rand. Zero means that it follows from the name of the test.
	Seed uint64
	// Strategy decides the schedules; the search ends when it runs out. Every
	// run has the same random numbers then, and there is one worker. Nil means
	// the plain schedule, then [strategy.Portfolio], and [strategy.DPOR] as soon
	// as there seem to be few enough traces to try them all. A Strategy has
	// state: it must not be used by two searches.
	Strategy sched.Strategy
	// MaxSteps is how many operations a run may do. Zero means 100,000.
	MaxSteps int
	// AnyWaiter and AnyTime make more things a choice, as in [sched.Config]:
	// which task a Cond wakes, and that a timeout wins over tasks that could go
	// on.
	AnyWaiter, AnyTime bool
	// Slack is AnyTime for what is due within so long, as in [sched.Config].
	Slack time.Duration
	// BlockedAfter is how long, by the wall clock, a task may block outside the
	// scheduler. Zero means 3 seconds.
	BlockedAfter time.Duration
	// Dir is where traces are kept, one folder a test. Empty means
	// testdata/ravel.
	Dir string

	test *ordinary.Test // that is searched though it was not written for it, or nil
}

const (
	defaultRuns  = 1000
	shortRuns    = 100
	defaultTime  = 2 * time.Second
	defaultSteps = 100_000
	defaultDir   = "testdata/ravel"
	noLimit      = time.Duration(1<<63 - 1)
)

// Run searches schedules of body with the default Config and fails t if
// something goes wrong in one.
func Run(t testing.TB, body func(*T)) {
	t.Helper()
	Config{}.Run(t, body)
}

// Run tries the saved traces of the test and then schedules of body, as c says,
// and fails t with a report for each different thing that goes wrong. It may be
// called by parallel tests. It panics if a field of c makes no sense.
func (c Config) Run(t testing.TB, body func(*T)) {
	t.Helper()
	c.run(t, body, body)
}

// run is Run for a body that calls the code which the user has written.
func (c Config) run(t testing.TB, body func(*T), code any) {
	t.Helper()
	notNested()
	s := newSearch(t.Name(), c.quick().environment(t), body)
	defer s.close()
	s.slow.code = code
	if interrupted.Load() {
		t.Errorf("ravel: interrupted before the search")
		return
	}
	s.publisher = newPublisher(s)
	defer s.publisher.end(t, &s.result)
	s.prepare(t)
	if s.replaySaved(t) {
		return
	}
	s.conduct(t)
}

// quick returns c with the budget of go test -short, if that is asked for.
func (c Config) quick() Config {
	if c.Runs == 0 && c.Time == 0 && testing.Short() {
		c.Runs, c.Time = shortRuns, defaultTime
	}
	return c
}

// prepare finds out what runs have to know.
func (s *search) prepare(t testing.TB) {
	s.failed = t.Failed()
	s.deadline = deadline(t)
	s.learn()
}

// conduct makes the search and reports what it has found.
func (s *search) conduct(t testing.TB) {
	t.Helper()
	defer s.attend(os.Stderr, isTerminal(os.Stderr))()
	s.explore()
	s.findings()
	if t.Failed() && !s.failed {
		t.Errorf("ravel: the body has failed the test by the t of the test: by its own t the schedule would be shown")
	}
	s.report(t)
	t.Log(s.result.String())
	if r := &s.result; s.draws.Load() && r.Skipped == r.Runs {
		t.Errorf("ravel: all %s were skipped: nothing was tested", say.Plural(r.Runs, "run"))
	}
	for _, p := range s.result.Possible {
		t.Logf("ravel: %s", wrap(p, ""))
	}
	if s.interrupted.Load() {
		t.Errorf("ravel: interrupted after %s", say.Plural(s.result.Runs, "schedule"))
	}
}

// report saves the findings and fails t with them.
func (s *search) report(t testing.TB) {
	t.Helper()
	for i := range s.result.Findings {
		f := &s.result.Findings[i]
		if err := s.cfg.save(f); err != nil {
			t.Logf("ravel: trace not saved: %v", err)
		}
		s.tell(t, f)
	}
}

// tell fails t with a finding.
func (s *search) tell(t testing.TB, f *Finding) {
	t.Helper()
	if s.notice(f) {
		t.Logf("\n%s", f.Report)
	} else {
		t.Errorf("\n%s", f.Report)
	}
	if s.cfg.test == nil {
		offer(t, f)
	}
	s.publisher.add(f)
}

// Search searches schedules of body as c says, for callers that are no test;
// name stands for the name of the test. Nothing is saved and the environment is
// not looked at.
func (c Config) Search(name string, body func(*T)) *Result {
	notNested()
	s := newSearch(name, c.filled(name).unsaved(), body)
	defer s.close()
	s.explore()
	s.findings()
	return &s.result
}

// Replay runs body once on the schedule of a trace. The finding has the Kind ""
// if nothing goes wrong. The error is a [*strategy.Drift] if the run is not that
// of the trace: it says where they part and how much is the same.
func (c Config) Replay(tr *sched.Trace, body func(*T)) (Finding, error) {
	c = c.filled(tr.Test).unsaved()
	notNested()
	s := newSearch(tr.Test, c, body)
	defer s.close()
	s.learn()
	f, _, err := s.explainer().finding(tr)
	return f, err
}

// unsaved returns c without a place for traces.
func (c Config) unsaved() Config {
	c.Dir = ""
	return c
}

// filled returns c with defaults in place of zeros.
func (c Config) filled(name string) Config {
	switch {
	case c.Runs < 0:
		panic(fmt.Sprintf("check: Runs is %d, want 0 (default) or more", c.Runs))
	case c.Workers < 0:
		panic(fmt.Sprintf("check: Workers is %d, want 0 (default) or more", c.Workers))
	case c.Slack < 0:
		panic(fmt.Sprintf("check: Slack is %v, want 0 (none) or more", c.Slack))
	case c.Time < 0:
		panic(fmt.Sprintf("check: Time is %v, want 0 (default) or more", c.Time))
	case c.MaxSteps < 0:
		panic(fmt.Sprintf("check: MaxSteps is %d, want 0 (default) or more", c.MaxSteps))
	case c.BlockedAfter < 0:
		panic(fmt.Sprintf("check: BlockedAfter is %v, want 0 (default) or more", c.BlockedAfter))
	}
	switch {
	case c.Runs == 0 && c.Time == 0:
		c.Runs, c.Time = defaultRuns, defaultTime
	case c.Runs == 0:
		c.Runs = math.MaxInt
	case c.Time == 0:
		c.Time = noLimit
	}
	if c.Workers == 0 {
		c.Workers = runtime.GOMAXPROCS(0)
	}
	if c.MaxSteps == 0 {
		c.MaxSteps = defaultSteps
	}
	if c.Seed == 0 {
		h := fnv.New64a()
		h.Write([]byte(name))
		c.Seed = h.Sum64()
	}
	if c.Dir == "" {
		c.Dir = defaultDir
	}
	return c
}

// environment returns c with what the environment asks for, and with defaults.
func (c Config) environment(t testing.TB) Config {
	t.Helper()
	c = c.budget(t).seeded(t).slackened(t)
	if text := os.Getenv("RAVEL_STRATEGY"); text != "" {
		st, err := strategy.Parse(text, c.filled(t.Name()).Seed)
		if err != nil {
			t.Fatalf("check: RAVEL_STRATEGY: %v", err)
		}
		c.Strategy = st
	}
	c = c.filled(t.Name())
	text := os.Getenv("RAVEL_SAVED")
	_, saved, err := env.Saved(text)
	if err != nil {
		t.Fatalf("check: RAVEL_SAVED is %q, %v", text, err)
	}
	if !saved {
		c = c.unsaved()
	}
	return c
}

// budget returns c with how much the environment says to try.
func (c Config) budget(t testing.TB) Config {
	t.Helper()
	if text := os.Getenv("RAVEL_RUNS"); text != "" {
		n, err := env.Runs(text)
		if err != nil {
			t.Fatalf("check: RAVEL_RUNS is %q, %v", text, err)
		}
		c.Runs = n
	}
	if text := os.Getenv("RAVEL_TIME"); text != "" {
		d, err := env.Time(text)
		if err != nil {
			t.Fatalf("check: RAVEL_TIME is %q, %v", text, err)
		}
		c.Time = d
		if os.Getenv("RAVEL_RUNS") == "" {
			c.Runs = 0
		}
	}
	return c
}

// slackened returns c with the slack that the environment asks for.
func (c Config) slackened(t testing.TB) Config {
	t.Helper()
	if text := os.Getenv("RAVEL_SLACK"); text != "" {
		d, err := env.Slack(text)
		if err != nil {
			t.Fatalf("check: RAVEL_SLACK is %q, %v", text, err)
		}
		c.Slack = d
	}
	return c
}

// seeded returns c with the seed that the environment asks for.
func (c Config) seeded(t testing.TB) Config {
	t.Helper()
	if text := os.Getenv("RAVEL_SEED"); text != "" {
		seed, random, err := env.Seed(text)
		if err != nil {
			t.Fatalf("check: RAVEL_SEED is %q, %v", text, err)
		}
		if random {
			seed = rand.Uint64()
			t.Logf("check: RAVEL_SEED=%d", seed)
		}
		c.Seed = seed
	}
	if text := os.Getenv("RAVEL_SHARD"); text != "" {
		i, n, err := env.Shard(text)
		if err != nil {
			t.Fatalf("check: RAVEL_SHARD is %q, %v", text, err)
		}
		c.Seed = shardSeed(c.filled(t.Name()).Seed, i)
		t.Logf("check: shard %d of %d, RAVEL_SEED=%d", i, n, c.Seed)
	}
	return c
}

// shardSeed returns the seed of a shard: that of the search for the first one, and
// a different one for each of the others, far from those that its runs add to it.
func shardSeed(seed, shard uint64) uint64 { return seed + shard<<32 }
