package check_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/sched"
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
	assert.Contains(t, first.output(), "ravel: 100 schedules")

	second := runFake(t, name, func(t testing.TB) { cfg.Run(t, loses) })
	assert.Equal(t, first.failures(), second.failures(), "the saved trace alone")
	assert.NotContains(t, second.output(), "schedules/s", "no search after that")

	fixed := runFake(t, name, func(t testing.TB) { cfg.Run(t, keeps) })
	assert.False(t, fixed.Failed())
	assert.Contains(t, fixed.output(), "nothing went wrong")
	assert.Contains(t, fixed.output(), "ravel: 100 schedules")

	other := runFake(t, "TestOther", func(t testing.TB) { cfg.Run(t, keeps) })
	assert.False(t, other.Failed())
	assert.NotContains(t, other.output(), "trace")

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
	assert.Contains(t, fixed.output(), "nothing went wrong")
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
	t.Setenv("RAVEL_RUNS", "7")
	t.Setenv("RAVEL_SEED", "0x10")
	assert.Contains(t, run().output(), "ravel: 7 schedules")
	assert.Contains(t, run().failures(), "seed 16,")

	t.Setenv("RAVEL_SEED", "random")
	one, two := run().output(), run().output()
	assert.Contains(t, one, "RAVEL_SEED=")
	assert.NotEqual(t, one[:strings.IndexByte(one, '\n')], two[:strings.IndexByte(two, '\n')])

	for variable, bad := range map[string][]string{
		"RAVEL_SEED": {"x", "-1", "1e3", "99999999999999999999"},
		"RAVEL_RUNS": {"x", "-1", "0", "1.5"},
	} {
		for _, value := range bad {
			t.Run(variable+"="+value, func(t *testing.T) {
				t.Setenv(variable, value)
				f := run()
				assert.True(t, f.fatal)
				assert.Contains(t, f.failures(), variable+" is \""+value+"\", want a number")
			})
		}
	}
}

func TestBadConfig(t *testing.T) {
	for field, cfg := range map[string]check.Config{
		"Runs":         {Runs: -1},
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

// A search is the same for the same seed, and another one for another.
func TestSearchIsDeterministic(t *testing.T) {
	search := func(seed uint64) *check.Result {
		return check.Config{Seed: seed, Runs: 300}.Search("TestSearch", workers(careless, 3))
	}
	a, b, c := search(1), search(1), search(2)
	assert.Equal(t, a.Hash, b.Hash)
	assert.Equal(t, a.Steps, b.Steps)
	for i := range a.Findings {
		assert.Equal(t, a.Findings[i].Report, b.Findings[i].Report)
	}
	assert.NotEqual(t, a.Hash, c.Hash)
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
	assert.Equal(t, 90, result.Distinct)
	assert.Contains(t, result.String(), "90 schedules, all there are")

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
