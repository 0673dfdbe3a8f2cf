package check_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

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

// A report says what it is about, where, and how to see it again.
func TestReport(t *testing.T) {
	const file = "testdata/report.txt"
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	folder, err := os.Getwd()
	require.NoError(t, err)
	t.Chdir(t.TempDir())

	test := runFake(t, "TestReport/a 'b'", func(t testing.TB) {
		check.Config{Seed: 1, Runs: 100, Dir: "traces"}.Run(t, func(*check.T) { deposit(false) })
	})
	if *update {
		require.NoError(t, os.WriteFile(filepath.Join(folder, file), []byte(test.failures()), 0o666))
	}
	assert.Equal(t, string(want), test.failures())
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
		if !strings.Contains(l, "RAVEL_REPLAY") {
			assert.LessOrEqual(t, len([]rune(l)), 80+len("report_test.go:99"), l)
		}
	}
}
