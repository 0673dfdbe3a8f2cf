package check_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/atomic"
	"github.com/ravelgo/ravel/sched/strategy"
)

func loses(*check.T) { deposit(false) }
func keeps(*check.T) { deposit(true) }

// tracesIn returns the files of the saved traces under dir.
func tracesIn(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.trace"))
	require.NoError(t, err)
	return files
}

func TestSavedTraces(t *testing.T) {
	cfg := check.Config{Dir: t.TempDir(), Runs: 100}
	const name = "TestSaved/with space"

	first := runFake(t, name, func(t testing.TB) { cfg.Run(t, loses) })
	require.Len(t, first.errors, 1)
	files := tracesIn(t, cfg.Dir)
	require.Len(t, files, 1)
	assert.Contains(t, first.output(), "schedules, all 6 traces there are")

	second := runFake(t, name, func(t testing.TB) { cfg.Run(t, loses) })
	assert.Equal(t, first.failures(), second.failures(), "the saved trace alone")
	assert.NotContains(t, second.output(), "schedules/s", "no search after that")

	fixed := runFake(t, name, func(t testing.TB) { cfg.Run(t, keeps) })
	assert.False(t, fixed.Failed())
	assert.Contains(t, fixed.output(), "nothing goes wrong any more")
	assert.Contains(t, fixed.output(), "ravel: verified: all 2 traces, in ")

	other := runFake(t, "TestOther", func(t testing.TB) { cfg.Run(t, keeps) })
	assert.False(t, other.Failed())
	assert.NotContains(t, other.output(), ".trace")

	require.NoError(t, os.WriteFile(files[0], []byte("ravel trace 2\nat nowhere lock mu run main\n"), 0o666))
	broken := runFake(t, name, func(t testing.TB) { cfg.Run(t, keeps) })
	assert.Contains(t, broken.failures(), files[0], "a trace that cannot be read fails the test")
	assert.Contains(t, broken.failures(), "line 2")
}

func TestReplayVariable(t *testing.T) {
	cfg := check.Config{Dir: t.TempDir(), Runs: 100}
	const name = "TestReplayed"
	first := runFake(t, name, func(t testing.TB) { cfg.Run(t, loses) })
	files := tracesIn(t, cfg.Dir)
	require.Len(t, files, 1)

	t.Setenv("RAVEL_REPLAY", files[0])
	replay := runFake(t, name, func(t testing.TB) { cfg.Run(t, loses) })
	assert.Equal(t, first.failures(), replay.failures())
	assert.NotContains(t, replay.output(), "schedules/s")
	fixed := runFake(t, name, func(t testing.TB) { cfg.Run(t, keeps) })
	assert.False(t, fixed.Failed())
	assert.Contains(t, fixed.output(), "nothing goes wrong any more")
	other := runFake(t, "TestOther", func(t testing.TB) { cfg.Run(t, keeps) })
	assert.Contains(t, other.output(), "schedules/s", "a trace of another test does not matter")

	t.Setenv("RAVEL_REPLAY", filepath.Join(cfg.Dir, "nosuch.trace"))
	missing := runFake(t, name, func(t testing.TB) { cfg.Run(t, loses) })
	assert.True(t, missing.fatal)
	assert.Contains(t, missing.failures(), "no such file")
}

func TestSeedAndRunsVariables(t *testing.T) {
	run := func() *fakeTB {
		return runFake(t, "TestVariables", func(t testing.TB) { check.Config{Dir: t.TempDir()}.Run(t, loses) })
	}
	t.Setenv("RAVEL_RUNS", "17")
	t.Setenv("RAVEL_SEED", "0x10")
	assert.Contains(t, run().output(), "ravel: 17 schedules")
	assert.Contains(t, run().failures(), "seed 16,")

	t.Setenv("RAVEL_SEED", "random")
	one, two := run().output(), run().output()
	assert.Contains(t, one, "RAVEL_SEED=")
	assert.NotEqual(t, one[:strings.IndexByte(one, '\n')], two[:strings.IndexByte(two, '\n')])

	for variable, bad := range map[string][]string{
		"RAVEL_SEED": {"x", "-1", "1e3", "99999999999999999999"},
		"RAVEL_RUNS": {"x", "-1", "0", "1.5"},
		"RAVEL_TIME": {"x", "-1s", "0s", "5"},
	} {
		for _, value := range bad {
			t.Run(variable+"="+value, func(t *testing.T) {
				t.Setenv(variable, value)
				f := run()
				assert.True(t, f.fatal)
				assert.Contains(t, f.failures(), variable+" is \""+value+"\", want a ")
			})
		}
	}
}

func TestBadConfig(t *testing.T) {
	for field, cfg := range map[string]check.Config{
		"Runs":         {Runs: -1},
		"Workers":      {Workers: -1},
		"Time":         {Time: -1},
		"MaxSteps":     {MaxSteps: -1},
		"BlockedAfter": {BlockedAfter: -1},
	} {
		assert.PanicsWithValue(t, mentions(field), func() { cfg.Search("x", keeps) })
	}
	assert.PanicsWithValue(t, "check: the body is nil", func() { check.Run(t, nil) })
	assert.PanicsWithValue(t, "check: the body is nil", func() { check.Config{}.Search("x", nil) })
}

// mentions is what the panic about a field says.
func mentions(field string) string {
	value := "-1"
	if field == "Time" || field == "BlockedAfter" {
		value = "-1ns"
	}
	return "check: " + field + " is " + value + ", want 0 (default) or more"
}

// A search is the same for the same seed, however many work on it, and another
// one for another seed.
func TestSearchIsDeterministic(t *testing.T) {
	for name, c := range map[string]struct {
		cfg  check.Config
		body func(*check.T)
	}{
		"many traces":    {check.Config{Runs: 300}, workers(careless, 3)},
		"few traces":     {check.Config{Runs: 5000}, loses},
		"time":           {check.Config{Runs: 1000, AnyTime: true}, func(*check.T) { fetch(0) }},
		"no end":         {check.Config{Runs: 100, MaxSteps: 300}, func(*check.T) { spin() }},
		"random numbers": {check.Config{Runs: 500}, func(*check.T) { sched.Go(func() { sched.Rand().Int() }); sched.Yield() }},
	} {
		t.Run(name, func(t *testing.T) {
			search := func(seed uint64, workers int) *check.Result {
				c.cfg.Seed, c.cfg.Workers = seed, workers
				return c.cfg.Search("TestSearch", c.body)
			}
			one := search(1, 1)
			counts := []int{1, 2, 8}
			if testing.Short() {
				counts = []int{2}
			}
			for _, n := range counts {
				again := search(1, n)
				again.Elapsed = one.Elapsed
				assert.Empty(t, cmp.Diff(one, again), "%d workers", n)
			}
			if name == "many traces" {
				assert.NotEqual(t, one.Hash, search(2, 1).Hash)
			}
		})
	}
}

// spin waits in a loop for a task that needs several turns.
func spin() {
	var done atomic.Bool
	sched.Go(func() {
		for range 3 {
			sched.Yield()
		}
		done.Store(true)
	})
	for !done.Load() {
	}
}

// To wait in a loop is no mistake if the one that is waited for comes.
func TestBusyWaitEnds(t *testing.T) {
	result := check.Config{Runs: 500}.Search("TestBusyWait", func(*check.T) { spin() })
	assert.Empty(t, result.Findings)
	assert.False(t, result.Complete, "it can wait as long as it likes")
}

// With a strategy that tries all schedules the search ends by itself.
func TestExhaustiveSearch(t *testing.T) {
	result := check.Config{Strategy: strategy.DFS(), Runs: 1_000_000}.Search("TestAll", func(*check.T) {
		for range 3 {
			sched.Go(func() { sched.Yield(); sched.Yield() })
		}
	})
	assert.True(t, result.Complete)
	assert.Equal(t, 90, result.Runs)
	assert.Equal(t, 1, result.Distinct, "they do not meet")
	assert.Contains(t, result.String(), "verified: the only trace, in 90 schedules")

	alone := check.Config{}.Search("TestAlone", func(*check.T) { sched.Yield() })
	assert.True(t, alone.Complete)
	assert.Equal(t, 1, alone.Runs)
}

// A time limit ends the search, not the run.
func TestTimeLimit(t *testing.T) {
	result := check.Config{Time: 1}.Search("TestTime", workers(locked, 2))
	assert.Positive(t, result.Runs)
	assert.Less(t, result.Runs, 1000)
	assert.Empty(t, result.Findings)
}

// add has 20 schedules, all of them different: 2, 4, 8, 4 and 2 with 0 to 4
// preemptions.
func add(*check.T) {
	var n atomic.Int64
	for range 2 {
		sched.Go(func() { n.Add(1); n.Add(1); n.Add(1) })
	}
}

// What a strategy leaves out is said.
func TestLimits(t *testing.T) {
	draws := func(*check.T) {
		sched.Go(func() { sched.Yield() })
		sched.Rand().Int()
		sched.Yield()
	}
	for _, c := range []struct {
		st    sched.Strategy
		body  func(*check.T)
		limit string
	}{
		{strategy.PreemptionBounded(1), add, "8 options beyond the bound"},
		{strategy.PreemptionBounded(4), add, ""},
		{strategy.DPOR(), add, ""},
		{strategy.DFS(), draws, "all runs had the same random numbers"},
		{strategy.DelayBounded(1), func(*check.T) { spin() }, "ended at 300 operations"},
	} {
		result := check.Config{Strategy: c.st, Runs: 1_000_000, MaxSteps: 300}.Search("TestLimits", c.body)
		assert.Equal(t, c.limit == "", result.Complete, c.limit)
		if c.limit != "" {
			assert.Contains(t, result.String(), "not exhaustive: ")
			assert.Contains(t, result.String(), c.limit)
		}
	}
}

// How much is not known is said.
func TestStatistics(t *testing.T) {
	result := check.Config{Seed: 1, Runs: 1000}.Search("TestStatistics", workers(careless, 5))
	assert.False(t, result.Complete)
	assert.Equal(t, 1000, result.Runs)
	assert.Greater(t, result.Distinct, 800)
	assert.Greater(t, result.Unseen, 0.7)
	assert.Greater(t, result.Traces, float64(result.Distinct))
	assert.Greater(t, result.Schedules, result.Traces)
	assert.Positive(t, result.Preemptions)
	assert.Less(t, result.Missed[0], result.Missed[1])
	assert.LessOrEqual(t, result.Missed[1], result.Missed[2])
	assert.Regexp(t, `^ravel: 1000 schedules, \d+ distinct traces, up to \d+ preemptions, \d+ operations, \d+ schedules/s; up to 5 tasks could go on at once, \d\.\d on average; there are at least some \S+ traces, in some \S+ schedules; `+
		`another run shows a new trace with a chance of \d+ %`, result.String())
}

func TestStrategyVariable(t *testing.T) {
	run := func() *fakeTB {
		return runFake(t, "TestStrategies", func(t testing.TB) { check.Config{Dir: t.TempDir(), Runs: 1000}.Run(t, add) })
	}
	for name, want := range map[string]string{
		"dfs": "verified: all 20 traces, in 20 schedules", "dpor": "verified: all 20 traces, in 20 schedules",
		"random": "1000 schedules, 20 distinct traces", "pct:2": "1000 schedules, ",
		"preemptions:1": "6 schedules, 6 distinct traces, up to 1 preemption, ",
	} {
		t.Setenv("RAVEL_STRATEGY", name)
		assert.Contains(t, run().output(), want, name)
	}
	for _, bad := range []string{"x", "dfs:2", "pct:0", "pct:x", "pct:"} {
		t.Setenv("RAVEL_STRATEGY", bad)
		assert.Contains(t, run().failures(), `RAVEL_STRATEGY: strategy: "`+bad+`", want one of portfolio, random, `)
	}
}

// RAVEL_TIME is the only budget, if it is given alone.
func TestTimeVariable(t *testing.T) {
	t.Setenv("RAVEL_TIME", "50ms")
	f := runFake(t, "TestTimes", func(t testing.TB) { check.Config{Dir: t.TempDir(), Runs: 10}.Run(t, workers(locked, 5)) })
	assert.Contains(t, f.output(), "stopped by the time limit")
	assert.NotContains(t, f.output(), "ravel: 10 schedules")
	t.Setenv("RAVEL_RUNS", "7")
	f = runFake(t, "TestTimes", func(t testing.TB) { check.Config{Dir: t.TempDir()}.Run(t, workers(locked, 5)) })
	assert.Contains(t, f.output(), "ravel: 7 schedules")
}

// timedTB is a test with a deadline.
type timedTB struct {
	testing.TB
	end time.Time
}

func (t timedTB) Deadline() (time.Time, bool) { return t.end, true }

func TestDeadline(t *testing.T) {
	f := runFake(t, "TestDeadlines", func(t testing.TB) {
		check.Config{Dir: t.TempDir(), Time: time.Hour}.Run(timedTB{t, time.Now().Add(1050 * time.Millisecond)}, workers(locked, 5))
	})
	assert.Contains(t, f.output(), "stopped by the deadline of the test")
}

// A case that no schedule takes is named, on any number of workers.
func TestNeverTaken(t *testing.T) {
	for _, n := range []int{1, 4} {
		result := check.Config{Workers: n, Runs: 200}.Search("TestNever", func(*check.T) {
			a, b := sched.NewChan[int](1), sched.NewChan[int](1)
			sched.Go(func() { a.Send(1) })
			sched.Select(a.Receiving(nil, nil), b.Receiving(nil, nil))
			sched.TrySelect(a.Receiving(nil, nil))
			a.Send(2)
			sched.TrySelect(a.Receiving(nil, nil))
		})
		require.Len(t, result.Never, 3)
		assert.Regexp(t, `^case 1 of the select at run_test.go:\d+$`, result.Never[0])
		assert.Regexp(t, `^case 0 of the select at run_test.go:\d+$`, result.Never[1])
		assert.Regexp(t, `^the default of the select at run_test.go:\d+$`, result.Never[2])
		assert.Contains(t, result.String(), "; never taken: case 1 of")
	}
}

// RAVEL_SAVED=skip searches although a saved trace fails, off saves nothing either.
func TestSavedVariable(t *testing.T) {
	cfg := check.Config{Runs: 50, Dir: t.TempDir()}
	saves := func() bool {
		files, err := filepath.Glob(filepath.Join(cfg.Dir, "*", "*.trace"))
		require.NoError(t, err)
		return len(files) > 0
	}
	run := func() *fakeTB { return runFake(t, "TestX", func(t testing.TB) { cfg.Run(t, loses) }) }
	t.Setenv("RAVEL_SAVED", "off")
	off := run()
	assert.NotContains(t, off.failures(), "RAVEL_REPLAY")
	assert.False(t, saves())
	t.Setenv("RAVEL_SAVED", "skip")
	for range 2 {
		assert.Contains(t, run().output(), "schedules/s")
		assert.True(t, saves())
	}
	t.Setenv("RAVEL_SAVED", "")
	assert.NotContains(t, run().output(), "schedules/s")
	t.Setenv("RAVEL_SAVED", "no")
	assert.Contains(t, run().failures(), `RAVEL_SAVED is "no", want skip or off`)
}

// A body whose values differ from run to run is noticed where the test depends on them,
// also if there is one schedule only.
func TestValuesThatDiffer(t *testing.T) {
	for range 20 {
		result := check.Config{}.Search(t.Name(), func(t *check.T) {
			var last race.Var[string]
			for k := range map[string]int{"a": 1, "b": 2} {
				last.Store(k)
			}
			if last.Load() != "b" {
				t.Error("the last is a")
			}
		})
		require.NotEmpty(t, result.Findings)
		f := result.Findings[0]
		assert.Contains(t, []string{"not deterministic", "failed assertion"}, f.Kind)
		assert.False(t, result.Complete && f.Kind == "not deterministic")
	}
}

// A body that fails the test instead of the run is told to use its own t.
func TestOuterT(t *testing.T) {
	out := runFake(t, "TestOuter", func(outer testing.TB) {
		check.Config{Runs: 3, Dir: t.TempDir()}.Run(outer, func(*check.T) { outer.Errorf("outer") })
	})
	assert.Contains(t, out.failures(), "by its own t the schedule would be shown")
}
