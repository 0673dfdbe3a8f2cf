package table

import (
	"time"

	"github.com/ravelgo/ravel/engine/store"
)

// The functions below return the values of a row in the order of its columns.

func runArgs(r store.Run) []any {
	return []any{r.ID, r.RootID, int64(Schema), int64(r.LastSeq),
		store.Text(r.ParentID), int64(r.ParentInvocation), store.Text(r.Pipeline), store.Text(r.PlanHash),
		store.Text(string(r.Status)), nanos(r.Started), nanos(r.Ended), int64(r.Duration),
		store.Text(r.Reason), store.Text(r.Error), store.Text(r.ErrorKind), store.Text(r.ErrorSource),
		store.Text(r.ErrorPath), int64(r.Seed), store.Text(r.Schedule), json(r.Labels), json(r.Metrics)}
}

func eventArgs(root string, e store.Event) []any {
	return []any{root, int64(e.Seq), store.Text(e.Type), store.Text(e.RunID), store.Text(e.Node),
		store.Text(e.Kind), store.Text(e.Path), int64(e.Invocation), int64(e.Parent), int64(e.Owner),
		int64(e.Attempt), int64(e.Index), nanos(e.Time), int64(e.Elapsed), json(e.Data), json(e.Notes)}
}

func checkpointArgs(runID string, c store.Checkpoint) []any {
	return []any{runID, int64(c.Number), int64(c.Seq), store.Text(c.Cut), c.State, c.Ledger,
		store.Text(c.Codec), int64(len(c.State) + len(c.Ledger)), nanos(c.Written)}
}

// nanos returns the nanoseconds since 1970, or NULL for the zero time.
func nanos(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixNano()
}

// json returns data as a text, or NULL for nil.
func json(data []byte) any {
	if data == nil {
		return nil
	}
	return store.Text(string(data))
}
