package engine_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/enginetest"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/sched"
)

// stubborn does not look at its context for an hour, and then calls what is left
// of the engine for it.
func stubborn(ctx context.Context, _ *state) error {
	sched.Sleep(time.Hour)
	engine.Note(ctx)
	engine.Count(ctx, "late", 1)
	_ = engine.Emit(ctx, "late")
	return errBad
}

var graceCases = []struct {
	name   string
	define func(p *pipeline)
	want   string
	paths  []string
}{
	{"a step", func(p *pipeline) {
		p.Step("a", stubborn, engine.NodeOptions{}).To(p.Step("b", ok, engine.NodeOptions{}))
	},
		"START S(a) TIMEOUT C(a) FINISH=timeout", []string{"a"}},
	{"one of two", func(p *pipeline) {
		p.Step("a", stubborn, engine.NodeOptions{})
		p.Step("b", wait, engine.NodeOptions{})
	},
		"START S(a) S(b) TIMEOUT C(b) C(a) FINISH=timeout", []string{"a"}},
	{"items", func(p *pipeline) {
		mapOf(p, "m", 3, func(ctx context.Context, _ int) error { return stubborn(ctx, nil) }, 2)
	},
		"START S(m) M(m)=3 S(m[0]) S(m[1]) TIMEOUT C(m[1]) C(m[0]) C(m) FINISH=timeout", []string{"m[1]", "m[0]", "m"}},
	{"an iterator", func(p *pipeline) {
		engine.Map(p, "m", engine.Each[state, int]{
			Items: engine.Slice(func(ctx context.Context, s *state) ([]int, error) { return []int{1}, stubborn(ctx, s) }),
			Do:    func(context.Context, *state, int) error { return nil },
		}, engine.MapOptions{})
	}, "START S(m) TIMEOUT C(m) FINISH=timeout", []string{"m"}},
	{"an inner run", func(p *pipeline) {
		inner := engine.New[state]("inner", engine.Options{})
		inner.Step("c", stubborn, engine.NodeOptions{})
		sub(p, "s", inner, engine.NodeOptions{})
	}, "START S(s) >(s) S(s/c) TIMEOUT TIMEOUT(s) C(s/c) <(s)=timeout X(s) FINISH=timeout", nil},
	{"a map of inner runs", func(p *pipeline) {
		inner := engine.New[state]("inner", engine.Options{})
		inner.Step("c", stubborn, engine.NodeOptions{})
		engine.MapSub(p, "m", engine.EachSub[state, int, state]{Items: numbers[state](2), Inner: inner,
			In: func(_ context.Context, s *state, _ int) (*state, error) { return s, nil }}, engine.MapOptions{})
	}, "START S(m) M(m)=2 S(m[0]) S(m[1]) >(m[0]) S(m[0]/c) >(m[1]) S(m[1]/c) TIMEOUT TIMEOUT(m[0]) TIMEOUT(m[1]) " +
		"C(m[0]/c) <(m[0])=timeout X(m[0]) C(m[1]/c) <(m[1])=timeout X(m[1]) D(m) X(m) FINISH=timeout", nil},
	{"a handler", func(p *pipeline) {
		p.Step("a", fail, engine.NodeOptions{}).OnError(func(ctx context.Context, s *state, _ *engine.StepError) error { return stubborn(ctx, s) })
	}, "START S(a) TIMEOUT C(a) FINISH=timeout", []string{"a"}},
}

// A run ends a grace after it was cancelled, without what has not returned, and
// what that does later is not told.
func TestGrace(t *testing.T) {
	for _, c := range graceCases {
		t.Run(c.name, func(t *testing.T) {
			var rec *recorder
			sim := sched.NewSim(sched.Config{})
			defer sim.Close()
			r := sim.Run(lowestFirst{}, 1, func() {
				rec = &recorder{}
				p := engine.New[state]("p", engine.Options{MultiRoot: true})
				c.define(p)
				finished := 0
				p.OnFinish(func(context.Context, *state, engine.Result) error { finished++; return nil })
				began := sched.Now()
				result, err := p.Run(context.Background(), &state{}, engine.RunOptions{ID: "r", Timeout: time.Minute, Grace: time.Second,
					Observers: []engine.Observer{rec}})
				assert.Equal(t, time.Minute+time.Second, sched.Since(began))
				assert.ErrorIs(t, err, engine.ErrAbandoned)
				assert.ErrorIs(t, err, engine.ErrRunTimeout)
				assert.Equal(t, engine.TimedOut, result.Status)
				assert.Equal(t, 1, finished)
				for i, path := range c.paths {
					f := result.Failures[i]
					assert.Equal(t, engine.KindEngine, f.Kind)
					assert.Equal(t, "abandoned", f.Reason)
					assert.Equal(t, path, f.Path)
				}
				sched.Sleep(2 * time.Hour) // it returns
				assert.Empty(t, result.Metrics.Counts)
				assert.Empty(t, enginetest.Audit(p.Describe(), rec.events))
			})
			require.NoError(t, r.End)
			assert.Equal(t, c.want, trace(rec.events))
			for _, e := range rec.events {
				if d, ok := e.Data.(event.Failed); ok && d.Abandoned {
					assert.Equal(t, "abandoned", d.Reason)
					assert.Contains(t, d.Error, "engine: step has not returned within 1s")
				}
			}
		})
	}
}

// What returns within the grace is not abandoned, and the run does not wait for
// the rest of it.
func TestGraceNotNeeded(t *testing.T) {
	events, result, err := setting{with: engine.RunOptions{Timeout: time.Minute, Grace: time.Minute}}.run(t, func(p *pipeline) {
		p.Step("a", func(ctx context.Context, s *state) error {
			_ = wait(ctx, s)
			sched.Sleep(time.Second)
			return ctx.Err()
		}, engine.NodeOptions{})
	})
	assert.Equal(t, "START S(a) TIMEOUT C(a) FINISH=timeout", trace(events))
	assert.Equal(t, time.Minute+time.Second, length(events))
	assert.Empty(t, result.Failures)
	assert.NotErrorIs(t, err, engine.ErrAbandoned)

	events, _, _ = setting{with: engine.RunOptions{Grace: time.Minute}}.run(t, func(p *pipeline) {
		p.Step("a", fail, engine.NodeOptions{})
		p.Step("b", func(ctx context.Context, s *state) error { sched.Sleep(time.Second); return nil }, engine.NodeOptions{})
	})
	assert.Equal(t, "START S(a) S(b) X(a) E(b) FINISH=failed", trace(events))
	assert.Equal(t, time.Second, length(events))
}

// A failure begins the grace as a cancel does.
func TestGraceAfterFailure(t *testing.T) {
	events, result, err := setting{with: engine.RunOptions{Grace: time.Second}}.run(t, func(p *pipeline) {
		p.Step("a", func(context.Context, *state) error { sched.Sleep(time.Second); return errBad }, engine.NodeOptions{})
		p.Step("b", func(context.Context, *state) error { sched.Sleep(time.Minute); return nil }, engine.NodeOptions{})
	})
	assert.Equal(t, "START S(a) S(b) X(a) C(b) FINISH=failed", trace(events))
	assert.Equal(t, 2*time.Second, length(events))
	assert.Len(t, result.Failures, 2)
	assert.ErrorIs(t, err, errBad)
	assert.ErrorIs(t, err, engine.ErrAbandoned)
}

// In real time a run ends too without a step that is let go after it.
func TestGraceInRealTime(t *testing.T) {
	let, gone := make(chan struct{}), make(chan struct{})
	ctx, cancel := context.WithCancel(context.Background())
	p := engine.New[state]("p", engine.Options{})
	p.Step("a", func(context.Context, *state) error {
		defer close(gone)
		cancel()
		<-let
		runtime.Goexit()
		return nil
	}, engine.NodeOptions{})
	result, err := p.Run(ctx, &state{}, engine.RunOptions{Grace: time.Millisecond})
	assert.Equal(t, engine.Cancelled, result.Status)
	assert.ErrorIs(t, err, engine.ErrAbandoned)
	assert.ErrorIs(t, err, context.Canceled)
	close(let)
	<-gone
}

// Whenever the grace is over, and in any order, the events hold what they must.
func TestGraceUnderSearch(t *testing.T) {
	runs := 100
	if testing.Short() {
		runs = 20
	}
	for _, c := range graceCases {
		result := check.Config{Runs: runs, AnyTime: true}.Search(t.Name()+"/"+c.name, func(t *check.T) {
			p := engine.New[state]("p", engine.Options{MultiRoot: true})
			c.define(p)
			rec := &recorder{}
			result, _ := p.Run(t.Context(), &state{}, engine.RunOptions{ID: "r", Timeout: time.Minute, Grace: time.Second,
				Observers: []engine.Observer{rec}})
			assert.Contains(t, []engine.Status{engine.TimedOut, engine.Failed, engine.Success}, result.Status)
			assert.Empty(t, enginetest.Audit(p.Describe(), rec.events))
			sched.Sleep(2 * time.Hour) // until all have returned
		})
		assert.Empty(t, result.Findings, c.name)
	}
}
