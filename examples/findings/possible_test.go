package findings

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

func handOverByFlag(*check.T) {
	var mu sched.Mutex
	var ready race.Var[bool]
	var result race.Var[int]
	sched.Go(func() {
		result.Set(1) // no lock: nobody looks at it before it is ready
		mu.Lock()
		defer mu.Unlock()
		ready.Set(true)
	})
	sched.Go(func() {
		mu.Lock()
		done := ready.Load()
		mu.Unlock()
		if done {
			result.Set(2)
		}
	})
}

func handOverByChannel(*check.T) {
	ready := sched.NewChan[bool](1)
	var result race.Var[int]
	sched.Go(func() {
		result.Set(1)
		ready.Send(true)
	})
	sched.Go(func() {
		ready.Recv()
		result.Set(2)
	})
}

// What locks suggest and no schedule shows is told, unless all traces were tried.
func TestPossible(t *testing.T) {
	some := check.Config{Runs: 33}.Search(t.Name(), handOverByFlag)
	assert.Empty(t, some.Findings)
	require.Len(t, some.Possible, 1)
	assert.Contains(t, some.Possible[0], "possible data race (no lock) on result")

	all := check.Config{}.Search(t.Name(), handOverByFlag)
	assert.True(t, all.Complete)
	assert.Empty(t, all.Findings)
	assert.Empty(t, all.Possible)

	channel := check.Config{Runs: 33}.Search(t.Name(), handOverByChannel)
	assert.Empty(t, channel.Findings)
	assert.Empty(t, channel.Possible)
}
