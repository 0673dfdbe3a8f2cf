package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine/store"
)

const ttl = 30 * time.Second

// epoch is when runs begin in these tests.
var epoch = time.Date(2026, 1, 2, 3, 4, 5, 678901234, time.UTC)

// newClaim asks for a new run.
func newClaim(id string) store.Claim {
	return store.Claim{
		Owner: "first", Now: epoch, TTL: ttl,
		Run:        store.Run{ID: id, RootID: id, Pipeline: "orders", PlanHash: "plan-1", Status: store.Running, Started: epoch},
		Plan:       []byte(`{"name":"orders"}`),
		Checkpoint: store.Checkpoint{State: []byte("state 0"), Ledger: []byte("{}"), Codec: "json", Cut: "start", Written: epoch},
	}
}

// resumption asks for a run that is there.
func resumption(id, owner string, now time.Time) store.Claim {
	return store.Claim{Resume: true, Owner: owner, Now: now, TTL: ttl, Run: store.Run{ID: id, PlanHash: "plan-1"}}
}

// begin claims a new run.
func begin(t *testing.T, s Store, id string) store.Lease {
	t.Helper()
	l, err := s.Claim(t.Context(), newClaim(id))
	require.NoError(t, err)
	return l
}

func write(t *testing.T, s Store, l store.Lease, b store.Batch) {
	t.Helper()
	require.NoError(t, s.Append(t.Context(), l, b))
}

// end writes the last row of a run and releases its lease.
func end(t *testing.T, s Store, l store.Lease, status store.Status) {
	t.Helper()
	r := load(t, s, l.RunID).Run
	r.Status, r.Ended, r.Duration = status, epoch.Add(time.Second), time.Second
	write(t, s, l, store.Batch{Runs: []store.Run{r}, Release: true})
}

func load(t *testing.T, s Store, id string) store.Saved {
	t.Helper()
	saved, err := s.Load(t.Context(), id)
	require.NoError(t, err)
	return saved
}

func eventsOf(t *testing.T, s Store, id string, types ...string) []store.Event {
	t.Helper()
	all, err := s.Events(t.Context(), id, types...)
	require.NoError(t, err)
	return all
}

// events returns those of a run with the numbers from first to last.
func events(id string, first, last int) []store.Event {
	var all []store.Event
	for n := first; n <= last; n++ {
		all = append(all, store.Event{
			Seq: uint64(n), RunID: id, Type: "STEP_END", Kind: "step", Node: "load", Path: "load",
			Invocation: n, Owner: n, Attempt: 1, Index: -1, Time: epoch.Add(time.Duration(n)), Elapsed: time.Duration(n),
		})
	}
	return all
}

func checkpoint(n int) *store.Checkpoint {
	return &store.Checkpoint{
		Number: n, Seq: uint64(n), Cut: "cut", Codec: "json", Written: epoch.Add(time.Duration(n)),
		State: fmt.Appendf(nil, "state %d", n), Ledger: fmt.Appendf(nil, "ledger %d", n),
	}
}

// inner returns the row of a run inside another.
func inner(root, id string) store.Run {
	return store.Run{ID: id, RootID: root, ParentID: root, ParentInvocation: 3, Pipeline: "lines", Status: store.Running, Started: epoch}
}

func ids(runs []store.Run) []string {
	all := []string{}
	for _, r := range runs {
		all = append(all, r.ID)
	}
	return all
}
