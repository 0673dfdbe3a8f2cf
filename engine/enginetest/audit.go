package enginetest

import (
	"fmt"

	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/engine/plan"
)

// Audit returns what is wrong with the events of a run of a pipeline, from START to
// FINISH: what can never be, whatever its functions do and whatever the schedule.
// Each problem is a sentence that begins with the number of the event. If it returns
// something the engine has a fault, or the events are not those of a run.
//
// The events may be those of a run that was resumed; then less can be said about what
// goes back to earlier processes. With later, which are the events of the processes
// that have resumed the run after that one, in order, they are looked at together: what
// a checkpoint has does not run again, and nothing is numbered twice. All but the last
// may break off, as a process may have died.
func Audit(p plan.Plan, events []event.Event, later ...[]event.Event) []string {
	h := newHistory()
	var problems []string
	for i, part := range append([][]event.Event{events}, later...) {
		if len(part) == 0 {
			return append(problems, "there are no events")
		}
		a := &audit{runs: map[string]*runAudit{}, past: h}
		a.process(p, part, i < len(later))
		problems = append(problems, a.problems...)
	}
	return problems
}

// process looks at the events of one process, which may break off if it was not the
// last one.
func (a *audit) process(p plan.Plan, events []event.Event, resumed bool) {
	first := events[0]
	a.now = first
	root := a.begin(first, p, nil)
	d, _ := first.Data.(event.Started)
	root.resumed = d.Resumed
	a.past.open(a, d.Resumed)
	for i, e := range events {
		a.now = e
		a.expect(e.Seq == first.Seq+uint64(i), "Seq is %d, want %d", e.Seq, first.Seq+uint64(i))
		a.expect((e.Type == event.Start) == (i == 0), "START is the first event, and only that")
		a.expect(e.Type != event.Finish || i == len(events)-1, "FINISH is the last event")
		a.expect(e.RootRunID == first.RunID, "RootRunID is %q, want %q", e.RootRunID, first.RunID)
		a.look(e)
		a.past.note(a)
	}
	a.expect(root.done || resumed, "FINISH is missing")
}

// audit looks at events, one after the other.
type audit struct {
	problems []string
	now      event.Event
	runs     map[string]*runAudit
	past     *history
}

// runAudit is what is known of one run.
type runAudit struct {
	plan   plan.Plan
	outer  *runAudit
	caller int
	// resumed is set if the run goes on with what an earlier process left.
	resumed bool
	seen    map[int]event.Event        // the first start of each invocation
	open    map[int]event.Event        // attempts that run
	ended   map[int]event.Event        // the last end of each invocation
	tries   map[int]int                // attempts begun, by invocation
	before  map[int]int                // of these, by earlier processes
	next    map[int]int                // index of the next item, by map
	counts  map[int]event.MapCompleted // of the items of a map
	slots   map[int]int                // items between their first start and their last end, by map
	waits   map[string]bool            // joins that wait
	late    map[string]bool            // joins that have waited for too long
	types   map[event.Type]int
	over    string // why nothing may start any more
	cause   string // the status that the first cause decides
	failed  bool
	stop    bool
	susp    bool
	hooks   bool
	maybe   bool // a join was over time, which a handler may have dealt with
	done    bool
}

func (a *audit) expect(ok bool, format string, args ...any) {
	if !ok {
		a.problems = append(a.problems, fmt.Sprintf("event %d, %s: ", a.now.Seq, short(a.now))+fmt.Sprintf(format, args...))
	}
}

func (a *audit) begin(e event.Event, p plan.Plan, outer *runAudit) *runAudit {
	r := &runAudit{plan: p, outer: outer, caller: e.Owner, seen: map[int]event.Event{}, open: map[int]event.Event{},
		ended: map[int]event.Event{}, tries: map[int]int{}, before: map[int]int{}, next: map[int]int{}, counts: map[int]event.MapCompleted{},
		slots: map[int]int{}, waits: map[string]bool{}, late: map[string]bool{}, types: map[event.Type]int{}}
	a.runs[e.RunID] = r
	return r
}

func (a *audit) look(e event.Event) {
	r := a.runs[e.RunID]
	if e.Type == event.SubStart {
		r = a.beginInner(e)
	}
	if r == nil {
		a.expect(false, "run %q has not started", e.RunID)
		return
	}
	a.expect(!r.done, "its run has finished")
	switch e.Type {
	case event.StepStart:
		a.start(r, e)
	case event.Token, event.MapStart:
		if e.Invocation > 0 {
			a.expect(r.open[e.Invocation].Attempt == e.Attempt, "it is not inside its attempt")
		}
		if e.Type == event.MapStart { // each attempt of a map has items of its own
			delete(r.next, e.Invocation)
			delete(r.counts, e.Invocation)
			delete(r.slots, e.Invocation) // of which some may have been cut off between two attempts
		}
	case event.StepEnd, event.StepRetry, event.StepError, event.StepCancelled, event.Suspend:
		a.end(r, e)
	case event.MapComplete:
		a.complete(r, e)
	case event.BarrierWait, event.BarrierRelease, event.BarrierTimeout, event.JoinUnmet:
		a.barrier(r, e)
	case event.Timeout, event.Cancelled:
		a.expect(r.cause == "", "the run was ended by something else before")
		r.over = string(e.Type)
		r.cause = map[event.Type]string{event.Timeout: "timeout", event.Cancelled: "cancelled"}[e.Type]
	case event.HookError:
		r.hooks = true
		if e.Data.(event.HookFailed).Hook == "start" {
			r.over, r.failed = "a hook failed", true
		}
	case event.Finish, event.SubFinish:
		a.finish(r, e)
	}
	if r.types[e.Type]++; e.Type == event.Finish || e.Type == event.SubFinish {
		a.expect(equal(e.Data.(event.Finished).Metrics.Events, r.types), "it counts %v, want %v",
			e.Data.(event.Finished).Metrics.Events, r.types)
	}
}

func equal(a, b map[event.Type]int) bool {
	for t, n := range b {
		if a[t] != n {
			return false
		}
	}
	return len(a) == len(b)
}

// beginInner begins an inner run, which is inside an attempt of its caller.
func (a *audit) beginInner(e event.Event) *runAudit {
	outer := a.runs[e.ParentRunID]
	if outer == nil || a.runs[e.RunID] != nil {
		a.expect(false, "the calling run %q is unknown, or the run has started before", e.ParentRunID)
		return nil
	}
	caller, ok := outer.open[e.Owner]
	a.expect(ok && caller.Path == e.Path, "it is not inside the attempt of its caller")
	inner := outer.node(caller.Node).Inner
	if inner == nil {
		a.expect(false, "node %q has no pipeline inside", caller.Node)
		return nil
	}
	r := a.begin(e, *inner, outer)
	d, _ := e.Data.(event.Started)
	r.resumed = d.Resumed
	a.expect(outer.resumed || !r.resumed, "it goes on, though the run around it begins")
	return r
}
