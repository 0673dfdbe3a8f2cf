package check_test

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
)

// endlessEnv makes this test binary search for ever.
const endlessEnv = "RAVEL_TEST_ENDLESS"

// TestEndless is run by TestInterrupt in a process of its own, and interrupted.
func TestEndless(t *testing.T) {
	if os.Getenv(endlessEnv) == "" {
		t.Skip("run by TestInterrupt")
	}
	os.Stdout.WriteString("ready\n")
	for range 2 { // the second one ends at once
		check.Config{Time: time.Hour, Dir: t.TempDir()}.Run(t, workers(careless, 5))
	}
}

// An interrupt ends the search, and what it has found is reported.
func TestInterrupt(t *testing.T) {
	exe, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(exe, "-test.run=^TestEndless$", "-test.timeout=1m")
	cmd.Env = append(os.Environ(), endlessEnv+"=1")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(out)
	require.True(t, lines.Scan())
	require.Equal(t, "ready", lines.Text())
	time.Sleep(200 * time.Millisecond) // some runs
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	var all strings.Builder
	for lines.Scan() {
		all.WriteString(lines.Text() + "\n")
	}
	require.Error(t, cmd.Wait())
	assert.Contains(t, all.String(), "lost update on State.Counter")
	assert.Contains(t, all.String(), "; stopped by an interrupt")
	assert.Regexp(t, `interrupted after \d+ schedules`, all.String())
	assert.Contains(t, all.String(), "interrupted before the search\n")
	assert.Contains(t, all.String(), "--- FAIL: TestEndless")
}
