package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine/store"
)

// started claims a run of a pipeline that starts some seconds after epoch.
func started(t *testing.T, s Store, id, pipeline string, seconds int) store.Lease {
	t.Helper()
	c := newClaim(id)
	c.Run.Pipeline, c.Run.Started = pipeline, epoch.Add(time.Duration(seconds)*time.Second)
	l, err := s.Claim(t.Context(), c)
	require.NoError(t, err)
	return l
}

func wantRuns(t *testing.T, s Store, q store.Query, want ...string) {
	t.Helper()
	runs, err := s.Runs(t.Context(), q)
	require.NoError(t, err)
	assert.Equal(t, append([]string{}, want...), ids(runs), "%+v", q)
}

func historySelects(t *testing.T, s Store) {
	wantRuns(t, s, store.Query{})
	end(t, s, started(t, s, "ab1", "orders", 1), store.Success)
	end(t, s, started(t, s, "ab2", "bills", 2), store.Failed)
	started(t, s, "b%3", "orders", 3)
	write(t, s, started(t, s, "ab4", "orders", 4), store.Batch{Runs: []store.Run{inner("ab4", "ab4/1")}})

	wantRuns(t, s, store.Query{}, "ab4", "b%3", "ab2", "ab1")
	wantRuns(t, s, store.Query{Status: store.Success}, "ab1")
	wantRuns(t, s, store.Query{Status: store.Suspended})
	wantRuns(t, s, store.Query{Status: "no such"})
	wantRuns(t, s, store.Query{Pipeline: "orders"}, "ab4", "b%3", "ab1")
	wantRuns(t, s, store.Query{Pipeline: "order"})
	wantRuns(t, s, store.Query{Pipeline: "lines"})
	wantRuns(t, s, store.Query{Prefix: "ab"}, "ab4", "ab2", "ab1")
	wantRuns(t, s, store.Query{Prefix: "ab2"}, "ab2")
	wantRuns(t, s, store.Query{Prefix: "b%"}, "b%3")
	wantRuns(t, s, store.Query{Prefix: "%"})
	wantRuns(t, s, store.Query{Prefix: "AB"})
	wantRuns(t, s, store.Query{Since: epoch.Add(3 * time.Second)}, "ab4", "b%3")
	wantRuns(t, s, store.Query{Since: epoch.Add(3*time.Second + 1)}, "ab4")
	wantRuns(t, s, store.Query{Since: epoch.AddDate(-1000, 0, 0)}, "ab4", "b%3", "ab2", "ab1")
	wantRuns(t, s, store.Query{Since: epoch.AddDate(1000, 0, 0)})
	wantRuns(t, s, store.Query{Status: store.Interrupted, Now: epoch.AddDate(1000, 0, 0)}, "ab4", "b%3")
	wantRuns(t, s, store.Query{Pipeline: "orders", Prefix: "ab", Since: epoch.Add(2 * time.Second)}, "ab4")
	wantRuns(t, s, store.Query{Pipeline: "orders", Status: store.Failed})
}

func historyOrder(t *testing.T, s Store) {
	for _, id := range []string{"b", "é", "a", "B", "a b", "a-b"} {
		started(t, s, id, "orders", 1)
	}
	started(t, s, "old", "orders", 0)
	started(t, s, "new", "orders", 2)
	c := newClaim("never")
	c.Run.Started = time.Time{}
	_, err := s.Claim(t.Context(), c)
	require.NoError(t, err)
	all := []string{"new", "B", "a", "a b", "a-b", "b", "é", "old", "never"}
	wantRuns(t, s, store.Query{}, all...)
	wantRuns(t, s, store.Query{Limit: 3}, all[:3]...)
	wantRuns(t, s, store.Query{Limit: 100}, all...)
	wantRuns(t, s, store.Query{Limit: -1}, all...)
	wantRuns(t, s, store.Query{Limit: 2, Prefix: "a"}, "a", "a b")
}

func historyInterrupted(t *testing.T, s Store) {
	begin(t, s, "held")
	released := begin(t, s, "released")
	write(t, s, released, store.Batch{Release: true})
	end(t, s, begin(t, s, "ended"), store.Closed)

	inTime, late := epoch.Add(ttl-1), epoch.Add(ttl)
	wantRuns(t, s, store.Query{Status: store.Running, Now: inTime}, "held")
	wantRuns(t, s, store.Query{Status: store.Interrupted, Now: inTime}, "released")
	wantRuns(t, s, store.Query{Status: store.Running, Now: late})
	wantRuns(t, s, store.Query{Status: store.Interrupted, Now: late}, "held", "released")
	wantRuns(t, s, store.Query{Status: store.Running}, "held")
	wantRuns(t, s, store.Query{Status: store.Interrupted}, "released")
	wantRuns(t, s, store.Query{Status: store.Closed, Now: late}, "ended")

	runs, err := s.Runs(t.Context(), store.Query{Prefix: "held"})
	require.NoError(t, err)
	assert.Equal(t, store.Running, runs[0].Status, "that it is interrupted is never in the row")
	assert.Equal(t, store.Interrupted, runs[0].At(late))
}

func historyRoot(t *testing.T, s Store) {
	l := started(t, s, "a", "orders", 5)
	one, two := inner("a", "x1"), inner("a", "x2")
	one.Started, two.Started = epoch.Add(6*time.Second), epoch.Add(7*time.Second)
	two.Status = store.Success
	write(t, s, l, store.Batch{Runs: []store.Run{one, two}})
	started(t, s, "b", "orders", 1)

	wantRuns(t, s, store.Query{}, "a", "b")
	wantRuns(t, s, store.Query{Root: "a"}, "x2", "x1", "a")
	wantRuns(t, s, store.Query{Root: "a", Limit: 2}, "x2", "x1")
	wantRuns(t, s, store.Query{Root: "a", Pipeline: "lines"}, "x2", "x1")
	wantRuns(t, s, store.Query{Root: "a", Status: store.Success}, "x2")
	wantRuns(t, s, store.Query{Root: "a", Status: store.Running, Now: epoch}, "x1", "a")
	wantRuns(t, s, store.Query{Root: "a", Status: store.Interrupted, Now: epoch.Add(ttl)}, "x1", "a")
	wantRuns(t, s, store.Query{Root: "x1"})
	wantRuns(t, s, store.Query{Root: "no such"})
}

func historyEvents(t *testing.T, s Store) {
	l := begin(t, s, "a")
	all := events("a", 1, 4)
	all[0].Type, all[2].Type, all[2].RunID = "START", "TOKEN", "a/1"
	write(t, s, l, store.Batch{Events: all})
	write(t, s, begin(t, s, "b"), store.Batch{Events: events("b", 1, 1)})

	assert.Equal(t, all, eventsOf(t, s, "a"))
	assert.Equal(t, all[2:3], eventsOf(t, s, "a", "TOKEN"))
	assert.Equal(t, []store.Event{all[0], all[2]}, eventsOf(t, s, "a", "TOKEN", "START", "START", "no such"))
	assert.Empty(t, eventsOf(t, s, "a", "no such"))
	_, err := s.Events(t.Context(), "c")
	assert.ErrorIs(t, err, store.ErrUnknownRun)
}

func historyPlan(t *testing.T, s Store) {
	plan := func(hash string) []byte {
		data, err := s.Plan(t.Context(), hash)
		require.NoError(t, err)
		return data
	}
	assert.Nil(t, plan("plan-1"))
	begin(t, s, "a")
	c := newClaim("b")
	c.Plan = []byte(`{"name":"another with that hash"}`)
	_, err := s.Claim(t.Context(), c)
	require.NoError(t, err)
	assert.Equal(t, `{"name":"orders"}`, string(plan("plan-1")), "the first one stays")
	c = newClaim("c")
	c.Run.PlanHash, c.Plan = "plan-2", nil
	_, err = s.Claim(t.Context(), c)
	require.NoError(t, err)
	assert.Nil(t, plan("plan-2"))
	require.NoError(t, s.Delete(t.Context(), "a", epoch.Add(ttl)))
	require.NoError(t, s.Delete(t.Context(), "b", epoch.Add(ttl)))
	assert.NotNil(t, plan("plan-1"), "plans outlive their runs")
}

func historyDelete(t *testing.T, s Store) {
	l := begin(t, s, "a")
	write(t, s, l, full("a", 1, 1))
	write(t, s, begin(t, s, "b"), full("b", 1, 1))
	kept, log := load(t, s, "b"), eventsOf(t, s, "b")
	write(t, s, l, store.Batch{Until: epoch.Add(ttl)})

	assert.ErrorIs(t, s.Delete(t.Context(), "a", epoch.Add(ttl-1)), store.ErrRunActive)
	assert.ErrorIs(t, s.Delete(t.Context(), "c", epoch.Add(ttl)), store.ErrUnknownRun)
	wantRuns(t, s, store.Query{Root: "a"}, "a", "a/1")
	require.NoError(t, s.Delete(t.Context(), "a", epoch.Add(ttl)))
	assert.ErrorIs(t, s.Delete(t.Context(), "a", epoch.Add(ttl)), store.ErrUnknownRun)
	wantRuns(t, s, store.Query{Root: "a"})
	_, err := s.Load(t.Context(), "a")
	assert.ErrorIs(t, err, store.ErrUnknownRun)
	_, err = s.Events(t.Context(), "a")
	assert.ErrorIs(t, err, store.ErrUnknownRun)
	assert.Equal(t, kept, load(t, s, "b"))
	assert.Equal(t, log, eventsOf(t, s, "b"))

	// Nothing of it is left for a run, or an inner one, that has its ID.
	begin(t, s, "a/1")
	require.NoError(t, s.Delete(t.Context(), "a/1", epoch.Add(ttl)))
	l = begin(t, s, "a")
	assert.Empty(t, eventsOf(t, s, "a"))
	assert.Empty(t, load(t, s, "a").Items)
	write(t, s, l, full("a", 1, 1))
}
