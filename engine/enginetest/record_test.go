package enginetest_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/enginetest"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

// A recording has the events of the reference schedule, in which a second costs nothing.
func TestRecord(t *testing.T) {
	t.Parallel()
	r := enginetest.Record(t, order(), &state{}, engine.RunOptions{})
	require.NoError(t, r.Err)
	assert.Equal(t, engine.Success, r.Result.Status)
	assert.Equal(t, time.Second, r.Result.Duration)
	assert.Equal(t, enginetest.Trace(r.Events), r.Trace())
	assert.Equal(t, words(`START S(load) E(load) S(pay) S(stock) R(pay) T(stock)=a T(stock)=7 E(stock) W(parcels)
		S(pay)#2 E(pay)#2 G(parcels) S(parcels) M(parcels)=2
		S(parcels[0]) >(parcels[0]) S(parcels[0]/pack) E(parcels[0]/pack) S(parcels[0]/send) E(parcels[0]/send) <(parcels[0])=success E(parcels[0])
		S(parcels[1]) >(parcels[1]) S(parcels[1]/pack) E(parcels[1]/pack) S(parcels[1]/send) E(parcels[1]/send) <(parcels[1])=success E(parcels[1])
		D(parcels) E(parcels) FINISH=success`), words(r.Trace()))
}

// What the observers of the caller see is what is recorded, and they stay as they were.
func TestRecordWithObservers(t *testing.T) {
	t.Parallel()
	seen := &seen{}
	observers := append(make([]engine.Observer, 0, 2), seen)
	r := enginetest.Record(t, order(), &state{}, engine.RunOptions{Observers: observers})
	assert.Equal(t, r.Events, seen.events)
	assert.Nil(t, observers[:2][1], "the space behind them is the caller's")
}

type seen struct{ events []event.Event }

func (s *seen) Observe(e event.Event) { s.events = append(s.events, e) }

// A failed run is no failure of the test, nor are options with a mistake.
func TestRecordOfFailures(t *testing.T) {
	t.Parallel()
	p := lonely(func(context.Context, *state) error { return errBad })
	r := enginetest.Record(t, p, &state{}, engine.RunOptions{})
	assert.ErrorIs(t, r.Err, errBad)
	assert.Equal(t, "START S(a) X(a) FINISH=failed", r.Trace())

	r = enginetest.Record(t, p, &state{}, engine.RunOptions{Start: "b"})
	assert.ErrorIs(t, r.Err, engine.ErrDefinition)
	assert.Empty(t, r.Events)
}

// The context of the run is that of the test.
func TestRecordOfCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := enginetest.Record(&fake{ctx: ctx}, lonely(ok), &state{}, engine.RunOptions{})
	assert.Equal(t, "START CANCELLED FINISH=cancelled", r.Trace())
}

// What goes wrong in the simulation fails the test, in words.
func TestRecordFails(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		step engine.StepFunc[state]
		says []string
	}{
		{"deadlock", forever, []string{"fatal: enginetest: the run has no end: deadlock: main waits for pipeline \"p\"", "so far: START S(a)"}},
		{"livelock", spin, []string{"fatal: enginetest: the run has no end: no end after 100000 operations", "so far: START S(a)"}},
		{"panic", func(context.Context, *state) error {
			sched.Go(func() { panic("oh") })
			sched.Sleep(1)
			return nil
		}, []string{"fatal: ", "the run has no end: panic in ", "record_test.go", `: "oh"`}},
		{"leak", func(context.Context, *state) error {
			c := sched.NewChan[int](0)
			sched.Go(func() { c.Recv() })
			return nil
		}, []string{"enginetest: after the run: left blocked", "record_test.go"}},
		{"data race", func(context.Context, *state) error {
			var n race.Var[int]
			sched.Go(func() { n.Store(1) })
			n.Store(2)
			return nil
		}, []string{"enginetest: data race", " on n", "record_test.go"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := &fake{}
			enginetest.Record(f, lonely(c.step), &state{}, engine.RunOptions{})
			f.says(t, c.says...)
		})
	}
}

// A step that waits for the context of its test, which nobody ends, is a deadlock too.
func TestRecordOfContextOfTest(t *testing.T) {
	t.Parallel()
	f := &fake{ctx: t.Context()}
	enginetest.Record(f, lonely(forever), &state{}, engine.RunOptions{})
	f.says(t, "deadlock")
}

// Events that cannot be, and a result that is not theirs, fail the test.
func TestRecordAudits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		edit func(r *enginetest.Recording)
		says string
	}{
		{"events", func(r *enginetest.Recording) { r.Events[1].Attempt = 2 }, "event 2, S(a)#2: want attempt 1\n"},
		{"status", func(r *enginetest.Recording) { r.Result.Status = "stopped" }, `result: Status is "stopped", the event has "failed"`},
		{"reason", func(r *enginetest.Recording) { r.Result.Reason = "" }, `result: Reason is "", the event has "step a: bad"`},
		{"failures", func(r *enginetest.Recording) { r.Result.Failures = nil }, `result: Failures are [], the event has ["step a: bad"]`},
		{"order", func(r *enginetest.Recording) {
			r.Result.Failures = append(r.Result.Failures, &engine.StepError{Seq: 1, Err: errBad})
		}, "result: Failures are not in the order of their events"},
		{"metrics", func(r *enginetest.Recording) { r.Result.Metrics.Started = 2 }, "result: Metrics are {Started:2"},
		{"invocations", func(r *enginetest.Recording) { r.Result.Nodes[0].Invocations = 2 },
			`result: node "a" has 2 invocations, the events have 1`},
		{"left out", func(r *enginetest.Recording) { r.Result.Nodes[0].Left = engine.CutOff },
			`result: node "a" has 1 invocations and was left out: "cut off"`},
		{"error", func(r *enginetest.Recording) { r.Err = nil }, `result: Status is "failed" with the error <nil>`},
	} {
		f := &fake{}
		r := enginetest.Record(f, lonely(func(context.Context, *state) error { return errBad }), &state{}, engine.RunOptions{})
		require.Empty(t, f.told)
		c.edit(r)
		r.Check(nil)
		f.says(t, "not such as can be", c.says, "in: START S(a)")
	}
}

// A store that has other events than those that were told fails the test.
func TestRecordComparesStore(t *testing.T) {
	t.Parallel()
	other := store.NewMemory()
	enginetest.Record(t, lonely(func(context.Context, *state) error { return engine.Skip }), &state{}, engine.RunOptions{ID: "r", Store: other})
	f := &fake{}
	r := enginetest.Record(f, order(), &state{}, engine.RunOptions{ID: "r", Store: store.NewMemory()})
	require.Empty(t, f.told)
	r.Check(other)
	f.says(t, "store: it has 5 events, want 42", `store: it has event 2, STEP_START of "a", want 2, STEP_START of "load"`)
	assert.Equal(t, 1, strings.Count(f.told[0], "store: it has event "), "the first difference is enough")
	f.told = nil
	r.Check(store.NewMemory())
	f.says(t, "store: ", "unknown")
}

// In the body of a check it runs on the schedules of the search, on which not the first
// of two branches always ends first.
func TestRecordInSearch(t *testing.T) {
	t.Parallel()
	body := func(right bool) func(t *check.T) {
		return func(t *check.T) {
			r := enginetest.Record(t, branches(), &state{}, engine.RunOptions{})
			assert.True(t, r.Before("a", "j") && r.Before("b", "j"))
			if !right {
				assert.Contains(t, r.Trace(), "E(a) W(j) E(b)")
			}
		}
	}
	result := check.Config{Runs: 50}.Search(t.Name(), body(true))
	assert.Empty(t, result.Findings)
	assert.Greater(t, result.Distinct, 1)
	result = check.Config{Runs: 50}.Search(t.Name(), body(false))
	require.Len(t, result.Findings, 1)
	assert.Equal(t, "failed assertion", result.Findings[0].Kind)
	assert.Contains(t, result.Findings[0].Report, "record_test.go")
}

// branches are a and b at once, and then j.
func branches() *pipeline {
	p := engine.New[state]("branches", engine.Options{MultiRoot: true})
	pause := func(context.Context, *state) error { sched.Yield(); return nil }
	a, b, j := p.Step("a", pause, none), p.Step("b", pause, none), p.Step("j", ok, none)
	a.To(j)
	b.To(j)
	return p
}

// A run that is resumed is recorded by what this process has done.
func TestRecordOfResumed(t *testing.T) {
	t.Parallel()
	p := approval()
	st := store.NewMemory()
	first := enginetest.Record(t, p, &state{}, engine.RunOptions{ID: "r", Store: st})
	assert.ErrorIs(t, first.Err, engine.ErrSuspended)
	second := enginetest.Record(t, p, &state{Approved: true}, engine.RunOptions{Resume: "r", Store: st})
	assert.NoError(t, second.Err)
	assert.Equal(t, "START S(b)#2 E(b)#2 K FINISH=success", second.Trace())
	assert.Equal(t, 1, second.Attempts("b"))
	assert.Empty(t, enginetest.Audit(p.Describe(), first.Events, second.Events))
}

// approval is a → b, where b suspends until somebody approves.
func approval() *pipeline {
	p := engine.New[state]("approval", engine.Options{})
	p.Step("a", ok, none).To(p.Step("b", func(_ context.Context, s *state) error {
		if !s.Approved {
			return engine.Suspend("approval")
		}
		return nil
	}, none))
	return p
}
