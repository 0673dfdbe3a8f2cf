package sqlite

import (
	"context"
	"fmt"
	"time"

	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/engine/store/internal/table"
)

// Claim is [store.Store].Claim.
func (s *Store) Claim(ctx context.Context, c store.Claim) (store.Lease, error) {
	var r store.Run
	err := s.writer.submit(ctx, func(t *tx) error {
		row, err := t.lease(c.Run.ID)
		if err != nil {
			return err
		}
		if row != nil && c.Resume && row.RootID != row.ID {
			row = nil // an inner run has no lease
		}
		if r, err = c.Decide(row); err != nil {
			return err
		}
		return t.execAll(dialect.Claim(c, r))
	})
	if err != nil {
		return store.Lease{}, err
	}
	return store.Lease{RunID: r.ID, Owner: r.LeaseOwner, Fence: r.Fence, Until: r.LeaseUntil}, nil
}

// Append is [store.Store].Append. It returns when b is on disk. If ctx ends while
// b is being written, it returns what has come of that.
func (s *Store) Append(ctx context.Context, l store.Lease, b store.Batch) error {
	return s.writer.submit(ctx, func(t *tx) error {
		row, err := t.lease(l.RunID)
		if err != nil {
			return err
		}
		r, err := b.Decide(row, l)
		if err != nil {
			return err
		}
		return t.execAll(dialect.Append(r, b))
	})
}

// Delete is [store.History].Delete.
func (s *Store) Delete(ctx context.Context, runID string, now time.Time) error {
	return s.writer.submit(ctx, func(t *tx) error {
		row, err := t.lease(runID)
		switch {
		case err != nil:
			return err
		case row == nil || row.RootID != runID:
			return fmt.Errorf("%w: %q", store.ErrUnknownRun, runID)
		case now.Before(row.LeaseUntil):
			return fmt.Errorf("%w: %q", store.ErrRunActive, runID)
		}
		return t.execAll([]table.Statement{dialect.Delete(runID)})
	})
}

// lease returns what decides about a write: part of the row of a run, or nil if
// there is none.
func (t *tx) lease(runID string) (*store.Run, error) {
	var r store.Run
	ok, err := t.row(dialect.Lease(runID), func(row table.Row) (err error) {
		r, err = table.ScanLease(row)
		return err
	})
	if err != nil || !ok || r.ID != runID {
		return nil, err
	}
	return &r, nil
}
