package table

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/ravelgo/ravel/engine/store"
)

// The lease of an inner run is that of its outermost run.
var selectRuns = "SELECT r.run_id, r.root_run_id, r." + strings.Join(runContent, ", r.") +
	", r.last_seq, o.lease_owner, o.lease_until, o.fence FROM runs r JOIN runs o ON o.run_id = r.root_run_id WHERE "

// Run selects the row of an outermost run.
func (d Dialect) Run(runID string) Select {
	return Select{selectRuns + fmt.Sprintf("r.run_id = %s AND r.root_run_id = r.run_id", d.mark(1)), []any{store.Text(runID)}}
}

// Checkpoint selects the last one of a run.
func (d Dialect) Checkpoint(runID string) Select {
	return Select{"SELECT number, seq, cut, state, state IS NULL, ledger, ledger IS NULL, codec, written_at FROM checkpoints" +
		" WHERE run_id = " + d.mark(1) + " ORDER BY number DESC LIMIT 1", []any{runID}}
}

// Items selects those of an outermost run, in order.
func (d Dialect) Items(runID string) Select {
	return Select{"SELECT run_id, invocation, item, status, result, result IS NULL FROM items WHERE root_run_id = " + d.mark(1) +
		" ORDER BY run_id, invocation, item", []any{runID}}
}

// Plan selects the description of a plan.
func (d Dialect) Plan(hash string) Select {
	return Select{"SELECT describe FROM plans WHERE plan_hash = " + d.mark(1), []any{store.Text(hash)}}
}

// Events selects those of an outermost run, of the given types or of all.
func (d Dialect) Events(runID string, types []string) Select {
	w := where{dialect: d}
	w.add("run_id = %s", runID)
	if len(types) > 0 {
		var marks []string
		for _, t := range types {
			marks = append(marks, w.arg(store.Text(t)))
		}
		w.conditions = append(w.conditions, "type IN ("+strings.Join(marks, ", ")+")")
	}
	return Select{"SELECT " + strings.Join(eventColumns[1:], ", ") + " FROM events WHERE " + w.String() + " ORDER BY seq", w.args}
}

// Tail selects the events of an outermost run after the given one.
func (d Dialect) Tail(runID string, seq uint64) Select {
	w := where{dialect: d}
	w.add("run_id = %s", runID)
	w.add("seq > %s", int64(seq))
	return Select{"SELECT " + strings.Join(eventColumns[1:], ", ") + " FROM events WHERE " + w.String() + " ORDER BY seq", w.args}
}

// Runs selects those that q asks for.
func (d Dialect) Runs(q store.Query) Select {
	w := where{dialect: d}
	if q.Root == "" {
		w.add("r.root_run_id = r.run_id")
	} else {
		w.add("r.root_run_id = %s", store.Text(q.Root))
	}
	w.status(q)
	if q.Pipeline != "" {
		w.add("r.pipeline = %s", store.Text(q.Pipeline))
	}
	if q.Prefix != "" {
		w.add(fmt.Sprintf(d.Prefix, "r.run_id", "%[1]s"), store.Text(q.Prefix))
	}
	if !q.Since.IsZero() {
		w.add("r.started_at >= %s", moment(q.Since))
	}
	order := " ORDER BY r.started_at DESC NULLS LAST, r.run_id"
	if q.Limit > 0 {
		order += " LIMIT " + w.arg(int64(q.Limit))
	}
	return Select{selectRuns + w.String() + order, w.args}
}

// status selects by the status of q, as Run.At has it.
func (w *where) status(q store.Query) {
	switch q.Status {
	case "":
	case store.Running:
		w.add("r.status = 'running' AND o.lease_until > %s", moment(q.Now))
	case store.Interrupted:
		w.add("r.status = 'running' AND coalesce(o.lease_until <= %s, TRUE)", moment(q.Now))
	default:
		w.add("r.status = %s", store.Text(string(q.Status)))
	}
}

// moment returns the nanoseconds since 1970 of a time that is compared with those
// in the store, and may be any.
func moment(t time.Time) int64 {
	switch {
	case t.Before(time.Unix(0, math.MinInt64)):
		return math.MinInt64
	case t.After(time.Unix(0, math.MaxInt64)):
		return math.MaxInt64
	}
	return t.UnixNano()
}

// where collects conditions and their arguments.
type where struct {
	dialect    Dialect
	conditions []string
	args       []any
}

// add adds a condition; its verb stands for the argument, if there is one.
func (w *where) add(condition string, arg ...any) {
	for _, a := range arg {
		condition = fmt.Sprintf(condition, w.arg(a))
	}
	w.conditions = append(w.conditions, condition)
}

// arg adds an argument and returns its mark.
func (w *where) arg(v any) string {
	w.args = append(w.args, v)
	return w.dialect.mark(len(w.args))
}

func (w *where) String() string { return strings.Join(w.conditions, " AND ") }
