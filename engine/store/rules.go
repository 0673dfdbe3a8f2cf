package store

import (
	"fmt"
	"strings"
	"time"
)

// maxID is how long the ID of a run may be, in bytes: it is a key, twice in one of
// the tables, and those of PostgreSQL have less than 2700.
const maxID = 1000

// Decide returns the row of a run after c, or the error that Claim returns then.
// The argument is the row in the store, nil if there is none. It changes nothing,
// and is for those who write a store: what may be claimed is decided here, once
// for all of them.
func (c Claim) Decide(row *Run) (Run, error) {
	if err := c.check(); err != nil {
		return Run{}, err
	}
	r := c.Run
	r.LastSeq, r.Fence = 0, 0
	if c.Resume {
		var err error
		if r, err = c.resume(row); err != nil {
			return Run{}, fmt.Errorf("%w: %q", err, c.Run.ID)
		}
	} else if row != nil {
		return Run{}, fmt.Errorf("%w: %q", ErrRunExists, c.Run.ID)
	}
	r.LeaseOwner, r.LeaseUntil = c.Owner, c.Now.Add(c.TTL).UTC()
	r.Fence++
	return r, nil
}

// resume returns row as that of a running run, without what was said of its end.
func (c Claim) resume(row *Run) (Run, error) {
	switch {
	case row == nil:
		return Run{}, ErrUnknownRun
	case c.Now.Before(row.LeaseUntil):
		return Run{}, ErrRunActive
	case !row.Status.Resumable():
		return Run{}, ErrNotResumable
	case row.PlanHash != Text(c.Run.PlanHash):
		return Run{}, ErrPlanChanged
	}
	r := *row
	r.Status, r.Ended, r.Duration = Running, time.Time{}, 0
	r.Reason, r.Error, r.ErrorKind, r.ErrorSource, r.ErrorPath = "", "", "", "", ""
	return r, nil
}

func (c Claim) check() error {
	r := c.Run
	switch {
	case c.Now.IsZero() || c.TTL <= 0:
		return fmt.Errorf("store: claim of run %q: Now is %v and TTL %v, want a time and a duration", r.ID, c.Now, c.TTL)
	case Text(c.Owner) != c.Owner:
		return fmt.Errorf("store: claim of run %q: Owner %q is not UTF-8 without NUL", r.ID, c.Owner)
	case c.Resume:
		return checkTimes(c.Now.Add(c.TTL))
	case r.RootID != r.ID:
		return fmt.Errorf("store: claim of run %q: RootID is %q, want the same as ID", r.ID, r.RootID)
	case c.Checkpoint.Number != 0:
		return fmt.Errorf("store: claim of run %q: Checkpoint.Number is %d, want 0", r.ID, c.Checkpoint.Number)
	}
	if err := checkTimes(c.Now.Add(c.TTL), c.Checkpoint.Written); err != nil {
		return err
	}
	return r.check()
}

// Decide returns the row of the outermost run after b, as far as b does not hold
// that: what belongs to the lease, and LastSeq. Or it returns the error of an
// Append that must change nothing: ErrFenced, or one that says what is wrong with
// b. Row is the one in the store, of which only the same fields are looked at, and
// nil if there is none. It is for those who write a store, like Claim.Decide.
func (b Batch) Decide(row *Run, l Lease) (Run, error) {
	if row == nil || row.LeaseUntil.IsZero() || row.Fence != l.Fence || row.LeaseOwner != l.Owner {
		return Run{}, fmt.Errorf("%w: %q, fence %d", ErrFenced, l.RunID, l.Fence)
	}
	if err := b.check(l.RunID, row.LastSeq); err != nil {
		return Run{}, err
	}
	r := *row
	r.LastSeq += uint64(len(b.Events))
	if !b.Until.IsZero() {
		r.LeaseUntil = b.Until.UTC()
	}
	if b.Release {
		r.LeaseOwner, r.LeaseUntil = "", time.Time{}
	}
	return r, nil
}

// check looks at b for a run whose last event has the number last.
func (b Batch) check(runID string, last uint64) error {
	if err := checkTimes(b.Until); err != nil {
		return err
	}
	for _, e := range b.Events {
		if last++; e.Seq != last {
			return fmt.Errorf("store: run %q: event %d, want %d", runID, e.Seq, last)
		}
		if err := checkTimes(e.Time); err != nil {
			return err
		}
	}
	for _, r := range b.Runs {
		if r.RootID != runID {
			return fmt.Errorf("store: run %q: row of run %q with RootID %q", runID, r.ID, r.RootID)
		}
		if err := r.check(); err != nil {
			return err
		}
	}
	if b.Checkpoint != nil {
		return checkTimes(b.Checkpoint.Written)
	}
	return nil
}

func (r Run) check() error {
	if r.ID == "" || len(r.ID) > maxID || Text(r.ID) != r.ID {
		return fmt.Errorf("store: ID of run is %q, want 1 to %d bytes of UTF-8 without NUL", r.ID, maxID)
	}
	return checkTimes(r.Started, r.Ended)
}

// checkTimes refuses times that are not kept as nanoseconds since 1970.
func checkTimes(all ...time.Time) error {
	for _, t := range all {
		if !t.IsZero() && !t.Equal(time.Unix(0, t.UnixNano())) {
			return fmt.Errorf("store: time %v, want one from 1678 to 2262", t)
		}
	}
	return nil
}

// Text returns s as stores keep it: what is not UTF-8, and NUL, which not all
// databases have in texts, becomes U+FFFD.
func Text(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}
