package engine_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/sched"
)

// resultCase is a result of user code, at a place, and what comes of it: the
// trace on the reference schedule, and what the error of the run wraps.
type resultCase struct {
	place, name string
	err         error
	trace       string
	is          []error
}

// once returns err the first time, then nil.
func once(err error) func() error {
	called := false
	return func() error {
		if called {
			return nil
		}
		called = true
		return err
	}
}

// resultPlaces add a node that returns what result does at some place, and node
// z after it.
var resultPlaces = map[string]func(p *pipeline, result func() error){
	"step": func(p *pipeline, result func() error) {
		p.Step("a", func(context.Context, *state) error { return result() }, engine.NodeOptions{}).
			To(p.Step("z", ok, engine.NodeOptions{})).MayGoto(p.Step("g", ok, engine.NodeOptions{}))
	},
	"items": func(p *pipeline, result func() error) {
		engine.Map(p, "m", engine.Each[state, int]{
			Items: engine.Slice(func(context.Context, *state) ([]int, error) { return nil, result() }),
			Do:    func(context.Context, *state, int) error { return nil },
		}, engine.MapOptions{}).To(p.Step("z", ok, engine.NodeOptions{}))
	},
	"item": func(p *pipeline, result func() error) {
		mapOf(p, "m", 2, func(context.Context, int) error { return result() }, 1).To(p.Step("z", ok, engine.NodeOptions{}))
	},
	"collect": func(p *pipeline, result func() error) {
		engine.MapGather(p, "m", engine.Gather[state, int, int]{
			Items:   numbers[state](2),
			Do:      func(context.Context, *state, int) (int, error) { sched.Yield(); return 0, nil },
			Collect: func(context.Context, *state, int, int) error { return result() },
		}, engine.MapOptions{MaxConcurrency: 1}).To(p.Step("z", ok, engine.NodeOptions{}))
	},
}

const mapOf2 = "START S(m) M(m)=2 S(m[0]) "

var resultCases = []resultCase{
	{"step", "nil", nil, "START S(a) E(a) S(z) E(z) FINISH=success", nil},
	{"step", "Skip", engine.Skip, "START S(a) E(a)=skip FINISH=success", nil},
	{"step", "Stop", engine.Stop, "START S(a) E(a)=stop FINISH=stopped", nil},
	{"step", "Suspend", engine.Suspend("tea"), "START S(a) Z(a) FINISH=suspended", []error{engine.ErrSuspended}},
	{"step", "Retry", engine.Retry, "START S(a) R(a) S(a)#2 E(a)#2 S(z) E(z) FINISH=success", nil},
	{"step", "RetryAfter", engine.RetryAfter(time.Hour), "START S(a) R(a) S(a)#2 E(a)#2 S(z) E(z) FINISH=success", nil},
	{"step", "RetryAfter, negative", engine.RetryAfter(-1), "START S(a) R(a) S(a)#2 E(a)#2 S(z) E(z) FINISH=success", nil},
	{"step", "Goto", engine.Goto("g"), "START S(a) E(a)=goto:g S(g) E(g) FINISH=success", nil},
	{"step", "wrapped", fmt.Errorf("none: %w", engine.Skip), "START S(a) E(a)=skip FINISH=success", nil},
	{"step", "joined", errors.Join(errBad, engine.Skip), "START S(a) X(a) FINISH=failed", []error{engine.ErrControl, errBad}},
	{"step", "error", errBad, "START S(a) X(a) FINISH=failed", []error{errBad}},

	{"items", "nil", nil, "START S(m) M(m)=0 D(m) E(m) S(z) E(z) FINISH=success", nil},
	{"items", "Skip", engine.Skip, "START S(m) M(m)=0 D(m) E(m)=skip FINISH=success", nil},
	{"items", "Stop", engine.Stop, "START S(m) M(m)=0 D(m) E(m)=stop FINISH=stopped", nil},
	{"items", "Suspend", engine.Suspend("tea"), "START S(m) M(m)=0 D(m) X(m) FINISH=failed", []error{engine.ErrControl}},
	{"items", "Retry", engine.Retry, "START S(m) M(m)=0 D(m) X(m) FINISH=failed", []error{engine.ErrControl}},
	{"items", "Goto", engine.Goto("z"), "START S(m) M(m)=0 D(m) X(m) FINISH=failed", []error{engine.ErrControl}},
	{"items", "error", errBad, "START S(m) M(m)=0 D(m) X(m) FINISH=failed", []error{errBad}},

	{"item", "nil", nil, mapOf2 + "E(m[0]) S(m[1]) E(m[1]) D(m) E(m) S(z) E(z) FINISH=success", nil},
	{"item", "Skip", engine.Skip, mapOf2 + "E(m[0])=skip S(m[1]) E(m[1]) D(m) E(m) S(z) E(z) FINISH=success", nil},
	{"item", "Stop", engine.Stop, mapOf2 + "E(m[0])=stop D(m) E(m)=stop FINISH=stopped", nil},
	{"item", "Suspend", engine.Suspend("tea"), mapOf2 + "Z(m[0]) D(m) Z(m) FINISH=suspended", []error{engine.ErrSuspended}},
	{"item", "Retry", engine.Retry, mapOf2 + "R(m[0]) S(m[0])#2 E(m[0])#2 S(m[1]) E(m[1]) D(m) E(m) S(z) E(z) FINISH=success", nil},
	{"item", "RetryAfter", engine.RetryAfter(time.Hour), mapOf2 + "R(m[0]) S(m[0])#2 E(m[0])#2 S(m[1]) E(m[1]) D(m) E(m) S(z) E(z) FINISH=success", nil},
	{"item", "Goto", engine.Goto("z"), mapOf2 + "X(m[0]) D(m) X(m) FINISH=failed", []error{engine.ErrControl}},
	{"item", "error", errBad, mapOf2 + "X(m[0]) D(m) X(m) FINISH=failed", []error{errBad}},

	{"collect", "nil", nil, mapOf2 + "E(m[0]) S(m[1]) E(m[1]) D(m) E(m) S(z) E(z) FINISH=success", nil},
	{"collect", "Stop", engine.Stop, mapOf2 + "E(m[0]) D(m) E(m)=stop FINISH=stopped", nil},
	{"collect", "Skip", engine.Skip, mapOf2 + "E(m[0]) D(m) X(m) FINISH=failed", []error{engine.ErrControl}},
	{"collect", "Retry", engine.Retry, mapOf2 + "E(m[0]) D(m) X(m) FINISH=failed", []error{engine.ErrControl}},
	{"collect", "error", errBad, mapOf2 + "E(m[0]) D(m) X(m) FINISH=failed", []error{errBad}},
}

// Each row of the table of results has its meaning.
func TestSeedS23ControlResults(t *testing.T) {
	for _, c := range resultCases {
		t.Run(c.place+"/"+c.name, func(t *testing.T) {
			define := func(p *pipeline) { resultPlaces[c.place](p, once(c.err)) }
			events, result, err := simulateRun(t, define, context.Background())
			assert.Equal(t, c.trace, trace(events))
			for _, is := range c.is {
				assert.ErrorIs(t, err, is)
			}
			if c.is == nil {
				assert.NoError(t, err)
			}
			assert.Equal(t, "FINISH="+string(result.Status), c.trace[len(c.trace)-len("FINISH="+result.Status):])
		})
	}
}

// A panic with a control value is a panic, and so is what another run failed
// with an error.
func TestNoControlValue(t *testing.T) {
	_, err := run(context.Background(), func(p *pipeline) {
		p.Step("a", func(context.Context, *state) error { panic(engine.Skip) }, engine.NodeOptions{})
	})
	assert.ErrorContains(t, err, "step a: panic: engine.Skip")

	result, err := run(context.Background(), func(p *pipeline) {
		p.Step("a", func(ctx context.Context, _ *state) error {
			_, err := run(ctx, func(p *pipeline) { mapOf(p, "m", 1, func(context.Context, int) error { return engine.Goto("m") }, 0) })
			return fmt.Errorf("inner: %w", err)
		}, engine.NodeOptions{})
	})
	require.ErrorIs(t, err, engine.ErrControl)
	assert.ErrorContains(t, err, `inner: engine: pipeline "p": step m[0]: engine: misplaced control value: an item of a map must not return engine.Goto("m")`)
	assert.Len(t, result.Failures, 1)
}

// A Goto to what is no target says what is.
func TestSeedS22GotoUnknown(t *testing.T) {
	tests := map[string]struct {
		to   string
		is   error
		text string
	}{
		"unknown": {"nosuch", engine.ErrUnknownNode, `step load: engine: unknown node: step "load" returned Goto("nosuch"); the closest name is "notsure"`},
		"typo":    {"prase", engine.ErrUnknownNode, `unknown node: step "load" returned Goto("prase"); the closest name is "parse"`},
		"near":    {"notsur", engine.ErrUnknownNode, `did you mean "notsure"?`},
		"declare": {"parse", engine.ErrUndeclared, `undeclared Goto: step "load" returned Goto("parse"), which it has not declared with MayGoto`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			result, err := run(context.Background(), func(p *pipeline) {
				p.Step("load", returns(engine.Goto(test.to)), engine.NodeOptions{}).To(nodes(p, ok, "parse", "notsure")...)
			})
			require.ErrorIs(t, err, test.is)
			assert.ErrorContains(t, err, test.text)
			assert.Equal(t, "load", result.Failures[0].Path)
			assert.Contains(t, []string{"unknown_node", "undeclared"}, result.Failures[0].Reason)
		})
	}
}

// Retries and jumps are bounded, and the failure wraps what was returned last.
func TestBounds(t *testing.T) {
	calls := 0
	p := engine.New[state]("p", engine.Options{MaxRetries: 2})
	p.Step("a", func(context.Context, *state) error {
		calls++
		return fmt.Errorf("call %d: %w", calls, engine.Retry)
	}, engine.NodeOptions{})
	result, err := p.Run(context.Background(), &state{}, engine.RunOptions{})
	require.ErrorIs(t, err, engine.ErrRetries)
	assert.Equal(t, `engine: pipeline "p": step a: engine: too many retries (2): call 3: engine.Retry`, err.Error())
	assert.Equal(t, 3, result.Failures[0].Attempt)
	assert.Equal(t, "retries", result.Failures[0].Reason)

	calls = 0
	loop := func(max int) error {
		p := engine.New[state]("p", engine.Options{MaxJumps: max})
		a := p.Step("a", func(context.Context, *state) error { calls++; return engine.Goto("a") }, engine.NodeOptions{})
		a.MayGoto(a)
		_, err := p.Run(context.Background(), &state{}, engine.RunOptions{})
		return err
	}
	assert.ErrorIs(t, loop(7), engine.ErrJumps)
	assert.Equal(t, 8, calls)
	assert.ErrorIs(t, loop(0), engine.ErrJumps)
	assert.Equal(t, 8+10_001, calls)
	assert.ErrorIs(t, run100(), engine.ErrRetries)
	assert.ErrorContains(t, run100(), "too many retries (100)")
}

// run100 returns Retry for ever.
func run100() error {
	_, err := run(context.Background(), func(p *pipeline) { p.Step("a", returns(engine.Retry), engine.NodeOptions{}) })
	return err
}

// The wait of RetryAfter takes as long as it says, unless the run ends.
func TestRetryAfter(t *testing.T) {
	waits := func(other step, want string, took time.Duration) {
		t.Helper()
		begin := time.Time{}
		events := simulate(t, func(p *pipeline) {
			begin = sched.Now()
			p.Step("a", returns(engine.RetryAfter(time.Hour), nil), engine.NodeOptions{})
			p.Step("b", func(ctx context.Context, s *state) error { sched.Sleep(time.Minute); return other(ctx, s) }, engine.NodeOptions{})
		}, context.Background())
		assert.Equal(t, want, trace(events))
		assert.Equal(t, took, events[len(events)-1].Time.Sub(begin))
	}
	waits(ok, "START S(a) S(b) R(a) E(b) S(a)#2 E(a)#2 FINISH=success", time.Hour)
	waits(fail, "START S(a) S(b) R(a) X(b) FINISH=failed", time.Minute)
	waits(returns(engine.Stop), "START S(a) S(b) R(a) E(b)=stop FINISH=stopped", time.Minute)
	waits(returns(engine.Suspend("tea")), "START S(a) S(b) R(a) Z(b) FINISH=suspended", time.Minute)
}

// What ends the run first decides its status, except that what does not cancel
// it gives way to what does.
func TestStatuses(t *testing.T) {
	tests := map[string]struct {
		first, second error
		want          engine.Status
		is            error
	}{
		"stop, then failure": {engine.Stop, errBad, engine.Failed, errBad},
		"failure, then stop": {errBad, engine.Stop, engine.Failed, errBad},
		"suspend, then stop": {engine.Suspend("tea"), engine.Stop, engine.Stopped, nil},
		"stop, then suspend": {engine.Stop, engine.Suspend("tea"), engine.Stopped, nil},
		"two suspends":       {engine.Suspend("tea"), engine.Suspend("milk"), engine.Suspended, engine.ErrSuspended},
		"suspend, then fail": {engine.Suspend("tea"), errBad, engine.Failed, errBad},
		"stop, own cancel":   {engine.Stop, context.Canceled, engine.Failed, context.Canceled},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, result, err := simulateRun(t, func(p *pipeline) {
				p.Step("a", returns(test.first), engine.NodeOptions{})
				p.Step("b", func(context.Context, *state) error { sched.Sleep(1); return test.second }, engine.NodeOptions{})
			}, context.Background())
			assert.Equal(t, test.want, result.Status)
			if test.is == nil {
				assert.NoError(t, err)
			} else {
				assert.ErrorIs(t, err, test.is)
			}
		})
	}
	_, err := run(context.Background(), func(p *pipeline) { p.Step("a", returns(engine.Suspend("tea")), engine.NodeOptions{}) })
	assert.EqualError(t, err, `engine: pipeline "p": suspended: engine: run suspended: tea`)
}
