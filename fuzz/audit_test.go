package fuzz

import (
	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/engine/event"
)

// audit checks the events of a run, one after the other. They may break off.
type audit struct {
	s      *probe
	seen   int
	open   map[int]event.Event // attempts that run, by invocation
	tries  map[int]int         // attempts begun, by invocation
	next   map[int]int         // index of the next item, by map
	busy   map[int]int         // items between start and end, by map
	starts int
	tokens int
	over   bool // nothing may start any more
	finish *event.Finished
}

func newAudit(s *probe) *audit {
	return &audit{s: s, open: map[int]event.Event{}, tries: map[int]int{}, next: map[int]int{}, busy: map[int]int{}}
}

// Observe looks at an event.
func (a *audit) Observe(e event.Event) {
	t := a.s.t
	a.seen++
	assert.EqualValues(t, a.seen, e.Seq)
	assert.Equal(t, a.seen == 1, e.Type == event.Start, "START comes first")
	assert.Nil(t, a.finish, "FINISH comes last")
	assert.False(t, a.s.over, "an event after the end of the run")
	switch e.Type {
	case event.StepStart:
		a.start(e)
	case event.Token:
		a.tokens++
		assert.Equal(t, e.Attempt, a.open[e.Invocation].Attempt, "an attempt emits before its end")
	case event.StepEnd, event.StepRetry, event.StepError, event.StepCancelled, event.Suspend:
		a.end(e)
	case event.MapComplete:
		c := e.Data.(event.MapCompleted)
		assert.Equal(t, c.Started, c.OK+c.Skipped+c.Failed+c.Cancelled, "items of %s", e.Path)
		assert.Equal(t, c.Started, a.next[e.Invocation], "items of %s", e.Path)
	case event.Timeout, event.Cancelled:
		a.over = true
	case event.Finish:
		f := e.Data.(event.Finished)
		a.finish = &f
		assert.Empty(t, a.open, "what starts ends")
	}
	if panics := a.s.p.usage == panicking; panics {
		panic("observer")
	}
}

func (a *audit) start(e event.Event) {
	t := a.s.t
	assert.False(t, a.over, "%s starts when the run ends", e.Path)
	assert.NotContains(t, a.open, e.Invocation, "one attempt at a time")
	a.tries[e.Invocation]++
	assert.Equal(t, a.tries[e.Invocation], e.Attempt, "attempts are counted")
	a.open[e.Invocation] = e
	if e.Kind != event.Map {
		a.starts++
	}
	if e.Kind != event.Worker {
		return
	}
	assert.Contains(t, a.open, e.Owner, "an item runs inside its map")
	if e.Attempt == 1 {
		assert.Equal(t, a.next[e.Owner], e.Index, "items start in order")
		a.next[e.Owner]++
		a.busy[e.Owner]++
	}
}

func (a *audit) end(e event.Event) {
	t := a.s.t
	assert.Equal(t, e.Attempt, a.open[e.Invocation].Attempt, "an end has a start")
	delete(a.open, e.Invocation)
	switch e.Type {
	case event.StepRetry:
		return
	case event.StepEnd:
		a.over = a.over || e.Data.(event.Ended).Control == "stop"
	case event.StepError, event.Suspend:
		a.over = true
	}
	if e.Kind == event.Worker {
		a.busy[e.Owner]--
	}
	a.use(e)
}

// use reads what was written before an end, where nothing writes it later.
func (a *audit) use(e event.Event) {
	if a.s.p.chain || e.Type != event.StepEnd {
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
