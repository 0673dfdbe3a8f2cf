package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ravelgo/ravel/sched"
)

// Memory is a [Store] and a [History] that lives as long as the process. It may
// be used in simulations: its lock is a [sched.Mutex], and no order of a map shows.
type Memory struct {
	mu    sched.Mutex        // guards the fields below
	runs  map[string]*record // outermost ones, by ID
	roots map[string]string  // ID of the outermost run by that of any run
	plans map[string][]byte  // by hash
}

// record is what there is of an outermost run.
type record struct {
	row        Run
	inner      []Run // without leases
	events     []Event
	checkpoint Checkpoint
	items      []Item // sorted by compareItems
}

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{runs: map[string]*record{}, roots: map[string]string{}, plans: map[string][]byte{}}
}

// Claim is [Store].Claim.
func (m *Memory) Claim(ctx context.Context, c Claim) (Lease, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return Lease{}, err
	}
	r, err := c.Decide(m.claimed(c))
	if err != nil {
		return Lease{}, err
	}
	r = keepRun(r)
	if c.Resume {
		m.runs[r.ID].row = r
	} else {
		m.runs[r.ID] = &record{row: r, checkpoint: keepCheckpoint(c.Checkpoint)}
		m.roots[r.ID] = r.ID
		m.addPlan(r.PlanHash, c.Plan)
	}
	return Lease{RunID: r.ID, Owner: r.LeaseOwner, Fence: r.Fence, Until: r.LeaseUntil}, nil
}

// claimed returns the row that c is about: an inner run is in the way of a new
// one, but cannot be resumed.
func (m *Memory) claimed(c Claim) *Run {
	if root, ok := m.roots[c.Run.ID]; ok && (root == c.Run.ID || !c.Resume) {
		return &m.runs[root].row
	}
	return nil
}

func (m *Memory) addPlan(hash string, plan []byte) {
	if _, ok := m.plans[hash]; !ok && len(plan) > 0 {
		m.plans[hash] = keepJSON(plan)
	}
}

// Append is [Store].Append.
func (m *Memory) Append(ctx context.Context, l Lease, b Batch) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	rec := m.runs[l.RunID]
	if rec == nil {
		rec = &record{}
	}
	lease, err := b.Decide(&rec.row, l)
	if err != nil {
		return err
	}
	if err := m.fits(rec, b); err != nil {
		return err
	}
	rec.row.LastSeq = lease.LastSeq
	rec.row.LeaseOwner, rec.row.LeaseUntil = lease.LeaseOwner, lease.LeaseUntil
	m.write(rec, b)
	return nil
}

// fits looks at what Decide cannot: the number of the checkpoint, and whether the
// IDs of inner runs are those of others.
func (m *Memory) fits(rec *record, b Batch) error {
	id := rec.row.ID
	if c := b.Checkpoint; c != nil && c.Number != rec.checkpoint.Number+1 {
		return fmt.Errorf("store: run %q: checkpoint %d, want %d", id, c.Number, rec.checkpoint.Number+1)
	}
	for _, r := range b.Runs {
		if root, ok := m.roots[r.ID]; ok && root != id {
			return fmt.Errorf("%w: %q", ErrRunExists, r.ID)
		}
	}
	return nil
}

func (m *Memory) write(rec *record, b Batch) {
	for _, e := range b.Events {
		rec.events = append(rec.events, keepEvent(e))
	}
	if b.Checkpoint != nil {
		rec.checkpoint = keepCheckpoint(*b.Checkpoint)
	}
	for _, o := range b.Forget {
		rec.items = slices.DeleteFunc(rec.items, func(i Item) bool { return i.Owner == keepOwner(o) })
	}
	for _, i := range b.Items {
		rec.putItem(keepItem(i))
	}
	for _, r := range b.Runs {
		rec.putRun(keepRun(r))
		m.roots[r.ID] = rec.row.ID
	}
}

func (rec *record) putItem(item Item) {
	i, ok := slices.BinarySearchFunc(rec.items, item, compareItems)
	if ok {
		rec.items[i] = item
		return
	}
	rec.items = slices.Insert(rec.items, i, item)
}

func compareItems(a, b Item) int {
	return cmp.Or(strings.Compare(a.RunID, b.RunID), cmp.Compare(a.Invocation, b.Invocation), cmp.Compare(a.Index, b.Index))
}

func (rec *record) putRun(r Run) {
	if r.ID == rec.row.ID {
		lastSeq := rec.row.LastSeq
		rec.row = withLease(r, rec.row)
		rec.row.LastSeq = lastSeq
		return
	}
	r = withLease(r, Run{})
	if i := slices.IndexFunc(rec.inner, func(old Run) bool { return old.ID == r.ID }); i >= 0 {
		rec.inner[i] = r
		return
	}
	rec.inner = append(rec.inner, r)
}

// withLease returns r with what belongs to the lease of from.
func withLease(r, from Run) Run {
	r.LeaseOwner, r.LeaseUntil, r.Fence = from.LeaseOwner, from.LeaseUntil, from.Fence
	return r
}

// Load is [Store].Load.
func (m *Memory) Load(ctx context.Context, runID string) (Saved, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	rec, err := m.find(ctx, runID)
	if err != nil {
		return Saved{}, err
	}
	return Saved{
		Run:        keepRun(rec.row),
		Checkpoint: keepCheckpoint(rec.checkpoint),
		Items:      keepAll(rec.items, keepItem),
		Tail:       keepAll(rec.after(rec.checkpoint.Seq), keepEvent),
	}, nil
}

// after returns the events after the given one.
func (rec *record) after(seq uint64) []Event {
	for i, e := range rec.events {
		if e.Seq > seq {
			return rec.events[i:]
		}
	}
	return nil
}

// find returns the outermost run with the given ID.
func (m *Memory) find(ctx context.Context, runID string) (*record, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	rec, ok := m.runs[runID]
	if !ok {
		return nil, fmt.Errorf("%w: %q", ErrUnknownRun, runID)
	}
	return rec, nil
}
