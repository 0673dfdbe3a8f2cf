//go:build linux

package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/engine/store/postgres"
	"github.com/ravelgo/ravel/sched"
)

// TestServerCrash ends a server in the middle of appends, as a crash does, and
// looks at what it has when it has started again: every batch that was
// acknowledged, at most one more, and no part of one.
func TestServerCrash(t *testing.T) {
	url(t) // skips without PostgreSQL
	server, err := newServer()
	require.NoError(t, err)
	defer server.remove()
	acknowledged := make([]int, 4)
	for round := range 3 {
		require.NoError(t, server.start())
		s, err := postgres.Open(t.Context(), server.url(), postgres.Options{})
		require.NoError(t, err)
		checkWhole(t, s, acknowledged)
		written := sched.NewChan[struct{}](1000)
		var g sched.Group
		for i := range acknowledged {
			l, first := takeOver(t, s, i, round)
			acknowledged[i] = first - 1 // which was read
			g.Go(func() error {
				return writeUntilCrash(s, l, first, func(n int) {
					acknowledged[i] = n
					sched.TrySelect(written.Sending(struct{}{}))
				})
			})
		}
		for range 50 {
			written.Recv()
		}
		server.stop()
		require.NoError(t, g.Wait())
		require.NoError(t, s.Close())
	}
	require.NoError(t, server.start())
	defer server.stop()
	s, err := postgres.Open(t.Context(), server.url(), postgres.Options{})
	require.NoError(t, err)
	defer s.Close()
	checkWhole(t, s, acknowledged)
	t.Log("batches acknowledged:", acknowledged)
}

// takeOver claims a run, the later the higher the number of the round is, and
// returns the number of its next checkpoint.
func takeOver(t *testing.T, s *postgres.Store, run, round int) (store.Lease, int) {
	t.Helper()
	c := newClaim(fmt.Sprint(run))
	c.Resume, c.Owner, c.Now = round > 0, fmt.Sprint(round), noon.AddDate(0, 0, round)
	l, err := s.Claim(t.Context(), c)
	require.NoError(t, err)
	saved, err := s.Load(t.Context(), l.RunID)
	require.NoError(t, err)
	return l, saved.Checkpoint.Number + 1
}

// writeUntilCrash appends to a run until that fails. It says so for each that does
// not.
func writeUntilCrash(s *postgres.Store, l store.Lease, first int, acknowledged func(n int)) error {
	for n := first; ; n++ {
		err := s.Append(context.Background(), l, store.Batch{
			Events:     []store.Event{{Seq: uint64(2*n - 1)}, {Seq: uint64(2 * n)}},
			Checkpoint: &store.Checkpoint{Number: n},
			Items:      []store.Item{{Owner: store.Owner{RunID: l.RunID}, Index: n}},
		})
		if errors.Is(err, store.ErrFenced) {
			return err
		}
		if err != nil {
			return nil // the server has gone
		}
		acknowledged(n)
	}
}

func checkWhole(t *testing.T, s *postgres.Store, acknowledged []int) {
	t.Helper()
	for i, n := range acknowledged {
		if n == 0 {
			continue
		}
		saved, err := s.Load(t.Context(), fmt.Sprint(i))
		require.NoError(t, err)
		kept := saved.Checkpoint.Number
		assert.GreaterOrEqual(t, kept, n, "an acknowledged checkpoint is lost")
		assert.LessOrEqual(t, kept, n+1)
		events, err := s.Events(t.Context(), fmt.Sprint(i))
		require.NoError(t, err)
		assert.Len(t, events, 2*kept)
		assert.Len(t, saved.Items, kept)
	}
}
