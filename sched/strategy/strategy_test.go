package strategy_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/atomic"
	"github.com/ravelgo/ravel/sched/schedtest"
	"github.com/ravelgo/ravel/sched/strategy"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) {
	trace := &sched.Trace{Deviations: []sched.Deviation{
		{At: "main.0", Op: 2, To: "main.1"}, {At: "main", Op: 1, Kind: sched.CaseChoice, Option: 1}}}
	for name, newStrategy := range all(trace) {
		t.Run(name, func(t *testing.T) { schedtest.TestStrategy(t, newStrategy) })
	}
}

// all returns what makes each strategy.
func all(trace *sched.Trace) map[string]func() sched.Strategy {
	return map[string]func() sched.Strategy{
		"portfolio":  func() sched.Strategy { return strategy.Portfolio(7, 1) },
		"counted":    func() sched.Strategy { return strategy.Counted(strategy.POS(7)) },
		"sticky":     func() sched.Strategy { return strategy.Sticky(7) },
		"urw":        func() sched.Strategy { return strategy.URW(7) },
		"surw":       func() sched.Strategy { return strategy.SURW(7) },
		"reads-from": func() sched.Strategy { return strategy.ReadsFrom(7) },
		"pct":        func() sched.Strategy { return strategy.PCT(7, 3) },
		"preempts":   func() sched.Strategy { return strategy.PreemptionBounded(2) },
		"delays":     func() sched.Strategy { return strategy.DelayBounded(2) },
		"random":     func() sched.Strategy { return strategy.Random(7) },
		"pos":        func() sched.Strategy { return strategy.POS(7) },
		"dfs":        func() sched.Strategy { return strategy.DFS() },
		"dpor":       func() sched.Strategy { return strategy.DPOR() },
		"roundrobin": func() sched.Strategy { return strategy.RoundRobin() },
		"options":    func() sched.Strategy { return strategy.Options() },
		"replay": func() sched.Strategy {
			r, err := strategy.Replay(trace)
			if err != nil {
				panic(err)
			}
			return r
		},
	}
}

// A task that waits in a loop for another one waits for ever under none of the
// samplers, whether it yields or not.
func TestFairness(t *testing.T) {
	for _, name := range []string{"random", "sticky", "pos", "urw", "surw", "pct", "reads-from", "portfolio", "roundrobin"} {
		newStrategy := all(&sched.Trace{})[name]
		for _, yields := range []bool{true, false} {
			t.Run(fmt.Sprint(name, " yields ", yields), func(t *testing.T) {
				sim := sched.NewSim(sched.Config{MaxSteps: 100_000})
				defer sim.Close()
				st := newStrategy()
				for range 200 {
					st.Next()
					r := sim.Run(st, 1, func() {
						var ready atomic.Bool
						waiter := func() {
							for !ready.Load() {
								if yields {
									sched.Yield()
								}
							}
						}
						tasks(waiter, waiter, func() { sched.Yield(); ready.Store(true) })
					})
					require.NoError(t, r.End)
				}
			})
		}
	}
}

// yields returns a body of tasks that do steps operations each.
func yields(tasks, steps int) func() {
	return func() {
		for range tasks {
			sched.Go(func() {
				for range steps {
					sched.Yield()
				}
			})
		}
	}
}

// Litmus A1: DFS tries each interleaving once, (kn)!/(n!)^k of them.
func TestDFSCounts(t *testing.T) {
	for _, c := range []struct{ tasks, steps, want int }{
		{2, 1, 2}, {2, 2, 6}, {2, 3, 20}, {2, 4, 70}, {2, 5, 252}, {2, 6, 924},
		{3, 1, 6}, {3, 2, 90}, {3, 3, 1680}, {4, 1, 24}, {4, 2, 2520}, {5, 1, 120}, {6, 1, 720},
	} {
		seen := map[uint64]bool{}
		got := schedtest.Explore(t, sched.Config{}, yields(c.tasks, c.steps), func(r *sched.Result) { seen[r.Hash] = true })
		assert.Equal(t, c.want, got, "%d tasks x %d", c.tasks, c.steps)
		assert.Equal(t, c.want, len(seen), "%d tasks x %d: equal hashes of different schedules", c.tasks, c.steps)
	}
}

func TestDFSNoticesNondeterminism(t *testing.T) {
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	st := strategy.DFS()
	for n := 0; st.Next(); n++ {
		require.Less(t, n, 100)
		sim.Run(st, 1, yields(2, 1+n%2))
	}
	assert.ErrorContains(t, st.Err(), "not deterministic")
}

func TestRoundRobinDoesNotPreempt(t *testing.T) {
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	st := strategy.RoundRobin()
	require.True(t, st.Next())
	var order []int
	r := sim.Run(st, 1, func() {
		var mu sched.Mutex
		for i := range 3 {
			sched.Go(func() {
				for range 2 {
					mu.Lock()
					order = append(order, i)
					mu.Unlock()
				}
			})
		}
	})
	assert.NoError(t, r.End)
	assert.Zero(t, r.Preemptions)
	assert.Equal(t, []int{0, 0, 1, 1, 2, 2}, order)
	assert.False(t, st.Next(), "a second run")
}

// A task that waits for another one by yielding does not keep it from running.
func TestRoundRobinTurnsAtYield(t *testing.T) {
	sim := sched.NewSim(sched.Config{MaxSteps: 1000})
	defer sim.Close()
	st := strategy.RoundRobin()
	st.Next()
	done := false
	r := sim.Run(st, 1, func() {
		sched.Go(func() {
			sched.Yield()
			done = true
		})
		for !done {
			sched.Yield()
		}
	})
	assert.NoError(t, r.End)
	assert.Zero(t, r.Preemptions)
}

func TestReplayFollowsRepeat(t *testing.T) {
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	body := func() {
		c := sched.NewChan[int](0)
		sched.GoNamed("sender", func() { c.Send(1) })
		sched.GoNamed("sender", func() { c.Send(2) })
		sched.Go(func() {
			sched.Renew("a name/with . [odd] #characters", 3)
			sched.Yield()
			sched.Go(func() { sched.Yield() })
			sched.Yield()
		})
		c.Recv()
		c.Recv()
	}
	random := strategy.Random(3)
	for range 300 {
		random.Next()
		r := sim.Run(random, 1, body)
		hash := r.Hash
		repeat := strategy.Repeat(append([]int32{}, r.Log...))
		repeat.Next()
		require.Equal(t, hash, sim.Run(repeat, 1, body).Hash)
		text := (&sched.Trace{Deviations: repeat.Deviations()}).Bytes()
		tr, err := sched.ParseTrace(text)
		require.NoError(t, err, "%s", text)
		replay, err := strategy.Replay(tr)
		require.NoError(t, err)
		replay.Next()
		require.Equal(t, hash, sim.Run(replay, 1, body).Hash, "%s", text)
		require.Empty(t, replay.Missed())
		require.Len(t, replay.Taken(), len(tr.Deviations))
	}
}

func TestReplayMissesWhatDoesNotComeUp(t *testing.T) {
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	late := sched.Deviation{At: "main.0", Op: 99, To: "main.1"}
	gone := sched.Deviation{At: "main.0", Op: 1, To: "main.77"}
	replay, err := strategy.Replay(&sched.Trace{Deviations: []sched.Deviation{late, gone}})
	require.NoError(t, err)
	replay.Next()
	assert.NoError(t, sim.Run(replay, 1, yields(2, 2)).End)
	assert.Equal(t, []sched.Deviation{late, gone}, replay.Missed())

	_, err = strategy.Replay(&sched.Trace{Deviations: []sched.Deviation{{At: "nobody"}}})
	assert.ErrorContains(t, err, `"nobody"`)
}
