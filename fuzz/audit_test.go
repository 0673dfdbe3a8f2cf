package fuzz

import (
	"slices"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/enginetest"
	"github.com/ravelgo/ravel/engine/event"
	planned "github.com/ravelgo/ravel/engine/plan"
)

// audit keeps the events of a run, which may break off.
type audit struct {
	s      *probe
	events []event.Event
	starts int // of what calls a function
	tokens int
	finish *event.Finished
}

// Observe takes in an event.
func (a *audit) Observe(e event.Event) {
	assert.False(a.s.t, a.s.over, "an event after the end of the run")
	a.events = append(a.events, e)
	switch e.Type {
	case event.StepStart:
		if e.Kind != event.Map {
			a.starts++
		}
	case event.Token:
		a.tokens++
	case event.StepEnd:
		a.use(e)
	case event.Finish:
		f := e.Data.(event.Finished)
		a.finish = &f
	}
	if panics := a.s.p.usage == panicking; panics {
		panic("observer")
	}
}

// use reads what was written before an end, where nothing writes it later.
func (a *audit) use(e event.Event) {
	if a.s.p.chain {
		return
	}
	i := int(e.Node[0] - '0')
	n, np := &a.s.p.nodes[i], &a.s.nodes[i]
	switch {
	case e.Kind == event.Step && n.target != i:
		np.cells[0].Load()
	case e.Kind == event.Map && e.Data.(event.Ended).Control == "":
		np.load()
	}
}

// account compares the events with what can be, with what the functions have done, and
// with the result.
func (a *audit) account(p planned.Plan, result engine.Result) {
	t, s := a.s.t, a.s
	if len(a.events) == 0 {
		assert.Contains(t, []usage{alone, unread}, s.p.usage, "no events")
		return
	}
	problems := enginetest.Audit(p, a.events)
	if a.finish == nil {
		assert.Equal(t, left, s.p.usage, "no FINISH")
		require.NotEmpty(t, problems)
		assert.Contains(t, problems[0], "FINISH is missing")
		assert.Len(t, problems, 1)
		return
	}
	assert.Empty(t, problems)
	assert.Equal(t, string(result.Status), a.finish.Status)
	assert.Len(t, a.finish.Failures, len(result.Failures))
	assert.Equal(t, s.calls, a.starts, "calls and attempts")
	assert.Equal(t, s.emitted, a.tokens, "values emitted")
	a.order(result.Failures)
}

// order checks that failures are in the order of their events.
func (a *audit) order(failures []*engine.StepError) {
	rest := a.events
	for _, f := range failures {
		i := slices.IndexFunc(rest, func(e event.Event) bool {
			return e.Seq == f.Seq && e.Type == event.StepError && e.Path == f.Path && e.Attempt == f.Attempt
		})
		if assert.GreaterOrEqual(a.s.t, i, 0, "no event of %v after that of the failure before it", f) {
			rest = rest[i+1:]
		}
	}
}
