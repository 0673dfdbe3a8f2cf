package enginetest

import "github.com/ravelgo/ravel/engine/event"

// invocation is one of the outermost run, or of one inside it.
type invocation struct {
	run    string
	number int
}

func of(e event.Event) invocation { return invocation{e.RunID, e.Invocation} }

// history is what is known of a run from the processes that have had it.
type history struct {
	processes int
	whole     bool // there is no gap in the events
	last      event.Event
	begun     map[invocation]event.Event // the last attempt of each invocation
	ended     map[invocation]event.Event // the ends in this process, that a checkpoint would have
	covered   map[invocation]event.Event // the ends that a checkpoint has
	all       map[invocation]event.Event // the ends so far: a checkpoint may have them without a word
}

func newHistory() *history {
	return &history{begun: map[invocation]event.Event{}, covered: map[invocation]event.Event{}, all: map[invocation]event.Event{}}
}

// open begins with another process.
func (h *history) open(a *audit, resumed bool) {
	e := a.now
	a.expect(resumed || e.Seq == 1, "Seq is %d, want 1", e.Seq)
	if h.processes == 0 {
		h.whole = !resumed
	} else {
		a.expect(resumed, "the run has begun before, and this does not resume it")
		a.expect(e.RunID == h.last.RootRunID, "RunID is %q, want %q", e.RunID, h.last.RootRunID)
		a.expect(e.Seq > h.last.Seq, "Seq is %d, want more than %d", e.Seq, h.last.Seq)
		if d, ok := h.last.Data.(event.Finished); ok && h.last.Type == event.Finish {
			a.expect(d.Status != "success" && d.Status != "stopped", "the run has ended before: %s", d.Status)
		}
		h.whole = h.whole && e.Seq == h.last.Seq+1
	}
	h.processes++
	h.ended = map[invocation]event.Event{}
}

// note looks at an event, and keeps what it says for the processes after this one.
func (h *history) note(a *audit) {
	e := a.now
	h.last = e
	switch e.Type {
	case event.StepStart:
		before, ok := h.begun[of(e)]
		a.expect(!ok || before.Path == e.Path, "invocation %d was one of %s", e.Invocation, before.Path)
		a.expect(!ok || before.Attempt < e.Attempt, "attempt %d has begun before, in event %d", before.Attempt, before.Seq)
		a.expect(h.covered[of(e)].Type != event.StepEnd, "a checkpoint has its end")
		h.begun[of(e)] = e
	case event.StepEnd, event.StepError:
		if e.Index < 0 {
			h.ended[of(e)], h.all[of(e)] = e, e
		}
	case event.Checkpoint:
		d := e.Data.(event.Checkpointed)
		for inv, end := range h.ended { // the order does not matter
			if end.Seq <= d.Seq {
				h.covered[inv] = end
			}
		}
	}
}
