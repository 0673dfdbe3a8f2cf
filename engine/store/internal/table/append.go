package table

import (
	"fmt"
	"strings"

	"github.com/ravelgo/ravel/engine/store"
)

// Append returns what writes b, for which the store has decided that r has the
// lease and the number of the last event.
func (d Dialect) Append(r store.Run, b store.Batch) []Statement {
	var all []Statement
	for _, e := range b.Events {
		all = append(all, Statement{SQL: d.insert("events", eventColumns), Args: eventArgs(r.ID, e)})
	}
	if b.Checkpoint != nil {
		all = append(all, d.checkpoint(r.ID, *b.Checkpoint)...)
	}
	for _, o := range b.Forget {
		all = append(all, d.forget(r.ID, o))
	}
	for _, i := range b.Items {
		all = append(all, d.item(r.ID, i))
	}
	for _, row := range b.Runs {
		all = append(all, d.run(row))
	}
	// Last, as the row of the outermost run may be among those above.
	return append(all, d.setLease(r))
}

// checkpoint writes c if it is the next one, and deletes those before the last.
func (d Dialect) checkpoint(runID string, c store.Checkpoint) []Statement {
	n := len(checkpointColumns)
	insert := fmt.Sprintf("INSERT INTO checkpoints (%s) SELECT %s WHERE (SELECT max(number) FROM checkpoints WHERE run_id = %s) = %s",
		strings.Join(checkpointColumns, ", "), d.marks(n), d.mark(n+1), d.mark(n+2))
	return []Statement{{
		SQL:  insert,
		Args: append(checkpointArgs(runID, c), runID, int64(c.Number)-1),
		None: fmt.Errorf("store: run %q: checkpoint %d does not follow the last one", runID, c.Number),
	}, {
		SQL:  fmt.Sprintf("DELETE FROM checkpoints WHERE run_id = %s AND number < %s", d.mark(1), d.mark(2)),
		Args: []any{runID, int64(c.Number) - 1},
	}}
}

func (d Dialect) forget(root string, o store.Owner) Statement {
	return Statement{
		SQL: fmt.Sprintf("DELETE FROM items WHERE root_run_id = %s AND run_id = %s AND invocation = %s",
			d.mark(1), d.mark(2), d.mark(3)),
		Args: []any{root, store.Text(o.RunID), int64(o.Invocation)},
	}
}

func (d Dialect) item(root string, i store.Item) Statement {
	return Statement{
		SQL: d.insert("items", itemColumns) + " ON CONFLICT (root_run_id, run_id, invocation, item) DO UPDATE SET " +
			excluded("status", "result"),
		Args: []any{root, store.Text(i.RunID), int64(i.Invocation), int64(i.Index), store.Text(i.Status), i.Result},
	}
}

// run adds a row or replaces it, unless it belongs to another outermost run.
func (d Dialect) run(r store.Run) Statement {
	return Statement{
		SQL: d.insert("runs", runColumns) + " ON CONFLICT (run_id) DO UPDATE SET " +
			excluded(append([]string{"schema", "last_seq"}, runContent...)...) + " WHERE runs.root_run_id = excluded.root_run_id",
		Args: runArgs(r),
		None: fmt.Errorf("%w: %q", store.ErrRunExists, r.ID),
	}
}

// Delete returns what removes a run; what belongs to it follows by cascade.
func (d Dialect) Delete(runID string) Statement {
	return Statement{SQL: "DELETE FROM runs WHERE run_id = " + d.mark(1), Args: []any{runID}}
}
