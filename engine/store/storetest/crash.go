package storetest

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine/store"
)

// crashWrites is how many writes the run of crashAfterEveryWrite has.
const crashWrites = 12

// crashAfterEveryWrite ends a run after each number of writes and looks at it as
// the next process does: it must find what was acknowledged, and go on with it.
func crashAfterEveryWrite(t *testing.T, o Options) {
	for n := range crashWrites + 1 {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			model, s := store.NewMemory(), o.Open(t)
			for _, each := range []Store{model, s} {
				require.NoError(t, script(t.Context(), each, 0, n))
			}
			s = o.Reopen(t, s)
			sameRuns(t, model, s)
			for _, each := range []Store{model, s} {
				require.NoError(t, script(t.Context(), each, n, crashWrites))
			}
			sameRuns(t, model, o.Reopen(t, s))
		})
	}
}

// script does the writes of a run from one number to another, as a process that
// has claimed it: the first write if that makes the run, else one more.
func script(ctx context.Context, s Store, from, to int) error {
	if from == to {
		return nil
	}
	c := newClaim("a")
	if from > 0 {
		c = resumption("a", fmt.Sprint("after ", from), epoch.Add(2*ttl))
	}
	l, err := s.Claim(ctx, c)
	for n := max(from, 1); n < to && err == nil; n++ {
		err = s.Append(ctx, l, scripted(n))
	}
	return err
}

// scripted returns the n-th batch of the run, from 1.
func scripted(n int) store.Batch {
	b := store.Batch{
		Events:     events("a", 2*n-1, 2*n),
		Checkpoint: checkpoint(n),
		Items:      []store.Item{{Owner: store.Owner{RunID: "a", Invocation: n / 3}, Index: n, Status: "ok", Result: []byte("r")}},
	}
	if n%3 == 0 {
		b.Forget = []store.Owner{{RunID: "a", Invocation: n/3 - 1}}
		b.Runs = []store.Run{inner("a", fmt.Sprint("a/", n))}
	}
	if n == crashWrites-1 {
		last := newClaim("a").Run
		last.Status = store.Suspended
		b.Runs, b.Release = append(b.Runs, last), true
	}
	return b
}

// sameRuns tests that two stores have the same runs.
func sameRuns(t *testing.T, want, got Store) {
	t.Helper()
	outermost, err := want.Runs(t.Context(), store.Query{})
	require.NoError(t, err)
	wantRuns(t, got, store.Query{}, ids(outermost)...)
	for _, r := range outermost {
		assert.Equal(t, load(t, want, r.ID), load(t, got, r.ID))
		assert.Equal(t, eventsOf(t, want, r.ID), eventsOf(t, got, r.ID))
		tree, err := want.Runs(t.Context(), store.Query{Root: r.ID})
		require.NoError(t, err)
		gotTree, err := got.Runs(t.Context(), store.Query{Root: r.ID})
		require.NoError(t, err)
		assert.Equal(t, tree, gotTree)
	}
}
