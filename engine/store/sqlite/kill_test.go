package sqlite_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/engine/store/sqlite"
	"github.com/ravelgo/ravel/sched"
)

const (
	killedRuns = 4
	childEnv   = "RAVEL_SQLITE_CHILD" // the file and the round of a child, by a comma
)

// TestKill kills a process that writes to several runs, again and again, each
// time at another instant, and looks at what it has left: every batch that was
// acknowledged, and no part of another one.
func TestKill(t *testing.T) {
	rounds := 30
	if os.Getenv("RAVEL_SOAK") != "" {
		rounds = 200
	}
	path := filepath.Join(t.TempDir(), "runs.db")
	random := rand.New(rand.NewPCG(1, 2)) // only how many writes come before the kill
	acknowledged := map[string]int{}
	for round := range rounds {
		writeAndKill(t, path, round, random.IntN(80), acknowledged)
		checkWhole(t, path, acknowledged)
	}
	total := 0
	for _, n := range acknowledged {
		total += n
	}
	t.Logf("%d kills, %d batches acknowledged", rounds, total)
	checkIntegrity(t, path)
}

// writeAndKill starts a child and kills it when it has acknowledged some batches.
func writeAndKill(t *testing.T, path string, round, batches int, acknowledged map[string]int) {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	child := exec.CommandContext(t.Context(), program, "-test.run=^TestChild$")
	child.Env = append(os.Environ(), fmt.Sprintf("%s=%d,%s", childEnv, round, path))
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	for lines := bufio.NewScanner(out); lines.Scan(); batches-- {
		if batches == 0 {
			require.NoError(t, child.Process.Kill())
		}
		var id string
		var n int
		_, err := fmt.Sscanf(lines.Text(), "kept %s %d", &id, &n)
		require.NoError(t, err, lines.Text())
		acknowledged[id] = max(acknowledged[id], n)
	}
	var exit *exec.ExitError
	require.ErrorAs(t, child.Wait(), &exit)
	require.Equal(t, -1, exit.ExitCode(), "the child has ended by itself")
}

// checkWhole opens the file as the next process does.
func checkWhole(t *testing.T, path string, acknowledged map[string]int) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	require.NoError(t, err)
	defer s.Close()
	for id, n := range acknowledged {
		saved, err := s.Load(t.Context(), id)
		require.NoError(t, err)
		kept := saved.Checkpoint.Number
		require.GreaterOrEqual(t, kept, n, "run %s: an acknowledged checkpoint is lost", id)
		events, err := s.Events(t.Context(), id)
		require.NoError(t, err)
		require.Len(t, events, 2*kept, "run %s", id)
		require.Len(t, saved.Items, kept, "run %s", id)
		require.Equal(t, uint64(2*kept), saved.Run.LastSeq, "run %s", id)
		require.Equal(t, batchOf(id, kept).Checkpoint.State, saved.Checkpoint.State)
	}
}

func checkIntegrity(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	defer db.Close()
	var result string
	require.NoError(t, db.QueryRow("PRAGMA integrity_check").Scan(&result))
	assert.Equal(t, "ok", result)
	assert.ErrorIs(t, db.QueryRow("PRAGMA foreign_key_check").Scan(&result), sql.ErrNoRows)
}

// TestChild is the process that is killed.
func TestChild(t *testing.T) {
	arg := os.Getenv(childEnv)
	if arg == "" {
		t.Skip("a part of TestKill")
	}
	var round int
	var path string
	_, err := fmt.Sscanf(arg, "%d,%s", &round, &path)
	require.NoError(t, err)
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	require.NoError(t, err)
	g, ctx := sched.NewGroup(t.Context())
	for i := range killedRuns {
		g.Go(func() error { return writeForEver(ctx, s, "run-"+strconv.Itoa(i), round) })
	}
	t.Fatal(g.Wait())
}

// writeForEver goes on with a run from its last checkpoint, and says what was
// kept on standard output.
func writeForEver(ctx context.Context, s *sqlite.Store, id string, round int) error {
	now := time.Unix(0, 0).Add(time.Duration(round) * time.Hour)
	c := store.Claim{Owner: strconv.Itoa(round), Now: now, TTL: time.Minute, Run: store.Run{ID: id, RootID: id, Status: store.Running}}
	l, err := s.Claim(ctx, c)
	if errors.Is(err, store.ErrRunExists) {
		c.Resume = true
		l, err = s.Claim(ctx, c)
	}
	if err != nil {
		return err
	}
	saved, err := s.Load(ctx, id)
	for n := saved.Checkpoint.Number + 1; err == nil; n++ {
		if err = s.Append(ctx, l, batchOf(id, n)); err == nil {
			_, err = fmt.Printf("kept %s %d\n", id, n)
		}
	}
	return err
}

// batchOf returns the n-th batch of a run, from 1: two events, an item and a
// checkpoint of several pages.
func batchOf(id string, n int) store.Batch {
	state := make([]byte, 10_000)
	for i := range state {
		state[i] = byte(n + i)
	}
	return store.Batch{
		Events:     []store.Event{{Seq: uint64(2*n - 1), RunID: id}, {Seq: uint64(2 * n), RunID: id}},
		Checkpoint: &store.Checkpoint{Number: n, State: state},
		Items:      []store.Item{{Owner: store.Owner{RunID: id}, Index: n, Status: "ok"}},
	}
}
