package sched_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/schedtest"
	"github.com/ravelgo/ravel/sched/strategy"
)

// slots notes the clocks that operations on channels touch.
type slots []int32

func (s *slots) Begin()           { *s = (*s)[:0] }
func (s *slots) Declare(int, any) {}

func (s *slots) Observe(e *sched.Event) {
	if e.Kind == sched.EventTrade {
		*s = append(*s, e.Slot)
	}
}

// A value is received from the clock that it was sent to, also if the channel
// held values before the run: these orders would be wrong otherwise.
func TestChanClocksOfValuesBefore(t *testing.T) {
	var seen slots
	sim := sched.NewSim(sched.Config{Observer: &seen})
	defer sim.Close()
	c := sched.NewChan[int](3)
	c.Send(1)
	c.Send(2)
	r := sim.Run(strategy.RoundRobin(), 1, func() {
		c.Send(3)
		for want := 1; want <= 3; want++ {
			v, _ := c.Recv()
			assert.Equal(t, want, v)
		}
		c.Send(4)
		c.Recv()
	})
	require.NoError(t, r.End)
	assert.Equal(t, slots{2, 0, 1, 2, 0, 0}, seen)
}

// Whom an unbuffered operation meets is a choice: each of those that wait, and
// each pair in as many schedules as there are.
func TestChanPartners(t *testing.T) {
	got := map[int]int{}
	var first int
	n := schedtest.Explore(t, sched.Config{}, func() {
		c := sched.NewChan[int](0)
		for i := range 3 {
			sched.Go(func() { c.Send(i) })
		}
		first, _ = c.Recv()
		for range 2 {
			c.Recv()
		}
	}, func(r *sched.Result) {
		assert.NoError(t, r.End)
		got[first]++
	})
	assert.Equal(t, 6, n)
	assert.Equal(t, map[int]int{0: 2, 1: 2, 2: 2}, got)
}

// Close wakes all that wait: receivers get nothing, senders panic.
func TestChanCloseWakes(t *testing.T) {
	schedtest.Explore(t, sched.Config{}, func() {
		c := sched.NewChan[int](0)
		received, panics := 0, 0
		var wg sched.WaitGroup
		for range 2 {
			wg.Go(func() {
				_, ok := c.Recv()
				assert.False(t, ok)
				received++
			})
		}
		c.Close()
		wg.Go(func() {
			defer func() {
				assert.NotNil(t, recover())
				panics++
			}()
			c.Send(1)
		})
		wg.Wait()
		assert.Equal(t, 2, received)
		assert.Equal(t, 1, panics)
	}, func(r *sched.Result) { assert.NoError(t, r.End) })
}
