package race_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/atomic"
	"github.com/ravelgo/ravel/sched/schedtest"
)

// counted runs body under every schedule and returns in how many of them each
// finding shows, by its kind, its pattern and the objects it is about.
func counted(t *testing.T, body func()) (schedules int, found map[string]int) {
	t.Helper()
	tr := &race.Tracker{}
	found = map[string]int{}
	schedules = schedtest.Explore(t, sched.Config{Observer: tr, Record: true}, body, func(r *sched.Result) {
		here := map[string]bool{}
		for _, f := range tr.Findings() {
			if f.Kind != race.DataRace {
				e := f.Explain(r.Record)
				here[e.Kind+" on "+e.Object] = true
			}
		}
		for f := range here {
			found[f]++
		}
	})
	return schedules, found
}

type counts map[string]int

// C1 to C4: of the accesses of one stage around one of another, four cannot be
// explained by any order of the two. The rest can, and is no finding.
func TestPairsAroundAnAccess(t *testing.T) {
	type access = func(x *race.Var[int])
	var (
		r access = func(x *race.Var[int]) { x.Load() }
		w access = func(x *race.Var[int]) { x.Store(1) }
	)
	tests := []struct {
		name                string
		first, remote, last access
		want                counts
	}{
		{"C1 read, write, read", r, w, r, counts{"atomicity violation (unrepeatable read) on x": 1}},
		{"C2 write, write, read", w, w, r, counts{"atomicity violation (overwritten write) on x": 1}},
		{"C3 read, write, write", r, w, w, counts{"lost update on x": 1}},
		{"C4 write, read, write", w, r, w, counts{"atomicity violation (dirty read) on x": 1}},
		{"read, read, read", r, r, r, counts{}},
		{"read, read, write", r, r, w, counts{}},
		{"write, read, read", w, r, r, counts{}},
		{"write, write, write", w, w, w, counts{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			body := func(around func(func())) func() {
				return func() {
					var x race.Var[int]
					sched.Go(func() { around(func() { test.first(&x); test.last(&x) }) })
					sched.Go(func() { test.remote(&x) })
				}
			}
			n, got := counted(t, body(race.Atomic))
			assert.Equal(t, 3, n)
			assert.Equal(t, test.want, counts(got), "in a declared stage")

			_, got = counted(t, body(usualStage))
			assert.Equal(t, test.want, counts(got), "in a stage of a pipeline")
		})
	}
}

// usualStage is a stage as pipelines have them.
func usualStage(fn func()) {
	t := sched.Current()
	t.EnterStage(false)
	defer t.LeaveStage()
	fn()
}

func plain(fn func()) { fn() }

// C5 to C9: several variables, in stages, or declared to belong together.
func TestSnapshots(t *testing.T) {
	type vars struct {
		x, y race.Var[int]
		m, n sched.Mutex
	}
	under := func(mu *sched.Mutex, fn func()) { mu.Lock(); defer mu.Unlock(); fn() }
	torn, skew := "torn snapshot on vars.x and vars.y", "atomicity violation (not serialisable) on vars.x and vars.y"
	tests := []struct {
		name              string
		one, two          func(v *vars)
		schedules, broken int
		what              string
	}{
		{"C5 both in order", func(v *vars) { v.x.Store(1); v.y.Store(1) }, func(v *vars) { v.x.Load(); v.y.Load() }, 6, 2, torn},
		{"C6 the other order", func(v *vars) { v.x.Store(1); v.y.Store(1) }, func(v *vars) { v.y.Load(); v.x.Load() }, 6, 4, torn},
		{"C7 transfer", func(v *vars) { v.x.Update(inc); v.y.Update(inc) }, func(v *vars) { v.x.Load(); v.y.Load() }, 15, 5, torn},
		{"C8 write skew", func(v *vars) { v.x.Load(); v.y.Load(); v.x.Store(0) },
			func(v *vars) { v.x.Load(); v.y.Load(); v.y.Store(0) }, 20, 15, skew},
		{"C9 two stages", func(v *vars) {
			under(&v.m, func() { v.x.Store(1) })
			under(&v.n, func() { v.y.Store(v.x.Load() + 1) })
		}, func(v *vars) {
			set := false
			under(&v.m, func() { set = v.x.Load() == 1 })
			if set {
				under(&v.n, func() { v.y.Load() })
			}
		}, 0, 1, torn},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for name, around := range map[string]func(func()){"atomic": race.Atomic, "stage": usualStage, "together": plain} {
				n, got := counted(t, func() {
					var v vars
					sched.Describe(&v)
					if name == "together" {
						race.Together(&v.x, &v.y)
					}
					sched.Go(func() { around(func() { test.one(&v) }) })
					sched.Go(func() { around(func() { test.two(&v) }) })
				})
				if test.schedules > 0 {
					assert.Equal(t, test.schedules, n)
				}
				if test.what == skew && name != "atomic" {
					assert.Empty(t, got, "%s: no reader", name)
					continue
				}
				total := 0
				for _, k := range got {
					total += k
				}
				assert.Equal(t, test.broken, total, "%s: %v", name, got)
				assert.Equal(t, test.broken, got[test.what], "%s: %v", name, got)
			}
		})
	}
}

// B1 to B16: counters, checks and actions, in how many schedules an update is lost.
func TestLostUpdates(t *testing.T) {
	counter := func(tasks, n int) func() {
		return func() {
			var x race.Var[int]
			for range tasks {
				sched.Go(func() {
					for range n {
						x.Update(inc)
					}
				})
			}
		}
	}
	checked := func(tasks int) func() {
		return func() {
			var x race.Var[bool]
			var n atomic.Int64
			for range tasks {
				sched.Go(func() {
					if !x.Load() {
						n.Add(1)
						x.Store(true)
					}
				})
			}
		}
	}
	three := func(middle func()) func() {
		return func() {
			var x race.Var[int]
			for range 2 {
				sched.Go(func() {
					n := x.Load()
					middle()
					x.Store(n + 1)
				})
			}
		}
	}
	tests := []struct {
		name            string
		body            func()
		schedules, lost int
	}{
		{"B1 2 tasks", counter(2, 1), 6, 4},
		{"B2 3 tasks", counter(3, 1), 90, 84},
		{"B3 4 tasks", counter(4, 1), 2520, 2496},
		{"B4 2 tasks, twice", counter(2, 2), 70, 64},
		{"B5 2 tasks, three times", counter(2, 3), 924, 904},
		{"B9 split critical section", splitSection, 6, 4},
		{"B13 check and set", checked(2), 20, 18},
		{"B14 check and set, 3 tasks", checked(3), 1428, 1422},
		{"B15 ring buffer", three(sched.Yield), 20, 18},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			n, got := counted(t, test.body)
			assert.Equal(t, test.schedules, n)
			assert.Equal(t, counts{"lost update on x": test.lost}, counts(got))
		})
	}
	t.Run("B7 atomic", func(t *testing.T) {
		n, got := counted(t, func() {
			var x atomic.Int64
			for range 3 {
				sched.Go(func() { x.Add(1); x.Add(1) })
			}
		})
		assert.Equal(t, 90, n)
		assert.Empty(t, got)
	})
}

// A write that is blind loses no update, as it builds on nothing; inside what must be
// atomic no order explains it all the same.
func TestBlindWriteAfterAnother(t *testing.T) {
	for _, atomically := range []bool{true, false} {
		_, found := counted(t, func() {
			var x race.Var[int]
			stage := func() {
				x.Load()
				x.Set(1)
			}
			sched.Go(func() {
				if atomically {
					race.Atomic(stage)
				} else {
					stage()
				}
			})
			sched.Go(func() { x.Set(2) })
		})
		want := map[string]int{}
		if atomically {
			want["atomicity violation (not serialisable) on x"] = 1
		}
		assert.Equal(t, want, found)
	}
}
