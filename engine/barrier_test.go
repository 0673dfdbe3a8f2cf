package engine_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/sched"
)

// barred is threeWays with a limit of a second and a half for the join.
func barred(join engine.Join, policy engine.Policy, h engine.Handler[state], c error) (setting, func(p *pipeline)) {
	return setting{opts: engine.Options{Policy: policy}}, func(p *pipeline) {
		r := p.Step("r", ok, engine.NodeOptions{})
		j := p.Step("j", ok, engine.NodeOptions{Join: join, BarrierTimeout: 1500 * time.Millisecond})
		if h != nil {
			j.OnError(h)
		}
		x := p.Step("x", ok, engine.NodeOptions{})
		for i, err := range []error{nil, nil, c} {
			r.To(p.Step("abc"[i:i+1], after(time.Duration(i+1)*time.Second, err), engine.NodeOptions{}).To(j))
		}
		j.To(p.Step("z", ok, engine.NodeOptions{}))
		p.Step("b2", after(2750*time.Millisecond, nil), engine.NodeOptions{}).To(x)
	}
}

// A join over its limit fails at that time, and what comes later is absorbed; its
// handler may let it be, start it, or leave.
func TestBarrierTimeout(t *testing.T) {
	const begin = "START S(r) S(b2) E(r) S(a) S(b) S(c) E(a) W(j) E(b) "
	tests := map[string]struct {
		join   engine.Join
		policy engine.Policy
		h      engine.Handler[state]
		c      error
		want   string
		left   engine.Left
	}{
		"fail fast":          {engine.All, engine.FailFast, nil, nil, "B(j) E(b2) E(c) FINISH=failed", engine.LeftUnmet},
		"finish siblings":    {engine.All, engine.FinishSiblings, nil, nil, "B(j) E(b2) S(x) E(x) E(c) FINISH=failed", engine.LeftUnmet},
		"continue on error":  {engine.All, engine.ContinueOnError, nil, nil, "B(j) S(z) E(z) E(b2) S(x) E(x) E(c) FINISH=failed", engine.LeftUnmet},
		"handled":            {engine.All, engine.FailFast, handled(nil), nil, "B(j) S(z) E(z) E(b2) S(x) E(x) E(c) FINISH=success", engine.NotTaken},
		"skipped":            {engine.All, engine.FailFast, handled(engine.Skip), nil, "B(j) E(b2) S(x) E(x) E(c) FINISH=success", engine.NotTaken},
		"started":            {engine.All, engine.FailFast, handled(engine.Retry), nil, "B(j) G(j) S(j) E(j) S(z) E(z) E(b2) S(x) E(x) E(c) FINISH=success", ""},
		"stopped":            {engine.All, engine.FailFast, handled(engine.Stop), nil, "B(j) E(b2) E(c) FINISH=stopped", engine.CutOff},
		"suspended":          {engine.All, engine.FailFast, handled(engine.Suspend("tea")), nil, "B(j) E(b2) E(c) FINISH=suspended", engine.CutOff},
		"fails in handler":   {engine.All, engine.FailFast, handled(errWorse), nil, "B(j) E(b2) E(c) FINISH=failed", engine.LeftUnmet},
		"of three":           {engine.AtLeast(3), engine.FailFast, nil, nil, "B(j) E(b2) E(c) FINISH=failed", engine.LeftUnmet},
		"two of three do":    {engine.AtLeast(2), engine.FailFast, nil, nil, "G(j) S(j) E(j) S(z) E(z) E(b2) S(x) E(x) E(c) FINISH=success", ""},
		"goto is undeclared": {engine.All, engine.FailFast, handled(engine.Goto("z")), nil, "B(j) E(b2) E(c) FINISH=failed", engine.LeftUnmet},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			with, define := barred(test.join, test.policy, test.h, test.c)
			events, result, err := with.run(t, define)
			assert.Equal(t, begin+test.want, trace(events))
			assert.Equal(t, test.left, result.Nodes[1].Left)
			for _, e := range events {
				if e.Type == event.BarrierTimeout {
					assert.Equal(t, 2500*time.Millisecond, e.Elapsed, "from the first arrival")
					assert.Equal(t, event.Barrier{Arrived: []int{3, 4}, Awaited: []string{"c"}, Waited: 1500 * time.Millisecond}, e.Data)
				}
			}
			if result.Status != engine.Failed {
				return
			}
			f := result.Failure()
			assert.Equal(t, engine.KindJoin, f.Kind)
			assert.Equal(t, "j", f.Path)
			if name == "goto is undeclared" {
				assert.ErrorIs(t, err, engine.ErrUndeclared)
				return
			}
			assert.Equal(t, event.BarrierTimeout, events[f.Seq-1].Type)
			assert.Equal(t, "barrier_timeout", f.Reason)
			assert.ErrorIs(t, err, engine.ErrBarrierTimeout)
			assert.ErrorIs(t, err, context.DeadlineExceeded)
			assert.ErrorContains(t, err, "engine: join timed out: join j took longer than 1.5s")
		})
	}
}

// The clock of a barrier is stopped by whatever ends the run before.
func TestBarrierTimeoutIsCut(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"stop": {engine.Stop, "FINISH=stopped"}, "suspend": {engine.Suspend("tea"), "FINISH=suspended"}, "failure": {errBad, "FINISH=failed"},
	} {
		t.Run(name, func(t *testing.T) {
			events, result, _ := simulateRun(t, func(p *pipeline) {
				r, a := p.Step("r", ok, engine.NodeOptions{}), p.Step("a", ok, engine.NodeOptions{})
				c := p.Step("c", after(time.Hour, nil), engine.NodeOptions{})
				j := p.Step("j", ok, engine.NodeOptions{BarrierTimeout: time.Minute})
				r.To(a.To(j), c.To(j), p.Step("e", after(time.Second, test.err), engine.NodeOptions{}))
			}, context.Background())
			for _, e := range events {
				assert.NotEqual(t, event.BarrierTimeout, e.Type)
			}
			assert.Contains(t, trace(events), test.want)
			assert.Equal(t, engine.CutOff, result.Nodes[3].Left)
			assert.Equal(t, []string{"a"}, result.Nodes[3].Arrived)
			assert.Equal(t, []string{"c"}, result.Nodes[3].Missing)
		})
	}
}

// In a loop each wave of a join has its limit.
func TestBarrierTimeoutInLoops(t *testing.T) {
	events, result, err := simulateRun(t, func(p *pipeline) {
		w := p.Step("w", ok, engine.NodeOptions{})
		turn := 0
		a := p.Step("a", ok, engine.NodeOptions{})
		b := p.Step("b", func(ctx context.Context, s *state) error {
			turn++
			return after(time.Duration(turn)*time.Second, nil)(ctx, s)
		}, engine.NodeOptions{})
		j := p.Step("j", returns(engine.Goto("w")), engine.NodeOptions{BarrierTimeout: 2500 * time.Millisecond}).MayGoto(w)
		w.To(a.To(j), b.To(j))
	}, context.Background())
	assert.ErrorIs(t, err, engine.ErrBarrierTimeout)
	require.Equal(t, 2, result.Nodes[3].Invocations)
	const round = "S(w) E(w) S(a) S(b) E(a) W(j) "
	assert.Equal(t, "START "+round+"E(b) G(j) S(j) E(j)=goto:w "+round+"E(b) G(j) S(j) E(j)=goto:w "+round+"B(j) E(b) FINISH=failed", trace(events))
	assert.Equal(t, 6*time.Second, length(events))
}

// The handlers of a join over its limit are told what it is.
func TestBarrierHandlers(t *testing.T) {
	var seen []*engine.StepError
	note := func(_ context.Context, _ *state, e *engine.StepError) error { seen = append(seen, e); return errWorse }
	_, result, err := simulateRun(t, func(p *pipeline) {
		seen = nil
		p.OnError(note)
		_, define := barred(engine.All, engine.FailFast, note, nil)
		define(p)
	}, context.Background())
	assert.ErrorIs(t, err, errWorse)
	require.Len(t, seen, 2)
	for _, e := range append(seen, result.Failure()) {
		assert.ErrorIs(t, e, engine.ErrBarrierTimeout)
		assert.Equal(t, []any{engine.KindJoin, "j", 0, 0, -1, "barrier_timeout"}, []any{e.Kind, e.Path, e.Invocation, e.Attempt, e.Index, e.Reason})
	}
	assert.ErrorIs(t, seen[1], errWorse)
}

// A join over its limit is not done with: if the run is resumed it starts as soon as
// all has come, or is over time again.
func TestBarrierTimeoutAndResume(t *testing.T) {
	const first = "START S(a) S(c) E(a) W(j) B(j) "
	for _, test := range []struct {
		name        string
		policy      engine.Policy
		h           engine.Handler[state]
		slow        []time.Duration // c, in each process
		want, again string
	}{
		{"fail fast", engine.FailFast, nil, []time.Duration{3, 0},
			"C(c) K FINISH=failed", "START S(c)#2 E(c)#2 K G(j) S(j) E(j) K S(z) E(z) K FINISH=success"},
		{"late again", engine.FailFast, nil, []time.Duration{3, 3},
			"C(c) K FINISH=failed", "START S(c)#2 B(j) C(c)#2 K FINISH=failed"},
		{"finish siblings", engine.FinishSiblings, nil, []time.Duration{3, 0},
			"E(c) K FINISH=failed", "START G(j) S(j) E(j) K S(z) E(z) K FINISH=success"},
		{"suspended", engine.FailFast, handled(engine.Suspend("tea")), []time.Duration{3, 0},
			"E(c) K FINISH=suspended", "START G(j) S(j) E(j) K S(z) E(z) K FINISH=success"},
		{"continue on error", engine.ContinueOnError, nil, []time.Duration{3, 0},
			"S(z) E(z) E(c) K FINISH=failed", "START FINISH=success"},
	} {
		t.Run(test.name, func(t *testing.T) {
			sim := sched.NewSim(sched.Config{})
			defer sim.Close()
			r := sim.Run(lowestFirst{}, 1, func() {
				st := store.NewMemory()
				for i, want := range []string{first + test.want, test.again} {
					p := lateJoin(test.policy, test.h, test.slow[i]*time.Second)
					rec := &recorder{}
					opts := engine.RunOptions{ID: "r", Store: st, Observers: []engine.Observer{rec}}
					if i > 0 {
						opts.ID, opts.Resume = "", "r"
					}
					_, err := p.Run(context.Background(), &state{}, opts)
					assert.Equal(t, strings.HasSuffix(want, "success"), err == nil)
					assert.Equal(t, want, trace(rec.events))
					checkEvents(t, p, rec.events)
				}
			})
			require.NoError(t, r.End)
		})
	}
}

// lateJoin is a and c, which takes some time, before j, which waits for two seconds, and
// z.
func lateJoin(policy engine.Policy, h engine.Handler[state], slow time.Duration) *pipeline {
	p := engine.New[state]("p", engine.Options{MultiRoot: true, Policy: policy})
	a, c := p.Step("a", ok, engine.NodeOptions{}), p.Step("c", func(ctx context.Context, _ *state) error {
		sched.Select(sched.Done(ctx).Receiving(nil, nil), sched.After(slow).Receiving(nil, nil))
		return ctx.Err()
	}, engine.NodeOptions{})
	j := p.Step("j", ok, engine.NodeOptions{BarrierTimeout: 2 * time.Second})
	if h != nil {
		j.OnError(h)
	}
	a.To(j)
	c.To(j)
	j.To(p.Step("z", ok, engine.NodeOptions{}))
	return p
}
