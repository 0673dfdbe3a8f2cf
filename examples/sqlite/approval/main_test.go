package main

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/engine/store/sqlite"
)

// killEnv is a text: a child that has printed it waits until it is killed.
const killEnv = "RAVEL_APPROVAL_KILL"

// The test binary is the program, too, if it is told when it will be killed.
func TestMain(m *testing.M) {
	text, child := os.LookupEnv(killEnv)
	if !child {
		os.Exit(m.Run())
	}
	if err := run(context.Background(), os.Args[1:], waiting(text)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// waiting is standard output, until something has this text.
type waiting string

func (w waiting) Write(b []byte) (int, error) {
	n, err := os.Stdout.Write(b)
	if w != "" && strings.Contains(string(b), string(w)) {
		time.Sleep(time.Hour)
	}
	return n, err
}

// office is the directory that the processes of a test share.
type office string

// command returns a process that runs the program, until it is killed or its end.
func (o office) command(t *testing.T, kill string, args ...string) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	child := exec.CommandContext(t.Context(), program, append([]string{"-dir", string(o)}, args...)...)
	child.Env = append(os.Environ(), killEnv+"="+kill)
	return child
}

// run runs a process to its end and returns what it printed.
func (o office) run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	out, err := o.command(t, "", args...).CombinedOutput()
	return string(out), err
}

// kill runs a process, kills it when it has printed text, and returns what it printed.
func (o office) kill(t *testing.T, text string, args ...string) string {
	t.Helper()
	child := o.command(t, text, args...)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	var all strings.Builder
	for lines := bufio.NewScanner(out); lines.Scan(); {
		fmt.Fprintln(&all, lines.Text())
		if strings.Contains(lines.Text(), text) {
			require.NoError(t, child.Process.Kill())
		}
	}
	var exit *exec.ExitError
	require.ErrorAs(t, child.Wait(), &exit)
	require.Equal(t, -1, exit.ExitCode(), "the process has ended by itself")
	return all.String()
}

// wait does what half a minute does: the lease of a killed process ends.
func (o office) wait(t *testing.T) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(string(o), "runs.db"))
	require.NoError(t, err)
	defer db.Close()
	_, err = db.Exec("UPDATE runs SET lease_until = started_at WHERE lease_until IS NOT NULL")
	require.NoError(t, err)
}

// payments returns what the bank has in its books.
func (o office) payments(t *testing.T) (n, cents int) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(string(o), "bank.db"))
	require.NoError(t, err)
	defer db.Close()
	require.NoError(t, db.QueryRow("SELECT count(*), sum(cents) FROM payments").Scan(&n, &cents))
	return n, cents
}

// Three processes are killed: when the run is suspended, when the bank has paid and
// the run does not know yet, and when the run has come to its end. Each next one
// finds what the one before has done, and does what is left.
func TestKilled(t *testing.T) {
	o := office(t.TempDir())
	out := o.kill(t, "suspended", "start", "Ada", "train to Oslo", "79.90")
	id, rest, _ := strings.Cut(out, " ")
	assert.Equal(t, "suspended: waits for approval\n", rest)
	out, err := o.run(t, "list")
	require.NoError(t, err, out)
	assert.Equal(t, id+"  suspended    Ada, train to Oslo, 79.90; done: [prepare]\n", out)

	o.kill(t, "has paid 79.90 to Ada", "approve", id, "Grace")
	out, err = o.run(t, "resume", id)
	require.Error(t, err)
	assert.Contains(t, out, "died less than half a minute ago")
	o.wait(t)
	out, err = o.run(t, "list")
	require.NoError(t, err, out)
	assert.Equal(t, id+"  interrupted  Ada, train to Oslo, 79.90; done: [prepare approve]\n", out)

	out = o.kill(t, "success", "resume", id)
	assert.Equal(t, "the bank had already paid 79.90 to Ada\n"+id+" success\n", out)
	out, err = o.run(t, "approve", id, "Linus")
	require.Error(t, err)
	assert.Contains(t, out, "cannot be resumed")

	n, cents := o.payments(t)
	assert.Equal(t, [2]int{1, 7990}, [2]int{n, cents})
	o.checkRun(t, id)
}

// checkRun looks at what the store has of the run: what it knew to be done was not
// begun again.
func (o office) checkRun(t *testing.T, id string) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(string(o), "runs.db"), sqlite.Options{})
	require.NoError(t, err)
	defer s.Close()
	e, err := pipeline(nil, byInvocation).Load(t.Context(), s, id)
	require.NoError(t, err)
	assert.Equal(t, &Expense{Who: "Ada", What: "train to Oslo", Cents: 7990, Approver: "Grace", Receipt: e.Receipt,
		Steps: []string{"prepare", "approve", "pay", "file"}}, e)
	assert.Contains(t, e.Receipt, id)

	events, err := s.Events(t.Context(), id, string(event.StepStart))
	require.NoError(t, err)
	started := map[string]int{}
	for _, e := range events {
		started[e.Node]++
	}
	// Whether the killed process had kept that it began to pay is not certain: what a
	// store is told of a step may come after the step.
	assert.Contains(t, []int{1, 2}, started["pay"])
	delete(started, "pay")
	assert.Equal(t, map[string]int{"prepare": 1, "approve": 2, "file": 1}, started)
}

// What is wrong is said, and begins no run.
func TestMistakes(t *testing.T) {
	t.Chdir(t.TempDir())
	const dir = "a b/c" // which is made
	for _, args := range [][]string{nil, {"pay"}, {"start", "Ada"}, {"-fast", "list"}, {"list", "all"}} {
		assert.ErrorIs(t, run(t.Context(), append([]string{"-dir", dir}, args...), &bytes.Buffer{}), errUsage, "%v", args)
	}
	for want, args := range map[string][]string{
		`"much" is no amount`:       {"start", "Ada", "train", "much"},
		"-500 cents are no":         {"start", "Ada", "train", "-5"},
		"unknown run":               {"approve", "nosuch", "Grace"},
		`unknown run: "nosuch too"`: {"resume", "nosuch too"},
	} {
		assert.ErrorContains(t, run(t.Context(), append([]string{"-dir", dir}, args...), &bytes.Buffer{}), want)
	}
	var out strings.Builder
	require.NoError(t, run(t.Context(), []string{"-dir", dir, "list"}, &out))
	assert.Equal(t, 1, strings.Count(out.String(), "\n"), out.String()) // the one that failed
}
