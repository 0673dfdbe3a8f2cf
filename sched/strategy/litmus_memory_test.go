package strategy_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/atomic"
	"github.com/ravelgo/ravel/sched/schedtest"
)

// xy returns a program of two tasks that use two variables and each see one
// digit; the outcome is both digits.
func xy(one, two func(x, y *race.Var[int]) int) func() (func(), func(error) int) {
	return func() (func(), func(error) int) {
		var x, y race.Var[int]
		var seen [2]int
		body := func() {
			tasks(func() { seen[0] = one(&x, &y) }, func() { seen[1] = two(&x, &y) })
		}
		return body, func(end error) int { return outcomeOf(end, 10*seen[0]+seen[1]) }
	}
}

func set(x *race.Var[int], y *race.Var[int]) int {
	x.Store(1)
	return y.Load()
}

func get(x *race.Var[int], y *race.Var[int]) int {
	r := x.Load()
	y.Store(1)
	return r
}

// Memory is sequentially consistent: no other outcomes occur.
var memoryTests = []litmus{
	{name: "D1 message passing", program: result(func(seen *int) {
		var x, y race.Var[int]
		tasks(func() { x.Store(1); y.Store(1) }, func() { *seen = 10*y.Load() + x.Load() })
	}), want: map[int]int{0: 1, 1: 4, 11: 1}},
	{name: "D2 store buffering", program: xy(set, func(x, y *race.Var[int]) int { return set(y, x) }),
		want: map[int]int{1: 1, 10: 1, 11: 4}},
	{name: "D3 load buffering", program: xy(get, func(x, y *race.Var[int]) int { return get(y, x) }),
		want: map[int]int{0: 4, 1: 1, 10: 1}},
	{name: "D4 two and two writes", program: func() (func(), func(error) int) {
		var x, y race.Var[int]
		body := func() {
			tasks(func() { x.Store(1); y.Store(2) }, func() { y.Store(1); x.Store(2) })
		}
		return body, func(end error) int { return outcomeOf(end, 10*x.Load()+y.Load()) }
	}, want: map[int]int{12: 1, 21: 1, 22: 4}},
	{name: "D7 Dekker", program: critical(func(me, other *race.Var[int], _ *race.Var[int], _ int) (bool, func()) {
		me.Store(1)
		return other.Load() == 0, func() {}
	}), want: map[int]int{0: 4, 1: 12}},
	{name: "D8 Peterson", program: critical(func(me, other *race.Var[int], turn *race.Var[int], i int) (bool, func()) {
		me.Store(1)
		turn.Store(1 - i)
		free := other.Load() == 0
		return turn.Load() == i || free, func() { me.Store(0) }
	}), want: map[int]int{0: 6, 1: 314, 2: 42}},
}

// bothInside is the outcome of a mutual exclusion that fails.
const bothInside = -9

// critical returns a program of two tasks that try once to enter a section: the
// outcome is how many do. enter gets the flags of the task and of the other one,
// whose turn it is, and the task's number.
func critical(enter func(me, other, turn *race.Var[int], i int) (bool, func())) func() (func(), func(error) int) {
	return func() (func(), func(error) int) {
		var flags [2]race.Var[int]
		var turn race.Var[int]
		var inside atomic.Int64
		entered, both := 0, false
		try := func(i int) func() {
			return func() {
				if in, leave := enter(&flags[i], &flags[1-i], &turn, i); in {
					entered++
					both = inside.Add(1) > 1 || both
					inside.Add(-1)
					leave()
				}
			}
		}
		return func() { tasks(try(0), try(1)) }, func(end error) int {
			if both {
				return bothInside
			}
			return outcomeOf(end, entered)
		}
	}
}

// Four tasks that read twice agree on the order of what they see.
func TestIndependentReads(t *testing.T) {
	count := func(body func(seen *[4]int)) (n int, outcomes map[[4]int]int) {
		outcomes = map[[4]int]int{}
		var seen [4]int
		n = schedtest.Explore(t, sched.Config{}, func() { body(&seen) }, func(*sched.Result) { outcomes[seen]++ })
		return n, outcomes
	}
	n, outcomes := count(func(seen *[4]int) {
		var x, y race.Var[int]
		tasks(func() { x.Store(1) }, func() { y.Store(1) },
			func() { seen[0] = x.Load(); seen[1] = y.Load() }, func() { seen[2] = y.Load(); seen[3] = x.Load() })
	})
	assert.Equal(t, 180, n, "D5, A13")
	assert.Len(t, outcomes, 15)
	assert.NotContains(t, outcomes, [4]int{1, 0, 1, 0})

	n, outcomes = count(func(seen *[4]int) {
		var x race.Var[int]
		tasks(func() { x.Store(1) }, func() { x.Store(2) },
			func() { seen[0] = x.Load(); seen[1] = x.Load() }, func() { seen[2] = x.Load(); seen[3] = x.Load() })
	})
	assert.Equal(t, 180, n, "D6, A14")
	assert.Len(t, outcomes, 47)
	assert.NotContains(t, outcomes, [4]int{1, 2, 2, 1})
}
