package enginetest

import (
	"slices"

	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/engine/internal/suggest"
)

// types are all types of events, and whether they end an attempt.
var types = map[event.Type]bool{
	event.Start: false, event.Finish: false, event.SubStart: false, event.SubFinish: false, event.HookError: false,
	event.StepStart: false, event.StepEnd: true, event.StepRetry: true, event.StepError: true, event.StepCancelled: true,
	event.Suspend: true, event.Token: false, event.MapStart: false, event.MapComplete: false, event.BarrierWait: false,
	event.BarrierRelease: false, event.BarrierTimeout: false, event.JoinUnmet: false, event.Checkpoint: false,
	event.Timeout: false, event.Cancelled: false,
}

// Trace returns the events in a line; see the function [Trace].
func (r *Recording) Trace() string { return Trace(r.Events) }

// Count returns how many events of a type there are with a path. A type that does not
// exist fails the test, as an unknown path does.
func (r *Recording) Count(typ event.Type, path string) int {
	r.t.Helper()
	if _, ok := types[typ]; !ok {
		r.t.Errorf("enginetest: there is no event of type %q; %s", typ, suggest.Closest(string(typ), typeNames()))
		return 0
	}
	n := 0
	for _, e := range r.at(path) {
		if e.Type == typ {
			n++
		}
	}
	return n
}

func typeNames() []string {
	var all []string
	for t := range types { // sorted below
		all = append(all, string(t))
	}
	slices.Sort(all)
	return all
}

// Before reports whether all attempts at path a had ended when the first one at path b
// began. It is false if there is none at one of them. On one schedule this may be chance:
// what must be so is asked on many, in the body of a check.
func (r *Recording) Before(a, b string) bool {
	r.t.Helper()
	var last, first uint64
	for _, e := range r.at(a) {
		if types[e.Type] {
			last = e.Seq
		}
	}
	for _, e := range r.at(b) {
		if e.Type == event.StepStart && first == 0 {
			first = e.Seq
		}
	}
	return 0 < last && last < first
}

// Attempts returns how many attempts there were at a path: how often its function was
// called, in all invocations together. Those of the items of a map have paths of their
// own.
func (r *Recording) Attempts(path string) int {
	r.t.Helper()
	return r.Count(event.StepStart, path)
}

// Tokens returns the values that were emitted at a path, in order.
func (r *Recording) Tokens(path string) []any {
	r.t.Helper()
	var all []any
	for _, e := range r.at(path) {
		if d, ok := e.Data.(event.Emitted); ok {
			all = append(all, d.Value)
		}
	}
	return all
}

// at returns the events with a path, and fails the test if it cannot be.
func (r *Recording) at(path string) []event.Event {
	r.t.Helper()
	if !r.ran() {
		return nil
	}
	if why := mistake(&r.plan, path); why != "" {
		r.t.Errorf("enginetest: path %q: %s", path, why)
		return nil
	}
	var all []event.Event
	for _, e := range r.Events {
		if e.Path == path {
			all = append(all, e)
		}
	}
	return all
}

// ran fails the test if nothing has run, of which there is nothing to ask.
func (r *Recording) ran() bool {
	r.t.Helper()
	if len(r.Events) == 0 {
		r.t.Errorf("enginetest: nothing has run: %v", r.Err)
	}
	return len(r.Events) > 0
}
