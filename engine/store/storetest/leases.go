package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine/store"
)

// full is a batch with something of every kind.
func full(id string, seq, n int) store.Batch {
	return store.Batch{
		Events:     events(id, seq, seq),
		Checkpoint: checkpoint(n),
		Items:      []store.Item{{Owner: store.Owner{RunID: id, Invocation: 1}, Index: n, Status: "ok", Result: []byte("r")}},
		Runs:       []store.Run{inner(id, id+"/1")},
		Until:      epoch.Add(time.Hour),
	}
}

func leaseFenced(t *testing.T, s Store) {
	first := begin(t, s, "a")
	write(t, s, first, full("a", 1, 1))
	second, err := s.Claim(t.Context(), resumption("a", "second", epoch.Add(time.Hour)))
	require.NoError(t, err)

	saved, log := load(t, s, "a"), eventsOf(t, s, "a")
	b := full("a", 2, 2)
	b.Runs = append(b.Runs, inner("a", "a/2"))
	with := func(owner string, fence int64) store.Lease {
		return store.Lease{RunID: "a", Owner: owner, Fence: fence}
	}
	for name, l := range map[string]store.Lease{
		"old": first, "of another owner": with("first", 2), "with an old fence": with("second", 1), "with a fence to come": with("second", 3),
		"of no run": {RunID: "b", Owner: "first", Fence: 1}, "of no owner": with("", 2), "zero": {},
	} {
		assert.ErrorIs(t, s.Append(t.Context(), l, b), store.ErrFenced, name)
		assert.ErrorIs(t, s.Append(t.Context(), l, store.Batch{}), store.ErrFenced, name)
	}
	assert.Equal(t, saved, load(t, s, "a"))
	assert.Equal(t, log, eventsOf(t, s, "a"))
	runs, err := s.Runs(t.Context(), store.Query{Root: "a"})
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "a/1"}, ids(runs))
	write(t, s, second, b)
}

func leaseRenewed(t *testing.T, s Store) {
	l := begin(t, s, "a")
	write(t, s, l, store.Batch{Until: epoch.Add(time.Hour)})
	_, err := s.Claim(t.Context(), resumption("a", "second", epoch.Add(time.Hour-1)))
	assert.ErrorIs(t, err, store.ErrRunActive)
	write(t, s, l, store.Batch{Events: events("a", 1, 1)})
	assert.Equal(t, epoch.Add(time.Hour), load(t, s, "a").Run.LeaseUntil, "after a batch without Until")
	// An expired lease is good until somebody else has one.
	write(t, s, l, store.Batch{Until: epoch})
	write(t, s, l, store.Batch{Events: events("a", 2, 2)})
	_, err = s.Claim(t.Context(), resumption("a", "second", epoch))
	require.NoError(t, err)
	assert.ErrorIs(t, s.Append(t.Context(), l, store.Batch{}), store.ErrFenced)
}

func leaseReleased(t *testing.T, s Store) {
	l := begin(t, s, "a")
	write(t, s, l, store.Batch{Until: epoch.Add(time.Hour), Release: true})
	r := load(t, s, "a").Run
	assert.Equal(t, store.Run{Fence: 1}, store.Run{LeaseOwner: r.LeaseOwner, LeaseUntil: r.LeaseUntil, Fence: r.Fence})
	assert.ErrorIs(t, s.Append(t.Context(), l, store.Batch{Until: epoch.Add(time.Hour)}), store.ErrFenced,
		"a renewal that comes after the release")
	second, err := s.Claim(t.Context(), resumption("a", "second", epoch))
	require.NoError(t, err)
	assert.Equal(t, int64(2), second.Fence)
	// What belongs to the lease is not what the row of a batch says.
	r.LeaseOwner, r.LeaseUntil, r.Fence = "third", epoch.Add(time.Hour), 9
	write(t, s, second, store.Batch{Runs: []store.Run{r}})
	r.LeaseOwner, r.LeaseUntil, r.Fence = "second", epoch.Add(ttl), 2
	assert.Equal(t, r, load(t, s, "a").Run)
}

func leaseOfDeleted(t *testing.T, s Store) {
	l := begin(t, s, "a")
	require.NoError(t, s.Delete(t.Context(), "a", epoch.Add(ttl)))
	assert.ErrorIs(t, s.Append(t.Context(), l, store.Batch{}), store.ErrFenced)
	c := newClaim("a")
	c.Owner = "second"
	_, err := s.Claim(t.Context(), c)
	require.NoError(t, err)
	assert.ErrorIs(t, s.Append(t.Context(), l, full("a", 1, 1)), store.ErrFenced, "the fence of the new run is 1 too")
}
