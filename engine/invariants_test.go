package engine_test

import (
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine/event"
)

// audit checks what must hold for the events of every run, one after the other.
type audit struct {
	t      require.TestingT
	open   map[int]event.Event        // attempts that run, by invocation
	ended  map[int]bool               // invocations that have had STEP_END
	tries  map[int]int                // attempts begun, by invocation
	next   map[int]int                // index of the next item, by map
	counts map[int]event.MapCompleted // of the items of a map
	over   bool                       // nothing may start any more
}

// checkEvents checks what must hold for the events of every run.
func checkEvents(t require.TestingT, events []event.Event) {
	require.NotEmpty(t, events)
	a := &audit{t: t, open: map[int]event.Event{}, ended: map[int]bool{}, tries: map[int]int{},
		next: map[int]int{}, counts: map[int]event.MapCompleted{}}
	for i, e := range events {
		assert.EqualValues(t, i+1, e.Seq)
		assert.Equal(t, i == 0, e.Type == event.Start, "START is the first event, once")
		assert.Equal(t, i == len(events)-1, e.Type == event.Finish, "FINISH is the last event, once")
		a.look(e)
	}
	assert.Empty(t, a.open, "what starts ends")
}

func (a *audit) look(e event.Event) {
	switch e.Type {
	case event.StepStart:
		a.start(e)
	case event.Token, event.MapStart:
		assert.Equal(a.t, e.Attempt, a.open[e.Invocation].Attempt, "%s lies inside its attempt", e.Type)
	case event.StepEnd, event.StepRetry, event.StepError, event.StepCancelled, event.Suspend:
		a.end(e)
	case event.MapComplete:
		a.complete(e)
	case event.Timeout, event.Cancelled:
		a.over = true
	}
}

func (a *audit) start(e event.Event) {
	assert.False(a.t, a.over, "%s starts when the run ends", e.Path)
	assert.NotContains(a.t, a.open, e.Invocation, "one attempt at a time")
	a.tries[e.Invocation]++
	assert.Equal(a.t, a.tries[e.Invocation], e.Attempt, "attempts are counted")
	a.open[e.Invocation] = e
	switch {
	case e.Kind == event.Worker:
		assert.Contains(a.t, a.open, e.Owner, "an item runs inside its map")
		assert.Equal(a.t, e.Owner, e.Parent)
		if e.Attempt == 1 {
			assert.Equal(a.t, a.next[e.Owner], e.Index, "items start in order")
			a.next[e.Owner]++
			a.count(e, func(c *event.MapCompleted) { c.Started++ })
		}
	case e.Parent > 0:
		assert.Less(a.t, e.Parent, e.Invocation)
		assert.True(a.t, a.ended[e.Parent], "a parent ends before what it releases")
	}
}

func (a *audit) end(e event.Event) {
	assert.Equal(a.t, e.Attempt, a.open[e.Invocation].Attempt, "an end has a start")
	delete(a.open, e.Invocation)
	switch e.Type {
	case event.StepEnd:
		a.ended[e.Invocation] = true
		control := e.Data.(event.Ended).Control
		a.over = a.over || control == "stop"
		a.count(e, func(c *event.MapCompleted) {
			if control == "skip" {
				c.Skipped++
			} else {
				c.OK++
			}
		})
	case event.StepError:
		a.over = true
		a.count(e, func(c *event.MapCompleted) { c.Failed++ })
	case event.Suspend:
		a.over = true
	}
}

// count changes the counts of the map of an item.
func (a *audit) count(e event.Event, change func(*event.MapCompleted)) {
	if e.Kind == event.Worker {
		c := a.counts[e.Owner]
		change(&c)
		a.counts[e.Owner] = c
	}
}

func (a *audit) complete(e event.Event) {
	for _, o := range a.open {
		assert.False(a.t, o.Owner == e.Invocation && o.Invocation != e.Invocation, "an item runs on after its map")
	}
	want := a.counts[e.Invocation]
	want.Cancelled = want.Started - want.OK - want.Skipped - want.Failed
	assert.Equal(a.t, want, e.Data)
}

// peak returns the most items of one map that were between their first start and
// their last end.
func peak(events []event.Event) int {
	most, now, retrying := 0, 0, map[int]bool{}
	for _, e := range events {
		if e.Kind != event.Worker {
			continue
		}
		switch e.Type {
		case event.StepStart:
			if !retrying[e.Invocation] {
				now++
			}
			most = max(most, now)
		case event.StepRetry:
			retrying[e.Invocation] = true
		case event.StepEnd, event.StepError, event.StepCancelled, event.Suspend:
			now--
		}
	}
	return most
}
