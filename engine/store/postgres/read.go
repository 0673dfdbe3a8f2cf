package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/engine/store/internal/table"
)

// reading is how transactions that read begin: they see one state of all tables.
var reading = pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}

// Load is [store.Store].Load.
func (s *Store) Load(ctx context.Context, runID string) (store.Saved, error) {
	var saved store.Saved
	err := s.within(ctx, reading, func(tx pgx.Tx) (err error) {
		saved, err = load(ctx, tx, runID)
		return err
	})
	if err != nil {
		return store.Saved{}, err
	}
	return saved, nil
}

func load(ctx context.Context, tx pgx.Tx, runID string) (saved store.Saved, err error) {
	if saved.Run, err = run(ctx, tx, runID); err != nil {
		return saved, err
	}
	checkpoints, err := all(ctx, tx, dialect.Checkpoint(runID), table.ScanCheckpoint)
	if err != nil {
		return saved, err
	}
	saved.Checkpoint = checkpoints[0]
	if saved.Items, err = all(ctx, tx, dialect.Items(runID), table.ScanItem); err != nil {
		return saved, err
	}
	saved.Tail, err = all(ctx, tx, dialect.Tail(runID, saved.Checkpoint.Seq), table.ScanEvent)
	return saved, err
}

// Runs is [store.History].Runs.
func (s *Store) Runs(ctx context.Context, q store.Query) (runs []store.Run, err error) {
	err = s.within(ctx, reading, func(tx pgx.Tx) error {
		runs, err = all(ctx, tx, dialect.Runs(q), table.ScanRun)
		return err
	})
	return runs, err
}

// Events is [store.History].Events.
func (s *Store) Events(ctx context.Context, runID string, types ...string) (events []store.Event, err error) {
	err = s.within(ctx, reading, func(tx pgx.Tx) error {
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
	err = s.within(ctx, reading, func(tx pgx.Tx) error {
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

// run returns the row of an outermost run.
func run(ctx context.Context, tx pgx.Tx, runID string) (store.Run, error) {
	runs, err := all(ctx, tx, dialect.Run(runID), table.ScanRun)
	if err != nil {
		return store.Run{}, err
	}
	if len(runs) == 0 || runs[0].ID != runID {
		return store.Run{}, fmt.Errorf("%w: %q", store.ErrUnknownRun, runID)
	}
	return runs[0], nil
}

// all returns the rows of a query; nil if there are none.
func all[T any](ctx context.Context, tx pgx.Tx, q table.Select, scan func(table.Row) (T, error)) ([]T, error) {
	rows, err := tx.Query(ctx, q.SQL, q.Args...)
	if err != nil {
		return nil, err
	}
	var found []T
	return pgx.AppendRows(found, rows, func(row pgx.CollectableRow) (T, error) { return scan(row) })
}
