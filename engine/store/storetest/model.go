package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/ravelgo/ravel/engine/store"
)

// sameAsModel does random operations with s and with a store in memory, which
// must give the same answers. The runs of each sequence have IDs of their own, so
// that one store does for all.
func sameAsModel(t *testing.T, s Store) {
	sequence := 0
	rapid.Check(t, func(rt *rapid.T) {
		sequence++
		m := &model{ctx: t.Context(), s: s, memory: store.NewMemory(), prefix: fmt.Sprintf("m%d:", sequence), now: epoch}
		rt.Repeat(map[string]func(*rapid.T){
			"claim": m.claim, "resume": m.resume, "append": m.append, "delete": m.delete, "wait": m.wait,
			"load": m.load, "runs": m.runs, "events": m.events,
		})
	})
}

type model struct {
	ctx    context.Context
	s      Store
	memory *store.Memory
	prefix string
	now    time.Time
	leases []store.Lease // all that were given
}

// answer is what a call has returned. Errors are the same if they are of the same
// kind.
type answer struct {
	value any
	err   error
}

// same does an operation with both stores and returns the answer.
func (m *model) same(t *rapid.T, do func(Store) (any, error)) answer {
	var all [2]answer
	for i, s := range []Store{m.memory, m.s} {
		value, err := do(s)
		all[i] = answer{value, err}
	}
	assert.Equal(t, kindOf(all[0].err), kindOf(all[1].err), "error of memory is %v, of the store %v", all[0].err, all[1].err)
	assert.Equal(t, all[0].value, all[1].value)
	if t.Failed() {
		t.FailNow()
	}
	return all[0]
}

func kindOf(err error) error {
	for _, kind := range []error{store.ErrRunExists, store.ErrRunActive, store.ErrNotResumable, store.ErrUnknownRun,
		store.ErrFenced, store.ErrPlanChanged} {
		if errors.Is(err, kind) {
			return kind
		}
	}
	if err != nil {
		return errors.New("another one")
	}
	return nil
}

// id draws the ID of an outermost run, or sometimes of an inner one.
func (m *model) id(t *rapid.T) string {
	return m.prefix + rapid.SampledFrom([]string{"a", "b", "it's", "a/é"}).Draw(t, "id")
}

func (m *model) claim(t *rapid.T) {
	c := newClaim(m.id(t))
	c.Owner, c.Now = m.owner(), m.now
	c.Run.Started = m.now
	c.Run.Pipeline = rapid.SampledFrom([]string{"orders", "bills"}).Draw(t, "pipeline")
	m.take(t, c)
}

func (m *model) resume(t *rapid.T) {
	c := resumption(m.id(t), m.owner(), m.now)
	if rapid.IntRange(0, 9).Draw(t, "changed") == 0 {
		c.Run.PlanHash = "plan-2"
	}
	m.take(t, c)
}

func (m *model) owner() string { return fmt.Sprint("owner ", len(m.leases)) }

func (m *model) take(t *rapid.T, c store.Claim) {
	got := m.same(t, func(s Store) (any, error) { return s.Claim(m.ctx, c) })
	if got.err == nil {
		m.leases = append(m.leases, got.value.(store.Lease))
	}
}

func (m *model) append(t *rapid.T) {
	if len(m.leases) == 0 {
		t.Skip("no lease")
	}
	last := len(m.leases) - 1
	l := m.leases[max(0, last-rapid.IntRange(0, 3).Draw(t, "how old"))]
	b := m.batch(t, l.RunID)
	m.same(t, func(s Store) (any, error) { return nil, s.Append(m.ctx, l, b) })
}

// batch draws one that fits the run, mostly.
func (m *model) batch(t *rapid.T, id string) store.Batch {
	saved, _ := m.memory.Load(m.ctx, id)
	few := rapid.IntRange(0, 3)
	var b store.Batch
	first := int(saved.Run.LastSeq) + 1 + slip(t, "first event")
	b.Events = events(id, first, first+few.Draw(t, "events")-1)
	for i := range b.Events {
		b.Events[i].Type = rapid.SampledFrom([]string{"START", "TOKEN"}).Draw(t, "type")
	}
	if rapid.Bool().Draw(t, "checkpoint") {
		b.Checkpoint = checkpoint(saved.Checkpoint.Number + 1 + slip(t, "number"))
	}
	for range few.Draw(t, "forgotten") {
		b.Forget = append(b.Forget, m.item(t, id).Owner)
	}
	for range few.Draw(t, "items") {
		b.Items = append(b.Items, m.item(t, id))
	}
	for range few.Draw(t, "rows") {
		b.Runs = append(b.Runs, m.row(t, id))
	}
	if rapid.Bool().Draw(t, "renew") {
		b.Until = m.now.Add(ttl)
	}
	b.Release = rapid.IntRange(0, 4).Draw(t, "release") == 0
	return b
}

// slip draws a small number that is mostly zero.
func slip(t *rapid.T, label string) int {
	return max(0, rapid.IntRange(-15, 2).Draw(t, label))
}

func (m *model) item(t *rapid.T, id string) store.Item {
	return store.Item{
		Owner:  store.Owner{RunID: rapid.SampledFrom([]string{id, id + "/é"}).Draw(t, "owner"), Invocation: rapid.IntRange(1, 3).Draw(t, "invocation")},
		Index:  rapid.IntRange(0, 3).Draw(t, "index"),
		Status: "ok",
		Result: rapid.SliceOfN(rapid.Byte(), -1, 5).Draw(t, "result"),
	}
}

func (m *model) row(t *rapid.T, root string) store.Run {
	r := inner(root, root+"/é")
	switch rapid.IntRange(0, 5).Draw(t, "which row") {
	case 0:
		r.ID = m.id(t)
	case 1, 2, 3:
		r = newClaim(root).Run
	}
	r.Status = rapid.SampledFrom([]store.Status{store.Running, store.Success, store.Suspended, store.Failed}).Draw(t, "status")
	r.Started = m.now.Add(time.Duration(rapid.IntRange(-2, 2).Draw(t, "started")))
	r.Error = rapid.String().Draw(t, "error")
	r.LastSeq = rapid.Uint64().Draw(t, "last")
	return r
}

func (m *model) delete(t *rapid.T) {
	id := m.id(t)
	m.same(t, func(s Store) (any, error) { return nil, s.Delete(m.ctx, id, m.now) })
}

func (m *model) wait(t *rapid.T) {
	m.now = m.now.Add(time.Duration(rapid.Int64Range(0, int64(2*ttl)).Draw(t, "wait")))
}

func (m *model) load(t *rapid.T) {
	id := m.id(t)
	m.same(t, func(s Store) (any, error) { return s.Load(m.ctx, id) })
}

func (m *model) events(t *rapid.T) {
	id := m.id(t)
	types := rapid.SliceOfN(rapid.SampledFrom([]string{"START", "TOKEN", "FINISH"}), 0, 2).Draw(t, "types")
	m.same(t, func(s Store) (any, error) { return s.Events(m.ctx, id, types...) })
}

func (m *model) runs(t *rapid.T) {
	q := store.Query{
		Prefix:   m.prefix + rapid.SampledFrom([]string{"", "a", "it'", "a/"}).Draw(t, "prefix"),
		Status:   rapid.SampledFrom([]store.Status{"", store.Running, store.Interrupted, store.Success, store.Failed}).Draw(t, "status"),
		Pipeline: rapid.SampledFrom([]string{"", "", "orders", "lines"}).Draw(t, "pipeline"),
		Now:      m.now,
		Limit:    rapid.IntRange(0, 3).Draw(t, "limit"),
	}
	if rapid.Bool().Draw(t, "in a run") {
		q.Root = m.id(t)
	}
	if rapid.Bool().Draw(t, "since") {
		q.Since = m.now.Add(-time.Duration(rapid.Int64Range(0, int64(3*ttl)).Draw(t, "ago")))
	}
	m.same(t, func(s Store) (any, error) { return s.Runs(m.ctx, q) })
}
