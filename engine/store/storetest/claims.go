package storetest

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine/store"
)

func claimNew(t *testing.T, s Store) {
	c := newClaim("a")
	l, err := s.Claim(t.Context(), c)
	require.NoError(t, err)
	assert.Equal(t, store.Lease{RunID: "a", Owner: "first", Fence: 1, Until: epoch.Add(ttl)}, l)
	row := c.Run
	row.LeaseOwner, row.LeaseUntil, row.Fence = "first", epoch.Add(ttl), 1
	assert.Equal(t, store.Saved{Run: row, Checkpoint: c.Checkpoint}, load(t, s, "a"))
	_, err = s.Load(t.Context(), "b")
	assert.ErrorIs(t, err, store.ErrUnknownRun)
}

func claimExists(t *testing.T, s Store) {
	begin(t, s, "a")
	before := load(t, s, "a")
	c := newClaim("a")
	c.Owner, c.Now, c.Run.Pipeline = "second", epoch.Add(time.Hour), "other"
	_, err := s.Claim(t.Context(), c)
	assert.ErrorIs(t, err, store.ErrRunExists)
	assert.Equal(t, before, load(t, s, "a"), "a claim that was refused has changed the run")
}

func claimByStatus(t *testing.T, s Store) {
	for _, status := range []store.Status{store.Suspended, store.Failed, store.TimedOut, store.Cancelled, store.Closed,
		store.Running, store.Success, store.Stopped} {
		id := string(status)
		end(t, s, begin(t, s, id), status)
		l, err := s.Claim(t.Context(), resumption(id, "second", epoch))
		if !status.Resumable() {
			assert.ErrorIs(t, err, store.ErrNotResumable, status)
			continue
		}
		require.NoError(t, err, status)
		assert.Equal(t, store.Lease{RunID: id, Owner: "second", Fence: 2, Until: epoch.Add(ttl)}, l)
	}
}

func claimExpired(t *testing.T, s Store) {
	begin(t, s, "a")
	_, err := s.Claim(t.Context(), resumption("a", "second", epoch.Add(ttl-1)))
	assert.ErrorIs(t, err, store.ErrRunActive, "one nanosecond before the end of the lease")
	l, err := s.Claim(t.Context(), resumption("a", "second", epoch.Add(ttl)))
	require.NoError(t, err, "at the end of the lease")
	assert.Equal(t, int64(2), l.Fence)
	assert.Equal(t, "second", load(t, s, "a").Run.LeaseOwner)
	// Whoever has it is not asked: the same owner is another process too.
	_, err = s.Claim(t.Context(), resumption("a", "second", epoch.Add(ttl)))
	assert.ErrorIs(t, err, store.ErrRunActive)
}

func claimOrder(t *testing.T, s Store) {
	changed := func(id string, now time.Time) store.Claim {
		c := resumption(id, "second", now)
		c.Run.PlanHash = "plan-2"
		return c
	}
	_, err := s.Claim(t.Context(), changed("a", epoch))
	assert.ErrorIs(t, err, store.ErrUnknownRun)

	a := begin(t, s, "a")
	r := load(t, s, "a").Run
	r.Status = store.Success
	write(t, s, a, store.Batch{Runs: []store.Run{r}})
	_, err = s.Claim(t.Context(), changed("a", epoch))
	assert.ErrorIs(t, err, store.ErrRunActive, "active, ended, plan changed")
	_, err = s.Claim(t.Context(), changed("a", epoch.Add(ttl)))
	assert.ErrorIs(t, err, store.ErrNotResumable, "ended, plan changed")

	begin(t, s, "b")
	before := load(t, s, "b")
	_, err = s.Claim(t.Context(), changed("b", epoch.Add(ttl)))
	assert.ErrorIs(t, err, store.ErrPlanChanged)
	assert.Equal(t, before, load(t, s, "b"), "a claim that was refused has changed the run")
}

func claimTakesBackEnd(t *testing.T, s Store) {
	l := begin(t, s, "a")
	want := load(t, s, "a").Run
	want.Labels, want.Metrics, want.Seed = []byte(`{"a":"b"}`), []byte(`{}`), 7
	r := want
	r.Status, r.Ended, r.Duration = store.Failed, epoch.Add(1), 1
	r.Reason, r.Error, r.ErrorKind, r.ErrorSource, r.ErrorPath = "r", "e", "step", "user", "load"
	write(t, s, l, store.Batch{Runs: []store.Run{r}, Release: true})

	_, err := s.Claim(t.Context(), resumption("a", "second", epoch.Add(time.Hour)))
	require.NoError(t, err)
	want.LeaseOwner, want.LeaseUntil, want.Fence = "second", epoch.Add(time.Hour+ttl), 2
	assert.Equal(t, want, load(t, s, "a").Run)
}

func claimMistakes(t *testing.T, s Store) {
	tests := []struct {
		name   string
		change func(*store.Claim)
	}{
		{"no time", func(c *store.Claim) { c.Now = time.Time{} }},
		{"no duration", func(c *store.Claim) { c.TTL = 0 }},
		{"no ID", func(c *store.Claim) { c.Run.ID, c.Run.RootID = "", "" }},
		{"an ID that is not UTF-8", func(c *store.Claim) { c.Run.ID, c.Run.RootID = "a\xff", "a\xff" }},
		{"an ID with NUL", func(c *store.Claim) { c.Run.ID, c.Run.RootID = "a\x00b", "a\x00b" }},
		{"an ID that is too long", func(c *store.Claim) { c.Run.ID = strings.Repeat("x", 1001); c.Run.RootID = c.Run.ID }},
		{"an owner with NUL", func(c *store.Claim) { c.Owner = "a\x00b" }},
		{"an inner run", func(c *store.Claim) { c.Run.RootID = "b" }},
		{"another checkpoint", func(c *store.Claim) { c.Checkpoint.Number = 1 }},
		{"too early", func(c *store.Claim) { c.Run.Started = time.Date(1600, 1, 1, 0, 0, 0, 0, time.UTC) }},
		{"too late", func(c *store.Claim) { c.Now = time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC) }},
	}
	for _, test := range tests {
		c := newClaim("a")
		test.change(&c)
		_, err := s.Claim(t.Context(), c)
		assert.Error(t, err, test.name)
	}
	runs, err := s.Runs(t.Context(), store.Query{})
	require.NoError(t, err)
	assert.Empty(t, runs)
	for _, id := range []string{"", "a\xff", "a\x00b"} {
		_, err = s.Claim(t.Context(), resumption(id, "second", epoch))
		assert.ErrorIs(t, err, store.ErrUnknownRun)
		_, err = s.Load(t.Context(), id)
		assert.ErrorIs(t, err, store.ErrUnknownRun)
	}
}

// claimInner tests that an inner run can neither be claimed nor be in the way of
// itself.
func claimInner(t *testing.T, s Store) {
	l := begin(t, s, "a")
	write(t, s, l, store.Batch{Runs: []store.Run{inner("a", "a/1")}, Release: true})
	_, err := s.Claim(t.Context(), newClaim("a/1"))
	assert.ErrorIs(t, err, store.ErrRunExists)
	_, err = s.Claim(t.Context(), resumption("a/1", "second", epoch))
	assert.ErrorIs(t, err, store.ErrUnknownRun)
	_, err = s.Load(t.Context(), "a/1")
	assert.ErrorIs(t, err, store.ErrUnknownRun)
	_, err = s.Events(t.Context(), "a/1")
	assert.ErrorIs(t, err, store.ErrUnknownRun)
	assert.ErrorIs(t, s.Delete(t.Context(), "a/1", epoch), store.ErrUnknownRun)
}
