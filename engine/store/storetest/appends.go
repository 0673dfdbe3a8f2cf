package storetest

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine/store"
)

// appendAtomic tests that of a batch with one mistake nothing is kept.
func appendAtomic(t *testing.T, s Store) {
	begin(t, s, "taken")
	l := begin(t, s, "a")
	write(t, s, l, full("a", 1, 1))
	saved, log := load(t, s, "a"), eventsOf(t, s, "a")
	tests := []struct {
		name   string
		change func(*store.Batch)
		want   error // nil for any
	}{
		{"an event that is there", func(b *store.Batch) { b.Events = events("a", 1, 1) }, nil},
		{"an event twice", func(b *store.Batch) { b.Events = append(b.Events, b.Events[0]) }, nil},
		{"a gap before the events", func(b *store.Batch) { b.Events = events("a", 3, 3) }, nil},
		{"a gap in the events", func(b *store.Batch) { b.Events = append(b.Events, events("a", 4, 4)...) }, nil},
		{"a checkpoint that is there", func(b *store.Batch) { b.Checkpoint.Number = 1 }, nil},
		{"a gap in the checkpoints", func(b *store.Batch) { b.Checkpoint.Number = 3 }, nil},
		{"a run of another", func(b *store.Batch) { b.Runs = append(b.Runs, inner("taken", "b")) }, nil},
		{"an inner run without ID", func(b *store.Batch) { b.Runs = append(b.Runs, inner("a", "")) }, nil},
		{"an ID that is taken", func(b *store.Batch) { b.Runs = append(b.Runs, inner("a", "taken")) }, store.ErrRunExists},
		{"a time too early", func(b *store.Batch) { b.Events[0].Time = time.Date(1, 1, 1, 0, 0, 0, 1, time.UTC) }, nil},
		{"a lease too long", func(b *store.Batch) { b.Until = time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC) }, nil},
	}
	for _, test := range tests {
		b := full("a", 2, 2)
		b.Forget = []store.Owner{{RunID: "a", Invocation: 1}}
		test.change(&b)
		err := s.Append(t.Context(), l, b)
		require.Error(t, err, test.name)
		assert.NotErrorIs(t, err, store.ErrFenced, test.name)
		if test.want != nil {
			assert.ErrorIs(t, err, test.want, test.name)
		}
		assert.Equal(t, saved, load(t, s, "a"), test.name)
		assert.Equal(t, log, eventsOf(t, s, "a"), test.name)
	}
	write(t, s, l, full("a", 2, 2))
}

func appendEvents(t *testing.T, s Store) {
	l := begin(t, s, "a")
	write(t, s, l, store.Batch{Events: events("a", 1, 3)})
	write(t, s, l, store.Batch{Events: events("a", 4, 4)})
	assert.Equal(t, events("a", 1, 4), eventsOf(t, s, "a"))
	assert.Equal(t, uint64(4), load(t, s, "a").Run.LastSeq)
	second, err := s.Claim(t.Context(), resumption("a", "second", epoch.Add(ttl)))
	require.NoError(t, err)
	r := load(t, s, "a").Run
	r.LastSeq = math.MaxUint64 // which the store knows better
	write(t, s, second, store.Batch{Events: events("a", 5, 5), Runs: []store.Run{r}})
	assert.Equal(t, uint64(5), load(t, s, "a").Run.LastSeq)
	assert.Len(t, eventsOf(t, s, "a"), 5)
}

func appendCheckpoints(t *testing.T, s Store) {
	l := begin(t, s, "a")
	for n := 1; n <= 4; n++ {
		write(t, s, l, store.Batch{Checkpoint: checkpoint(n)})
		assert.Equal(t, *checkpoint(n), load(t, s, "a").Checkpoint)
		write(t, s, l, store.Batch{Events: events("a", n, n)})
		assert.Equal(t, *checkpoint(n), load(t, s, "a").Checkpoint, "after a batch without one")
	}
}

func appendItems(t *testing.T, s Store) {
	l := begin(t, s, "a")
	item := func(run string, invocation, index int, result string) store.Item {
		return store.Item{Owner: store.Owner{RunID: run, Invocation: invocation}, Index: index, Status: "ok", Result: []byte(result)}
	}
	write(t, s, l, store.Batch{Items: []store.Item{item("a", 10, 1, "1"), item("a", 10, 0, "0"), item("a", 2, 11, "11"), item("a", 2, 3, "3")}})
	write(t, s, l, store.Batch{Items: []store.Item{item("a/1", 1, 0, "inner"), item("a", 10, 1, "one"), item("a", 10, 2, "x"), item("a", 10, 2, "2")}})
	assert.Equal(t, []store.Item{
		item("a", 2, 3, "3"), item("a", 2, 11, "11"),
		item("a", 10, 0, "0"), item("a", 10, 1, "one"), item("a", 10, 2, "2"), item("a/1", 1, 0, "inner"),
	}, load(t, s, "a").Items, "by run, invocation and index, the last of each")

	write(t, s, l, store.Batch{
		Forget: []store.Owner{{RunID: "a", Invocation: 10}, {RunID: "a", Invocation: 99}, {RunID: "a/1", Invocation: 1}},
		Items:  []store.Item{item("a", 10, 5, "5")},
	})
	assert.Equal(t, []store.Item{item("a", 2, 3, "3"), item("a", 2, 11, "11"), item("a", 10, 5, "5")}, load(t, s, "a").Items)

	// Other runs have items of their own, whatever their owners are.
	other := begin(t, s, "b")
	write(t, s, other, store.Batch{Items: []store.Item{item("a", 2, 3, "b's")}})
	write(t, s, other, store.Batch{Forget: []store.Owner{{RunID: "a", Invocation: 2}}})
	assert.Empty(t, load(t, s, "b").Items)
	assert.Len(t, load(t, s, "a").Items, 3)
}

func appendInner(t *testing.T, s Store) {
	l := begin(t, s, "a")
	one, two := inner("a", "a/1"), inner("a", "a/2")
	one.LeaseOwner, one.LeaseUntil, one.Fence, one.LastSeq = "third", epoch.Add(time.Hour), 9, 4
	two.Started = epoch.Add(-1)
	write(t, s, l, store.Batch{Runs: []store.Run{one}})
	write(t, s, l, store.Batch{Runs: []store.Run{two}})
	one.Status, one.Ended, one.LastSeq = store.Success, epoch.Add(2), 5
	root := load(t, s, "a").Run
	root.Labels = []byte(`{"k":"v"}`)
	write(t, s, l, store.Batch{Runs: []store.Run{one, root}})

	runs, err := s.Runs(t.Context(), store.Query{Root: "a"})
	require.NoError(t, err)
	for _, r := range []*store.Run{&one, &two} { // the lease is that of the outermost run
		r.LeaseOwner, r.LeaseUntil, r.Fence = "first", epoch.Add(ttl), 1
	}
	assert.Equal(t, []store.Run{root, one, two}, runs)
}

func appendNothing(t *testing.T, s Store) {
	l := begin(t, s, "a")
	before := load(t, s, "a")
	write(t, s, l, store.Batch{})
	assert.Equal(t, before, load(t, s, "a"))
	assert.Empty(t, eventsOf(t, s, "a"))
}
