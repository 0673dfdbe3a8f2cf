package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/engine/store/internal/table"
)

// ErrNoRun says that no run waits for somebody to go on with it.
var ErrNoRun = errors.New("postgres: no run waits")

// NextClaim asks for any run that waits.
type NextClaim struct {
	// Owner, Now and TTL are those of a [store.Claim].
	Owner string
	Now   time.Time
	TTL   time.Duration
	// Plans are the hashes of the pipelines that the caller can go on with;
	// empty for all.
	Plans []string
	// Status is store.Suspended or store.Interrupted, for runs of that status
	// only; empty for both.
	Status store.Status
}

// statuses returns those in the rows of runs that n asks for, or what is wrong
// with n.
func (n NextClaim) statuses() ([]string, error) {
	if n.Now.IsZero() || n.TTL <= 0 {
		return nil, fmt.Errorf("NextClaim.Now is %v and TTL %v, want a time and a duration", n.Now, n.TTL)
	}
	switch n.Status {
	case "":
		return []string{string(store.Suspended), string(store.Running)}, nil
	case store.Suspended:
		return []string{string(store.Suspended)}, nil
	case store.Interrupted:
		return []string{string(store.Running)}, nil
	}
	return nil, fmt.Errorf("NextClaim.Status is %q, want suspended, interrupted or none", n.Status)
}

// ClaimNext claims the run that has waited longest: since it was suspended, or
// since its lease expired. It returns what Load does of it. Callers at once get
// different runs and do not wait for each other. The error is [ErrNoRun] if there
// is none, or none that is not just being claimed by another.
//
// A run that is suspended again goes to the end of the line, but it is given out
// again as soon as it is the first: what it waits for is not known here.
func (s *Store) ClaimNext(ctx context.Context, n NextClaim) (store.Lease, store.Saved, error) {
	var l store.Lease
	var saved store.Saved
	err := s.within(ctx, writing, func(tx pgx.Tx) error {
		row, err := waiting(ctx, tx, n)
		if err != nil {
			return err
		}
		c := store.Claim{Resume: true, Owner: n.Owner, Now: n.Now, TTL: n.TTL, Run: store.Run{ID: row.ID, PlanHash: row.PlanHash}}
		if l, err = claim(ctx, tx, c, &row); err != nil {
			return err
		}
		saved, err = load(ctx, tx, row.ID)
		return err
	})
	if err != nil {
		return store.Lease{}, store.Saved{}, err
	}
	return l, saved, nil
}

// waiting locks the row of the first run in line that nobody else has locked.
func waiting(ctx context.Context, tx pgx.Tx, n NextClaim) (store.Run, error) {
	statuses, err := n.statuses()
	if err != nil {
		return store.Run{}, err
	}
	plans := n.Plans
	if plans == nil {
		plans = []string{}
	}
	// The second condition on the status is that of the index.
	r, err := table.ScanLease(tx.QueryRow(ctx, table.SelectLease+` WHERE root_run_id = run_id
		AND status IN ('suspended', 'running') AND status = ANY ($1) AND (lease_until IS NULL OR lease_until <= $2)
		AND (cardinality($3::text[]) = 0 OR plan_hash = ANY ($3))
		ORDER BY coalesce(ended_at, lease_until, started_at), run_id LIMIT 1 FOR UPDATE SKIP LOCKED`,
		statuses, n.Now.UnixNano(), plans))
	if errors.Is(err, pgx.ErrNoRows) {
		return r, ErrNoRun
	}
	return r, err
}
