package enginetest

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/engine/plan"
)

// Audit returns what is wrong with the events of a run of a pipeline, from START to
// FINISH: what can never be, whatever its functions do and whatever the schedule.
// Each problem is a sentence that begins with the number of the event. If it returns
// something the engine has a fault, or the events are not those of one whole run.
func Audit(p plan.Plan, events []event.Event) []string {
	a := &audit{runs: map[string]*runAudit{}}
	if len(events) == 0 {
		return []string{"there are no events"}
	}
	a.begin(events[0], p, nil)
	for i, e := range events {
		a.now = e
		a.expect(int(e.Seq) == i+1, "Seq is %d, want %d", e.Seq, i+1)
		a.expect((e.Type == event.Start) == (i == 0), "START is the first event, and only that")
		a.expect((e.Type == event.Finish) == (i == len(events)-1), "FINISH is the last event, and only that")
		a.expect(e.RootRunID == events[0].RunID, "RootRunID is %q, want %q", e.RootRunID, events[0].RunID)
		a.look(e)
	}
	return a.problems
}

// audit looks at events, one after the other.
type audit struct {
	problems []string
	now      event.Event
	runs     map[string]*runAudit
}

// runAudit is what is known of one run.
type runAudit struct {
	plan   plan.Plan
	outer  *runAudit
	caller int
	seen   map[int]event.Event        // the first start of each invocation
	open   map[int]event.Event        // attempts that run
	ended  map[int]event.Event        // the last end of each invocation
	tries  map[int]int                // attempts begun, by invocation
	next   map[int]int                // index of the next item, by map
	counts map[int]event.MapCompleted // of the items of a map
	slots  map[int]int                // items between their first start and their last end, by map
	waits  map[string]bool            // joins that wait
	late   map[string]bool            // joins that have waited for too long
	types  map[event.Type]int
	over   string // why nothing may start any more
	cause  string // the status that the first cause decides
	failed bool
	stop   bool
	susp   bool
	hooks  bool
	maybe  bool // a join was over time, which a handler may have dealt with
	done   bool
}

func (a *audit) expect(ok bool, format string, args ...any) {
	if !ok {
		a.problems = append(a.problems, fmt.Sprintf("event %d, %s: ", a.now.Seq, short(a.now))+fmt.Sprintf(format, args...))
	}
}

func (a *audit) begin(e event.Event, p plan.Plan, outer *runAudit) *runAudit {
	r := &runAudit{plan: p, outer: outer, caller: e.Owner, seen: map[int]event.Event{}, open: map[int]event.Event{},
		ended: map[int]event.Event{}, tries: map[int]int{}, next: map[int]int{}, counts: map[int]event.MapCompleted{},
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
	return a.begin(e, *inner, outer)
}

// node returns the description of a node.
func (r *runAudit) node(name string) plan.Node {
	i := slices.IndexFunc(r.plan.Nodes, func(n plan.Node) bool { return n.Name == name })
	if i < 0 {
		return plan.Node{}
	}
	return r.plan.Nodes[i]
}

func (a *audit) start(r *runAudit, e event.Event) {
	n := r.node(e.Node)
	a.expect(n.Name != "", "there is no node %q", e.Node)
	a.expect(r.over == "", "it starts although %s", r.over)
	_, running := r.open[e.Invocation]
	a.expect(!running, "an attempt of it runs")
	r.tries[e.Invocation]++
	a.expect(r.tries[e.Invocation] == e.Attempt, "want attempt %d", r.tries[e.Invocation])
	a.expect(e.Attempt <= bound(r.plan, n), "there may be %d attempts", bound(r.plan, n))
	r.open[e.Invocation] = e
	if e.Attempt > 1 {
		a.expect(r.ended[e.Invocation].Type == event.StepRetry, "the attempt before has not asked for it")
		return
	}
	r.seen[e.Invocation] = e
	if e.Kind == event.Worker {
		a.startItem(r, n, e)
		return
	}
	a.expect(string(e.Kind) == n.Kind, "its kind is %q, want %q", e.Kind, n.Kind)
	a.expect(e.Owner == e.Invocation, "Owner is %d, want %d", e.Owner, e.Invocation)
	if e.Parent > 0 {
		before := r.ended[e.Parent].Type
		a.expect(e.Parent < e.Invocation && (before == event.StepEnd || before == event.StepError && r.plan.Policy == "continue-on-error"),
			"its parent, %d, has not ended well", e.Parent)
	}
	a.startJoin(r, n, e)
}

// bound is how many attempts a node may have.
func bound(p plan.Plan, n plan.Node) int {
	if n.Retry != nil && n.Retry.MaxAttempts > 0 {
		return n.Retry.MaxAttempts
	}
	return p.MaxRetries + 1
}

func (a *audit) startItem(r *runAudit, n plan.Node, e event.Event) {
	m, running := r.open[e.Owner]
	a.expect(running && m.Node == e.Node && e.Parent == e.Owner, "it is not inside its map")
	a.expect(e.Index == r.next[e.Owner], "want item %d", r.next[e.Owner])
	r.next[e.Owner]++
	r.slots[e.Owner]++
	a.expect(n.MaxConcurrency == 0 || r.slots[e.Owner] <= n.MaxConcurrency, "%d items run, at most %d may", r.slots[e.Owner], n.MaxConcurrency)
	a.expect(n.MaxItems == 0 || e.Index < n.MaxItems, "there may be %d items", n.MaxItems)
	c := r.counts[e.Owner]
	c.Started++
	r.counts[e.Owner] = c
}

// startJoin looks at the start of a node that is no item.
func (a *audit) startJoin(r *runAudit, n plan.Node, e event.Event) {
	delete(r.waits, n.Name)
	if r.repeats() {
		return
	}
	for _, id := range slices.Sorted(maps.Keys(r.seen)) {
		s := r.seen[id]
		a.expect(id == e.Invocation || s.Kind == event.Worker || s.Node != e.Node, "the node ran before, and nothing leads back to it")
	}
	if n.Join != "all" || r.late[n.Name] {
		return
	}
	for _, id := range slices.Sorted(maps.Keys(r.seen)) {
		s := r.seen[id]
		if _, running := r.open[s.Invocation]; running && s.Kind != event.Worker {
			a.expect(!leads(r.node(s.Node), n.Name) || s.Node == n.Name, "its predecessor %q runs", s.Node)
		}
	}
}

// repeats reports whether a node may run several times.
func (r *runAudit) repeats() bool {
	return slices.ContainsFunc(r.plan.Nodes, func(n plan.Node) bool { return len(n.Jumps) > 0 || n.Join == "per-arrival" })
}

// leads reports whether an edge leads from n to a node.
func leads(n plan.Node, name string) bool {
	return slices.Contains(n.To, name) || n.Default == name ||
		slices.ContainsFunc(n.Cases, func(c plan.Case) bool { return c.To == name })
}

func (a *audit) end(r *runAudit, e event.Event) {
	a.expect(r.open[e.Invocation].Attempt == e.Attempt, "the attempt does not run")
	delete(r.open, e.Invocation)
	r.ended[e.Invocation] = e
	for _, id := range slices.Sorted(maps.Keys(a.runs)) {
		inner := a.runs[id]
		a.expect(inner.outer != r || inner.caller != e.Invocation || inner.done, "a run inside it has not finished")
	}
	var count func(c *event.MapCompleted)
	switch d := e.Data.(type) {
	case event.Ended:
		count = func(c *event.MapCompleted) { c.OK++ }
		if d.Control == "skip" {
			count = func(c *event.MapCompleted) { c.Skipped++ }
		}
		if d.Control == "stop" {
			r.stop, r.over = true, "a step has returned Stop"
		}
	case event.Suspended:
		r.susp, r.over = true, "a step has returned Suspend"
	case event.Failed:
		if e.Type == event.StepError {
			count = func(c *event.MapCompleted) { c.Failed++ }
			a.fail(r, "a step has failed")
		} else if d.Abandoned {
			r.failed = true
		}
	}
	if e.Kind == event.Worker && e.Type != event.StepRetry {
		r.slots[e.Owner]--
		if count != nil {
			c := r.counts[e.Owner]
			count(&c)
			r.counts[e.Owner] = c
		}
	}
}

// fail notes that the run has failed.
func (a *audit) fail(r *runAudit, why string) {
	r.failed = true
	if r.plan.Policy == "fail-fast" && r.cause == "" {
		r.cause, r.over = "failed", why
	}
}

func (a *audit) complete(r *runAudit, e event.Event) {
	for _, id := range slices.Sorted(maps.Keys(r.open)) {
		o := r.open[id]
		a.expect(o.Owner != e.Invocation || o.Invocation == e.Invocation, "item %d runs on", o.Index)
	}
	want := r.counts[e.Invocation]
	want.Cancelled = want.Started - want.OK - want.Skipped - want.Failed
	a.expect(e.Data == want, "it has %+v, want %+v", e.Data, want)
}

func (a *audit) barrier(r *runAudit, e event.Event) {
	switch e.Type {
	case event.BarrierWait:
		a.expect(!r.waits[e.Node], "it waits already")
		r.waits[e.Node] = true
	case event.BarrierRelease:
		a.expect(r.waits[e.Node] || r.late[e.Node], "it does not wait")
	case event.BarrierTimeout:
		a.expect(r.waits[e.Node], "it does not wait")
		delete(r.waits, e.Node)
		r.maybe, r.late[e.Node] = true, true
	case event.JoinUnmet:
		a.fail(r, "a join is unmet")
	}
	a.expect(r.over == "" || e.Type == event.JoinUnmet, "it comes although %s", r.over)
	d, ok := e.Data.(event.Barrier)
	a.expect(!ok || len(d.Arrived) > 0, "nothing has arrived")
}

func (a *audit) finish(r *runAudit, e event.Event) {
	r.done = true
	a.expect(len(r.open) == 0, "%d attempts have not ended", len(r.open))
	d := e.Data.(event.Finished)
	want := r.status()
	if d.Status == "closed" {
		d.Status = "cancelled"
	}
	a.expect(slices.Contains(want, d.Status), "the status is %q, want %s", d.Status, strings.Join(want, " or "))
	a.expect((d.Status == "failed") == (len(d.Failures) > 0) || d.Status != "failed" && d.Status != "success" && d.Status != "stopped",
		"the status is %q with %d failures", d.Status, len(d.Failures))
	m := d.Metrics
	a.expect(m.Started == len(r.seen), "it counts %d invocations, want %d", m.Started, len(r.seen))
	a.expect(m.Started == m.OK+m.Skipped+m.Failed+m.Cancelled, "its counts do not add up: %+v", m)
	a.expect(m.Retries == r.types[event.StepRetry] && m.Tokens == r.types[event.Token], "it counts %d retries and %d tokens", m.Retries, m.Tokens)
	if r.outer != nil {
		caller, ok := r.outer.open[e.Owner]
		a.expect(ok && path.Base(caller.Path) == path.Base(e.Path), "it is not inside the attempt of its caller")
	}
}

// status is how the run may have ended, from its events.
func (r *runAudit) status() []string {
	failed := string(engine.Failed)
	switch {
	case r.cause != "":
		return []string{r.cause}
	case r.failed, r.hooks && r.quiet() != "suspended":
		return []string{failed}
	case r.maybe: // what a handler has made of it no event tells
		return []string{failed, r.quiet(), string(engine.Stopped), string(engine.Suspended)}
	}
	return []string{r.quiet()}
}

// quiet is how a run without failures has ended.
func (r *runAudit) quiet() string {
	switch {
	case r.stop:
		return string(engine.Stopped)
	case r.susp:
		return string(engine.Suspended)
	}
	return string(engine.Success)
}
