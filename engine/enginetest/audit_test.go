package enginetest_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/enginetest"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/sched"
)

type events = []event.Event

// at returns the place of the n-th event, from 0, that a trace shows so.
func at(t *testing.T, all events, short string, n int) int {
	t.Helper()
	for i, e := range all {
		if enginetest.Trace(events{e}) == short {
			if n--; n < 0 {
				return i
			}
		}
	}
	require.Failf(t, "no such event", "%s in %s", short, enginetest.Trace(all))
	return 0
}

// renumbered numbers events anew, from that of the first one.
func renumbered(all events) events {
	for i := range all {
		all[i].Seq = all[0].Seq + uint64(i)
	}
	return all
}

// Whatever is changed in the events of a run, the audit says so.
func TestAudit(t *testing.T) {
	t.Parallel()
	p := order()
	good := enginetest.Record(t, p, &state{}, engine.RunOptions{ID: "r"}).Events
	without := func(short string) func(t *testing.T, e events) events {
		return func(t *testing.T, e events) events {
			i := at(t, e, short, 0)
			return renumbered(slices.Delete(e, i, i+1))
		}
	}
	change := func(short string, edit func(e *event.Event)) func(t *testing.T, e events) events {
		return func(t *testing.T, e events) events {
			edit(&e[at(t, e, short, 0)])
			return e
		}
	}
	for _, c := range []struct {
		name string
		edit func(t *testing.T, e events) events
		says string
	}{
		{"nothing", func(*testing.T, events) events { return nil }, "there are no events"},
		{"gap", func(_ *testing.T, e events) events { return slices.Delete(e, 4, 5) }, "Seq is 6, want 5"},
		{"later", func(_ *testing.T, e events) events { e[0].Seq = 7; return renumbered(e) }, "event 7, START: Seq is 7, want 1"},
		{"no start", func(_ *testing.T, e events) events { return renumbered(e[1:]) }, "START is the first event"},
		{"no finish", func(_ *testing.T, e events) events { return e[:len(e)-1] }, "FINISH is missing"},
		{"two finishes", func(_ *testing.T, e events) events { return renumbered(append(e, e[len(e)-1])) }, "FINISH is the last event"},
		{"no end", without("E(load)"), "event 3, S(pay): its parent, 1, has not ended well"},
		{"no start of an attempt", without("S(pay)#2"), "E(pay)#2: the attempt does not run"},
		{"no retry", without("R(pay)"), "S(pay)#2: an attempt of it runs"},
		{"no start of an item", without("S(parcels[0])"), "S(parcels[1]): want item 0"},
		{"no finish of an inner run", without("<(parcels[0])=success"), "E(parcels[0]): a run inside it has not finished"},
		{"no wait", without("W(parcels)"), "G(parcels): it does not wait"},
		{"attempt", change("S(pay)#2", func(e *event.Event) { e.Attempt = 3 }), "S(pay)#3: want attempt 2"},
		{"kind", change("S(load)", func(e *event.Event) { e.Kind = event.Map }), `its kind is "map", want "step"`},
		{"node", change("S(load)", func(e *event.Event) { e.Node = "lod" }), `there is no node "lod"`},
		{"parent", change("S(pay)", func(e *event.Event) { e.Parent = 3 }), "its parent, 3, has not ended well"},
		{"root", change("S(pay)", func(e *event.Event) { e.RootRunID = "s" }), `RootRunID is "s", want "r"`},
		{"counts", change("D(parcels)", func(e *event.Event) { e.Data = event.MapCompleted{Started: 2, OK: 1} }), "want {Started:2 OK:2"},
		{"status", change("FINISH=success", func(e *event.Event) {
			d := e.Data.(event.Finished)
			d.Status = "stopped"
			e.Data = d
		}), `the status is "stopped", want success`},
	} {
		edited := c.edit(t, slices.Clone(good))
		assert.Contains(t, strings.Join(enginetest.Audit(p.Describe(), edited), "\n"), c.says, c.name)
	}
	assert.Empty(t, enginetest.Audit(p.Describe(), good))
}

// processes are two of the run of a → map → b: the first has suspended in b.
func processes(t *testing.T) (p *pipeline, first, second events) {
	p = approval()
	st := store.NewMemory()
	first = enginetest.Record(t, p, &state{}, engine.RunOptions{ID: "r", Store: st}).Events
	second = enginetest.Record(t, p, &state{Approved: true}, engine.RunOptions{Resume: "r", Store: st}).Events
	return p, first, second
}

// Of several processes the audit looks at what they have in common.
func TestAuditOfResumed(t *testing.T) {
	t.Parallel()
	p, first, second := processes(t)
	plan := p.Describe()
	assert.Empty(t, enginetest.Audit(plan, first, second))
	assert.Empty(t, enginetest.Audit(plan, second), "less is known")
	assert.Empty(t, enginetest.Audit(plan, first[:5], second), "it may have died")
	for _, c := range []struct {
		name string
		edit func(first, second events) (events, events)
		says string
	}{
		{"resumed", func(a, b events) (events, events) { b[0].Data = event.Started{}; return a, b },
			"event 9, START: the run has begun before, and this does not resume it"},
		{"run", func(a, b events) (events, events) { b[0].RunID, b[0].RootRunID = "s", "s"; return a, b },
			`RunID is "s", want "r"`},
		{"twice", func(a, b events) (events, events) { b[0].Seq = 8; return a, renumbered(b) }, "Seq is 8, want more than 8"},
		{"attempt", func(a, b events) (events, events) { b[1].Attempt = 1; return a, b }, "S(b): attempt 1 has begun before, in event 5"},
		{"another", func(a, b events) (events, events) { b[1].Path = "c"; return a, b }, "S(c)#2: invocation 2 was one of b"},
		{"acknowledged", func(a, b events) (events, events) {
			e := a[1]
			e.Seq, e.Attempt = b[0].Seq+1, 2
			return a, renumbered(slices.Insert(b, 1, e))
		}, "event 10, S(a)#2: a checkpoint has its end"},
		{"parent", func(a, b events) (events, events) {
			a = renumbered(slices.Delete(a, 2, 3))
			b[0].Seq--
			return a, renumbered(b)
		}, "event 9, S(b)#2: its parent, 1, has not ended well"},
		{"ended", func(a, b events) (events, events) {
			a[7].Data = event.Finished{Status: "success"}
			return a, b
		}, "event 9, START: the run has ended before: success"},
		{"nothing", func(a, _ events) (events, events) { return a, nil }, "there are no events"},
		{"no end", func(a, b events) (events, events) { return a, b[:2] }, "FINISH is missing"},
	} {
		a, b := c.edit(slices.Clone(first), slices.Clone(second))
		assert.Contains(t, strings.Join(enginetest.Audit(plan, a, b), "\n"), c.says, c.name)
	}
}

// An end that no checkpoint of its own process has, later ones have not either.
func TestAuditOfLostEnd(t *testing.T) {
	t.Parallel()
	p, first, second := processes(t)
	died := first[:3] // START S(a) E(a)
	between := renumbered(events{second[0], first[3]})
	between[0].Seq = 4
	again := slices.Clone(first)
	again[0].Seq, again[0].Data = 6, event.Started{Resumed: true}
	again[1].Attempt, again[2].Attempt = 2, 2
	assert.Equal(t, "START K", enginetest.Trace(between))
	assert.Empty(t, enginetest.Audit(p.Describe(), died, renumbered(between), renumbered(again)))
}

// A map that goes on leaves out items, and its attempts and theirs go on too.
func TestAuditOfResumedMap(t *testing.T) {
	t.Parallel()
	st := store.NewMemory()
	run := func(opts engine.RunOptions, fails int) events {
		opts.Store = st
		return enginetest.Record(t, collecting(fails), &state{}, opts).Events
	}
	first := run(engine.RunOptions{ID: "r"}, 1)
	second := run(engine.RunOptions{Resume: "r"}, -1)
	assert.Contains(t, enginetest.Trace(first), "X(m[1])")
	assert.Equal(t, "START S(m)#2 M(m)#2=3 S(m[1])#2 E(m[1])#2 S(m[2]) E(m[2]) D(m)#2 E(m)#2 K FINISH=success", enginetest.Trace(second))
	plan := collecting(0).Describe()
	assert.Empty(t, enginetest.Audit(plan, first, second))
	assert.Empty(t, enginetest.Audit(plan, second))

	second[0].Data = event.Started{}
	second[0].Seq = 1
	assert.Contains(t, strings.Join(enginetest.Audit(plan, renumbered(second)), "\n"), "S(m[1])#2: want item 0")
}

// Each process may try as often as a node may be tried.
func TestAuditOfResumedAttempts(t *testing.T) {
	t.Parallel()
	st := store.NewMemory()
	p := engine.New[state]("p", engine.Options{})
	p.Step("a", func(context.Context, *state) error { return errBad }, engine.NodeOptions{Retry: engine.RetryPolicy{MaxAttempts: 1}})
	first := enginetest.Record(t, p, &state{}, engine.RunOptions{ID: "r", Store: st}).Events
	second := enginetest.Record(t, p, &state{}, engine.RunOptions{Resume: "r", Store: st}).Events
	assert.Equal(t, "START S(a)#2 X(a)#2 K FINISH=failed", enginetest.Trace(second))
	assert.Empty(t, enginetest.Audit(p.Describe(), first, second))
}

// A join may have waited since an earlier process, and so go on or be over time.
func TestAuditOfResumedJoin(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sleep time.Duration
		want  string
	}{
		{0, "START S(c)#2 E(c)#2 K G(j) S(j) E(j) K FINISH=success"},
		{2 * time.Second, "START S(c)#2 B(j) C(c)#2 K FINISH=failed"},
	} {
		st := store.NewMemory()
		p := approvedJoin(c.sleep)
		first := enginetest.Record(t, p, &state{}, engine.RunOptions{ID: "r", Store: st}).Events
		assert.Equal(t, "START S(a) S(c) E(a) W(j) Z(c) K FINISH=suspended", enginetest.Trace(first))
		second := enginetest.Record(t, p, &state{Approved: true}, engine.RunOptions{Resume: "r", Store: st}).Events
		assert.Equal(t, c.want, enginetest.Trace(second))
		assert.Empty(t, enginetest.Audit(p.Describe(), first, second))
	}
}

// approvedJoin is a join with a time limit behind a, and behind c, which suspends until
// somebody approves, and then sleeps.
func approvedJoin(sleep time.Duration) *pipeline {
	p := engine.New[state]("p", engine.Options{MultiRoot: true})
	a, c := p.Step("a", ok, none), p.Step("c", func(ctx context.Context, s *state) error {
		if sched.Yield(); !s.Approved {
			return engine.Suspend("approval")
		}
		sched.Select(sched.Done(ctx).Receiving(nil, nil), sched.After(sleep).Receiving(nil, nil))
		return ctx.Err()
	}, none)
	j := p.Step("j", ok, engine.NodeOptions{BarrierTimeout: time.Second})
	a.To(j)
	c.To(j)
	return p
}

// collecting is a map of three items, of which one fails.
func collecting(fails int) *pipeline {
	p := engine.New[state]("p", engine.Options{})
	engine.MapGather(p, "m", engine.Gather[state, int, int]{Items: numbers(3),
		Do: func(_ context.Context, _ *state, item int) (int, error) {
			if item == fails {
				return 0, errBad
			}
			return item, nil
		},
		Collect: func(context.Context, *state, int, int) error { return nil },
	}, engine.MapOptions{MaxConcurrency: 1})
	return p
}
