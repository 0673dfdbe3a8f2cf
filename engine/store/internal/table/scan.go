package table

import (
	"database/sql"
	"time"

	"github.com/ravelgo/ravel/engine/store"
)

// Row is what a row is read from: one of package database/sql or of pgx.
type Row interface {
	Scan(dest ...any) error
}

// ScanLease reads a row of [Dialect.Lease].
func ScanLease(row Row) (store.Run, error) {
	var r store.Run
	var seq int64
	var until sql.NullInt64
	err := row.Scan(&r.ID, &r.RootID, &r.Status, &r.PlanHash, &seq, &r.LeaseOwner, &until, &r.Fence)
	r.LastSeq, r.LeaseUntil = uint64(seq), instant(until)
	return r, err
}

// ScanRun reads a row of [Dialect.Runs] and [Dialect.Run].
func ScanRun(row Row) (store.Run, error) {
	var r store.Run
	var seq, seed int64
	var started, ended, until sql.NullInt64
	var labels, metrics sql.NullString
	err := row.Scan(&r.ID, &r.RootID, &r.ParentID, &r.ParentInvocation, &r.Pipeline, &r.PlanHash, &r.Status, &started, &ended,
		&r.Duration, &r.Reason, &r.Error, &r.ErrorKind, &r.ErrorSource, &r.ErrorPath, &seed, &r.Schedule, &labels, &metrics,
		&seq, &r.LeaseOwner, &until, &r.Fence)
	r.LastSeq, r.Seed = uint64(seq), uint64(seed)
	r.Started, r.Ended, r.LeaseUntil = instant(started), instant(ended), instant(until)
	r.Labels, r.Metrics = text(labels), text(metrics)
	return r, err
}

// ScanEvent reads a row of [Dialect.Events].
func ScanEvent(row Row) (store.Event, error) {
	var e store.Event
	var seq int64
	var at sql.NullInt64
	var data, notes sql.NullString
	err := row.Scan(&seq, &e.Type, &e.RunID, &e.Node, &e.Kind, &e.Path, &e.Invocation, &e.Parent, &e.Owner,
		&e.Attempt, &e.Index, &at, &e.Elapsed, &data, &notes)
	e.Seq, e.Time, e.Data, e.Notes = uint64(seq), instant(at), text(data), text(notes)
	return e, err
}

// ScanCheckpoint reads a row of [Dialect.Checkpoint].
func ScanCheckpoint(row Row) (store.Checkpoint, error) {
	var c store.Checkpoint
	var seq int64
	var written sql.NullInt64
	var noState, noLedger bool
	err := row.Scan(&c.Number, &seq, &c.Cut, &c.State, &noState, &c.Ledger, &noLedger, &c.Codec, &written)
	c.Seq, c.Written = uint64(seq), instant(written)
	c.State, c.Ledger = bytes(c.State, noState), bytes(c.Ledger, noLedger)
	return c, err
}

// ScanItem reads a row of [Dialect.Items].
func ScanItem(row Row) (store.Item, error) {
	var i store.Item
	var none bool
	err := row.Scan(&i.RunID, &i.Invocation, &i.Index, &i.Status, &i.Result, &none)
	i.Result = bytes(i.Result, none)
	return i, err
}

func instant(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return time.Unix(0, n.Int64).UTC()
}

func text(s sql.NullString) []byte {
	if !s.Valid {
		return nil
	}
	return []byte(s.String)
}

// bytes tells nil from empty, which some drivers do not.
func bytes(data []byte, null bool) []byte {
	switch {
	case null:
		return nil
	case data == nil:
		return []byte{}
	}
	return data
}
