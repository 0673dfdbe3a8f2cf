package strategy_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// reduced runs body under DPOR.
func reduced(t testing.TB, body func(), see func(r *sched.Result)) (traces, blocked int) {
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	st := strategy.DPOR()
	for st.Next() {
		r := sim.Run(st, 1, body)
		if r.End != sched.ErrCut {
			see(r)
		}
	}
	require.NoError(t, st.Err())
	return st.Traces(), st.Blocked()
}

func TestDPORCounts(t *testing.T) {
	type row struct {
		name string
		want int
		body func()
	}
	var all []row
	for _, a := range [][3]int{{2, 1, 2}, {2, 2, 6}, {2, 3, 20}, {3, 1, 6}, {3, 2, 90}, {4, 1, 24}, {5, 1, 120}} {
		all = append(all, row{fmt.Sprintf("A1 %d tasks, %d yields", a[0], a[1]), 1, func() { alike(a[0], a[1], sched.Yield) }})
		all = append(all, row{fmt.Sprintf("A2 %d tasks, %d writes", a[0], a[1]), a[2], func() {
			var x race.Var[int]
			alike(a[0], a[1], func() { x.Store(1) })
		}}, row{fmt.Sprintf("A3 %d tasks, %d reads", a[0], a[1]), 1, func() {
			var x race.Var[int]
			alike(a[0], a[1], func() { x.Load() })
		}})
	}
	for n, want := range []int{1, 2, 5, 12, 28, 64} {
		all = append(all, row{fmt.Sprintf("A5 last zero of %d", n), want, func() { lastZero(n) }})
	}
	for _, a := range [][3]int{{2, 1, 2}, {2, 2, 6}, {2, 3, 20}, {3, 1, 6}, {3, 2, 90}, {3, 3, 1680}} {
		all = append(all, row{fmt.Sprintf("A9 %d tasks, %d sections", a[0], a[1]), a[2], func() {
			var mu sched.Mutex
			alike(a[0], a[1], func() { mu.Lock(); defer mu.Unlock() })
		}})
	}
	all = append(all, row{"A16 2", 3, func() { dine(2, false) }}, row{"A16 3", 7, func() { dine(3, false) }},
		row{"A17 2", 2, func() { dine(2, true) }}, row{"A17 3", 6, func() { dine(3, true) }},
		row{"A10 cap 1", 1, func() { produce(1, 3) }}, row{"A10 cap 2", 4, func() { produce(2, 3) }}, row{"A10 cap 4", 14, func() { produce(4, 4) }})
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			traces, blocked := reduced(t, c.body, func(*sched.Result) {})
			assert.Equal(t, c.want, traces)
			assert.LessOrEqual(t, blocked, 3*traces, "runs cut short")
		})
	}
}

func TestDPOROutcomes(t *testing.T) {
	for _, l := range slices.Concat(litmusTests, syncTests, memoryTests) {
		t.Run(l.name, func(t *testing.T) {
			var outcome func(error) int
			got := map[int]bool{}
			traces, blocked := reduced(t, func() {
				var body func()
				body, outcome = l.program()
				body()
			}, func(r *sched.Result) { got[outcome(r.End)] = true })
			for o := range l.want {
				assert.True(t, got[o], "outcome %d", o)
			}
			assert.Len(t, got, len(l.want))
			assert.LessOrEqual(t, blocked, 3*traces, "runs cut short")
		})
	}
}

// The order of a Range does not depend on who first came to use a key, which DPOR
// would not try both ways.
func TestDPORRange(t *testing.T) {
	outcomes := func(st sched.Strategy) map[string]bool {
		all := map[string]bool{}
		runAll(st, 100_000, func() {
			var m sched.Map
			var own race.Map[string, int]
			var mu sched.Mutex
			tasks(
				func() { sched.Yield(); m.Store("a", 1); mu.Lock(); defer mu.Unlock(); own.Store("b", 1) },
				func() { sched.Yield(); m.Store("b", 1); mu.Lock(); defer mu.Unlock(); own.Store("a", 1) },
			)
			text := ""
			m.Range(func(k, _ any) bool { text += k.(string); return true })
			for k := range own.All() {
				text += k
			}
			all[text] = true
		})
		return all
	}
	assert.Equal(t, outcomes(strategy.DFS()), outcomes(strategy.DPOR()))
}
