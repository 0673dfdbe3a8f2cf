package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/engine/store/sqlite"
	"github.com/ravelgo/ravel/sched"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func newClaim(id, owner string) store.Claim {
	return store.Claim{Owner: owner, Now: noon, TTL: time.Minute, Run: store.Run{ID: id, RootID: id, Status: store.Running}}
}

// raw opens a file without package sqlite.
func raw(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	return db
}

func TestClosed(t *testing.T) {
	ctx := t.Context()
	s, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "runs.db"), sqlite.Options{})
	require.NoError(t, err)
	l, err := s.Claim(ctx, newClaim("a", "one"))
	require.NoError(t, err)
	require.NoError(t, s.Close())
	calls := map[string]func() error{
		"Claim":  func() error { _, err := s.Claim(ctx, newClaim("b", "one")); return err },
		"Append": func() error { return s.Append(ctx, l, store.Batch{}) },
		"Load":   func() error { _, err := s.Load(ctx, "a"); return err },
		"Runs":   func() error { _, err := s.Runs(ctx, store.Query{}); return err },
		"Events": func() error { _, err := s.Events(ctx, "a"); return err },
		"Plan":   func() error { _, err := s.Plan(ctx, "p"); return err },
		"Delete": func() error { return s.Delete(ctx, "a", noon) },
	}
	for name, call := range calls {
		assert.ErrorIs(t, call(), sqlite.ErrClosed, name)
	}
	assert.NoError(t, s.Close(), "again")
}

// TestCloseAmongWrites closes a store that is written to: each call returns, and
// what was acknowledged is there.
func TestCloseAmongWrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs.db")
	s := open(t, path)
	kept := make([]int, 8)
	var g sched.Group
	begun := sched.NewChan[int](len(kept))
	for i := range kept {
		l, err := s.Claim(t.Context(), newClaim(fmt.Sprint(i), "one"))
		require.NoError(t, err)
		g.Go(func() error {
			for n := 1; ; n++ {
				if err := s.Append(t.Context(), l, batchOf(l.RunID, n)); err != nil {
					return err
				}
				if kept[i] = n; n == 1 {
					begun.Send(i)
				}
			}
		})
	}
	for range kept {
		begun.Recv()
	}
	require.NoError(t, s.Close())
	assert.ErrorIs(t, g.Wait(), sqlite.ErrClosed)
	again := open(t, path)
	for i, n := range kept {
		saved, err := again.Load(t.Context(), fmt.Sprint(i))
		require.NoError(t, err)
		assert.Equal(t, n, saved.Checkpoint.Number)
	}
}

func TestNewerVersionIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs.db")
	require.NoError(t, open(t, path).Close())
	_, err := raw(t, path).Exec("PRAGMA user_version = 99")
	require.NoError(t, err)
	_, err = sqlite.Open(t.Context(), path, sqlite.Options{})
	assert.EqualError(t, err, "sqlite: open "+path+": the file has version 99, this program knows versions up to 1")
}

func TestOtherFilesAreRefused(t *testing.T) {
	dir := t.TempDir()
	other := filepath.Join(dir, "other.db")
	_, err := raw(t, other).Exec("CREATE TABLE runs (x)")
	require.NoError(t, err)
	text := filepath.Join(dir, "text")
	require.NoError(t, os.WriteFile(text, make([]byte, 5000), 0o600))
	for path, want := range map[string]string{
		other:                               "a database of another program",
		text:                                "not a database",
		filepath.Join(dir, "no", "such.db"): "open",
		"":                                  "path is empty",
	} {
		_, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		assert.ErrorContains(t, err, want)
	}
	_, err = sqlite.Open(t.Context(), filepath.Join(dir, "new.db"), sqlite.Options{Readers: -1})
	assert.EqualError(t, err, "sqlite: Readers is -1, want 0 (4) or more")
	_, err = sqlite.Open(t.Context(), filepath.Join(dir, "new.db"), sqlite.Options{BusyTimeout: -1})
	assert.ErrorContains(t, err, "BusyTimeout is -1ns")
}

func TestPathIsTakenAsItIs(t *testing.T) {
	for _, name := range []string{"a b.db", "a?mode=ro.db", "a#b%20c.db", "é;'\"&_pragma=query_only(1).db"} {
		path := filepath.Join(t.TempDir(), name)
		s := open(t, path)
		_, err := s.Claim(t.Context(), newClaim("a", "one"))
		require.NoError(t, err)
		assert.FileExists(t, path)
		_, err = open(t, path).Load(t.Context(), "a")
		assert.NoError(t, err)
	}
}

// TestSeveralStores has stores race for runs of one file, as several processes do.
func TestSeveralStores(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs.db")
	const rounds = 20
	won := make([]int, 3)
	g, ctx := sched.NewGroup(t.Context())
	for i := range won {
		g.Go(func() error { // opening is a part of the race
			s, err := sqlite.Open(ctx, path, sqlite.Options{})
			if err != nil {
				return err
			}
			for round := range rounds {
				l, err := s.Claim(ctx, newClaim(fmt.Sprint(round), fmt.Sprint(i)))
				if errors.Is(err, store.ErrRunExists) {
					continue
				}
				if err == nil {
					err = s.Append(ctx, l, batchOf(l.RunID, 1))
				}
				if err != nil {
					return errors.Join(err, s.Close())
				}
				won[i]++
			}
			return s.Close()
		})
	}
	require.NoError(t, g.Wait())
	assert.Equal(t, rounds, won[0]+won[1]+won[2])
}

func TestBusyTimeout(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs.db")
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{BusyTimeout: time.Millisecond})
	require.NoError(t, err)
	defer s.Close()
	other, err := raw(t, path).Conn(t.Context())
	require.NoError(t, err)
	defer other.Close()
	_, err = other.ExecContext(t.Context(), "BEGIN IMMEDIATE")
	require.NoError(t, err)
	_, err = s.Claim(t.Context(), newClaim("a", "one"))
	assert.ErrorContains(t, err, "locked")
	_, err = other.ExecContext(context.Background(), "ROLLBACK")
	require.NoError(t, err)
	_, err = s.Claim(t.Context(), newClaim("a", "one"))
	assert.NoError(t, err)
}

// TestWritersExcludeEachOther has another store try to write between what a claim
// reads and what it writes.
func TestWritersExcludeEachOther(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs.db")
	s := open(t, path)
	other, err := sqlite.Open(t.Context(), path, sqlite.Options{BusyTimeout: time.Millisecond})
	require.NoError(t, err)
	defer other.Close()
	require.NoError(t, s.Within(t.Context(), func() {
		_, err := other.Claim(t.Context(), newClaim("a", "one"))
		assert.ErrorContains(t, err, "locked")
	}))
	_, err = other.Claim(t.Context(), newClaim("a", "one"))
	assert.NoError(t, err)
}

// TestWhatIsLeft looks at the tables: the last two checkpoints of a run are kept,
// and nothing of one that was deleted.
func TestWhatIsLeft(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs.db")
	s := open(t, path)
	l, err := s.Claim(t.Context(), newClaim("a", "one"))
	require.NoError(t, err)
	for n := 1; n <= 5; n++ {
		b := batchOf("a", n)
		b.Runs = []store.Run{{ID: fmt.Sprint("a/", n), RootID: "a"}}
		require.NoError(t, s.Append(t.Context(), l, b))
	}
	db := raw(t, path)
	count := func(table string) (n int) {
		require.NoError(t, db.QueryRow("SELECT count(*) FROM "+table).Scan(&n))
		return n
	}
	assert.Equal(t, 2, count("checkpoints"))
	assert.Equal(t, 2, count("checkpoints WHERE number >= 4 AND bytes = 10000"))
	require.NoError(t, s.Delete(t.Context(), "a", noon.Add(time.Hour)))
	for _, table := range []string{"runs", "events", "checkpoints", "items"} {
		assert.Zero(t, count(table), table)
	}
}
