package enginetest

import (
	"maps"
	"slices"

	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/engine/plan"
)

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
	_, again := r.seen[e.Invocation]
	if !again && r.resumed { // earlier processes may have begun it
		r.before[e.Invocation], r.tries[e.Invocation] = e.Attempt-1, e.Attempt-1
	}
	r.tries[e.Invocation]++
	a.expect(r.tries[e.Invocation] == e.Attempt, "want attempt %d", r.tries[e.Invocation])
	a.expect(e.Attempt-r.before[e.Invocation] <= bound(r.plan, n), "there may be %d attempts", bound(r.plan, n))
	r.open[e.Invocation] = e
	if again {
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
	a.startAfter(r, e)
	a.startJoin(r, n, e)
}

// startAfter looks at what has released a node that starts.
func (a *audit) startAfter(r *runAudit, e event.Event) {
	if e.Parent == 0 {
		return
	}
	before, here := r.ended[e.Parent]
	if !here && r.resumed {
		before = a.past.all[invocation{e.RunID, e.Parent}]
	}
	well := before.Type == event.StepEnd || before.Type == event.StepError && r.plan.Policy == "continue-on-error"
	well = well || !here && r.resumed && !a.past.whole // who knows
	a.expect(e.Parent < e.Invocation && well, "its parent, %d, has not ended well", e.Parent)
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
	left := r.resumed && m.Attempt > 1 // out: what earlier processes have done
	a.expect(e.Index == r.next[e.Owner] || left && e.Index > r.next[e.Owner], "want item %d", r.next[e.Owner])
	r.next[e.Owner] = e.Index + 1
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
