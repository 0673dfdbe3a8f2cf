package enginetest

import (
	"context"
	"slices"
	"strings"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/engine/plan"
	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

// T is the test for which a run is recorded: a *testing.T, or a *check.T in the body of
// a search.
type T interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Context() context.Context
}

// Recording is a run of a pipeline that has ended, and what its test asks of it. A
// question about a path that no run of the pipeline can have fails the test, by Errorf,
// and says which path was probably meant; what a run can do and this one has not is no
// mistake. The path of what is about the run itself, such as START, is "".
//
// The methods may be called by any task.
type Recording struct {
	// Events are those of the run and of the runs inside it, from START to FINISH.
	// They are empty if Err is a mistake for which nothing has run.
	Events []event.Event
	// Result and Err are what Run has returned.
	Result engine.Result
	Err    error

	t    T
	plan plan.Plan
}

// Record runs a pipeline once in a simulation, on the schedule of [Reference] and with a
// clock that costs no time, and returns what has happened. Its context is that of t.
//
// It fails t for what can never be: if [Audit] finds something, if the result is not that
// of the events, or if the store, as a store.History, has others. So it does if the run
// has no end within 100,000 operations, for tasks left behind that wait for ever, and for
// data races and the like on variables of package race. That the run has failed does not
// fail t: look at Result or Err.
//
// Called by a task of a simulation, as in the body of a check, it runs there: the
// schedule is the one that is being tried, and what goes wrong in the simulation is
// found by whoever runs that. Elsewhere the functions of the pipeline run on goroutines
// of their own, where Errorf of a *testing.T may be called, and FailNow is no more than a
// runtime.Goexit of the step.
//
// opts may have observers and a store; with opts.Resume the recording is of what this
// process has done.
func Record[S any](t T, p *engine.Pipeline[S], state *S, opts engine.RunOptions) *Recording {
	t.Helper()
	r := &Recording{t: t}
	ctx := t.Context()
	opts.Observers = append(slices.Clip(opts.Observers), (*recorder)(r))
	run := func() { r.Result, r.Err = p.Run(ctx, state, opts) }
	if sched.Current() != nil {
		run()
	} else if !simulate(t, r, run) {
		return r
	}
	if len(r.Events) > 0 {
		r.plan = p.Describe()
		r.audit(opts.Store)
	}
	return r
}

// recorder is the observer of a Recording.
type recorder Recording

// Observe keeps an event.
func (r *recorder) Observe(e event.Event) { r.Events = append(r.Events, e) }

// maxSteps is how many operations a recorded run may do.
const maxSteps = 100_000

// simulate calls run in a simulation of its own, and reports whether it has returned.
func simulate(t T, r *Recording, run func()) bool {
	t.Helper()
	tracker := &race.Tracker{Detailed: true}
	sim := sched.NewSim(sched.Config{Record: true, Observer: tracker, MaxSteps: maxSteps})
	defer sim.Close()
	returned := false
	result := sim.Run(Reference{}, 1, func() {
		run()
		returned = true
	})
	for _, f := range tracker.Findings() {
		e := f.Explain(result.Record)
		t.Errorf("enginetest: %s\n  %s\nWhat would help: %s", e.Summary, strings.Join(e.Details, "\n  "), e.Fix)
	}
	switch {
	case result.End == nil:
	case returned:
		t.Errorf("enginetest: after the run: %v", result.End)
	default:
		t.Fatalf("enginetest: the run has no end: %v\n  so far: %s", result.End, Trace(r.Events))
	}
	return returned
}

// audit fails the test for what can never be. st is the store of the run, or nil.
func (r *Recording) audit(st store.Store) {
	r.t.Helper()
	problems := Audit(r.plan, r.Events)
	for _, ask := range []func() []string{r.compareResult, r.compareNodes, func() []string { return r.compareStore(st) }} {
		problems = append(problems, ask()...)
	}
	if len(problems) > 0 {
		r.t.Errorf("enginetest: the events of the run are not such as can be:\n  %s\n  in: %s", strings.Join(problems, "\n  "), r.Trace())
	}
}
