//go:build linux

package postgres_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/engine/store/postgres"
	"github.com/ravelgo/ravel/sched"
)

func newClaim(id string) store.Claim {
	return store.Claim{
		Owner: "first", Now: noon, TTL: time.Minute,
		Run: store.Run{ID: id, RootID: id, PlanHash: "plan-1", Status: store.Running, Started: noon},
	}
}

// next asks for a run an hour after noon.
func next(owner string) postgres.NextClaim {
	return postgres.NextClaim{Owner: owner, Now: noon.Add(time.Hour), TTL: time.Minute}
}

// ended makes a run that has ended some seconds after noon.
func ended(t *testing.T, s *postgres.Store, id string, status store.Status, seconds int) {
	t.Helper()
	c := newClaim(id)
	l, err := s.Claim(t.Context(), c)
	require.NoError(t, err)
	c.Run.Status, c.Run.Ended = status, noon.Add(time.Duration(seconds)*time.Second)
	require.NoError(t, s.Append(t.Context(), l, store.Batch{Runs: []store.Run{c.Run}, Release: true}))
}

func TestClaimNext(t *testing.T) {
	s := open(t, newSchema())
	_, _, err := s.ClaimNext(t.Context(), next("one"))
	require.ErrorIs(t, err, postgres.ErrNoRun)

	_, err = s.Claim(t.Context(), newClaim("interrupted")) // a minute after noon
	require.NoError(t, err)
	ended(t, s, "late", store.Suspended, 61)
	ended(t, s, "early", store.Suspended, 59)
	for _, status := range []store.Status{store.Success, store.Stopped, store.Failed, store.Cancelled, store.Closed, store.TimedOut} {
		ended(t, s, string(status), status, 1)
	}
	c := newClaim("held")
	c.Now = noon.Add(time.Hour)
	_, err = s.Claim(t.Context(), c)
	require.NoError(t, err)

	for _, want := range []string{"early", "interrupted", "late"} {
		l, saved, err := s.ClaimNext(t.Context(), next("one"))
		require.NoError(t, err)
		assert.Equal(t, store.Lease{RunID: want, Owner: "one", Fence: 2, Until: noon.Add(time.Hour + time.Minute)}, l)
		loaded, err := s.Load(t.Context(), want)
		require.NoError(t, err)
		assert.Equal(t, loaded, saved)
		assert.Equal(t, store.Running, saved.Run.Status)
		require.NoError(t, s.Append(t.Context(), l, store.Batch{Events: []store.Event{{Seq: 1}}}))
	}
	_, _, err = s.ClaimNext(t.Context(), next("one"))
	assert.ErrorIs(t, err, postgres.ErrNoRun)
	_, _, err = s.ClaimNext(cancelled(), next("one"))
	assert.ErrorIs(t, err, cancelled().Err())
}

func TestClaimNextSelects(t *testing.T) {
	s := open(t, newSchema())
	ended(t, s, "suspended", store.Suspended, 1)
	_, err := s.Claim(t.Context(), newClaim("interrupted"))
	require.NoError(t, err)
	get := func(change func(*postgres.NextClaim)) (string, error) {
		n := next("one")
		change(&n)
		l, _, err := s.ClaimNext(t.Context(), n)
		return l.RunID, err
	}
	_, err = get(func(n *postgres.NextClaim) { n.Plans = []string{"plan-2", "plan-3"} })
	assert.ErrorIs(t, err, postgres.ErrNoRun)
	_, err = get(func(n *postgres.NextClaim) { n.Status = store.Failed })
	assert.ErrorContains(t, err, `NextClaim.Status is "failed"`)
	_, err = get(func(n *postgres.NextClaim) { n.TTL = 0 })
	assert.ErrorContains(t, err, "TTL 0s")
	_, err = get(func(n *postgres.NextClaim) { n.Now = time.Time{} })
	assert.ErrorContains(t, err, "NextClaim.Now is 0001")
	id, err := get(func(n *postgres.NextClaim) { n.Status = store.Interrupted })
	require.NoError(t, err)
	assert.Equal(t, "interrupted", id)
	id, err = get(func(n *postgres.NextClaim) { n.Status, n.Plans = store.Suspended, []string{"plan-2", "plan-1"} })
	require.NoError(t, err)
	assert.Equal(t, "suspended", id)
}

// TestClaimNextDoesNotWait has another transaction hold the first run in line.
func TestClaimNextDoesNotWait(t *testing.T) {
	schema := newSchema()
	s := open(t, schema)
	ended(t, s, "a", store.Suspended, 1)
	ended(t, s, "b", store.Suspended, 2)
	tx, err := raw(t, schema).Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), "SELECT FROM runs WHERE run_id = 'a' FOR UPDATE")
	require.NoError(t, err)
	l, _, err := s.ClaimNext(t.Context(), next("one"))
	require.NoError(t, err)
	assert.Equal(t, "b", l.RunID)
	_, _, err = s.ClaimNext(t.Context(), next("one"))
	assert.ErrorIs(t, err, postgres.ErrNoRun)
	require.NoError(t, tx.Rollback(t.Context()))
	l, _, err = s.ClaimNext(t.Context(), next("one"))
	require.NoError(t, err)
	assert.Equal(t, "a", l.RunID)
}

// TestWorkers has workers of several processes empty the line: each run is given
// to one of them.
func TestWorkers(t *testing.T) {
	schema := newSchema()
	s := open(t, schema)
	const runs, workers = 40, 4
	for i := range runs {
		ended(t, s, fmt.Sprint(i), store.Suspended, i)
	}
	given := sched.NewChan[string](2 * runs)
	g, ctx := sched.NewGroup(t.Context())
	for i := range workers {
		worker := open(t, schema)
		g.Go(func() error {
			for {
				l, saved, err := worker.ClaimNext(ctx, next(fmt.Sprint(i)))
				if errors.Is(err, postgres.ErrNoRun) {
					return nil
				}
				if err != nil {
					return err
				}
				given.Send(l.RunID)
				saved.Run.Status = store.Success
				if err := worker.Append(ctx, l, store.Batch{Runs: []store.Run{saved.Run}, Release: true}); err != nil {
					return err
				}
			}
		})
	}
	require.NoError(t, g.Wait())
	given.Close()
	all := map[string]bool{}
	for id := range given.All() {
		assert.False(t, all[id], "run %s was given twice", id)
		all[id] = true
	}
	assert.Len(t, all, runs)
}
