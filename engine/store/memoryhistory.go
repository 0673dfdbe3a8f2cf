package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Runs is [History].Runs.
func (m *Memory) Runs(ctx context.Context, q Query) ([]Run, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var found []Run
	for _, r := range m.rows(q.Root) {
		if q.selects(r) {
			found = append(found, keepRun(r))
		}
	}
	slices.SortFunc(found, func(a, b Run) int {
		return cmp.Or(b.Started.Compare(a.Started), strings.Compare(a.ID, b.ID))
	})
	if q.Limit > 0 && len(found) > q.Limit {
		found = found[:q.Limit]
	}
	return found, nil
}

// rows returns a run and its inner runs, or without root the outermost runs, in
// any order.
func (m *Memory) rows(root string) []Run {
	var all []Run
	if root == "" {
		for _, rec := range m.runs {
			all = append(all, rec.row)
		}
		return all
	}
	if rec, ok := m.runs[root]; ok {
		all = append(all, rec.row)
		for _, r := range rec.inner {
			all = append(all, withLease(r, rec.row))
		}
	}
	return all
}

func (q Query) selects(r Run) bool {
	return (q.Status == "" || r.At(q.Now) == q.Status) &&
		(q.Pipeline == "" || r.Pipeline == Text(q.Pipeline)) &&
		strings.HasPrefix(r.ID, Text(q.Prefix)) &&
		(q.Since.IsZero() || !r.Started.Before(q.Since))
}

// Events is [History].Events.
func (m *Memory) Events(ctx context.Context, runID string, types ...string) ([]Event, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	rec, err := m.find(ctx, runID)
	if err != nil {
		return nil, err
	}
	var found []Event
	for _, e := range rec.events {
		if len(types) == 0 || slices.Contains(types, e.Type) {
			found = append(found, keepEvent(e))
		}
	}
	return found, nil
}

// Plan is [History].Plan.
func (m *Memory) Plan(ctx context.Context, hash string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return slices.Clone(m.plans[hash]), nil
}

// Delete is [History].Delete.
func (m *Memory) Delete(ctx context.Context, runID string, now time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	rec, err := m.find(ctx, runID)
	if err != nil {
		return err
	}
	if now.Before(rec.row.LeaseUntil) {
		return fmt.Errorf("%w: %q", ErrRunActive, runID)
	}
	for _, r := range rec.inner {
		delete(m.roots, r.ID)
	}
	delete(m.roots, runID)
	delete(m.runs, runID)
	return nil
}
