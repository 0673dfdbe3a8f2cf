package sqlite

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine/store"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func newStore(t testing.TB) *Store {
	t.Helper()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "runs.db"), Options{})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

func claim(t testing.TB, s *Store, id string) store.Lease {
	t.Helper()
	l, err := s.Claim(t.Context(), store.Claim{Owner: "me", Now: noon, TTL: time.Hour, Run: store.Run{ID: id, RootID: id}})
	require.NoError(t, err)
	return l
}

// plan returns a write that adds a row to the table of plans, and then fails with
// err.
func plan(hash string, err error) *write {
	return &write{done: make(chan error, 1), do: func(t *tx) error {
		return errors.Join(t.run(fmt.Sprintf("INSERT INTO plans VALUES ('%s', '', 'x', 0)", hash)), err)
	}}
}

func kept(t *testing.T, s *Store, hash string) bool {
	t.Helper()
	data, err := s.Plan(t.Context(), hash)
	require.NoError(t, err)
	return data != nil
}

func TestRefusedWriteLeavesItsGroup(t *testing.T) {
	s := newStore(t)
	bad := errors.New("bad")
	group := []*write{plan("a", nil), plan("b", bad), plan("c", nil), plan("a", nil), plan("d", nil)}
	s.writer.commit(group) // its goroutine waits
	for i, want := range []string{"a", "", "c", "", "d"} {
		err := <-group[i].done
		assert.Equal(t, want != "", err == nil, "%d: %v", i, err)
	}
	for hash, want := range map[string]bool{"a": true, "b": false, "c": true, "d": true} {
		assert.Equal(t, want, kept(t, s, hash), hash)
	}
}

func TestLostTransactionIsAnErrorOfAll(t *testing.T) {
	s := newStore(t)
	lose := &write{done: make(chan error, 1), do: func(t *tx) error { return t.run("ROLLBACK") }}
	group := []*write{plan("a", nil), lose, plan("b", nil)}
	s.writer.commit(group)
	for _, one := range group {
		assert.Error(t, <-one.done)
	}
	assert.False(t, kept(t, s, "a") || kept(t, s, "b"))
	claim(t, s, "later")
}

func TestWritesThatWaitAreOneGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &writer{queue: make(chan *write), most: 8}
		for range 11 {
			go func() { w.queue <- &write{} }()
		}
		synctest.Wait()
		assert.Len(t, w.gather(<-w.queue), 8)
		assert.Len(t, w.gather(<-w.queue), 3)
	})
}

// TestPragmas looks at what durability, cascades and speed hang on.
func TestPragmas(t *testing.T) {
	s := newStore(t)
	for name, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "temp_store": "2",
		"busy_timeout": "10000"} {
		var got string
		require.NoError(t, s.writer.tx.conn.QueryRowContext(t.Context(), "PRAGMA "+name).Scan(&got))
		assert.Equal(t, want, got, name)
	}
	_, err := s.reads.ExecContext(t.Context(), "DELETE FROM runs")
	assert.ErrorContains(t, err, "readonly")
}
