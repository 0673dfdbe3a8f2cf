package check_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

var update = flag.Bool("update", false, "write the reports that tests compare with")

// The reports under testdata have the line numbers of this function.
func deposit(whole bool) {
	var balance race.Var[int]
	var mu sched.Mutex
	for range 2 {
		sched.GoNamed("deposit", func() {
			mu.Lock()
			n := balance.Load()
			if !whole {
				mu.Unlock()
				mu.Lock()
			}
			balance.Store(n + 1)
			mu.Unlock()
		})
	}
}

// fetch gives up after a second, on work of half a second, whose result nobody
// then receives unless there is room for it.
func fetch(room int) {
	ctx, cancel := sched.WithTimeout(context.Background(), time.Second)
	defer cancel()
	page := sched.NewChan[string](room)
	sched.GoNamed("fetch", func() {
		sched.Sleep(500 * time.Millisecond)
		page.Send("hello")
	})
	sched.Select(page.Receiving(nil, nil), sched.Done(ctx).Receiving(nil, nil))
}

// A report says what it is about, where, and how to see it again.
func TestReport(t *testing.T) {
	for file, test := range map[string]struct {
		cfg       check.Config
		bad, good func(*check.T)
	}{
		"report.txt": {check.Config{Runs: 100},
			func(*check.T) { deposit(false) }, func(*check.T) { deposit(true) }},
		"report_time.txt": {check.Config{Runs: 100, AnyTime: true},
			func(*check.T) { fetch(0) }, func(*check.T) { fetch(1) }},
	} {
		t.Run(file, func(t *testing.T) {
			file, err := filepath.Abs(filepath.Join("testdata", file))
			require.NoError(t, err)
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			t.Chdir(t.TempDir())

			test.cfg.Seed, test.cfg.Dir = 1, "traces"
			fails := func(t testing.TB) { test.cfg.Run(t, test.bad) }
			first := runFake(t, "TestReport/a 'b'", fails)
			if *update {
				require.NoError(t, os.WriteFile(file, []byte(first.failures()), 0o666))
			}
			assert.Equal(t, string(want), first.failures())
			assert.Equal(t, string(want), runFake(t, "TestReport/a 'b'", fails).failures(), "the saved trace")

			good := runFake(t, "TestGood", func(t testing.TB) { test.cfg.Run(t, test.good) })
			assert.Empty(t, good.failures())
		})
	}
}

// Unless asked for, time does not pass while there is work to do.
func TestTimePassesWhenAsked(t *testing.T) {
	result := check.Config{}.Search(t.Name(), func(*check.T) { fetch(0) })
	assert.Empty(t, result.Findings)
	assert.True(t, result.Complete || result.Runs == 1000, "%d runs", result.Runs)
}

// A report stays readable however long the schedule and the names are.
func TestReportOfALongRun(t *testing.T) {
	result := check.Config{Seed: 1, Runs: 50}.Search("TestReportOfALongRun", func(*check.T) {
		var total race.Var[string]
		for range 6 {
			sched.GoNamed(strings.Repeat("aTaskWithALongName", 3), func() {
				for range 200 {
					total.Update(func(s string) string { return (s + "äöü")[:min(len(s)+6, 300)] })
				}
			})
		}
	})
	require.NotEmpty(t, result.Findings)
	lines := strings.Split(result.Findings[0].Report, "\n")
	assert.Less(t, len(lines), 80)
	for _, l := range lines {
		if !strings.Contains(l, "RAVEL_REPLAY") && !strings.Contains(l, "https://") {
			assert.LessOrEqual(t, len([]rune(l)), 80, l)
		}
	}
}

// However long a run is, its report does not take long.
func TestReportOfAForgottenTicker(t *testing.T) {
	result := check.Config{Runs: 20, MaxSteps: 20_000}.Search("TestTicker", func(*check.T) {
		tick := sched.NewTicker(time.Second)
		sched.GoNamed("beat", func() {
			for {
				tick.C.Recv()
			}
		})
		sched.Sleep(3 * time.Second)
	})
	require.Len(t, result.Findings, 1)
	assert.Equal(t, "no end", result.Findings[0].Kind)
	assert.Contains(t, result.Findings[0].Report, "stop the timer")
	assert.NotContains(t, result.Findings[0].Report, "It happens whenever")
}

// The table shows who took what a task missed, and where it panics; a task that
// waits at its first operation has a column.
func TestTableShowsTheOthers(t *testing.T) {
	panics := check.Config{Runs: 300}.Search("TestPanics", func(*check.T) {
		ch := sched.NewChan[int](1)
		sched.GoNamed("sender", func() { ch.Send(1) })
		sched.GoNamed("closer", func() { ch.Close() })
	})
	require.NotEmpty(t, panics.Findings)
	report := panics.Findings[0].Report
	assert.Regexp(t, `\n \* +close ch +report_test.go:\d+\n`, report)
	assert.Regexp(t, `\n ! panics +report_test.go:\d+\n`, report)
	assert.Regexp(t, `- closer's close of ch \(report_test.go:\d+\) comes before sender's send of ch`, report)
	assert.Contains(t, report, "0 preemptions, 3 tasks.")

	stuck := check.Config{Runs: 300}.Search("TestStuck", func(*check.T) {
		var mu sched.Mutex
		mu.Lock()
		sched.GoNamed("forgotten", func() { mu.Lock() })
	})
	require.NotEmpty(t, stuck.Findings)
	assert.Regexp(t, `\n   main +forgotten\n`, stuck.Findings[0].Report)
	assert.Regexp(t, `\n ! +waits to lock mu +report_test.go:\d+\n`, stuck.Findings[0].Report)
}
