package sched_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/schedtest"
	"github.com/ravelgo/ravel/sched/strategy"
)

// simulate runs body on the plain schedule.
func simulate(t *testing.T, body func()) *sched.Result {
	t.Helper()
	sim := sched.NewSim(sched.Config{})
	t.Cleanup(sim.Close)
	r := sim.Run(strategy.RoundRobin(), 1, body)
	assert.NoError(t, r.End)
	schedtest.Repeats(t, sched.Config{}, r, 1, body)
	return r
}

// Time is virtual: it moves to the next sleeper when nobody else is ready, and
// starts anew in each run.
func TestVirtualTime(t *testing.T) {
	for range 2 {
		var order []int
		var after []time.Duration
		r := simulate(t, func() {
			order, after = nil, nil
			start := sched.Now()
			assert.Equal(t, time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), start)
			for i, d := range []time.Duration{3 * time.Hour, time.Second, 24 * 365 * time.Hour} {
				sched.Go(func() {
					sched.Sleep(d)
					order = append(order, i)
					after = append(after, sched.Since(start))
				})
			}
			for range 100 {
				sched.Yield() // somebody is ready: time stands still
				assert.Equal(t, start, sched.Now())
			}
		})
		assert.Equal(t, []int{1, 0, 2}, order)
		assert.Equal(t, []time.Duration{time.Second, 3 * time.Hour, 24 * 365 * time.Hour}, after)
		assert.Equal(t, 24*365*time.Hour, r.Elapsed)
	}
}

// Tasks that are due at one instant go on in every order, and at another
// instant in the order of time alone.
func TestDueTogether(t *testing.T) {
	orders := map[string]int{}
	var order string
	schedtest.Explore(t, sched.Config{}, func() {
		order = ""
		for i, name := range []string{"a", "b", "c"} {
			sched.Go(func() {
				sched.Sleep(time.Second * time.Duration(1+i/2)) // a and b together, then c
				order += name
			})
		}
	}, func(*sched.Result) { orders[order]++ })
	assert.Equal(t, map[string]int{"abc": 1, "bac": 1}, orders)
}

// The longest sleeps end at the end of time, and no sleep goes back.
func TestSleepEdges(t *testing.T) {
	simulate(t, func() {
		start := sched.Now()
		sched.Sleep(0)
		sched.Sleep(-time.Hour)
		sched.Sleep(math.MinInt64)
		assert.Equal(t, start, sched.Now())
		sched.Sleep(1)
		assert.Equal(t, time.Duration(1), sched.Since(start))
		sched.Sleep(math.MaxInt64)
		sched.Sleep(math.MaxInt64)
		assert.Equal(t, time.Duration(math.MaxInt64), sched.Since(start))
	})
}
