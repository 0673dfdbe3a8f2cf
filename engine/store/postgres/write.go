package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/engine/store/internal/table"
)

// writing is how transactions that write begin. The row of the run is locked
// before it is looked at, so nothing stricter is needed.
var writing = pgx.TxOptions{IsoLevel: pgx.ReadCommitted}

// Claim is [store.Store].Claim.
func (s *Store) Claim(ctx context.Context, c store.Claim) (store.Lease, error) {
	var l store.Lease
	err := s.within(ctx, writing, func(tx pgx.Tx) error {
		row, err := lease(ctx, tx, c.Run.ID)
		if err != nil {
			return err
		}
		if row != nil && c.Resume && row.RootID != row.ID {
			row = nil // an inner run has no lease
		}
		l, err = claim(ctx, tx, c, row)
		return err
	})
	if err != nil {
		return store.Lease{}, err
	}
	return l, nil
}

// claim decides and writes c, for the row that is there.
func claim(ctx context.Context, tx pgx.Tx, c store.Claim, row *store.Run) (store.Lease, error) {
	r, err := c.Decide(row)
	if err != nil {
		return store.Lease{}, err
	}
	l := store.Lease{RunID: r.ID, Owner: r.LeaseOwner, Fence: r.Fence, Until: r.LeaseUntil}
	return l, execAll(ctx, tx, dialect.Claim(c, r))
}

// Append is [store.Store].Append. If it returns an error because ctx ended or the
// connection broke, b may be in the database nevertheless, all of it.
func (s *Store) Append(ctx context.Context, l store.Lease, b store.Batch) error {
	return s.within(ctx, writing, func(tx pgx.Tx) error {
		row, err := lease(ctx, tx, l.RunID)
		if err != nil {
			return err
		}
		r, err := b.Decide(row, l)
		if err != nil {
			return err
		}
		return execAll(ctx, tx, dialect.Append(r, b))
	})
}

// Delete is [store.History].Delete.
func (s *Store) Delete(ctx context.Context, runID string, now time.Time) error {
	return s.within(ctx, writing, func(tx pgx.Tx) error {
		row, err := lease(ctx, tx, runID)
		switch {
		case err != nil:
			return err
		case row == nil || row.RootID != runID:
			return fmt.Errorf("%w: %q", store.ErrUnknownRun, runID)
		case now.Before(row.LeaseUntil):
			return fmt.Errorf("%w: %q", store.ErrRunActive, runID)
		}
		return execAll(ctx, tx, []table.Statement{dialect.Delete(runID)})
	})
}

// lease locks the row of a run and returns what decides about a write, or nil if
// there is none.
func lease(ctx context.Context, tx pgx.Tx, runID string) (*store.Run, error) {
	q := dialect.Lease(runID)
	r, err := table.ScanLease(tx.QueryRow(ctx, q.SQL, q.Args...))
	if errors.Is(err, pgx.ErrNoRows) || err == nil && r.ID != runID {
		return nil, nil
	}
	return &r, err
}

// execAll sends all statements at once. It returns the error of the first that
// fails or must change a row and does not.
func execAll(ctx context.Context, tx pgx.Tx, all []table.Statement) error {
	var batch pgx.Batch
	for _, s := range all {
		batch.Queue(s.SQL, s.Args...).Exec(func(tag pgconn.CommandTag) error {
			if s.None != nil && tag.RowsAffected() == 0 {
				return s.None
			}
			return nil
		})
	}
	return tx.SendBatch(ctx, &batch).Close()
}
