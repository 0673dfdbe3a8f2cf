package sched_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/schedtest"
	"github.com/ravelgo/ravel/sched/strategy"
)

type key struct{}

// all runs body on every schedule and counts what it says.
func all(t *testing.T, body func(say func(string))) map[string]int {
	t.Helper()
	counts := map[string]int{}
	text := ""
	schedtest.Explore(t, sched.Config{}, func() {
		text = ""
		body(func(s string) { text += s })
	}, func(r *sched.Result) {
		assert.NoError(t, r.End)
		counts[text]++
	})
	return counts
}

func TestTimeoutIsVirtual(t *testing.T) {
	r := simulate(t, func() {
		ctx, cancel := sched.WithTimeout(context.Background(), 24*time.Hour)
		defer cancel()
		deadline, ok := ctx.Deadline()
		assert.True(t, ok)
		assert.Equal(t, 24*time.Hour, deadline.Sub(sched.Now()))
		child, _ := sched.WithCancel(context.WithValue(ctx, key{}, 2))
		assert.Equal(t, 2, child.Value(key{}))
		_, ok = sched.Done(child).Recv()
		assert.False(t, ok)
		for _, c := range []context.Context{ctx, child} {
			assert.ErrorIs(t, c.Err(), context.DeadlineExceeded)
			assert.ErrorIs(t, context.Cause(c), context.DeadlineExceeded)
		}
	})
	require.NoError(t, r.End)
	assert.Equal(t, 24*time.Hour, r.Elapsed)
}

func TestContextErrorsAreThoseOfPackageContext(t *testing.T) {
	why := errors.New("why")
	type made struct {
		ctx    context.Context
		cancel func()
	}
	cases := map[string]func() made{
		"cancel": func() made { c, f := sched.WithCancel(context.Background()); return made{c, f} },
		"cause":  func() made { c, f := sched.WithCancelCause(context.Background()); return made{c, func() { f(why) }} },
		"twice": func() made {
			c, f := sched.WithCancelCause(context.Background())
			return made{c, func() { f(why); f(nil) }}
		},
		"timeout": func() made { c, _ := sched.WithTimeout(context.Background(), time.Millisecond); return made{c, nil} },
		"timeout cause": func() made {
			c, _ := sched.WithTimeoutCause(context.Background(), time.Millisecond, why)
			return made{c, nil}
		},
		"past": func() made {
			c, _ := sched.WithDeadlineCause(context.Background(), sched.Now().Add(-1), why)
			return made{c, nil}
		},
		"cancelled before timeout": func() made {
			c, f := sched.WithTimeout(context.Background(), time.Hour)
			return made{c, f}
		},
		"parent's deadline": func() made {
			p, _ := sched.WithTimeoutCause(context.Background(), time.Millisecond, why)
			c, _ := sched.WithTimeout(p, time.Hour)
			return made{c, nil}
		},
		"parent done": func() made {
			p, f := sched.WithCancelCause(context.Background())
			f(why)
			c, _ := sched.WithTimeout(p, time.Hour)
			return made{c, nil}
		},
		"without cancel": func() made {
			p, f := sched.WithCancel(context.Background())
			f()
			c, f := sched.WithCancel(context.WithoutCancel(p))
			return made{c, f}
		},
	}
	look := func(m made) (got [6]any) {
		child, stop := context.WithCancel(context.WithValue(m.ctx, key{}, 2)) // by package context
		defer stop()
		ours, stop := sched.WithCancel(child)
		defer stop()
		if m.cancel != nil {
			m.cancel()
		}
		sched.Done(m.ctx).Recv()
		sched.Done(child).Recv()
		sched.Done(ours).Recv()
		return [6]any{m.ctx.Err(), context.Cause(m.ctx), child.Err(), context.Cause(child), ours.Err(), context.Cause(ours)}
	}
	for name, mk := range cases {
		t.Run(name, func(t *testing.T) {
			want := look(mk())
			var got [6]any
			r := simulate(t, func() { got = look(mk()) })
			require.NoError(t, r.End)
			assert.Equal(t, want, got)
		})
	}
}

// A result and a deadline at one instant: either may win the select.
func TestDoneInSelect(t *testing.T) {
	got := all(t, func(say func(string)) {
		ctx, cancel := sched.WithTimeout(context.Background(), time.Second)
		defer cancel()
		results := sched.NewChan[int](1)
		sched.Go(func() { sched.Sleep(time.Second); results.Send(1) })
		if sched.Select(results.Receiving(nil, nil), sched.Done(ctx).Receiving(nil, nil)) == 0 {
			say("result")
		} else {
			say(ctx.Err().Error())
		}
	})
	assert.Len(t, got, 2)
	assert.Positive(t, got["result"])
	assert.Positive(t, got["context deadline exceeded"])
}

// Polling Err is a scheduling point, so a loop that waits for it ends.
func TestErrIsAPoint(t *testing.T) {
	got := all(t, func(say func(string)) {
		ctx, cancel := sched.WithCancel(context.Background())
		sched.Go(cancel)
		for range 3 {
			if ctx.Err() == nil {
				say("-")
			}
		}
	})
	assert.Equal(t, map[string]int{"": 1, "-": 1, "--": 1, "---": 1}, got)
}

func TestCancelledTwiceIsOnePoint(t *testing.T) {
	r := simulate(t, func() {
		ctx, cancel := sched.WithCancel(context.Background())
		child, cancelChild := sched.WithCancel(ctx)
		cancel()
		cancel()
		cancelChild()
		<-child.Done() // closed: does not block
	})
	require.NoError(t, r.End)
	assert.Equal(t, 1, r.Steps)
}

func TestAfterDone(t *testing.T) {
	got := all(t, func(say func(string)) {
		ctx, cancel := sched.WithCancel(context.Background())
		stop := sched.AfterDone(ctx, func() { say("done ") })
		sched.Go(cancel)
		if stop() {
			say("stopped ")
		}
		if stop() {
			say("again ")
		}
	})
	assert.Equal(t, map[string]int{"stopped ": 1, "done ": 1}, got)

	r := simulate(t, func() {
		ctx, cancel := sched.WithTimeout(context.Background(), time.Hour)
		cancel()
		called := sched.NewChan[int](1)
		sched.AfterDone(ctx, func() { called.Send(1) })
		called.Recv()
	})
	require.NoError(t, r.End)
}

// A context from outside is seen to be done, at the latest when nothing else
// can happen, and before the clock moves.
func TestForeignContext(t *testing.T) {
	r := simulate(t, func() {
		std, cancel := context.WithCancelCause(context.Background())
		ours, _ := sched.WithTimeout(std, time.Hour)
		stopped := false
		sched.AfterDone(std, func() { stopped = true })
		sched.Go(func() { sched.Yield(); cancel(errors.New("why")) })
		sched.Done(std).Recv()
		sched.Done(ours).Recv()
		assert.EqualError(t, context.Cause(ours), "why")
		sched.Sleep(1)
		assert.True(t, stopped)
	})
	require.NoError(t, r.End)
	assert.Equal(t, time.Duration(1), r.Elapsed)
}

func TestDoneOfBackgroundIsNil(t *testing.T) {
	assert.Equal(t, sched.Chan[struct{}]{}, sched.Done(context.Background()))
	sim := sched.NewSim(sched.Config{Record: true})
	defer sim.Close()
	r := sim.Run(strategy.RoundRobin(), 1, func() {
		assert.Equal(t, sched.Chan[struct{}]{}, sched.Done(context.Background()))
		ctx, _ := sched.WithCancel(context.Background())
		assert.Equal(t, sched.Done(ctx), sched.Done(context.WithValue(ctx, key{}, 2)))
		sched.Done(ctx).Recv()
	})
	assert.ErrorContains(t, r.End, "deadlock: main waits to recv ctx at context_test.go")
}

// What is left of a run can be used after it, and does nothing to the next one.
func TestContextAfterItsRun(t *testing.T) {
	var ctx context.Context
	var cancel func()
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	run := func(body func()) {
		t.Helper()
		require.NoError(t, sim.Run(strategy.RoundRobin(), 1, body).End)
	}
	run(func() { ctx, cancel = sched.WithTimeout(context.Background(), time.Hour) })
	run(func() {
		assert.NoError(t, ctx.Err())
		child, _ := sched.WithCancel(ctx)
		cancel()
		assert.ErrorIs(t, child.Err(), context.Canceled)
	})
	assert.ErrorIs(t, ctx.Err(), context.Canceled)
	var none context.Context
	assert.Panics(t, func() { sched.WithCancel(none) })
}
