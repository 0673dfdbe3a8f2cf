package check_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// count loses an update if another task adds between its two sections.
func count(*check.T) {
	var n race.Var[int]
	var mu sched.Mutex
	for range 2 {
		sched.Go(func() {
			mu.Lock()
			x := n.Load()
			mu.Unlock()
			mu.Lock()
			n.Store(x + 1)
			mu.Unlock()
		})
	}
}

// countEdited is count after more was written into it: a variable, a lock, a
// channel, other lines.
func countEdited(*check.T) {
	var n, calls race.Var[int]
	var mu, log sched.Mutex
	results := sched.NewChan[int](2)
	note := func() {
		log.Lock()
		defer log.Unlock()
		calls.Update(func(c int) int { return c + 1 })
	}
	for range 2 {
		sched.Go(func() {
			note()

			mu.Lock()
			x := n.Load()
			mu.Unlock()

			note()
			results.Send(x)

			mu.Lock()
			n.Store(x + 1)
			mu.Unlock()
		})
	}
	results.Recv()
	results.Recv()
}

// countMended has one section.
func countMended(*check.T) {
	var n race.Var[int]
	var mu sched.Mutex
	for range 2 {
		sched.Go(func() {
			mu.Lock()
			x := n.Load()
			n.Store(x + 1)
			mu.Unlock()
		})
	}
}

// countRewritten loses updates in another way.
func countRewritten(*check.T) {
	var n race.Var[int]
	var guard sched.RWMutex
	for range 2 {
		sched.Go(func() {
			guard.RLock()
			x := n.Load()
			guard.RUnlock()
			guard.Lock()
			n.Store(x + 1)
			guard.Unlock()
		})
	}
}

// traceText returns a saved trace without the headers.
func traceText(t *testing.T, file string) string {
	t.Helper()
	text := readFile(t, file)
	i := strings.Index(text, "step ")
	require.Positive(t, i, text)
	return text[i:]
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(text)
}

// A saved trace tells the run and leads an edited test to the same finding.
func TestTraceSurvivesEdits(t *testing.T) {
	cfg := check.Config{Dir: t.TempDir(), Runs: 100}
	run := func(body func(*check.T)) *fakeTB {
		return runFake(t, "TestCount", func(t testing.TB) { cfg.Run(t, body) })
	}
	require.Contains(t, run(count).failures(), "lost update on n")
	files := tracesIn(t, cfg.Dir)
	require.Len(t, files, 1)
	assert.Equal(t, `step main.0 lock mu
step main.0 read n
step main.0 unlock mu
at main.0 lock mu #2 run main.1 # task 1 waits, task 2 runs
step main.1 lock mu
step main.1 read n
step main.1 unlock mu
step main.1 lock mu
step main.1 write n
step main.1 unlock mu
step main.0 lock mu
step main.0 write n
step main.0 unlock mu
`, traceText(t, files[0]))

	same := run(count)
	assert.NotContains(t, same.output(), "matched")

	edited := run(countEdited)
	assert.Contains(t, edited.failures(), "lost update on n")
	assert.NotContains(t, edited.output(), "schedules/s", "a search")
	assert.Contains(t, edited.output(), files[0]+": the run was not the same: 1 of 1 choices and 12 of 12 operations matched; "+
		"first difference: operation 1: main.0 does lock log (traces_test.go:42), the trace has main.0 lock mu")

	mended := run(countMended)
	assert.Empty(t, mended.failures())
	assert.Contains(t, mended.output(), files[0]+": nothing goes wrong any more, in a run that is not quite the one that was saved: "+
		"0 of 1 choices and 7 of 12 operations matched; "+
		"first difference: operation 3: main.0 does write n (traces_test.go:74), the trace has main.0 unlock mu")
}

// A replay that is asked for tells where it is not that of the trace.
func TestReplayTellsDrift(t *testing.T) {
	cfg := check.Config{Runs: 100}
	found := cfg.Search("TestCount", count).Findings
	require.Len(t, found, 1)
	for name, test := range map[string]struct {
		body func(*check.T)
		kind string
		want *strategy.Drift
	}{
		"same": {count, "lost update", nil},
		"edited": {countEdited, "lost update", &strategy.Drift{Choices: 1, OfChoices: 1, Steps: 12, OfSteps: 12,
			First: "operation 1: main.0 does lock log (traces_test.go:42), the trace has main.0 lock mu"}},
		"mended": {countMended, "", &strategy.Drift{OfChoices: 1, Steps: 7, OfSteps: 12,
			First: "operation 3: main.0 does write n (traces_test.go:74), the trace has main.0 unlock mu"}},
		"rewritten": {countRewritten, "", &strategy.Drift{OfChoices: 1, Steps: 3, OfSteps: 12,
			First: "operation 1: main.0 does rlock guard (traces_test.go:86), the trace has main.0 lock mu"}},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := cfg.Replay(found[0].Trace, test.body)
			assert.Equal(t, test.kind, f.Kind)
			var drift *strategy.Drift
			errors.As(err, &drift)
			assert.Empty(t, cmp.Diff(test.want, drift))
		})
	}
}

// What people do to a saved trace: they leave out its steps and change its
// choices. Its report names the same file.
func TestTraceEditedByHand(t *testing.T) {
	cfg := check.Config{Dir: t.TempDir(), Runs: 100}
	run := func() *fakeTB { return runFake(t, "TestCount", func(t testing.TB) { cfg.Run(t, count) }) }
	run()
	files := tracesIn(t, cfg.Dir)
	require.Len(t, files, 1)
	for choice, want := range map[string]string{
		"at main.0 lock mu #2 run main.1":                                  "",
		"at start run main.1\nat main.1 lock mu #2 run main.0":             "",
		"at main.0 lock mu #3 run main.1\nat main.0 lock mu #2 run main.1": `choice 1, "at main.0 lock mu #3 run main.1", did not come up`,
	} {
		text := "ravel trace 2\ntest TestCount\nfinding lost update on n\n" + choice + "\n"
		require.NoError(t, os.WriteFile(files[0], []byte(text), 0o666))
		replay := run()
		assert.Contains(t, replay.failures(), "lost update on n")
		assert.Contains(t, replay.failures(), "RAVEL_REPLAY="+files[0])
		if want == "" {
			assert.Empty(t, replay.output(), choice)
		} else {
			assert.Contains(t, replay.output(), "1 of 2 choices matched; first difference: "+want)
		}
	}
}

// A trace of the first format is to be made anew.
func TestOldTrace(t *testing.T) {
	cfg := check.Config{Dir: t.TempDir(), Runs: 100}
	run := func() *fakeTB { return runFake(t, "TestCount", func(t testing.TB) { cfg.Run(t, count) }) }
	run()
	files := tracesIn(t, cfg.Dir)
	require.Len(t, files, 1)
	require.NoError(t, os.WriteFile(files[0], []byte("ravel trace 1\nat main.0 2 run main.1\n"), 0o666))
	assert.Equal(t, "check: saved trace: "+files[0]+": sched: trace line 1: \"ravel trace 1\" is an old format; "+
		"delete the file and run the test again", run().failures())
	require.NoError(t, os.Remove(files[0]))
	assert.Contains(t, run().failures(), "lost update on n")
	assert.Len(t, tracesIn(t, cfg.Dir), 1)
}

// What a trace says of its own run is not said of another one, and a trace that
// shows something else leaves it to the search.
func TestStaleTrace(t *testing.T) {
	cfg := check.Config{Dir: t.TempDir(), Runs: 300}
	run := func(body func(*check.T)) *fakeTB {
		return runFake(t, "TestStale", func(t testing.TB) { cfg.Run(t, body) })
	}
	first := run(count)
	assert.Contains(t, first.failures(), "None with fewer preemptions shows it")

	edited := run(countEdited)
	assert.NotContains(t, edited.failures(), "Found by run")
	assert.Contains(t, edited.failures(), "The run is not the one that was saved: ")
	assert.NotContains(t, edited.output(), "schedules/s", "the lost update is still there")

	raced := run(func(*check.T) {
		var n race.Var[int]
		for range 2 {
			sched.Go(func() { n.Store(1) })
		}
	})
	assert.Contains(t, raced.output(), "something else went wrong")
	assert.Contains(t, raced.output(), "schedules/s")
	assert.Contains(t, raced.failures(), "data race (no lock) on n")
	assert.Contains(t, raced.failures(), "Found by run")
}
