package engine_test

import (
	"context"
	"errors"
	"iter"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/sched"
)

// ofSeq is a source of numbers that ends with what end does.
func ofSeq(n int, end func(yield func(int, error) bool)) engine.Items[state, int] {
	return engine.Seq2(func(context.Context, *state) iter.Seq2[int, error] {
		return func(yield func(int, error) bool) {
			for i := range n {
				if !yield(i, nil) {
					return
				}
			}
			if end != nil {
				end(yield)
			}
		}
	})
}

// mapItems adds a map over items, whose calls take a second, before z.
func mapItems(p *pipeline, items engine.Items[state, int], opts engine.MapOptions) {
	engine.Map(p, "m", engine.Each[state, int]{Items: items, Do: func(ctx context.Context, _ *state, _ int) error {
		timer := sched.NewTimer(time.Second)
		defer timer.Stop()
		sched.Select(timer.C.Receiving(nil, nil), sched.Done(ctx).Receiving(nil, nil))
		return ctx.Err()
	}}, opts).To(p.Step("z", ok, engine.NodeOptions{}))
}

// All that items can be, and how they may end, with any limit.
func TestItems(t *testing.T) {
	yields := func(err error) func(func(int, error) bool) {
		return func(yield func(int, error) bool) { yield(0, err) }
	}
	tests := map[string]struct {
		items engine.Items[state, int]
		opts  engine.MapOptions
		want  string
	}{
		"zero of a slice":    {numbers[state](0), engine.MapOptions{}, "START S(m) M(m)=0 D(m) E(m) S(z) E(z) FINISH=success"},
		"zero of a sequence": {ofSeq(0, nil), engine.MapOptions{MaxConcurrency: 1}, "START S(m) M(m)=-1 D(m) E(m) S(z) E(z) FINISH=success"},
		"nil sequence": {engine.Seq2(func(context.Context, *state) iter.Seq2[int, error] { return nil }), engine.MapOptions{},
			"START S(m) M(m)=-1 D(m) E(m) S(z) E(z) FINISH=success"},
		"nil sequence of items": {engine.Seq(func(context.Context, *state) iter.Seq[int] { return nil }), engine.MapOptions{},
			"START S(m) M(m)=-1 D(m) E(m) S(z) E(z) FINISH=success"},
		"no limit": {ofSeq(2, nil), engine.MapOptions{}, "START S(m) M(m)=-1 S(m[0]) S(m[1]) E(m[0]) E(m[1]) D(m) E(m) S(z) E(z) FINISH=success"},
		"one at a time": {ofSeq(2, nil), engine.MapOptions{MaxConcurrency: 1},
			"START S(m) M(m)=-1 S(m[0]) E(m[0]) S(m[1]) E(m[1]) D(m) E(m) S(z) E(z) FINISH=success"},
		"MaxItems are enough":        {ofSeq(2, nil), engine.MapOptions{MaxItems: 2}, "START S(m) M(m)=-1 S(m[0]) S(m[1]) E(m[0]) E(m[1]) D(m) E(m) S(z) E(z) FINISH=success"},
		"one of a sequence too many": {ofSeq(3, nil), engine.MapOptions{MaxItems: 2}, "START S(m) M(m)=-1 S(m[0]) S(m[1]) C(m[0]) C(m[1]) D(m) X(m) FINISH=failed"},
		"one of a slice too many":    {numbers[state](3), engine.MapOptions{MaxItems: 2}, "START S(m) M(m)=3 S(m[0]) S(m[1]) C(m[0]) C(m[1]) D(m) X(m) FINISH=failed"},
		"an error":                   {ofSeq(1, yields(errBad)), engine.MapOptions{}, "START S(m) M(m)=-1 S(m[0]) C(m[0]) D(m) X(m) FINISH=failed"},
		"an error at once":           {ofSeq(0, yields(errBad)), engine.MapOptions{}, "START S(m) M(m)=-1 D(m) X(m) FINISH=failed"},
		"Skip":                       {ofSeq(1, yields(engine.Skip)), engine.MapOptions{}, "START S(m) M(m)=-1 S(m[0]) E(m[0]) D(m) E(m)=skip FINISH=success"},
		"Stop":                       {ofSeq(1, yields(engine.Stop)), engine.MapOptions{}, "START S(m) M(m)=-1 S(m[0]) E(m[0]) D(m) E(m)=stop FINISH=stopped"},
		"Retry":                      {ofSeq(1, yields(engine.Retry)), engine.MapOptions{}, "START S(m) M(m)=-1 S(m[0]) C(m[0]) D(m) X(m) FINISH=failed"},
		"a panic":                    {ofSeq(1, func(func(int, error) bool) { panic("oh") }), engine.MapOptions{}, "START S(m) M(m)=-1 S(m[0]) C(m[0]) D(m) X(m) FINISH=failed"},
		"Goexit":                     {ofSeq(1, func(func(int, error) bool) { runtime.Goexit() }), engine.MapOptions{}, "START S(m) M(m)=-1 S(m[0]) C(m[0]) D(m) X(m) FINISH=failed"},
		"a panic before": {engine.Slice(func(context.Context, *state) ([]int, error) { panic("oh") }), engine.MapOptions{},
			"START S(m) M(m)=0 D(m) X(m) FINISH=failed"},
	}
	reasons := map[string]string{"one of a sequence too many": "items", "one of a slice too many": "items", "an error": "error",
		"Retry": "control", "a panic": "panic", "Goexit": "goexit", "a panic before": "panic", "an error at once": "error"}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			events, result, err := simulateRun(t, func(p *pipeline) { mapItems(p, test.items, test.opts) }, context.Background())
			assert.Equal(t, test.want, trace(events))
			if result.Status != engine.Failed {
				assert.NoError(t, err)
				return
			}
			require.Len(t, result.Failures, 1)
			assert.Equal(t, reasons[name], result.Failures[0].Reason)
			assert.Equal(t, "m", result.Failures[0].Path)
			assert.Equal(t, result.Failures[0].Reason == "items", errors.Is(err, engine.ErrTooManyItems))
		})
	}
	_, err := run(context.Background(), func(p *pipeline) { mapItems(p, ofSeq(3, nil), engine.MapOptions{MaxItems: 2}) })
	assert.ErrorContains(t, err, `engine: too many items: map "m" has more than MaxItems, 2`)
}

// The counts of a map say how its items have ended.
func TestMapCounts(t *testing.T) {
	results := []error{nil, engine.Skip, errBad, nil, engine.Skip}
	events, _, _ := setting{opts: engine.Options{Policy: engine.FinishSiblings}}.run(t, func(p *pipeline) {
		mapOf(p, "m", len(results), func(_ context.Context, item int) error { return results[item] }, 2)
	})
	for _, e := range events {
		if e.Type == event.MapComplete {
			assert.Equal(t, event.MapCompleted{Started: 5, OK: 2, Skipped: 2, Failed: 1}, e.Data)
		}
	}
	events, _, _ = simulateRun(t, func(p *pipeline) {
		mapOf(p, "m", 3, func(ctx context.Context, item int) error {
			if item == 2 {
				return errBad
			}
			return wait(ctx, nil)
		}, 0)
	}, context.Background())
	for _, e := range events {
		if e.Type == event.MapComplete {
			assert.Equal(t, event.MapCompleted{Started: 3, Failed: 1, Cancelled: 2}, e.Data)
		}
	}
}

// A stopped map leaves its free slots empty: no item starts after Stop, and those
// that run go on to their end.
func TestMapStops(t *testing.T) {
	events, result, err := simulateRun(t, func(p *pipeline) {
		mapOf(p, "m", 10, func(ctx context.Context, item int) error {
			sched.Sleep(time.Duration(item+1) * time.Second)
			if item == 0 {
				return engine.Stop
			}
			return ctx.Err()
		}, 3).To(p.Step("z", ok, engine.NodeOptions{}))
	}, context.Background())
	require.NoError(t, err)
	assert.Equal(t, "START S(m) M(m)=10 S(m[0]) S(m[1]) S(m[2]) E(m[0])=stop E(m[1]) E(m[2]) D(m) E(m)=stop FINISH=stopped", trace(events))
	assert.Equal(t, 3*time.Second, length(events))
	assert.Equal(t, engine.CutOff, result.Nodes[1].Left)
	assert.Equal(t, "a step returned Stop", result.Reason)
}

// An item keeps its slot while it waits to be tried again, and the next one starts
// only then.
func TestRetryInSlot(t *testing.T) {
	events, _, err := simulateRun(t, func(p *pipeline) {
		tries := 0
		mapOf(p, "m", 2, func(_ context.Context, item int) error {
			if tries++; tries == 1 {
				return engine.RetryAfter(time.Minute)
			}
			return nil
		}, 1)
	}, context.Background())
	require.NoError(t, err)
	assert.Equal(t, "START S(m) M(m)=2 S(m[0]) R(m[0]) S(m[0])#2 E(m[0])#2 S(m[1]) E(m[1]) D(m) E(m) FINISH=success", trace(events))
}

// Items are taken only when one may start: at most one more than run.
func TestItemsAreTakenLazily(t *testing.T) {
	taken, started, most := 0, 0, 0
	_, _, err := simulateRun(t, func(p *pipeline) {
		taken, started, most = 0, 0, 0
		engine.Map(p, "m", engine.Each[state, int]{
			Items: engine.Seq(func(context.Context, *state) iter.Seq[int] {
				return func(yield func(int) bool) {
					for i := range 20 {
						taken++
						most = max(most, taken-started)
						if !yield(i) {
							return
						}
					}
				}
			}),
			Do: func(context.Context, *state, int) error { sched.Sleep(time.Second); started++; return nil },
		}, engine.MapOptions{MaxConcurrency: 3})
	}, context.Background())
	require.NoError(t, err)
	assert.Equal(t, 20, taken)
	assert.Equal(t, 4, most)
}

// Keys are looked up by ==, in order; one that nothing is for is told with those
// that there are.
func TestSwitchKeys(t *testing.T) {
	type pair struct{ a, b any }
	tests := map[string]struct {
		key   any
		other bool // there is a default
		want  string
		text  string
	}{
		"int":                  {1, false, "E(s)=1 S(x) E(x) FINISH=success", ""},
		"bool is no int":       {true, false, "E(s)=true S(y) E(y) FINISH=success", ""},
		"text is no int":       {"1", false, "E(s)=1 S(y) E(y) FINISH=success", ""},
		"struct":               {pair{1, "b"}, false, "E(s)={1 b} S(y) E(y) FINISH=success", ""},
		"default":              {2, true, "E(s)=2 S(d) E(d) FINISH=success", ""},
		"none":                 {2, false, "X(s) FINISH=failed", `engine: no case for the key of a switch: switch "s" has none for 2; it has 1, true, "1", {1 b}`},
		"int8 is no int":       {int8(1), false, "X(s) FINISH=failed", "has none for 1"},
		"incomparable":         {[]int{1}, false, "X(s) FINISH=failed", "the key [1] cannot be compared"},
		"incomparable inside":  {pair{[]int{1}, 1}, false, "X(s) FINISH=failed", "cannot be compared"},
		"incomparable default": {map[string]int{}, true, "X(s) FINISH=failed", "the key map[] cannot be compared"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			events, result, err := simulateRun(t, func(p *pipeline) {
				n := nodes(p, ok, "x", "y")
				body := engine.Choice[state, any]{Key: func(context.Context, *state) (any, error) { return test.key, nil },
					Cases: []engine.Case[state, any]{{Key: 1, To: n[0]}, {Key: true, To: n[1]}, {Key: "1", To: n[1]}, {Key: pair{1, "b"}, To: n[1]}}}
				if test.other {
					body.Default = p.Step("d", ok, engine.NodeOptions{})
				}
				engine.Switch(p, "s", body, engine.NodeOptions{Retry: engine.RetryPolicy{MaxAttempts: 2}})
			}, context.Background())
			assert.Equal(t, "START S(s) "+test.want, trace(events))
			if test.text == "" {
				require.NoError(t, err)
				return
			}
			assert.ErrorIs(t, err, engine.ErrNoRoute)
			assert.ErrorContains(t, err, test.text)
			assert.Equal(t, "no_route", result.Failures[0].Reason)
		})
	}
}

// The closest key is told where keys are text.
func TestSwitchSuggests(t *testing.T) {
	for key, want := range map[string]string{
		"tea":     "",
		"coffe":   `switch "s" has none for "coffe"; it has "tea", "coffee"; did you mean "coffee"?`,
		"mineral": `it has "tea", "coffee"; the closest name is `,
	} {
		_, err := run(context.Background(), func(p *pipeline) { choose(p, "s", key, nodes(p, ok, "tea", "coffee")...) })
		if want == "" {
			assert.NoError(t, err)
		} else {
			assert.ErrorContains(t, err, want)
		}
	}
}
