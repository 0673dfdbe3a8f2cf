//lint:file-ignore SA2001 the programs under test lock only to be scheduled

package sched_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// What a run has left locked or counted is as new in the next run, in another
// simulation and outside.
func TestObjectsStartAnew(t *testing.T) {
	var rw, read sched.RWMutex
	var wg sched.WaitGroup
	var guarded sched.Guarded[int]
	one, other := sched.NewSim(sched.Config{}), sched.NewSim(sched.Config{})
	defer one.Close()
	defer other.Close()
	for i, sim := range []*sched.Sim{one, one, other} {
		r := sim.Run(strategy.RoundRobin(), 1, func() {
			assert.True(t, rw.TryLock(), "run %d", i)
			assert.True(t, read.TryLock(), "run %d", i)
			read.Unlock()
			read.RLock()
			wg.Wait()
			wg.Add(1)
			sched.Go(func() { guarded.Do(func(n *int) { *n++; wg.Wait() }) })
			sched.Yield()
			guarded.Do(func(*int) {})
		})
		assert.IsType(t, (*sched.Deadlock)(nil), r.End)
	}
	assert.True(t, rw.TryLock())
	assert.True(t, read.TryLock())
	wg.Wait()
	guarded.Do(func(n *int) { assert.Equal(t, 3, *n, "data stays") })
}

// A channel keeps its values, and stays closed, from one run to the next and
// outside.
func TestChanOutlivesRun(t *testing.T) {
	c := sched.NewChan[int](2)
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	assert.NoError(t, sim.Run(strategy.RoundRobin(), 1, func() { c.Send(1); c.Send(2) }).End)
	v, _ := c.Recv()
	assert.Equal(t, 1, v)
	r := sim.Run(strategy.RoundRobin(), 1, func() {
		v, _ := c.Recv()
		assert.Equal(t, 2, v)
		c.Close()
	})
	assert.NoError(t, r.End)
	_, ok := c.Recv()
	assert.False(t, ok)
	assert.NoError(t, sim.Run(strategy.RoundRobin(), 1, func() {
		_, ok := c.Recv()
		assert.False(t, ok)
	}).End)
}

// A lock that is held outside is held inside, for reading or for writing.
func TestLockedOutside(t *testing.T) {
	var rw sched.RWMutex
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	look := func() (read, write bool) {
		r := sim.Run(strategy.RoundRobin(), 1, func() {
			if read = rw.TryRLock(); read {
				rw.RUnlock()
			}
			if write = rw.TryLock(); write {
				rw.Unlock()
			}
		})
		assert.NoError(t, r.End)
		return read, write
	}
	rw.RLock()
	read, write := look()
	assert.True(t, read)
	assert.False(t, write)
	rw.RUnlock()
	rw.Lock()
	read, write = look()
	assert.False(t, read)
	assert.False(t, write)
	rw.Unlock()
	read, write = look()
	assert.True(t, read)
	assert.True(t, write)
}

// Simulations that run at once and share locks do not see each other.
func TestSharedLocks(t *testing.T) {
	var mu sched.Mutex
	var rw sched.RWMutex
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			sim := sched.NewSim(sched.Config{})
			defer sim.Close()
			for range 20_000 {
				r := sim.Run(strategy.RoundRobin(), 1, func() {
					mu.Lock()
					mu.Unlock()
					rw.RLock()
					rw.RUnlock()
				})
				if !assert.NoError(t, r.End) {
					return
				}
			}
		})
	}
	wg.Wait()
}

// A lock that outlives runs is no copy of one that stands, in a later run, where it
// stood.
func TestLockOfEarlierRunIsNoCopy(t *testing.T) {
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	var a, b sched.Mutex
	for _, locks := range [][]*sched.Mutex{{&a, &b}, {&b, &a}, {&a, &b}} {
		res := sim.Run(strategy.RoundRobin(), 1, func() {
			for _, mu := range locks {
				mu.Lock()
				defer mu.Unlock()
			}
		})
		assert.NoError(t, res.End)
	}
}
