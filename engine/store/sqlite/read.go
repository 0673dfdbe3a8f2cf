package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/engine/store/internal/table"
)

// Load is [store.Store].Load.
func (s *Store) Load(ctx context.Context, runID string) (store.Saved, error) {
	var saved store.Saved
	err := s.read(ctx, func(tx *sql.Tx) (err error) {
		if saved.Run, err = run(ctx, tx, runID); err != nil {
			return err
		}
		checkpoints, err := all(ctx, tx, dialect.Checkpoint(runID), table.ScanCheckpoint)
		if err != nil {
			return err
		}
		saved.Checkpoint = checkpoints[0]
		if saved.Items, err = all(ctx, tx, dialect.Items(runID), table.ScanItem); err != nil {
			return err
		}
		saved.Tail, err = all(ctx, tx, dialect.Tail(runID, saved.Checkpoint.Seq), table.ScanEvent)
		return err
	})
	if err != nil {
		return store.Saved{}, err
	}
	return saved, nil
}

// Runs is [store.History].Runs.
func (s *Store) Runs(ctx context.Context, q store.Query) (runs []store.Run, err error) {
	err = s.read(ctx, func(tx *sql.Tx) error {
		runs, err = all(ctx, tx, dialect.Runs(q), table.ScanRun)
		return err
	})
	return runs, err
}

// Events is [store.History].Events.
func (s *Store) Events(ctx context.Context, runID string, types ...string) (events []store.Event, err error) {
	err = s.read(ctx, func(tx *sql.Tx) error {
		if _, err := run(ctx, tx, runID); err != nil {
			return err
		}
		events, err = all(ctx, tx, dialect.Events(runID, types), table.ScanEvent)
		return err
	})
	return events, err
}

// Plan is [store.History].Plan.
func (s *Store) Plan(ctx context.Context, hash string) (plan []byte, err error) {
	err = s.read(ctx, func(tx *sql.Tx) error {
		plans, err := all(ctx, tx, dialect.Plan(hash), func(row table.Row) (plan []byte, err error) {
			err = row.Scan(&plan)
			return plan, err
		})
		if len(plans) > 0 {
			plan = plans[0]
		}
		return err
	})
	return plan, err
}

// read calls do with one state of the file.
func (s *Store) read(ctx context.Context, do func(*sql.Tx) error) error {
	if s.writer.stopped() {
		return ErrClosed
	}
	tx, err := s.reads.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return s.failed(ctx, err)
	}
	defer tx.Rollback()
	if err = do(tx); errors.Is(err, store.ErrUnknownRun) {
		return err
	}
	return s.failed(ctx, err)
}

// run returns the row of an outermost run.
func run(ctx context.Context, tx *sql.Tx, runID string) (store.Run, error) {
	runs, err := all(ctx, tx, dialect.Run(runID), table.ScanRun)
	if err != nil {
		return store.Run{}, err
	}
	if len(runs) == 0 || runs[0].ID != runID {
		return store.Run{}, fmt.Errorf("%w: %q", store.ErrUnknownRun, runID)
	}
	return runs[0], nil
}

// all returns the rows of a query.
func all[T any](ctx context.Context, tx *sql.Tx, q table.Select, scan func(table.Row) (T, error)) ([]T, error) {
	rows, err := tx.QueryContext(ctx, q.SQL, q.Args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, v)
	}
	return found, rows.Err()
}
