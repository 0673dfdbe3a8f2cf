package engine_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/engine"
)

// What Key returns means what a step's result does; an error goes no way.
func TestKeyResults(t *testing.T) {
	tests := map[string]struct {
		result func() error
		want   string
	}{
		"nil":     {once(nil), "S(s) E(s)=x S(x) E(x) FINISH=success"},
		"Skip":    {once(engine.Skip), "S(s) E(s)=skip FINISH=success"},
		"Stop":    {once(engine.Stop), "S(s) E(s)=stop FINISH=stopped"},
		"Suspend": {once(engine.Suspend("tea")), "S(s) Z(s) FINISH=suspended"},
		"Goto":    {once(engine.Goto("g")), "S(s) E(s)=goto:g S(g) E(g) FINISH=success"},
		"error":   {once(errBad), "S(s) X(s) FINISH=failed"},
		"panic":   {func() error { panic("oh") }, "S(s) X(s) FINISH=failed"},
		"Goexit":  {func() error { runtime.Goexit(); return nil }, "S(s) X(s) FINISH=failed"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			rec := &recorder{}
			p := engine.New[state]("p", engine.Options{})
			x, y := p.Step("x", ok, engine.NodeOptions{}), p.Step("y", ok, engine.NodeOptions{})
			engine.Switch(p, "s", engine.Choice[state, string]{
				Key:   func(context.Context, *state) (string, error) { return "x", test.result() },
				Cases: []engine.Case[state, string]{{Key: "x", To: x}, {Key: "y", To: y}},
			}, engine.NodeOptions{}).MayGoto(p.Step("g", ok, engine.NodeOptions{}))
			_, _ = p.Run(context.Background(), &state{}, engine.RunOptions{Observers: []engine.Observer{rec}})
			assert.Equal(t, "START "+test.want, trace(rec.events))
			checkEvents(t, p, rec.events)
		})
	}
}

// Key is asked again like a step, and the route is that of the last time.
func TestKeyRetried(t *testing.T) {
	calls := 0
	events, _, _ := simulateRun(t, func(p *pipeline) {
		calls = 0
		x, y := p.Step("x", ok, engine.NodeOptions{}), p.Step("y", ok, engine.NodeOptions{})
		engine.Switch(p, "s", engine.Choice[state, string]{
			Key: func(context.Context, *state) (string, error) {
				calls++
				return []string{"x", "nosuch", "y"}[calls-1], []error{errBad, engine.Retry, nil}[calls-1]
			},
			Cases: []engine.Case[state, string]{{Key: "x", To: x}, {Key: "y", To: y}},
		}, engine.NodeOptions{Retry: engine.RetryPolicy{MaxAttempts: 3}})
	}, context.Background())
	assert.Equal(t, "START S(s) R(s) S(s)#2 R(s)#2 S(s)#3 E(s)#3=y S(y) E(y) FINISH=success", trace(events))
}
