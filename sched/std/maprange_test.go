package std_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/schedtest"
	"github.com/ravelgo/ravel/sched/std"
	"github.com/ravelgo/ravel/sched/strategy"
)

// named is a map type of a user.
type named map[string]int

// A range statement over a map visits what the language says, in a simulation or not.
func TestMapRange(t *testing.T) {
	schedtest.RealAndSimulated(t, func(t testing.TB) {
		m := named{"a": 1, "b": 2, "c": 3}
		var got []string
		for k, v, it := std.RangeMap(m); it.Next(&k, &v); {
			got = append(got, fmt.Sprint(k, v))
		}
		slices.Sort(got)
		assert.Equal(t, []string{"a1", "b2", "c3"}, got)
		n := 0
		for it := std.RangeMap0(m); it.Next0(); {
			n++
		}
		assert.Equal(t, 3, n)
		for it := std.RangeMap0(named(nil)); it.Next0(); {
			t.Error("entry of a nil map")
		}

		seen := 0
		for k, it := std.RangeMapKeys(m); it.NextKey(&k); {
			seen++
			for other := range m {
				if other != k {
					delete(m, other)
				}
			}
		}
		assert.Equal(t, 1, seen, "deleted entries are not visited")

		changed := map[int]string{1: "old", 2: "old"}
		var values []string
		for k, v, it := std.RangeMap(changed); it.Next(&k, &v); {
			values = append(values, v)
			changed[1], changed[2] = "new", "new"
		}
		assert.Equal(t, []string{"old", "new"}, values, "changed entries show their new value")

		odd := map[float64]int{math.NaN(): 1, math.NaN(): 2, 0: 3}
		sum := 0
		for k, v, it := std.RangeMap(odd); it.Next(&k, &v); {
			sum += v
		}
		assert.Equal(t, 6, sum)

		grows := map[int]bool{0: true}
		visited := 0
		for k, it := std.RangeMapKeys(grows); it.NextKey(&k); {
			if visited++; len(grows) < 4 {
				grows[len(grows)] = true
			}
		}
		assert.Contains(t, []int{1, 2, 3, 4}, visited)

		any := map[any]any{1: nil, "x": 2}
		for k, v, it := std.RangeMap(any); it.Next(&k, &v); {
			assert.Equal(t, any[k], v)
		}
	})
}

// The order is one of all orders, follows from the seed of the run, and is drawn only
// if there is one.
func TestMapOrder(t *testing.T) {
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	order := func(seed uint64, keys ...string) (string, int) {
		var got []string
		st := strategy.RoundRobin()
		st.Next()
		r := sim.Run(st, seed, func() {
			m := map[string]bool{}
			for _, k := range keys {
				m[k] = true
			}
			for k, it := std.RangeMapKeys(m); it.NextKey(&k); {
				got = append(got, k)
			}
		})
		assert.NoError(t, r.End)
		return strings.Join(got, ""), r.Draws
	}
	all := map[string]bool{}
	for seed := range uint64(200) { // one order of six is missed with a chance of 6 * (5/6)^200 < 1e-14
		first, draws := order(seed, "a", "b", "c")
		again, _ := order(seed, "c", "b", "a")
		assert.Equal(t, first, again)
		assert.Equal(t, 1, draws)
		all[first] = true
	}
	assert.Len(t, all, 6)
	_, draws := order(1, "a")
	assert.Zero(t, draws)
	_, draws = order(1)
	assert.Zero(t, draws)
}

// An entry that is made during the iteration is visited in some runs and not in others.
func TestMapGrows(t *testing.T) {
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	seen := map[int]bool{}
	for seed := range uint64(100) { // one of two outcomes is missed with a chance of 2^-99
		n := 0
		st := strategy.RoundRobin()
		st.Next()
		sim.Run(st, seed, func() {
			m := map[string]int{"a": 1}
			for _, _, it := std.RangeMap(m); it.Next(new(string), new(int)); n++ {
				m["b"] = 2
			}
		})
		seen[n] = true
	}
	assert.Equal(t, map[int]bool{1: true, 2: true}, seen)
}

// Keys that are told apart by nothing but what they point to come in the order in
// which the run has used that.
func TestMapOrderOfPointers(t *testing.T) {
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	order := func() (got []int) {
		st := strategy.RoundRobin()
		st.Next()
		sim.Run(st, 1, func() {
			m, place := map[chan int]bool{}, map[chan int]int{}
			for i := range 6 {
				ch := make(chan int)
				std.Len(ch)
				m[ch], place[ch] = true, i
			}
			for k, it := std.RangeMapKeys(m); it.NextKey(&k); {
				got = append(got, place[k])
			}
		})
		return got
	}
	first := order()
	for range 10 {
		garbage = append(garbage, make([]chan int, 3))
		assert.Equal(t, first, order())
	}
}

var garbage [][]chan int
