package check_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// planted builds the test binary of a package with a bug of four orders.
func planted(t testing.TB, flags ...string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "planted.test")
	args := append([]string{"test", "-c", "-o", binary}, flags...)
	out, err := exec.Command("go", append(args, "./internal/planted")...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return binary
}

// four is a schedule of the planted bug, as the fuzzer has found it.
const four = "101y010"

// A failing input of a fuzz target is shrunk, explained and saved by plain go test, and
// its trace is tried first the next time.
func TestFuzzCrasher(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a test binary")
	}
	binary := planted(t)
	dir := t.TempDir()
	corpus := filepath.Join(dir, "testdata", "fuzz", "FuzzFour")
	require.NoError(t, os.MkdirAll(corpus, 0o777))
	text := "go test fuzz v1\n[]byte(" + strconv.Quote(four) + ")\n"
	require.NoError(t, os.WriteFile(filepath.Join(corpus, "found"), []byte(text), 0o666))
	run := func(env ...string) string {
		c := exec.Command(binary, "-test.run=^FuzzFour$")
		c.Dir, c.Env = dir, append(os.Environ(), env...)
		out, _ := c.CombinedOutput()
		return string(out)
	}
	first := run()
	assert.Contains(t, first, "--- FAIL: FuzzFour/found")
	assert.Contains(t, first, "failed assertion at planted_test.go:")
	assert.Contains(t, first, "does not show it.")
	assert.Contains(t, first, "Found by an input of the fuzz target, on a schedule with")
	traces, err := filepath.Glob(filepath.Join(dir, "testdata", "ravel", "FuzzFour", "*.trace"))
	require.NoError(t, err)
	require.Len(t, traces, 1)

	require.NoError(t, os.RemoveAll(corpus))
	again := run("RAVEL_REPLAY=" + traces[0])
	assert.Contains(t, again, "failed assertion at planted_test.go:")
	assert.Contains(t, run(), "failed assertion at planted_test.go:", "the saved trace is tried first")
}

// BenchmarkFuzzCoverage fuzzes the planted bug twice: with interleavings as coverage,
// until it is found, and then without, for as many executions. It reports how many
// that were, and in how many of the two it was found.
func BenchmarkFuzzCoverage(b *testing.B) {
	binary := planted(b, "-fuzz=FuzzFour")
	fuzz := func(coverage, limit string) (execs int, found bool) {
		c := exec.Command(binary, "-test.run=^$", "-test.fuzz=^FuzzFour$", "-test.fuzzcachedir="+b.TempDir(),
			"-test.fuzzminimizetime=20x", "-test.fuzztime="+limit)
		c.Dir, c.Env = b.TempDir(), append(os.Environ(), "RAVEL_COVERAGE="+coverage)
		out, _ := c.CombinedOutput()
		all := regexp.MustCompile(`execs: (\d+)`).FindAllSubmatch(out, -1)
		require.NotEmpty(b, all, "%s", out)
		execs, _ = strconv.Atoi(string(all[len(all)-1][1]))
		return execs, strings.Contains(string(out), "Failing input written")
	}
	for b.Loop() {
		execs, with := fuzz("1", "60s")
		_, without := fuzz("0", strconv.Itoa(execs)+"x")
		b.ReportMetric(float64(execs), "execs")
		b.ReportMetric(float64(btoi(with)), "found-with")
		b.ReportMetric(float64(btoi(without)), "found-without")
	}
}
