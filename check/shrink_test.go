package check_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// together runs the functions as tasks and waits for them.
func together(fns ...func()) {
	var wg sched.WaitGroup
	for _, fn := range fns {
		wg.Go(fn)
	}
	wg.Wait()
}

func lost(tasks, times, bad int) func(*check.T) {
	return func(t *check.T) {
		var x race.Var[int]
		var fns []func()
		for range tasks {
			fns = append(fns, func() {
				for range times {
					x.Update(func(n int) int { return n + 1 })
				}
			})
		}
		together(fns...)
		if x.Load() == bad {
			t.Error("lost")
		}
	}
}

func diners(n int) func(*check.T) {
	return func(*check.T) {
		forks := make([]sched.Mutex, n)
		var fns []func()
		for i := range n {
			fns = append(fns, func() {
				a, b := &forks[i], &forks[(i+1)%n]
				a.Lock()
				defer a.Unlock()
				b.Lock()
				defer b.Unlock()
			})
		}
		together(fns...)
	}
}

func staircase(t *check.T) {
	var order race.Slice[string]
	step := func(name string) func() { return func() { order.Append(name) } }
	both := func(f, g func()) func() { return func() { f(); g() } }
	together(both(step("A1"), step("A2")), both(step("B1"), step("B2")), step("C1"))
	bad := true
	for i, want := range []string{"A1", "B1", "C1", "B2", "A2"} {
		bad = bad && i < order.Len() && order.At(i) == want
	}
	if bad {
		t.Error("staircase")
	}
}

func writeSkew(t *check.T) {
	var x, y race.Var[int]
	x.Store(1)
	y.Store(1)
	take := func(v *race.Var[int]) func() {
		return func() {
			if x.Load()+y.Load() >= 2 {
				v.Store(0)
			}
		}
	}
	together(take(&x), take(&y))
	if x.Load()+y.Load() == 0 {
		t.Error("skew")
	}
}

func twoStage(t *check.T) {
	var m1, m2 sched.Mutex
	var d1, d2 race.Var[bool]
	set := func(mu *sched.Mutex, v *race.Var[bool]) {
		mu.Lock()
		v.Store(true)
		mu.Unlock()
	}
	get := func(mu *sched.Mutex, v *race.Var[bool]) bool {
		mu.Lock()
		defer mu.Unlock()
		return v.Load()
	}
	together(func() { set(&m1, &d1); set(&m2, &d2) }, func() {
		if get(&m1, &d1) && !get(&m2, &d2) {
			t.Error("half")
		}
	})
}

func recursiveRead(*check.T) {
	var mu sched.RWMutex
	together(func() { mu.RLock(); defer mu.RUnlock(); mu.RLock(); defer mu.RUnlock() }, func() { mu.Lock(); defer mu.Unlock() })
}

// checkTwice says that a value is ready before it is.
func checkTwice(t *check.T) {
	var mu sched.Mutex
	var ready race.Var[bool]
	var val race.Var[int]
	get := func() {
		if !ready.Load() {
			mu.Lock()
			defer mu.Unlock()
			if !ready.Load() {
				ready.Store(true)
				val.Store(42)
			}
		}
		if val.Load() == 0 {
			t.Error("too early")
		}
	}
	together(get, get)
}

// Litmus H6: the fewest preemptions that each bad outcome needs. It does not
// matter on which schedule it was found.
func TestFewestPreemptions(t *testing.T) {
	for name, c := range map[string]struct {
		kind string
		want int
		body func(*check.T)
	}{
		"B1 lost update":        {"failed assertion", 1, lost(2, 1, 1)},
		"B4 final 2":            {"failed assertion", 1, lost(2, 2, 2)},
		"B5 final 2":            {"failed assertion", 4, lost(2, 3, 2)},
		"B6 2x4 final 2":        {"failed assertion", 4, lost(2, 4, 2)},
		"B6 2x5 final 2":        {"failed assertion", 4, lost(2, 5, 2)},
		"B6 2x6 final 2":        {"failed assertion", 4, lost(2, 6, 2)},
		"C8 write skew":         {"failed assertion", 1, writeSkew},
		"C9 two stages":         {"failed assertion", 1, twoStage},
		"F1 two diners":         {"deadlock", 1, diners(2)},
		"F3 three diners":       {"deadlock", 1, diners(3)},
		"F4 four diners":        {"deadlock", 1, diners(4)},
		"F5 five diners":        {"deadlock", 1, diners(5)},
		"F12 recursive reading": {"deadlock", 1, recursiveRead},
		"T3 staircase":          {"failed assertion", 2, staircase},
	} {
		t.Run(name, func(t *testing.T) {
			for what, st := range map[string]sched.Strategy{
				"random": strategy.Random(1), "all": strategy.PreemptionBounded(4), "default": nil,
			} {
				if testing.Short() && what != "default" {
					continue
				}
				n, fewest, found := check.Config{Strategy: st, Runs: 20_000}.Shrink("TestFewest", c.body, c.kind)
				if !found {
					require.NotEqual(t, "all", what)
					continue
				}
				assert.Equal(t, c.want, n, what)
				assert.True(t, fewest, what)
			}
		})
	}
}

// The orders that a report names suffice on every schedule there is, and none can
// be left out.
func TestCauses(t *testing.T) {
	for name, c := range map[string]struct {
		kind   string
		orders int
		body   func(*check.T)
		long   bool // it has very many schedules
	}{
		"lost update":       {"lost update", 2, lost(2, 1, 1), false},
		"lost twice":        {"failed assertion", 5, lost(2, 3, 2), true},
		"write skew":        {"failed assertion", 2, writeSkew, false},
		"two stages":        {"failed assertion", 1, twoStage, false},
		"three diners":      {"deadlock", 3, diners(3), true},
		"recursive reading": {"deadlock", 2, recursiveRead, false},
		"staircase":         {"failed assertion", 4, staircase, true},
		"checked twice":     {"failed assertion", 1, checkTwice, false},
		"race":              {"data race (no lock)", 0, lost(2, 1, 1), false},
	} {
		t.Run(name, func(t *testing.T) {
			if c.long && testing.Short() {
				t.Skip("very many schedules")
			}
			cfg := check.Config{Seed: 1, Runs: 5000}
			orders, sign := cfg.Cause("TestCauses", c.body, c.kind)
			require.NotEmpty(t, sign)
			require.Len(t, orders, c.orders)
			shown, not := cfg.Shows(c.body, sign, orders)
			assert.Positive(t, shown)
			assert.Zero(t, not)
			for i := range orders {
				_, not := cfg.Shows(c.body, sign, slices.Delete(slices.Clone(orders), i, i+1))
				assert.Positive(t, not, "without order %d", i)
			}
		})
	}
}
