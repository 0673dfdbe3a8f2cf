package storetest

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine/store"
)

func valuesEveryField(t *testing.T, s Store) {
	c := newClaim("a")
	c.Run = store.Run{
		ID: "a", RootID: "a", ParentID: "p", ParentInvocation: 1, Pipeline: "orders", PlanHash: "plan-1", Status: store.Running,
		Started: epoch, Ended: epoch.Add(2), Duration: 3, Reason: "4", Error: "5", ErrorKind: "6", ErrorSource: "7", ErrorPath: "8",
		Seed: math.MaxUint64, Schedule: "9", Labels: []byte(`{"a":1}`), Metrics: []byte(`{"b":{}}`),
	}
	c.Checkpoint = store.Checkpoint{Seq: math.MaxUint64, Cut: "1", State: []byte("2"), Ledger: []byte("3"), Codec: "4", Written: epoch.Add(5)}
	l, err := s.Claim(t.Context(), c)
	require.NoError(t, err)
	c.Run.LeaseOwner, c.Run.LeaseUntil, c.Run.Fence = "first", epoch.Add(ttl), 1
	assert.Equal(t, store.Saved{Run: c.Run, Checkpoint: c.Checkpoint}, load(t, s, "a"))

	event := store.Event{
		Seq: 1, RunID: "i", Type: "t", Kind: "k", Node: "n", Path: "p", Invocation: 2, Parent: 3, Owner: 4, Attempt: 5, Index: 6,
		Time: epoch.Add(7), Elapsed: 8, Data: []byte(`{"d":9}`), Notes: []byte(`{"n":10}`),
	}
	root := c.Run
	root.ParentID, root.ParentInvocation, root.Pipeline, root.PlanHash, root.Status = "q", 11, "p2", "plan-2", store.Failed
	root.Started, root.Ended, root.Duration, root.Reason = epoch.Add(12), epoch.Add(13), 14, "15"
	root.Error, root.ErrorKind, root.ErrorSource, root.ErrorPath = "16", "17", "18", "19"
	root.Seed, root.Schedule, root.Labels, root.Metrics, root.LastSeq = 20, "21", []byte(`{}`), []byte(`{"c":22}`), 1
	other := root
	other.ID = "i"
	write(t, s, l, store.Batch{Events: []store.Event{event}, Runs: []store.Run{root, other}})
	assert.Equal(t, []store.Event{event}, eventsOf(t, s, "a"))
	runs, err := s.Runs(t.Context(), store.Query{Root: "a"})
	require.NoError(t, err)
	assert.Equal(t, []store.Run{root, other}, runs)
}

// valuesNilAndEmpty tests that bytes which are empty are not taken for none.
func valuesNilAndEmpty(t *testing.T, s Store) {
	l := begin(t, s, "a")
	for i, data := range [][]byte{nil, {}, {0}} {
		c := checkpoint(i + 1)
		c.State, c.Ledger = data, data
		item := store.Item{Owner: store.Owner{RunID: "a"}, Status: "skip", Result: data}
		write(t, s, l, store.Batch{Checkpoint: c, Items: []store.Item{item}})
		saved := load(t, s, "a")
		assert.Equal(t, *c, saved.Checkpoint)
		assert.Equal(t, []store.Item{item}, saved.Items)
	}
	for i, data := range [][]byte{nil, {}, []byte("null")} {
		e := events("a", i+1, i+1)
		e[0].Data, e[0].Notes = data, data
		r := load(t, s, "a").Run
		r.Labels, r.Metrics = data, data
		write(t, s, l, store.Batch{Events: e, Runs: []store.Run{r}})
		assert.Equal(t, e[0], eventsOf(t, s, "a")[i])
		r.LastSeq++
		assert.Equal(t, r, load(t, s, "a").Run)
	}
}

func valuesLarge(t *testing.T, s Store) {
	state := make([]byte, 1<<20)
	random := rand.NewChaCha8([32]byte{})
	random.Read(state)
	c := newClaim("a")
	c.Checkpoint.State = state
	c.Plan = bytes.Repeat([]byte("p"), 1<<20)
	l, err := s.Claim(t.Context(), c)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(state, load(t, s, "a").Checkpoint.State))

	next := checkpoint(1)
	next.State, next.Ledger = append([]byte{}, state...), bytes.Repeat(state, 2)
	next.State[5]++
	e := events("a", 1, 1)
	e[0].Data = bytes.Repeat([]byte("d"), 64<<10)
	e[0].Path = hex.EncodeToString(state[:10_000]) // longer than the keys of some databases
	item := store.Item{Owner: store.Owner{RunID: "a", Invocation: 1}, Status: "ok", Result: state}
	r := load(t, s, "a").Run
	r.Error = strings.Repeat("é", 1<<16)
	write(t, s, l, store.Batch{Events: e, Checkpoint: next, Items: []store.Item{item}, Runs: []store.Run{r}})
	saved := load(t, s, "a")
	assert.True(t, bytes.Equal(next.State, saved.Checkpoint.State) && bytes.Equal(next.Ledger, saved.Checkpoint.Ledger))
	assert.True(t, bytes.Equal(state, saved.Items[0].Result) && saved.Run.Error == r.Error)
	assert.True(t, bytes.Equal(e[0].Data, eventsOf(t, s, "a")[0].Data) && e[0].Path == eventsOf(t, s, "a")[0].Path)
	plan, err := s.Plan(t.Context(), "plan-1")
	require.NoError(t, err)
	assert.True(t, bytes.Equal(c.Plan, plan))
}

func valuesTimes(t *testing.T, s Store) {
	times := []time.Time{
		{},
		time.Unix(0, 0),
		time.Unix(0, -1),
		time.Unix(0, math.MinInt64),
		time.Unix(0, math.MaxInt64),
		time.Date(2026, 3, 29, 2, 30, 0, 1, time.FixedZone("far", 14*3600)),
		time.Now(), // has a monotonic clock
	}
	l := begin(t, s, "a")
	for i, at := range times {
		e, c := events("a", i+1, i+1), checkpoint(i+1)
		e[0].Time, c.Written = at, at
		r := inner("a", "a/1")
		r.Started, r.Ended = at, at
		write(t, s, l, store.Batch{Events: e, Checkpoint: c, Runs: []store.Run{r}})

		want := at.Round(0).UTC()
		assert.Equal(t, want, eventsOf(t, s, "a")[i].Time)
		assert.Equal(t, want, load(t, s, "a").Checkpoint.Written)
		runs, err := s.Runs(t.Context(), store.Query{Root: "a", Prefix: "a/"})
		require.NoError(t, err)
		assert.Equal(t, [2]time.Time{want, want}, [2]time.Time{runs[0].Started, runs[0].Ended})
	}
	until := epoch.In(time.FixedZone("west", -8*3600))
	write(t, s, l, store.Batch{Until: until})
	assert.Equal(t, epoch, load(t, s, "a").Run.LeaseUntil)
}

func valuesTexts(t *testing.T, s Store) {
	for _, text := range []string{`'; DROP TABLE runs; --`, `"a" \ %s $1 ?1 %_*[`, "é\u0301 \U0001F600 \u2028\r\n\t", " ", strings.Repeat("é", 500)} {
		saved := writeText(t, s, text)
		assert.Equal(t, text, saved.Run.ID)
		assert.Equal(t, text, saved.Run.Error)
		assert.Equal(t, `{"`+text+`"`, string(saved.Run.Labels))
		found, err := s.Runs(t.Context(), store.Query{Prefix: string([]rune(text)[:1]), Pipeline: text})
		require.NoError(t, err)
		assert.Equal(t, []string{text}, ids(found))
		assert.Equal(t, text, eventsOf(t, s, text, text)[0].Path)
		plan, err := s.Plan(t.Context(), text)
		require.NoError(t, err)
		assert.Equal(t, text, string(plan))
	}
	// What not every database can hold is replaced; see package store.
	l := begin(t, s, "a")
	r := load(t, s, "a").Run
	r.Error, r.Labels = "a\x00b\xffc", []byte("a\x00b\xffc")
	e := events("a", 1, 1)
	e[0].Path, e[0].Data = "a\x00b\xffc", []byte("a\x00b\xffc")
	write(t, s, l, store.Batch{Events: e, Runs: []store.Run{r}})
	const want = "a\uFFFDb\uFFFDc"
	saved, log := load(t, s, "a"), eventsOf(t, s, "a")
	assert.Equal(t, [4]string{want, want, want, want},
		[4]string{saved.Run.Error, string(saved.Run.Labels), log[0].Path, string(log[0].Data)})

	// An ID is not: this is the one of no run.
	begin(t, s, want)
	_, err := s.Load(t.Context(), r.Error)
	assert.ErrorIs(t, err, store.ErrUnknownRun)
	_, err = s.Events(t.Context(), r.Error)
	assert.ErrorIs(t, err, store.ErrUnknownRun)
	_, err = s.Claim(t.Context(), resumption(r.Error, "second", epoch.Add(ttl)))
	assert.ErrorIs(t, err, store.ErrUnknownRun)
	assert.ErrorIs(t, s.Delete(t.Context(), r.Error, epoch.Add(ttl)), store.ErrUnknownRun)
}

// writeText makes a run in which every text is the given one.
func writeText(t *testing.T, s Store, text string) store.Saved {
	c := newClaim(text)
	c.Owner, c.Run.Pipeline, c.Run.PlanHash, c.Plan = text, text, text, []byte(text)
	l, err := s.Claim(t.Context(), c)
	require.NoError(t, err)
	assert.Equal(t, text, l.Owner)
	r := load(t, s, text).Run
	r.Reason, r.Error, r.ErrorKind, r.ErrorSource, r.ErrorPath, r.Schedule = text, text, text, text, text, text
	r.Labels = []byte(`{"` + text + `"`)
	e := events(text, 1, 1)
	e[0].Type, e[0].Node, e[0].Path, e[0].Data = text, text, text, []byte(text)
	item := store.Item{Owner: store.Owner{RunID: text, Invocation: 1}, Status: text}
	write(t, s, l, store.Batch{Events: e, Runs: []store.Run{r}, Items: []store.Item{item}})
	saved := load(t, s, text)
	assert.Equal(t, []store.Item{item}, saved.Items)
	return saved
}

// valuesCopied tests that neither side sees what the other does with its bytes.
func valuesCopied(t *testing.T, s Store) {
	c := newClaim("a")
	c.Run.Labels = []byte("{}")
	l, err := s.Claim(t.Context(), c)
	require.NoError(t, err)
	b := full("a", 1, 1)
	b.Events[0].Data, b.Events[0].Notes = []byte("{}"), []byte("{}")
	write(t, s, l, b)

	now := func() string { return fmt.Sprintf("%#v %#v", load(t, s, "a"), eventsOf(t, s, "a")) }
	want := now()
	spoil := func(all ...[]byte) {
		for _, data := range all {
			data[0] = 'X'
		}
	}
	spoil(c.Run.Labels, c.Plan, c.Checkpoint.State, b.Checkpoint.State, b.Checkpoint.Ledger)
	spoil(b.Items[0].Result, b.Events[0].Data, b.Events[0].Notes)
	b.Events[0].Type, b.Items[0].Status = "X", "X"
	assert.Equal(t, want, now(), "after a change of what was given")

	saved, log := load(t, s, "a"), eventsOf(t, s, "a")
	plan, err := s.Plan(t.Context(), "plan-1")
	require.NoError(t, err)
	assert.Equal(t, `{"name":"orders"}`, string(plan))
	spoil(plan, saved.Run.Labels, saved.Checkpoint.State, saved.Checkpoint.Ledger, saved.Items[0].Result)
	spoil(log[0].Data, log[0].Notes)
	saved.Items[0].Status, log[0].Type = "X", "X"
	assert.Equal(t, want, now(), "after a change of what was returned")
	plan, err = s.Plan(t.Context(), "plan-1")
	require.NoError(t, err)
	assert.Equal(t, `{"name":"orders"}`, string(plan))
}
