//lint:file-ignore SA2001 the programs under test lock only to be scheduled

// Package schedtest holds the tests that every strategy, and every primitive of
// package sched, must pass.
package schedtest

import (
	"runtime"
	"slices"
	"testing"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// runs is how many schedules of each program a test tries.
const runs = 200

// program is something to schedule, whose every run must end well.
type program struct {
	name string
	body func()
}

// programs use every kind of choice.
var programs = []program{
	{"yields", func() {
		for range 3 {
			sched.Go(func() {
				for range 4 {
					sched.Yield()
				}
			})
		}
	}},
	{"locks", func() {
		var mu sched.Mutex
		var rw sched.RWMutex
		for i := range 4 {
			sched.Go(func() {
				mu.Lock()
				mu.Unlock()
				if i%2 == 0 {
					rw.RLock()
					rw.RUnlock()
				} else {
					rw.Lock()
					rw.Unlock()
				}
			})
		}
	}},
	{"channels", func() {
		buffered, unbuffered := sched.NewChan[int](1), sched.NewChan[int](0)
		for i := range 3 {
			sched.Go(func() { buffered.Send(i) })
			sched.Go(func() { unbuffered.Send(i) })
		}
		for range 6 {
			var v int
			sched.Select(buffered.Receiving(&v, nil), unbuffered.Receiving(&v, nil))
		}
	}},
	{"sleep", func() {
		var wg sched.WaitGroup
		for i := range 4 {
			wg.Go(func() { sched.Sleep(1 + sched.Now().Sub(sched.Now())); _ = i })
		}
		wg.Wait()
	}},
	{"many at one lock and one channel", func() {
		var mu sched.Mutex
		jobs := sched.NewChan[int](2)
		for i := range 12 {
			sched.Go(func() { mu.Lock(); mu.Unlock() })
			sched.Go(func() { jobs.Recv(); mu.Lock(); mu.Unlock() })
			sched.Go(func() { jobs.Send(i) })
		}
	}},
	{"alone", func() { sched.Yield() }},
	{"empty", func() {}},
}

// TestStrategy checks what a strategy promises: choices within range, the same
// ones from an equal strategy, in any process and whatever else runs, and runs
// that can be repeated from their log. newStrategy returns equal strategies,
// which have not been used.
func TestStrategy(t *testing.T, newStrategy func() sched.Strategy) {
	for _, p := range programs {
		t.Run(p.name, func(t *testing.T) {
			first := search(t, newStrategy(), p.body)
			if len(first) == 0 {
				t.Fatal("Next = false before the first run")
			}
			for i := range 2 {
				old := runtime.GOMAXPROCS(i + 1)
				again := search(t, newStrategy(), p.body)
				runtime.GOMAXPROCS(old)
				if !slices.EqualFunc(first, again, func(a, b outcome) bool { return a.hash == b.hash }) {
					t.Errorf("equal strategies, GOMAXPROCS %d: other runs", i+1)
				}
			}
			sim := sched.NewSim(sched.Config{})
			defer sim.Close()
			for i, o := range first {
				r := strategy.Repeat(o.log)
				r.Next()
				if got := sim.Run(r, 1, p.body).Hash; got != o.hash && !o.cut {
					t.Fatalf("run %d repeated from its log: hash %x, want %x", i, got, o.hash)
				}
			}
		})
	}
}

// outcome is what a run is compared by.
type outcome struct {
	hash uint64
	log  []int32
	cut  bool
}

// search runs a program under a strategy, at most runs times.
func search(t *testing.T, st sched.Strategy, body func()) []outcome {
	t.Helper()
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	guard := &inRange{Strategy: st}
	guard.follower, _ = st.(sched.Follower)
	var all []outcome
	for len(all) < runs && guard.Next() {
		r := sim.Run(guard, 1, body)
		if r.End != nil && r.End != sched.ErrCut {
			t.Fatalf("run %d ended: %v", len(all), r.End)
		}
		all = append(all, outcome{r.Hash, slices.Clone(r.Log), r.End == sched.ErrCut})
	}
	if guard.bad != "" {
		t.Error(guard.bad)
	}
	return all
}

// inRange watches what a strategy is given and what it returns.
type inRange struct {
	sched.Strategy
	follower sched.Follower // it, or nil
	bad      string
}

func (s *inRange) Follow(tr *sched.Transition) {
	if s.follower != nil {
		s.follower.Follow(tr)
	}
}

func (s *inRange) Finish(pending []sched.Transition) {
	if s.follower != nil {
		s.follower.Finish(pending)
	}
}

func (s *inRange) Choose(c *sched.Choice) int {
	i := s.Strategy.Choose(c)
	switch {
	case c.N < 2:
		s.bad = "Choose called without a choice"
	case c.Kind == sched.TaskChoice && !distinct(c):
		s.bad = "Choice.Task does not number N tasks"
	case c.Kind == sched.TaskChoice && c.Current >= c.N:
		s.bad = "Choice.Current is no number of a task"
	case c.Kind == sched.TaskChoice && c.Current >= 0 && c.Task(c.Current).ID() != c.Moment().ID:
		s.bad = "Choice.Current is not the task that did the last operation"
	case i != sched.Cut && (i < 0 || i >= c.N):
		s.bad = "Choose returned an option that there is not"
	}
	return i
}

// distinct reports whether the options of a choice are N different tasks.
func distinct(c *sched.Choice) bool {
	seen := map[int]bool{}
	for i := range c.N {
		seen[c.Task(i).ID()] = true
	}
	return len(seen) == c.N
}

// RealAndSimulated runs a test of documented behaviour once on goroutines and
// then in simulations, without preemption and under random schedules. The test
// must not call FailNow or what calls it, and must end on every schedule.
func RealAndSimulated(t *testing.T, test func(t testing.TB)) {
	t.Run("real", func(t *testing.T) {
		for range 20 {
			test(t)
		}
	})
	t.Run("simulated", func(t *testing.T) {
		for _, st := range []sched.Strategy{strategy.RoundRobin(), strategy.Random(1), strategy.POS(2)} {
			sim := sched.NewSim(sched.Config{})
			defer sim.Close()
			for n := 0; n < runs && st.Next(); n++ {
				r := sim.Run(st, uint64(n), func() { test(t) })
				if r.End != nil {
					t.Fatalf("%T, run %d: %v", st, n, r.End)
				}
				if t.Failed() {
					t.Fatalf("%T, run %d", st, n)
				}
				if sampled(n) {
					Repeats(t, sched.Config{}, r, uint64(n), func() { test(t) })
				}
			}
		}
	})
}

// Repeats checks that body does again what it did in the run with result r, given
// its choices: the self-check for determinism.
func Repeats(t testing.TB, cfg sched.Config, r *sched.Result, seed uint64, body func()) {
	t.Helper()
	cfg.Observer = nil
	sim := sched.NewSim(cfg)
	defer sim.Close()
	log, hash, steps := slices.Clone(r.Log), r.Hash, r.Steps
	st := strategy.Repeat(log)
	st.Next()
	again := sim.Run(st, seed, body)
	if again.Hash == hash && again.Steps == steps {
		return
	}
	err := sched.SelfCheck(cfg, func() sched.Strategy { return strategy.Repeat(log) }, seed, body)
	t.Fatalf("the body did something else with the same choices: %v", err)
}

// sampled reports whether run n is one of those that are repeated.
func sampled(n int) bool { return n&(n-1) == 0 }

// Explore runs body under every schedule and calls see after each run. It
// returns the number of schedules. Some of the runs are repeated, after see, to
// check that body is deterministic.
func Explore(t testing.TB, cfg sched.Config, body func(), see func(r *sched.Result)) int {
	t.Helper()
	sim := sched.NewSim(cfg)
	defer sim.Close()
	st := strategy.DFS()
	n := 0
	for ; st.Next(); n++ {
		r := sim.Run(st, 1, body)
		see(r)
		if sampled(n) {
			Repeats(t, cfg, r, 1, body)
		}
	}
	if err := st.Err(); err != nil {
		t.Fatal(err)
	}
	return n
}
