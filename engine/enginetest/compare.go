package enginetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/engine/store"
)

// problems collects sentences about what is wrong.
type problems []string

func (p *problems) expect(ok bool, format string, args ...any) {
	if !ok {
		*p = append(*p, fmt.Sprintf(format, args...))
	}
}

// compareResult says in what the result differs from the last event, which tells it too.
func (r *Recording) compareResult() []string {
	last, ok := r.Events[len(r.Events)-1].Data.(event.Finished)
	if !ok {
		return nil // which the audit says
	}
	var p problems
	res := r.Result
	p.expect(string(res.Status) == last.Status, "result: Status is %q, the event has %q", res.Status, last.Status)
	p.expect(res.Reason == last.Reason, "result: Reason is %q, the event has %q", res.Reason, last.Reason)
	var failures []string
	for _, f := range res.Failures {
		failures = append(failures, f.Error())
	}
	p.expect(slices.Equal(failures, last.Failures), "result: Failures are %q, the event has %q", failures, last.Failures)
	bySeq := func(a, b *engine.StepError) int { return int(a.Seq) - int(b.Seq) }
	p.expect(slices.IsSortedFunc(res.Failures, bySeq), "result: Failures are not in the order of their events: %q", failures)
	last.Metrics.ObserverPanics = res.Metrics.ObserverPanics // of which the event has those before it
	p.expect(reflect.DeepEqual(res.Metrics, last.Metrics), "result: Metrics are %+v, the event has %+v", res.Metrics, last.Metrics)
	good := res.Status == engine.Success || res.Status == engine.Stopped
	p.expect(good == (r.Err == nil), "result: Status is %q with the error %v", res.Status, r.Err)
	return p
}

// compareNodes says of which nodes the result has other invocations than the events. It
// counts those of earlier processes too, of which nothing is known.
func (r *Recording) compareNodes() []string {
	if d, ok := r.Events[0].Data.(event.Started); ok && d.Resumed {
		return nil
	}
	began := map[string]int{}
	for _, e := range r.Events {
		if e.Type == event.StepStart && e.Attempt == 1 && e.Kind != event.Worker && e.ParentRunID == "" {
			began[e.Node]++
		}
	}
	var p problems
	for _, n := range r.Result.Nodes {
		p.expect(n.Invocations == began[n.Name], "result: node %q has %d invocations, the events have %d", n.Name, n.Invocations, began[n.Name])
		p.expect((n.Left == "") == (n.Invocations > 0), "result: node %q has %d invocations and was left out: %q", n.Name, n.Invocations, n.Left)
	}
	return p
}

// compareStore says in what the store differs from the events, if it can be asked.
func (r *Recording) compareStore(st store.Store) []string {
	h, ok := st.(store.History)
	if !ok || errors.Is(r.Err, engine.ErrStore) {
		return nil
	}
	var p problems
	rows, err := h.Events(context.WithoutCancel(r.t.Context()), r.Events[0].RunID)
	p.expect(err == nil, "store: %v", err)
	rows = slices.DeleteFunc(rows, func(row store.Event) bool { return row.Seq < r.Events[0].Seq })
	p.expect(len(rows) == len(r.Events), "store: it has %d events, want %d", len(rows), len(r.Events))
	for i := range min(len(rows), len(r.Events)) {
		row, e := rows[i], r.Events[i]
		if row.Seq != e.Seq || row.RunID != e.RunID || row.Type != string(e.Type) || row.Path != e.Path ||
			row.Invocation != e.Invocation || row.Attempt != e.Attempt {
			p.expect(false, "store: it has event %d, %s of %q, want %d, %s of %q", row.Seq, row.Type, row.Path, e.Seq, e.Type, e.Path)
			break
		}
	}
	return p
}
