package sched_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/schedtest"
)

// A task that recovers from the panic of a Select does other operations as if
// the Select had never been.
func TestSelectPanicRecovered(t *testing.T) {
	schedtest.RealAndSimulated(t, func(t testing.TB) {
		closed, open := sched.NewChan[int](0), sched.NewChan[int](0)
		closed.Close()
		assert.Panics(t, func() { sched.Select(closed.Sending(1)) })
		sched.Go(func() { open.Send(7) })
		v, _ := open.Recv()
		assert.Equal(t, 7, v)
		sched.Go(func() {
			sched.Yield()
			open.Recv()
		})
		open.Send(8)
	})
}

// Two operations that do not wait never meet on an unbuffered channel.
func TestTrySelectNeedsOneThatWaits(t *testing.T) {
	schedtest.Explore(t, sched.Config{}, func() {
		c := sched.NewChan[int](0)
		sched.Go(func() { assert.Equal(t, -1, sched.TrySelect(c.Sending(1))) })
		sched.Go(func() { assert.Equal(t, -1, sched.TrySelect(c.Receiving(nil, nil))) })
	}, func(r *sched.Result) { assert.NoError(t, r.End) })
}

// One that does not wait meets one that does, whichever came first.
func TestTrySelectMeets(t *testing.T) {
	met := map[int]int{}
	schedtest.Explore(t, sched.Config{}, func() {
		c := sched.NewChan[int](0)
		done := sched.NewChan[int](1)
		sched.Go(func() { done.Send(sched.TrySelect(c.Receiving(nil, nil))) })
		sched.Go(func() { c.Send(1) })
		i, _ := done.Recv()
		met[i]++
		if i == -1 {
			c.Recv()
		}
	}, func(r *sched.Result) { assert.NoError(t, r.End) })
	assert.NotZero(t, met[0])
	assert.NotZero(t, met[-1])
}

// Every case that is ready is tried, and no other.
func TestSelectTriesEveryCase(t *testing.T) {
	taken := map[int]int{}
	var got int
	schedtest.Explore(t, sched.Config{}, func() {
		a, b, c, d := sched.NewChan[int](1), sched.NewChan[int](1), sched.NewChan[int](1), sched.NewChan[int](0)
		a.Send(1)
		d.Close()
		got = sched.Select(a.Receiving(nil, nil), b.Receiving(nil, nil), c.Sending(1), d.Receiving(nil, nil), a.Sending(2))
	}, func(*sched.Result) { taken[got]++ })
	assert.Equal(t, map[int]int{0: 1, 2: 1, 3: 1}, taken)
}

// A TrySelect may come a moment before its partner, or not, as long as time
// stands still.
func TestTrySelectMisses(t *testing.T) {
	outcomes := func(wait time.Duration) map[int]int {
		got := map[int]int{}
		i := 0
		schedtest.Explore(t, sched.Config{}, func() {
			c := sched.NewChan[int](0)
			sched.Go(func() { c.Send(1) })
			if wait > 0 {
				sched.Sleep(wait)
			}
			i = sched.TrySelect(c.Receiving(nil, nil))
			if i < 0 {
				c.Recv()
			}
		}, func(r *sched.Result) { assert.NoError(t, r.End); got[i]++ })
		return got
	}
	assert.Equal(t, map[int]int{-1: 1, 0: 1}, outcomes(0))
	assert.Equal(t, map[int]int{0: 1}, outcomes(time.Second))
}
