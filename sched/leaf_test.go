package sched_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// An operation under a LeafMutex panics whether the run is recorded or not.
func TestLeafMutexForbidsOperations(t *testing.T) {
	var mu sched.LeafMutex
	for _, cfg := range []sched.Config{{}, {Record: true}} {
		sim := sched.NewSim(cfg)
		r := sim.Run(strategy.RoundRobin(), 1, func() {
			mu.Lock()
			defer mu.Unlock()
			sched.Yield()
		})
		assert.ErrorContains(t, r.End, "operation under a LeafMutex")
		sim.Close()
	}
}

// A LeafCond does not wake those who waited in a run that has ended.
func TestLeafCondForgetsTheRunBefore(t *testing.T) {
	var mu sched.LeafMutex
	cond := sched.LeafCond{L: &mu}
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	r := sim.Run(strategy.RoundRobin(), 1, func() {
		for range 2 {
			sched.Go(func() {
				mu.Lock()
				defer mu.Unlock()
				cond.Wait()
			})
		}
	})
	assert.IsType(t, (*sched.Leak)(nil), r.End)

	went := 0
	r = sim.Run(strategy.RoundRobin(), 1, func() {
		c := sched.NewChan[int](0)
		for range 3 {
			sched.Go(func() {
				c.Recv()
				went++
			})
		}
		mu.Lock()
		cond.Broadcast()
		mu.Unlock()
		sched.Yield()
	})
	assert.IsType(t, (*sched.Leak)(nil), r.End)
	assert.Zero(t, went)
}

// Signal wakes those who wait in the order in which they came.
func TestLeafCondOrder(t *testing.T) {
	var order []int
	simulate(t, func() {
		order = nil
		var mu sched.LeafMutex
		cond := sched.LeafCond{L: &mu}
		for i := range 3 {
			sched.Go(func() {
				mu.Lock()
				cond.Wait()
				mu.Unlock()
				order = append(order, i)
			})
		}
		sched.Yield()
		mu.Lock()
		cond.Signal()
		mu.Unlock()
		sched.Yield()
		assert.Equal(t, []int{0}, order)
		mu.Lock()
		cond.Broadcast()
		cond.Signal() // of nobody
		mu.Unlock()
	})
	assert.Equal(t, []int{0, 1, 2}, order)
}
