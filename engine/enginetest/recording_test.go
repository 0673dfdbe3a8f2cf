package enginetest_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/enginetest"
	"github.com/ravelgo/ravel/engine/event"
)

func TestCount(t *testing.T) {
	t.Parallel()
	r := enginetest.Record(t, order(), &state{}, engine.RunOptions{})
	assert.Equal(t, 1, r.Count(event.StepRetry, "pay"))
	assert.Equal(t, 2, r.Count(event.StepStart, "pay"))
	assert.Equal(t, 2, r.Count(event.Token, "stock"))
	assert.Equal(t, 1, r.Count(event.MapStart, "parcels"))
	assert.Equal(t, 1, r.Count(event.SubFinish, "parcels[1]"))
	assert.Equal(t, 1, r.Count(event.StepEnd, "parcels[1]/send"))
	assert.Equal(t, 1, r.Count(event.Finish, ""))
	assert.Equal(t, 0, r.Count(event.StepStart, ""))
	assert.Equal(t, 0, r.Count(event.StepStart, "unused"), "which has not run")
	assert.Equal(t, 0, r.Count(event.StepStart, "parcels[7]/pack"), "nor had the map so many items")
}

func TestBefore(t *testing.T) {
	t.Parallel()
	r := enginetest.Record(t, order(), &state{}, engine.RunOptions{})
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"load", "pay", true}, {"pay", "load", false}, {"load", "load", false},
		{"pay", "stock", false}, {"stock", "pay", false},
		{"pay", "parcels", true}, {"parcels[0]", "parcels[1]/pack", true}, {"parcels[1]/pack", "parcels[0]", false},
		{"load", "unused", false}, {"unused", "load", false}, {"", "load", false},
	} {
		assert.Equal(t, c.want, r.Before(c.a, c.b), "%q before %q", c.a, c.b)
	}
}

// Whatever ends an attempt is an end of it.
func TestBeforeOfFailures(t *testing.T) {
	t.Parallel()
	p := engine.New[state]("p", engine.Options{Policy: engine.ContinueOnError})
	a := p.Step("a", func(context.Context, *state) error { return errBad }, none)
	a.To(p.Step("b", ok, none))
	r := enginetest.Record(t, p, &state{}, engine.RunOptions{})
	assert.True(t, r.Before("a", "b"))
	assert.False(t, r.Before("b", "a"))
}

func TestAttempts(t *testing.T) {
	t.Parallel()
	r := enginetest.Record(t, order(), &state{}, engine.RunOptions{})
	assert.Equal(t, 2, r.Attempts("pay"))
	assert.Equal(t, 1, r.Attempts("parcels"))
	assert.Equal(t, 1, r.Attempts("parcels[0]"))
	assert.Zero(t, r.Attempts("unused"))
}

func TestTokens(t *testing.T) {
	t.Parallel()
	r := enginetest.Record(t, order(), &state{}, engine.RunOptions{})
	assert.Equal(t, []any{"a", 7}, r.Tokens("stock"))
	assert.Empty(t, r.Tokens("pay"))
}

// Each question about a path that cannot be fails the test and says what was meant.
func TestUnknownPaths(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ path, says string }{
		{"lod", `path "lod": there is no node "lod" in pipeline "order"; did you mean "load"?`},
		{"x", `there is no node "x" in pipeline "order"; the closest name is`},
		{"pack", `did you mean "parcels[0]/pack"?`},
		{"parcels[1]/snd", `path "parcels[1]/snd": there is no node "snd" in pipeline "parcel"; did you mean "send"?`},
		{"parcels/pack", `"parcels" is a map, whose items have the pipeline inside; did you mean "parcels[0]/pack"?`},
		{"load[0]", `"load" is a step, which has no items; did you mean "load"?`},
		{"load/pack", `"load" has no pipeline inside; did you mean "load"?`},
		{"parcels[x]", `"[x]" is no index of an item, want "parcels[0]"`},
		{"parcels[-1]", `"[-1]" is no index`}, {"parcels[01]", `"[01]" is no index`}, {"parcels[0", `"[0" is no index`},
		{"load/", `"load" has no pipeline inside`}, {"/load", `there is no node ""`},
	} {
		f := &fake{}
		r := enginetest.Record(f, order(), &state{}, engine.RunOptions{})
		assert.Zero(t, r.Count(event.StepStart, c.path))
		f.says(t, "enginetest: ", c.says)
	}
	for _, ask := range []func(r *enginetest.Recording){
		func(r *enginetest.Recording) { r.Attempts("lod") },
		func(r *enginetest.Recording) { r.Tokens("lod") },
		func(r *enginetest.Recording) { r.Before("lod", "pay") },
		func(r *enginetest.Recording) { r.Before("pay", "lod") },
	} {
		f := &fake{}
		ask(enginetest.Record(f, order(), &state{}, engine.RunOptions{}))
		f.says(t, `did you mean "load"?`)
	}
}

func TestUnknownType(t *testing.T) {
	t.Parallel()
	f := &fake{}
	enginetest.Record(f, order(), &state{}, engine.RunOptions{}).Count("STEP_STRAT", "pay")
	f.says(t, `there is no event of type "STEP_STRAT"; did you mean "STEP_START"?`)
}

// Of what has not run there is nothing to ask.
func TestNothingHasRun(t *testing.T) {
	t.Parallel()
	f := &fake{}
	r := enginetest.Record(f, order(), &state{}, engine.RunOptions{Start: "lod"})
	r.Attempts("load")
	f.says(t, "nothing has run: ", `did you mean "load"?`)
	f.told = nil
	r.Golden("order")
	f.says(t, "nothing has run: ")
}
