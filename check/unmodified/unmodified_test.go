package unmodified_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check/unmodified"
)

func TestFindingIsReplayed(t *testing.T) {
	dir := t.TempDir()
	for _, file := range []string{"fixture_test.go", "go.mod"} {
		text, err := os.ReadFile(filepath.Join("testdata/fixture", file))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, file), text, 0o666))
	}
	out, passed := fixture(t, "TestLostUpdate", "RAVEL_SAVED=", "DIR="+dir)
	assert.False(t, passed)
	assert.Contains(t, out, "lost update on n: testLostUpdate.func1[0] overwrote testLostUpdate.func1[1]'s\n          write\n")
	assert.Contains(t, out, "also: failed assertion at fixture_test.go:48: want 2, got 1")
	assert.Contains(t, out, "fixture_test.go:47: all done")
	assert.NotContains(t, out, "sched.Mutex", "advice is about the standard library")
	replay := regexp.MustCompile(`RAVEL_REPLAY=(\S+) ravel test -run '\^TestLostUpdate\$' fixture\n`).FindStringSubmatch(out)
	require.NotEmpty(t, replay)
	assert.True(t, strings.HasPrefix(replay[1], "testdata/ravel/TestLostUpdate/"))
	again, passed := fixture(t, "TestLostUpdate", "RAVEL_SAVED=", "RAVEL_REPLAY="+replay[1], "RAVEL_COMMAND=ravel test -tags x", "DIR="+dir)
	assert.False(t, passed)
	assert.Contains(t, again, "1 preemption, 3 tasks. Replay:")
	assert.Contains(t, again, "ravel test -tags x -run")
	assert.NotContains(t, again, "schedules/s", "nothing is searched")
}

func TestPlainTestsAreAsInGoTest(t *testing.T) {
	out, passed := fixture(t, "TestPlain")
	assert.True(t, passed)
	assert.Equal(t, `=== RUN   TestPlain
    plain_test.go:15: ravel: not searched: nothing in it is concurrent
    plain_test.go:17: TestPlain, run 1
    output
    plain_test.go:18: cleanup
--- PASS: TestPlain
PASS
`, out)
	out, passed = fixture(t, "TestPlainFails")
	assert.False(t, passed)
	assert.Equal(t, `=== RUN   TestPlainFails
    plain_test.go:34: the end
=== RUN   TestPlainFails/a_b
    plain_test.go:31: skipped: TestPlainFails/a_b
=== RUN   TestPlainFails/c
    plain_test.go:29: not this one
=== RUN   TestPlainFails/c#01
    plain_test.go:31: skipped: TestPlainFails/c#01
--- FAIL: TestPlainFails
    --- SKIP: TestPlainFails/a_b
    --- FAIL: TestPlainFails/c
    --- SKIP: TestPlainFails/c#01
FAIL
`, out)
	out, passed = fixture(t, "TestGoexit")
	assert.False(t, passed)
	assert.Contains(t, out, "test executed panic(nil) or runtime.Goexit")
}

func TestFlagsOfGoTest(t *testing.T) {
	out, _ := fixture(t, "TestPlainFails", "-test.run=^TestPlainFails$/^c$")
	assert.Contains(t, out, "--- FAIL: TestPlainFails/c\n")
	assert.NotContains(t, out, "a_b", "-run selects subtests")
	out, passed := fixture(t, "TestPlain", "-test.count=3")
	assert.True(t, passed)
	assert.Equal(t, 3, strings.Count(out, "--- PASS: TestPlain"))
	assert.Contains(t, out, "run 3")
	out, passed = fixture(t, "TestSkip", "-test.short")
	assert.True(t, passed)
	assert.Contains(t, out, "plain_test.go:42: too long")
	assert.Contains(t, out, "--- SKIP: TestSkip")
	out, _ = fixture(t, "TestSkip")
	assert.Regexp(t, `(?s)ravel: verified: all 3 traces.*plain_test.go:44: long.*--- PASS: TestSkip`, out)
	out, _ = fixture(t, "TestNames", "-test.run=^TestNames$/^a")
	assert.Contains(t, out, "[TestNames/a TestNames/a#01]")
	out, _ = fixture(t, "(TestPlainFails|TestSkip)", "-test.failfast")
	assert.NotContains(t, out, "TestSkip")
}

func TestLevels(t *testing.T) {
	for _, test := range []string{"TestOrder", "TestParallel", "TestSkippedSubtest", "TestNames", "TestProcess", "TestTicker", "TestGoleak", "TestLazy"} {
		out, passed := fixture(t, test)
		assert.True(t, passed, test)
		assert.Contains(t, out, "ravel: verified: all", test)
	}
}

func TestWhatGoesWrong(t *testing.T) {
	for test, want := range map[string]string{
		"TestOffTask":          "failed assertion at fixture_test.go:57: from a task",
		"TestParallelRace":     "failed assertion at levels_test.go:85: want 2, got 1",
		"TestPanicInSubtest":   `panic in sub at levels_test.go:102: "in sub"`,
		"TestLogTooLate":       "panic in TestLogTooLate.func1.1 at levels_test.go:134: \"Log in goroutine after\n          TestLogTooLate has completed: late\"",
		"TestSetenvInParallel": "panic in main at levels_test.go:167: \"testing: test using t.Setenv",
		"TestRecovers":         "panicked: oh",
		"TestBadCleanups":      "log:\n            recover_test.go:20: the first cleanup",
		"TestLeak":             "tasks left blocked: TestLeak.func1.1 waits to send ch at limits_test.go:",
		"TestFirstFails":       "the first run has failed, and no other one: only once at limits_test.go:",
	} {
		out, passed := fixture(t, test)
		assert.False(t, passed, test)
		assert.Contains(t, out, want)
		assert.NotContains(t, out, "testing.go:", "positions are those of the user")
		assert.NotContains(t, out, "[running]", "no stack of the goroutine of a task")
	}
}

func TestNotSearched(t *testing.T) {
	for test, want := range map[string]string{
		"TestNested":       "not searched, run as it is: the test begins a search itself at limits_test.go:",
		"TestBubble":       "not searched, run as it is: it runs in a bubble of testing/synctest",
		"TestUncontrolled": "not searched, run as it is: a goroutine that is not controlled, started at limits_test.go:",
	} {
		out, passed := fixture(t, test)
		assert.True(t, passed, test)
		assert.Contains(t, out, want)
		assert.Equal(t, 1, strings.Count(out, "ran"), "%s: nothing of the first run is seen", test)
		out, passed = fixture(t, test, "RAVEL_UNMODIFIED=strict")
		assert.False(t, passed, test)
		assert.Contains(t, out, "cannot be searched")
	}
	out, passed := fixture(t, "TestLostUpdate", "RAVEL_UNMODIFIED=off")
	assert.True(t, passed)
	assert.NotContains(t, out, "ravel:")
	out, passed = fixture(t, "TestLostUpdate", "RAVEL_UNMODIFIED=of")
	assert.False(t, passed)
	assert.Contains(t, out, `RAVEL_UNMODIFIED is "of", want off or strict`)
}

func TestBlocked(t *testing.T) {
	t.Parallel()
	out, passed := fixture(t, "TestBlocked")
	assert.True(t, passed)
	assert.Contains(t, out, `not searched, run as it is: main is in "sleep" at limits_test.go:`)
}

func TestLeavesBehind(t *testing.T) {
	out, passed := fixture(t, "TestLeavesBehind")
	assert.True(t, passed)
	assert.Contains(t, out, "perhaps an earlier run has")
	assert.Contains(t, out, "Package-level variables keep their values from run to run.")
	_, passed = fixture(t, "TestLeavesBehind", "RAVEL_UNMODIFIED=strict")
	assert.False(t, passed)
}

func TestFewRuns(t *testing.T) {
	out, passed := fixture(t, "TestDraws")
	assert.True(t, passed)
	assert.Contains(t, out, "ravel: 16 schedules")
	out, _ = fixture(t, "TestDraws", "RAVEL_RUNS=20")
	assert.Contains(t, out, "ravel: 20 schedules")
	out, passed = fixture(t, "TestThousands")
	assert.True(t, passed)
	assert.Equal(t, 2000, strings.Count(out, "--- PASS: TestThousands/"))
}

// What is built into a user's program must not bring modules that the user's module does
// not have.
func TestStandardLibraryOnly(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-tags=ravel", "-f={{if not .Standard}}{{.ImportPath}}{{end}}", ".").Output()
	require.NoError(t, err)
	packages := strings.Fields(string(out))
	assert.Contains(t, packages, "github.com/ravelgo/ravel/check")
	for _, p := range packages {
		assert.True(t, strings.HasPrefix(p, "github.com/ravelgo/ravel/"), p)
	}
}

func TestNotPatched(t *testing.T) {
	if os.Getenv("NOT_PATCHED") != "" {
		unmodified.Test(t.Name(), func(*testing.T) {})(t)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestNotPatched$")
	cmd.Env = append(os.Environ(), "NOT_PATCHED=1")
	out, err := cmd.CombinedOutput()
	require.Error(t, err)
	assert.Contains(t, string(out), "TestNotPatched cannot be searched: package testing is not built by ravel test")
}

// A test whose first run shows that its runs are long is searched all the same.
func TestLong(t *testing.T) {
	out, passed := fixture(t, "TestLong", "RAVEL_RUNS=2")
	assert.True(t, passed)
	assert.Contains(t, out, "ravel: 2 schedules")
}
