package strategy_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/schedtest"
	"github.com/ravelgo/ravel/sched/strategy"
)

// never is a probability of 0, exactly; -1 in a table means that it is not known.
const never = 0

// odds are the exact probabilities of the bad outcomes of a program under
// random, URW, POS and PCT of depth 1, 2 and 3, worked out by enumeration. Those
// of PCT are for changes at real choices only, where the paper counts all steps.
type odds struct {
	name                         string
	program                      func() (body func(), outcome func(end error) int)
	bad                          func(int) bool
	random, urw, pos, p1, p2, p3 float64
}

// noted returns a program in which tasks note the order of what they do to one
// variable.
func noted(outcome func(order string) int, tasks ...[]string) func() (func(), func(error) int) {
	return func() (func(), func(error) int) {
		order := ""
		var shared race.Var[int]
		body := func() {
			for _, steps := range tasks {
				sched.Go(func() {
					for _, s := range steps {
						shared.Store(1)
						order += s
					}
				})
			}
		}
		return body, func(error) int { return outcome(order) }
	}
}

// is tells one order from all others.
func is(want string) func(string) int {
	return func(order string) int {
		if order == want {
			return 1
		}
		return 0
	}
}

// reorder has setters that set a and then b, and a checker that sees a alone.
func reorder(setters int) func() (func(), func(error) int) {
	return result(func(seen *int) {
		var a, b race.Var[int]
		for range setters {
			sched.Go(func() { a.Store(1); b.Store(-1) })
		}
		sched.Go(func() { *seen = 10*a.Load() + b.Load() })
	})
}

// shortAgainstLong has a task of one write against one of m.
func shortAgainstLong(m int) func() (func(), func(error) int) {
	return result(func(last *int) {
		var x race.Var[int]
		tasks(func() { x.Store(0); *last = 0 }, func() {
			for range m {
				x.Store(1)
				*last = 1
			}
		})
	})
}

// lateFlag sets a flag after m operations of its own; another task looks at it.
func lateFlag(m int) func() (func(), func(error) int) {
	return result(func(seen *int) {
		var own, x race.Var[int]
		tasks(func() {
			for range m {
				own.Load()
			}
			x.Store(1)
		}, func() { *seen = x.Load() })
	})
}

func eq(n int) func(int) bool { return func(x int) bool { return x == n } }

var oddsTests = []odds{
	{"B1", increments(2, func(_ int, x *race.Var[int], _ []sched.Mutex) { x.Update(inc) }), less(2),
		1. / 2, 2. / 3, 1. / 3, never, 1. / 3, 5. / 9},
	{"B2", increments(3, func(_ int, x *race.Var[int], _ []sched.Mutex) { x.Update(inc) }), less(3),
		5. / 6, 14. / 15, 2. / 3, never, 2. / 5, 16. / 25},
	{"B2 two lost", increments(3, func(_ int, x *race.Var[int], _ []sched.Mutex) { x.Update(inc) }), less(2),
		1. / 3, 8. / 15, 7. / 40, never, 1. / 5, 8. / 25},
	{"B3", increments(4, func(_ int, x *race.Var[int], _ []sched.Mutex) { x.Update(inc) }), less(4),
		23. / 24, 104. / 105, 13. / 15, never, -1, -1},
	{"B4", increments(2, func(_ int, x *race.Var[int], _ []sched.Mutex) { x.Update(inc); x.Update(inc) }), less(4),
		13. / 16, 32. / 35, -1, never, -1, -1},
	{"B5", increments(2, func(_ int, x *race.Var[int], _ []sched.Mutex) { x.Update(inc); x.Update(inc); x.Update(inc) }), less(3),
		1. / 256, 2. / 231, -1, never, never, -1},
	{"B9", increments(2, func(_ int, x *race.Var[int], mu []sched.Mutex) {
		mu[0].Lock()
		n := x.Load()
		mu[0].Unlock()
		mu[0].Lock()
		x.Store(n + 1)
		mu[0].Unlock()
	}), less(2), 1. / 2, 2. / 3, 1. / 2, never, 1. / 3, 5. / 9},
	{"B10", increments(2, func(i int, x *race.Var[int], mu []sched.Mutex) {
		if i == 0 {
			locked(i, x, mu)
		} else {
			x.Update(inc)
		}
	}), less(2), 3. / 8, 3. / 5, 1. / 4, never, 1. / 5, 8. / 25},
	{"B11", increments(2, func(i int, x *race.Var[int], mu []sched.Mutex) {
		mu[i].Lock()
		x.Update(inc)
		mu[i].Unlock()
	}), less(2), 3. / 8, 18. / 35, 1. / 5, never, 1. / 7, 11. / 49},
	{"C5", result(func(seen *int) {
		var x, y race.Var[int]
		tasks(func() { x.Store(1); y.Store(1) }, func() { *seen = 10*x.Load() + y.Load() })
	}), func(n int) bool { return n == 1 || n == 10 }, 1. / 4, 1. / 3, 1. / 3, never, 1. / 3, 4. / 9},
	{"C7", result(func(sum *int) {
		var a, b race.Var[int]
		move := func(x *race.Var[int], n int) { x.Update(func(v int) int { return v + n }) }
		tasks(func() { move(&a, -30); move(&b, 30) }, func() { *sum = a.Load() + b.Load() })
	}), func(n int) bool { return n != 0 }, 3. / 16, 1. / 3, 7. / 24, never, 3. / 10, 17. / 50},
	{"E1", reorder(1), eq(10), 1. / 8, 1. / 6, 1. / 6, never, 1. / 6, 2. / 9},
	{"E2", reorder(2), eq(10), 10. / 81, 7. / 45, 29. / 180, never, 1. / 15, 3. / 25},
	{"E3", reorder(3), eq(10), 57. / 512, 19. / 140, 1441. / 10080, never, -1, -1},
	{"E6, 2", shortAgainstLong(2), eq(0), 1. / 4, 1. / 3, 1. / 4, 1. / 2, 1. / 4, -1},
	{"E6, 5", shortAgainstLong(5), eq(0), 1. / 32, 1. / 6, 1. / 32, 1. / 2, 1. / 10, 1. / 50},
	{"E7, 3", lateFlag(3), eq(1), 1. / 16, 1. / 5, 1. / 5, 1. / 2, 1. / 8, 1. / 32},
	{"E7, 5", lateFlag(5), eq(1), 1. / 64, 1. / 7, 1. / 7, 1. / 2, -1, -1},
	{"F1", func() (func(), func(error) int) {
		body := func() { dine(2, false) }
		return body, func(end error) int { return outcomeOf(end, 0) }
	}, less(0), 1. / 2, 4. / 7, 1. / 3, never, 1. / 3, 5. / 9},
	{"T1 use after it is nil", result(func(bad *int) {
		var p, one, two race.Var[int]
		tasks(func() { one.Load(); p.Store(-1); one.Load() }, func() {
			two.Load()
			if p.Load() == 0 && p.Load() != 0 {
				*bad = 1
			}
			two.Load()
		})
	}), eq(1), -1, -1, -1, never, 1. / 12, 1. / 8},
	{"T3", noted(is("A1B1C1B2A2"), []string{"A1", "A2"}, []string{"B1", "B2"}, []string{"C1"}), eq(1),
		1. / 54, 1. / 30, 1. / 54, never, never, 1. / 96},
	{"T3 mirrored", noted(is("A1B1C1A2B2"), []string{"A1", "A2"}, []string{"B1", "B2"}, []string{"C1"}), eq(1),
		-1, 1. / 30, -1, never, never, 1. / 96},
}

// The samplers hit bad outcomes as often as theory says: within 5 standard
// deviations, which a correct sampler misses once in a million seeds; the seed
// is fixed. The first runs, in which some still learn, do not count.
func TestOdds(t *testing.T) {
	const warm = 200
	runs := shorter(20_000, 5)
	for _, o := range oddsTests {
		for name, s := range map[string]struct {
			st sched.Strategy
			p  float64
		}{
			"random": {strategy.Random(5), o.random},
			"urw":    {strategy.URW(5), o.urw},
			"pos":    {strategy.POS(5), o.pos},
			"pct 1":  {strategy.PCT(5, 1), o.p1},
			"pct 2":  {strategy.PCT(5, 2), o.p2},
			"pct 3":  {strategy.PCT(5, 3), o.p3},
		} {
			if s.p < 0 {
				continue
			}
			t.Run(o.name+"/"+name, func(t *testing.T) {
				bad := 0
				sampled(t, s.st, warm+runs, o.program, func(run, outcome int) {
					if run >= warm && o.bad(outcome) {
						bad++
					}
				})
				near(t, s.p, bad, runs)
			})
		}
	}
}

// near checks that what has probability p happened as often in so many runs, and
// at all.
func near(t *testing.T, p float64, times, runs int) {
	sigma := math.Sqrt(p * (1 - p) / float64(runs))
	assert.InDelta(t, p, float64(times)/float64(runs), 5*sigma+1e-12)
	assert.Equal(t, p > 0, times > 0, "%d times in %d runs", times, runs)
}

// shorter returns n, or with -short one part of so many.
func shorter(n, parts int) int {
	if testing.Short() {
		return n / parts
	}
	return n
}

// sampled runs a program some times under a strategy.
func sampled(t *testing.T, st sched.Strategy, runs int, program func() (func(), func(error) int), see func(run, outcome int)) {
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	var outcome func(error) int
	body := func() {
		var fn func()
		fn, outcome = program()
		fn()
	}
	for i := range runs {
		st.Next()
		r := sim.Run(st, 1, body)
		if i&(i-1) == 0 {
			schedtest.Repeats(t, sched.Config{}, r, 1, body)
		}
		see(i, outcome(r.End))
	}
}

// Litmus E8: each of the 252 schedules of 5 against 5 operations has a result of
// its own, and is equally likely.
func TestUniform(t *testing.T) {
	runs := shorter(100_800, 10)
	program := result(func(x *int) {
		var v race.Var[int]
		tasks(times(5, func() { v.Store(0); *x *= 2 }), times(5, func() { v.Store(0); *x = 2**x + 1 }))
	})
	for name, st := range map[string]sched.Strategy{"urw": strategy.URW(1), "surw": strategy.SURW(1)} {
		t.Run(name, func(t *testing.T) {
			seen := map[int]float64{}
			sampled(t, st, runs, program, func(_, outcome int) { seen[outcome]++ })
			assert.Len(t, seen, 252)
			square, mean := 0.0, float64(runs)/252
			for _, n := range seen {
				square += (n - mean) * (n - mean) / mean
			}
			assert.Less(t, square, 320., "chi-square of 251 degrees of freedom: above once in 500 seeds")
			t.Log(square)
		})
	}
}

// How many schedules need exactly so many preemptions, or delays.
func TestBounds(t *testing.T) {
	for _, c := range []struct {
		tasks, steps        int
		preemptions, delays []int
	}{
		{2, 2, []int{2, 2, 2}, []int{1, 2, 2, 1}},
		{2, 3, []int{2, 4, 8, 4, 2}, []int{1, 3, 6, 6, 3, 1}},
		{2, 4, []int{2, 6, 18, 18, 18, 6, 2}, nil},
		{3, 2, []int{6, 18, 36, 30}, []int{1, 4, 10, 15, 19, 17, 13}},
		{3, 3, []int{6, 36, 150, 360, 510, 444, 174}, nil},
	} {
		body := func() {
			own := make([]race.Var[int], c.tasks)
			for i := range own {
				sched.Go(times(c.steps, func() { own[i].Load() }))
			}
		}
		assert.Equal(t, c.preemptions, costs(t, strategy.PreemptionBounded(len(c.preemptions)-1), body), "%d x %d preemptions", c.tasks, c.steps)
		if c.delays != nil {
			assert.Equal(t, c.delays, costs(t, strategy.DelayBounded(len(c.delays)-1), body), "%d x %d delays", c.tasks, c.steps)
		}
	}
	abba := func() { dine(2, false) }
	assert.Equal(t, []int{2, 4}, costs(t, strategy.PreemptionBounded(1), abba))
	assert.Equal(t, []int{1, 3, 2}, costs(t, strategy.DelayBounded(2), abba))
}

// costs counts the schedules of a body by their cost.
func costs(t *testing.T, st *strategy.Bounded, body func()) []int {
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	var got []int
	seen := map[uint64]bool{}
	for st.Next() {
		r := sim.Run(st, 1, body)
		assert.False(t, seen[r.Hash], "a schedule twice")
		seen[r.Hash] = true
		for len(got) <= st.Cost() {
			got = append(got, 0)
		}
		got[st.Cost()]++
	}
	assert.NoError(t, st.Err())
	return got
}
