//go:build linux

package postgres_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/engine/store/postgres"
	"github.com/ravelgo/ravel/engine/store/storetest"
	"github.com/ravelgo/ravel/sched"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

var schemas atomic.Int64

// newSchema returns the name of one that nobody has used, which needs quotes.
func newSchema() string { return fmt.Sprintf(`Test "%d"`, schemas.Add(1)) }

func open(t testing.TB, schema string) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), url(t), postgres.Options{Schema: schema})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

// raw connects to a schema without package postgres.
func raw(t testing.TB, schema string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url(t))
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, conn.Close(context.Background())) })
	_, err = conn.Exec(t.Context(), "SET search_path = "+pgx.Identifier{schema}.Sanitize())
	require.NoError(t, err)
	return conn
}

func TestStore(t *testing.T) {
	var schemas sync.Map // of stores
	remember := func(t *testing.T, schema string) storetest.Store {
		s := open(t, schema)
		schemas.Store(s, schema)
		return s
	}
	storetest.Test(t, storetest.Options{
		Open: func(t *testing.T) storetest.Store { return remember(t, newSchema()) },
		Reopen: func(t *testing.T, crashed storetest.Store) storetest.Store {
			schema, _ := schemas.Load(crashed)
			return remember(t, schema.(string))
		},
	})
}

func TestClosed(t *testing.T) {
	ctx := t.Context()
	s := open(t, newSchema())
	l, err := s.Claim(ctx, newClaim("a"))
	require.NoError(t, err)
	require.NoError(t, s.Close())
	calls := map[string]func() error{
		"Claim":     func() error { _, err := s.Claim(ctx, newClaim("b")); return err },
		"ClaimNext": func() error { _, _, err := s.ClaimNext(ctx, next("one")); return err },
		"Append":    func() error { return s.Append(ctx, l, store.Batch{}) },
		"Load":      func() error { _, err := s.Load(ctx, "a"); return err },
		"Runs":      func() error { _, err := s.Runs(ctx, store.Query{}); return err },
		"Events":    func() error { _, err := s.Events(ctx, "a"); return err },
		"Plan":      func() error { _, err := s.Plan(ctx, "p"); return err },
		"Delete":    func() error { return s.Delete(ctx, "a", noon) },
	}
	for name, call := range calls {
		assert.ErrorIs(t, call(), postgres.ErrClosed, name)
	}
	assert.NoError(t, s.Close(), "again")
}

func TestOpen(t *testing.T) {
	_, err := postgres.Open(t.Context(), url(t), postgres.Options{MaxConns: -1})
	assert.EqualError(t, err, "postgres: MaxConns is -1, want 0 (default) or more")
	_, err = postgres.Open(t.Context(), "host=/no/such", postgres.Options{})
	assert.ErrorContains(t, err, "postgres: open: ")
	_, err = postgres.Open(t.Context(), url(t), postgres.Options{Schema: "pg_mine"})
	assert.ErrorContains(t, err, "unacceptable schema name")

	s, err := postgres.Open(t.Context(), url(t), postgres.Options{MaxConns: 1})
	require.NoError(t, err)
	defer s.Close()
	var n int
	require.NoError(t, raw(t, "ravel").QueryRow(t.Context(), "SELECT count(*) FROM ravel.runs").Scan(&n))
	assert.Zero(t, n)
}

// TestOpenAtOnce has several processes make the tables.
func TestOpenAtOnce(t *testing.T) {
	schema := newSchema()
	g, ctx := sched.NewGroup(t.Context())
	for range 5 {
		g.Go(func() error {
			s, err := postgres.Open(ctx, url(t), postgres.Options{Schema: schema, MaxConns: 1})
			if err != nil {
				return err
			}
			return s.Close()
		})
	}
	require.NoError(t, g.Wait())
}

func TestNewerVersionIsRefused(t *testing.T) {
	schema := newSchema()
	open(t, schema)
	_, err := raw(t, schema).Exec(t.Context(), "UPDATE schema_version SET version = 99")
	require.NoError(t, err)
	_, err = postgres.Open(t.Context(), url(t), postgres.Options{Schema: schema})
	assert.EqualError(t, err, fmt.Sprintf("postgres: open: schema %q has version 99, this program knows versions up to 1", schema))
}

// TestDurable tests that a database which does not wait for the disk is made to.
func TestDurable(t *testing.T) {
	s, err := postgres.Open(t.Context(), url(t)+" synchronous_commit=off", postgres.Options{Schema: newSchema(), MaxConns: 1})
	require.NoError(t, err)
	defer s.Close()
	assert.Equal(t, "on", s.Setting(t, "synchronous_commit"))
}

// TestWhatIsLeft looks at the tables: the last two checkpoints of a run are kept,
// and nothing of one that was deleted.
func TestWhatIsLeft(t *testing.T) {
	schema := newSchema()
	s := open(t, schema)
	l, err := s.Claim(t.Context(), newClaim("a"))
	require.NoError(t, err)
	for n := 1; n <= 5; n++ {
		require.NoError(t, s.Append(t.Context(), l, store.Batch{
			Events:     []store.Event{{Seq: uint64(n), RunID: "a"}},
			Checkpoint: &store.Checkpoint{Number: n, State: []byte("four")},
			Items:      []store.Item{{Owner: store.Owner{RunID: "a"}, Index: n}},
			Runs:       []store.Run{{ID: fmt.Sprint("a/", n), RootID: "a"}},
		}))
	}
	conn := raw(t, schema)
	count := func(table string) (n int) {
		require.NoError(t, conn.QueryRow(t.Context(), "SELECT count(*) FROM "+table).Scan(&n))
		return n
	}
	assert.Equal(t, 2, count("checkpoints"))
	assert.Equal(t, 2, count("checkpoints WHERE number >= 4 AND bytes = 4"))
	require.NoError(t, s.Delete(t.Context(), "a", noon.Add(time.Hour)))
	for _, table := range []string{"runs", "events", "checkpoints", "items"} {
		assert.Zero(t, count(table), table)
	}
}
