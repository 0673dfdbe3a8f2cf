package enginetest

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
)

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
		a.expect(r.waits[e.Node] || r.late[e.Node] || r.resumed, "it does not wait")
	case event.BarrierTimeout:
		a.expect(r.waits[e.Node] || r.resumed, "it does not wait")
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
