package check_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// State is what ten workers share: a counter that each adds one to and a list
// that each appends its item to.
type State struct {
	Counter race.Var[int]
	Results race.Slice[int]
	mu      sched.Mutex
	Guarded sched.Guarded[totals]
}

type totals struct {
	counter int
	results []int
}

func careless(_ context.Context, s *State, item int) error {
	s.Counter.Update(inc)
	s.Results.Append(item)
	return nil
}

func locked(ctx context.Context, s *State, item int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return careless(ctx, s, item)
}

func guarded(_ context.Context, s *State, item int) error {
	s.Guarded.Do(func(v *totals) {
		v.counter++
		v.results = append(v.results, item)
	})
	return nil
}

// workers returns the body of a check: work on ten items.
func workers(do func(context.Context, *State, int) error, limit int) func(*check.T) {
	return func(t *check.T) {
		p := engine.New[State]("headline", engine.Options{})
		engine.Map(p, "worker", engine.Each[State, int]{Items: items[State](10), Do: do},
			engine.MapOptions{MaxConcurrency: limit})
		_, err := p.Run(t.Context(), &State{}, engine.RunOptions{})
		require.NoError(t, err)
	}
}

// The careless variant is found out whatever the seed, and always by one
// preemption.
func TestSeedS03Careless(t *testing.T) {
	seeds := uint64(20)
	if testing.Short() {
		seeds = 1
	}
	for seed := range seeds {
		result := check.Config{Seed: seed + 1}.Search(t.Name(), workers(careless, 0))
		require.NotEmpty(t, result.Findings, "seed %d", seed)
		f := result.Findings[0]
		assert.Equal(t, "lost update", f.Kind)
		assert.Equal(t, "State.Counter", f.Object)
		assert.Equal(t, 1, f.Preemptions)
		require.Len(t, f.Explanation.Sites, 3)
		assert.Equal(t, []string{"0", "1", "1"}, []string{f.Explanation.Sites[0].Value, f.Explanation.Sites[1].Value, f.Explanation.Sites[2].Value})
		all := strings.Join(f.Also, "\n")
		for _, g := range result.Findings[1:] {
			all += g.Summary + strings.Join(g.Also, "\n")
			assert.LessOrEqual(t, g.Preemptions, 1)
		}
		assert.Contains(t, all, "data race (no lock) on State.Counter")
		assert.Contains(t, all, "data race (concurrent append) on State.Results")
		assert.Contains(t, all, "lost update on State.Results")
	}
}

// The careful variants are never blamed.
func TestSeedS03Careful(t *testing.T) {
	for name, body := range map[string]func(*check.T){
		"locked":          workers(locked, 0),
		"guarded":         workers(guarded, 0),
		"one at a time":   workers(careless, 1),
		"locked in pairs": workers(locked, 2),
	} {
		t.Run(name, func(t *testing.T) {
			runs := 10_000
			if testing.Short() {
				runs = 1000
			}
			result := check.Config{Runs: runs}.Search(t.Name(), body)
			assert.Empty(t, result.Findings)
			assert.True(t, result.Runs+result.Cut == runs || result.Complete)
		})
	}
}

// helperEnv makes this test binary run the test of a careless pipeline.
const helperEnv = "RAVEL_TEST_CARELESS"

// TestCareless is run by others in a process of its own.
func TestCareless(t *testing.T) {
	if os.Getenv(helperEnv) == "" {
		t.Skip("run by TestReplayInANewProcess")
	}
	check.Run(t, workers(careless, 0))
}

// A saved trace gives the identical report in other processes: asked for, and
// as the first thing that the next run of the test tries.
func TestReplayInANewProcess(t *testing.T) {
	dir := t.TempDir()
	first := carelessProcess(t, dir)
	require.Contains(t, first, "lost update on State.Counter")

	files, err := filepath.Glob(filepath.Join(dir, "testdata", "ravel", "TestCareless", "*.trace"))
	require.NoError(t, err)
	require.Len(t, files, strings.Count(first, "Replay:"), "a trace a finding")

	var all string
	for _, file := range files {
		name, err := filepath.Rel(dir, file)
		require.NoError(t, err)
		replayed := carelessProcess(t, dir, "RAVEL_REPLAY="+name)
		again := carelessProcess(t, dir, "RAVEL_REPLAY="+file, "GOMAXPROCS=1", "RAVEL_SEED=7")
		assert.Contains(t, first, replayed)
		assert.Equal(t, replayed, again)
		all += replayed
	}
	assert.Equal(t, all, carelessProcess(t, dir), "the next run tries the traces, in order of their names")

	elsewhere := t.TempDir()
	carelessProcess(t, elsewhere, "GOMAXPROCS=1")
	for _, file := range files {
		name, err := filepath.Rel(dir, file)
		require.NoError(t, err)
		assert.Equal(t, readFile(t, file), readFile(t, filepath.Join(elsewhere, name)), "the text of a trace")
	}
}

// carelessProcess runs TestCareless in a new process in dir and returns the
// reports it prints.
func carelessProcess(t *testing.T, dir string, env ...string) string {
	t.Helper()
	exe, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(exe, "-test.run=^TestCareless$")
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), helperEnv+"=1"), env...)
	out, err := cmd.CombinedOutput()
	require.Error(t, err, "%s", out)
	return reportsIn(string(out))
}

// reportsIn returns the reports without what package testing adds.
func reportsIn(out string) string {
	var b strings.Builder
	inside := false
	for line := range strings.Lines(out) {
		if inside {
			b.WriteString(line)
		}
		switch {
		case strings.HasSuffix(strings.TrimSpace(line), "_test.go:"+lineOf(line)+":"):
			inside = true
		case strings.Contains(line, "RAVEL_REPLAY="):
			inside = false
		}
	}
	return b.String()
}

// lineOf returns the line number in "    headline_test.go:12:".
func lineOf(line string) string {
	_, after, _ := strings.Cut(strings.TrimSuffix(strings.TrimSpace(line), ":"), ":")
	return after
}
