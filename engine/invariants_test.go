package engine_test

import (
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/enginetest"
	"github.com/ravelgo/ravel/engine/event"
)

// checkEvents checks what must hold for the events of every run of a pipeline.
func checkEvents[S any](t require.TestingT, p *engine.Pipeline[S], events []event.Event) {
	assert.Empty(t, enginetest.Audit(p.Describe(), events))
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
