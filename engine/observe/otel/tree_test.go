package otel_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// sleeps is a step that takes a number of seconds.
func sleeps(seconds int) engine.StepFunc[state] {
	return func(ctx context.Context, _ *state) error {
		sched.Sleep(time.Duration(seconds) * time.Second)
		engine.Note(ctx, slog.Int("slept", seconds))
		return nil
	}
}

// shop has inner pipelines, a switch, a join, a retry, a value and a handler.
func shop() *engine.Pipeline[state] {
	refund := engine.New[state]("refund", engine.Options{})
	refund.Step("pay", sleeps(2), engine.NodeOptions{})
	in := func(context.Context, *state) (*state, error) { return &state{}, nil }

	p := engine.New[state]("orders", engine.Options{})
	load := p.Step("load", sleeps(1), engine.NodeOptions{})
	pages := engine.MapSub(p, "pages", engine.EachSub[state, int, state]{
		Items: engine.Slice(func(context.Context, *state) ([]int, error) { return make([]int, 2), nil }),
		Inner: refund,
		In:    func(ctx context.Context, _ *state, _ int) (*state, error) { return &state{}, engine.Emit(ctx, "v") },
	}, engine.MapOptions{MaxConcurrency: 1})
	back := engine.Sub(p, "back", engine.Bind[state, state]{Inner: refund, In: in}, engine.NodeOptions{})
	join := p.Step("join", sleeps(2), engine.NodeOptions{})
	busy := p.Step("busy", func(ctx context.Context, s *state) error {
		if engine.Info(ctx).Attempt == 1 {
			return engine.RetryAfter(3 * time.Second)
		}
		return errors.New("oh")
	}, engine.NodeOptions{}).OnError(func(context.Context, *state, *engine.StepError) error { return nil })
	route := engine.Switch(p, "route", engine.Choice[state, string]{
		Key:   func(context.Context, *state) (string, error) { return "busy", nil },
		Cases: []engine.Case[state, string]{{Key: "busy", To: busy}},
	}, engine.NodeOptions{})
	load.To(pages, back)
	pages.To(join)
	back.To(join)
	join.To(route)
	return p
}

// The spans of a simulated run have its virtual times.
func TestTreeOfARun(t *testing.T) {
	r := record(t, nil)
	var err error
	result := sched.NewSim(sched.Config{}).Run(strategy.RoundRobin(), 1, func() {
		_, err = shop().Run(context.Background(), &state{}, engine.RunOptions{ID: "r1", Observers: []engine.Observer{r}})
	})
	require.NoError(t, result.End)
	require.NoError(t, err)
	const want = `
run orders 0-10 BARRIER_WAIT@3 BARRIER_RELEASE@5
  step load 0-1
    attempt load 0-1
  map pages 1-5 <- step load
    attempt pages 1-5 MAP_START@1 MAP_COMPLETE@5
    item pages 1-3
      attempt pages 1-3 TOKEN@1
        run refund 1-3
          step pay 1-3
            attempt pay 1-3
    item pages 3-5
      attempt pages 3-5 TOKEN@3
        run refund 3-5
          step pay 3-5
            attempt pay 3-5
  sub back 1-3 <- step load
    attempt back 1-3
      run refund 1-3
        step pay 1-3
          attempt pay 1-3
  step join 5-7 <- map pages
    attempt join 5-7
  switch route 7-7 <- step join
    attempt route 7-7
  step busy 7-10 <- switch route
    attempt busy 7-7 Error(engine.RetryAfter(3s))
    attempt busy 10-10
`
	assert.Equal(t, want, "\n"+r.tree())
	assert.Equal(t, "2", r.attributes(t, "attempt join")["ravel.note.slept"])
}
