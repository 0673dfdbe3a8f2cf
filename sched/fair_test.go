package sched_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/atomic"
	"github.com/ravelgo/ravel/sched/strategy"
)

// Two tasks that hand a value to and fro keep a third one waiting that would end it,
// in a schedule that prefers them: for long, but not for ever.
func TestLongRunsAreFair(t *testing.T) {
	sim := sched.NewSim(sched.Config{MaxSteps: 10_000})
	defer sim.Close()
	var rounds int
	r := sim.Run(last{}, 1, func() {
		there, back := sched.NewChan[int](0), sched.NewChan[int](0)
		var stop atomic.Bool
		sched.Go(func() { stop.Store(true) })
		sched.Go(func() {
			for range there.All() {
				back.Send(1)
			}
		})
		defer there.Close()
		for ; !stop.Load(); rounds++ {
			there.Send(1)
			back.Recv()
		}
	})
	require.NoError(t, r.End)
	assert.Positive(t, rounds)
	assert.Positive(t, r.Forced)
}

// last prefers all other tasks to the first that is started.
type last struct{}

func (last) Next() bool { return true }

func (last) Choose(c *sched.Choice) int {
	if c.Kind == sched.TaskChoice && c.Task(0).ID() == 1 {
		return 1
	}
	return 0
}

// With Slack a timer that is due soon may win over a task that could go on, one that
// is due later may not.
func TestSlack(t *testing.T) {
	for due, want := range map[time.Duration]int{time.Microsecond: 2, time.Second: 1} {
		sim := sched.NewSim(sched.Config{Slack: 100 * time.Microsecond})
		orders := map[string]bool{}
		for all := strategy.DFS(); all.Next(); {
			text := ""
			require.NoError(t, sim.Run(all, 1, func() {
				var mu sched.Mutex
				sched.Go(func() { sched.Sleep(due); mu.Lock(); text += "timer "; mu.Unlock() })
				mu.Lock()
				text += "task "
				mu.Unlock()
			}).End)
			orders[text] = true
		}
		sim.Close()
		assert.Len(t, orders, want, "%v: %v", due, orders)
	}
}

// A loop that waits for a timer and never blocks ends, as operations take time.
func TestOverdue(t *testing.T) {
	sim := sched.NewSim(sched.Config{Slack: time.Nanosecond, MaxSteps: 20_000})
	defer sim.Close()
	plain := strategy.RoundRobin()
	plain.Next()
	r := sim.Run(plain, 1, func() {
		done := sched.After(5 * time.Millisecond)
		for sched.TrySelect(done.Receiving(nil, nil)) < 0 {
		}
	})
	require.NoError(t, r.End)
	assert.Greater(t, r.Steps, 4000)
}
