package race

import (
	"slices"

	"github.com/ravelgo/ravel/sched"
)

// item is the shadow of a value: who has read it and not written since, and which
// stages have used it.
type item struct {
	open    []openRead
	uses    []use
	written bool
}

func (it *item) reset() { *it = item{open: it.open[:0], uses: it.uses[:0]} }

// openRead is the last read of a task that may still write what it read.
type openRead struct {
	access
	missed bool // there was no value
	// The writes by other tasks since: the last one of each, as long as all are
	// forced to come after the read, else the first that is not.
	over  []access
	loose bool // that one
	races bool // nothing orders the read before one of them
}

// open notes that a task has read the item. Those that have ended write no more, so
// that there are as many as there are tasks that can.
func (tr *Tracker) open(it *item, r openRead) {
	for i := range it.open {
		if it.open[i].task == r.task {
			it.open[i] = r
			return
		}
	}
	if len(it.open) == cap(it.open) {
		it.open = slices.DeleteFunc(it.open, func(r openRead) bool { return tr.tasks[r.task].ended })
	}
	it.open = append(it.open, r)
}

// overwrite looks whether the write e loses an update that its task has not
// seen, and notes for the other tasks that the item has changed. A blind write
// loses nothing. A bare one may be blind: it is believed to lose something if a race
// is involved, which is wrong in any case.
func (tr *Tracker) overwrite(e *sched.Event, it *item, t *taskState) {
	if len(it.open) == 1 && it.open[0].task == e.Task && len(it.open[0].over) == 0 {
		it.open = it.open[:0]
		return
	}
	kept := it.open[:0]
	for _, r := range it.open {
		if tr.tasks[r.task].ended {
			continue
		}
		if r.task != e.Task {
			r.overwritten(accessOf(e, t), t)
			kept = append(kept, r)
			continue
		}
		if over := r.lost(t); over != nil && e.Manner != sched.Blind && (e.Manner != sched.Bare || r.races || !over.before(t)) {
			kind, pattern := LostUpdate, ""
			if r.missed {
				kind, pattern = Atomicity, CheckThenAct
			}
			tr.found(Finding{Kind: kind, Pattern: pattern, Object: int(e.Object), Loc: int(e.Loc), Item: int(e.Item),
				Accesses: []Access{r.as(false), over.as(true), {Task: int(e.Task), Write: true, Step: e.Step}}})
		}
	}
	it.open = kept
}

// overwritten notes a write by another task, t.
func (r *openRead) overwritten(a access, t *taskState) {
	r.races = r.races || !r.before(t)
	if r.loose {
		return
	}
	if r.loose = !r.forced(t); r.loose {
		r.over = append(r.over[:0], a)
		return
	}
	for i := range r.over {
		if r.over[i].task == a.task {
			r.over[i] = a
			return
		}
	}
	r.over = append(r.over, a)
}

// lost returns a write that one of t, which has made the read, loses now, or nil.
// What comes in this order in every schedule is not lost.
func (r *openRead) lost(t *taskState) *access {
	for i := range r.over {
		if o := &r.over[i]; r.loose || !o.forced(t) {
			return o
		}
	}
	return nil
}
