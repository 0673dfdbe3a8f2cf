// Package table is what stores in SQL databases share: how rows are written as
// statements and read again. It does not talk to a database.
package table

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ravelgo/ravel/engine/store"
)

// Schema is the version of the tables. A database with a higher one is refused.
const Schema = 1

// SelectLease begins a query of what decides about a write. Scan its rows with
// [ScanLease].
const SelectLease = "SELECT run_id, root_run_id, status, plan_hash, last_seq, lease_owner, lease_until, fence FROM runs"

// Dialect is how databases differ.
type Dialect struct {
	// Mark stands before the number of an argument: ?1 or $1.
	Mark string
	// Lock ends a SELECT of rows that the transaction will change.
	Lock string
	// Prefix is a condition with two verbs %s, for a text and how it begins.
	Prefix string
}

// Statement is one that changes rows.
type Statement struct {
	SQL  string
	Args []any
	// None is the error if no row was changed; nil if that is as it may be.
	None error
}

// Select is a query.
type Select struct {
	SQL  string
	Args []any
}

var (
	runContent = []string{"parent_run_id", "parent_invocation", "pipeline", "plan_hash", "status", "started_at", "ended_at",
		"duration_ns", "reason", "error", "error_kind", "error_source", "error_path", "seed", "schedule", "labels", "metrics"}
	runColumns   = append([]string{"run_id", "root_run_id", "schema", "last_seq"}, runContent...)
	eventColumns = []string{"run_id", "seq", "type", "origin_run_id", "node", "kind", "path", "invocation", "parent", "owner",
		"attempt", "item", "time_ns", "elapsed_ns", "data", "notes"}
	checkpointColumns = []string{"run_id", "number", "seq", "cut", "state", "ledger", "codec", "bytes", "written_at"}
	itemColumns       = []string{"root_run_id", "run_id", "invocation", "item", "status", "result"}
	planColumns       = []string{"plan_hash", "pipeline", "describe", "first_seen"}
)

// marks returns the marks of the first n arguments.
func (d Dialect) marks(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = d.mark(i + 1)
	}
	return strings.Join(all, ", ")
}

func (d Dialect) mark(n int) string { return d.Mark + strconv.Itoa(n) }

func (d Dialect) insert(table string, columns []string) string {
	return fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", table, strings.Join(columns, ", "), d.marks(len(columns)))
}

// excluded returns the assignments of an upsert that replaces columns.
func excluded(columns ...string) string {
	all := make([]string, len(columns))
	for i, c := range columns {
		all[i] = c + " = excluded." + c
	}
	return strings.Join(all, ", ")
}

// Lease selects what decides about a claim or an append: the row of the outermost
// run, locked; see [SelectLease].
func (d Dialect) Lease(runID string) Select {
	return Select{
		SQL:  fmt.Sprintf("%s WHERE run_id = %s %s", SelectLease, d.mark(1), d.Lock),
		Args: []any{store.Text(runID)},
	}
}

// Claim returns what writes c, for which the store has decided that r is the row.
func (d Dialect) Claim(c store.Claim, r store.Run) []Statement {
	if c.Resume {
		return []Statement{d.resume(r)}
	}
	all := []Statement{
		{SQL: d.insert("runs", runColumns) + " ON CONFLICT (run_id) DO NOTHING", Args: runArgs(r), None: fmt.Errorf("%w: %q", store.ErrRunExists, r.ID)},
		d.setLease(r),
		{SQL: d.insert("checkpoints", checkpointColumns), Args: checkpointArgs(r.ID, c.Checkpoint)},
	}
	if len(c.Plan) == 0 {
		return all
	}
	return append(all, Statement{
		SQL:  d.insert("plans", planColumns) + " ON CONFLICT (plan_hash) DO NOTHING",
		Args: []any{store.Text(r.PlanHash), store.Text(r.Pipeline), store.Text(string(c.Plan)), nanos(c.Now)},
	})
}

// resume makes the row that of a running run; see Claim.Decide.
func (d Dialect) resume(r store.Run) Statement {
	return Statement{
		SQL: fmt.Sprintf("UPDATE runs SET status = %s, ended_at = NULL, duration_ns = 0, reason = '', error = '', error_kind = '',"+
			" error_source = '', error_path = '', lease_owner = %s, lease_until = %s, fence = %s WHERE run_id = %s",
			d.mark(1), d.mark(2), d.mark(3), d.mark(4), d.mark(5)),
		Args: []any{string(r.Status), r.LeaseOwner, nanos(r.LeaseUntil), r.Fence, r.ID},
	}
}

func (d Dialect) setLease(r store.Run) Statement {
	return Statement{
		SQL: fmt.Sprintf("UPDATE runs SET last_seq = %s, lease_owner = %s, lease_until = %s, fence = %s WHERE run_id = %s",
			d.mark(1), d.mark(2), d.mark(3), d.mark(4), d.mark(5)),
		Args: []any{int64(r.LastSeq), r.LeaseOwner, nanos(r.LeaseUntil), r.Fence, r.ID},
	}
}
