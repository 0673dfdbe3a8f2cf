package guide

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// State is what the workers and steps of these pipelines share.
type State struct {
	Counter race.Var[int]
	Results race.Slice[int]
	Seen    race.Map[int, bool]
}

// A state is any struct: the engine asks for no wrapper, no lock and no copy.
func TestSeedS01NothingIsForced(t *testing.T) {
	type plain struct{ N int }
	p := engine.New[plain]("plain", engine.Options{})
	p.Step("count", func(_ context.Context, s *plain) error { s.N++; return nil }, engine.NodeOptions{})
	s := &plain{}
	_, err := p.Run(t.Context(), s, engine.RunOptions{})
	require.NoError(t, err)
	assert.Equal(t, 1, s.N)
	silent(t, running(p))
}

// The tracker is on in every simulated run: what is shared in the types of package
// race is watched although nothing was asked for.
func TestSeedS01TheTrackerIsOn(t *testing.T) {
	r := check.Config{Runs: 1}.Search(t.Name(), running(workers(2, 0, count)))
	require.Len(t, r.Findings, 1)
	assert.Equal(t, "data race (no lock)", r.Findings[0].Kind)
}

// count adds one to the counter, with no lock.
func count(_ context.Context, s *State, _ int) error {
	s.Counter.Update(inc)
	return nil
}

// Steps in a row need no lock: the end of one is before the start of the next. The
// state is plain memory, so that go test -race sees it on real goroutines too.
func TestSeedS02StepsInARow(t *testing.T) {
	type plain struct {
		N   int
		All []string
	}
	p := engine.New[plain]("row", engine.Options{})
	step := func(_ context.Context, s *plain) error {
		s.N++
		s.All = append(s.All, "one more")
		return nil
	}
	a, b := p.Step("a", step, engine.NodeOptions{}), p.Step("b", step, engine.NodeOptions{})
	a.To(b)
	s := &plain{}
	_, err := p.Run(t.Context(), s, engine.RunOptions{})
	require.NoError(t, err)
	assert.Equal(t, plain{N: 2, All: []string{"one more", "one more"}}, *s)
}

// The same in a simulation: there is one schedule, and nothing to find in it.
func TestSeedS02StepsInARowSimulated(t *testing.T) {
	p := engine.New[State]("row", engine.Options{})
	step := func(_ context.Context, s *State) error {
		s.Counter.Update(inc)
		s.Results.Append(1)
		s.Seen.Store(1, true)
		return nil
	}
	p.Step("a", step, engine.NodeOptions{}).To(p.Step("b", step, engine.NodeOptions{}))
	r := silent(t, running(p))
	assert.True(t, r.Complete)
	assert.Equal(t, 1, r.Runs)
	assert.Equal(t, map[int]int{2: 1}, finals(t, counterOf(t, p)))
}

// counterOf returns a body that runs p and tells the counter.
func counterOf(t *testing.T, p *engine.Pipeline[State]) func() func() int {
	return func() func() int {
		s := &State{}
		_, err := p.Run(t.Context(), s, engine.RunOptions{})
		assert.NoError(t, err)
		return s.Counter.Load
	}
}

// Ten workers and a counter without a lock. What is reported is as small as it can
// be: two workers, and one moment at which one is taken from its work.
func TestSeedS03CounterWithoutALock(t *testing.T) {
	reports(t, running(workers(2, 0, count)), running(workers(10, 0, count)),
		"lost update on State.Counter", "data race (no lock) on State.Counter")

	if quick() {
		return
	}
	f := check.Config{}.Search(t.Name(), running(workers(10, 0, count))).Findings[0]
	assert.Equal(t, "lost update", f.Kind)
	assert.Equal(t, 1, f.Preemptions)
	title, _, _ := strings.Cut(strings.TrimSpace(f.Report[strings.Index(f.Report, "\n"):]), "\n")
	assert.Len(t, strings.Fields(title), 2, "the columns of the table: %s", title)
}

// The race is there on every schedule; the update is lost on four of six.
func TestSeedS03EverySchedule(t *testing.T) {
	n, show := findings(t, func() {
		_, err := workers(2, 0, count).Run(t.Context(), &State{}, engine.RunOptions{})
		assert.NoError(t, err)
	})
	assert.Equal(t, 6, n)
	assert.Equal(t, map[string]int{"data race on State.Counter": 6, "lost update on State.Counter": 4}, show)
}

// counting is the counts of final values by the number of workers.
type counting map[int]map[int]int

// bounded is O3: the final values of a counter under at most 0, 1 and 2 preemptions.
var bounded = []counting{
	{2: {2: 2}, 3: {3: 6}, 4: {4: 24}, 5: {5: 120}},
	{2: {1: 2, 2: 2}, 3: {1: 6, 2: 12, 3: 6}, 4: {1: 24, 2: 48, 3: 72, 4: 24},
		5: {1: 120, 2: 240, 3: 360, 4: 480, 5: 120}},
	{2: {1: 4, 2: 2}, 3: {1: 24, 2: 30, 3: 6}, 4: {1: 168, 2: 264, 3: 216, 4: 24},
		5: {1: 1320, 2: 2280, 3: 2520, 4: 1680, 5: 120}},
}

// Without a preemption nothing is ever lost; one is enough to lose all but one.
func TestSeedS03PreemptionBounds(t *testing.T) {
	for bound, table := range bounded {
		for n, want := range table {
			t.Run(fmt.Sprintf("%d workers, bound %d", n, bound), func(t *testing.T) {
				got := map[int]int{}
				runAll(t, strategy.PreemptionBounded(bound), n, 0, func(final int, _ error) { got[final]++ })
				assert.Equal(t, want, got)
			})
		}
	}
}

// runAll counts with n workers under every schedule of a strategy.
func runAll(t *testing.T, st sched.Strategy, n, limit int, see func(final int, end error)) {
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	p := workers(n, limit, count)
	for st.Next() {
		s := &State{}
		r := sim.Run(st, 1, func() {
			if limit > 0 {
				_, err := p.Run(t.Context(), s, engine.RunOptions{})
				assert.NoError(t, err)
				return
			}
			for range n {
				sched.Go(func() { s.Counter.Update(inc) })
			}
		})
		see(s.Counter.Load(), r.End)
	}
}

// Reduction tries one schedule for each order of accesses that could matter, and
// still sees every final value.
func TestSeedS03Reduction(t *testing.T) {
	for _, test := range []struct{ workers, limit, traces int }{
		{2, 0, 4}, {3, 0, 36}, {4, 0, 576}, {3, 2, 14}, {4, 2, 48}, {5, 2, 164},
	} {
		t.Run(fmt.Sprintf("%d workers, limit %d", test.workers, test.limit), func(t *testing.T) {
			got := map[int]bool{}
			st := strategy.DPOR()
			runAll(t, st, test.workers, test.limit, func(final int, end error) {
				if end == nil {
					got[final] = true
				}
			})
			require.NoError(t, st.Err())
			assert.Equal(t, test.traces, st.Traces())
			assert.Len(t, got, test.workers, "final values")
		})
	}
}

// A list and a map are no better than a counter. The elements that are lost are
// distributed as the counts are, and the map is reported although the Go runtime
// would end the process at such an access.
func TestSeedS04ListAndMap(t *testing.T) {
	fill := func(_ context.Context, s *State, item int) error {
		s.Results.Append(item)
		s.Seen.Store(item, true)
		return nil
	}
	reports(t, running(workers(2, 0, fill)), running(workers(10, 0, fill)),
		"lost update on State.Results", "data race (concurrent append) on State.Results",
		"data race (concurrent map access) on State.Seen")

	lengths := counting{2: {1: 4, 2: 2}, 3: {1: 48, 2: 36, 3: 6}, 4: {1: 1152, 2: 1056, 3: 288, 4: 24}}
	for n, want := range lengths {
		assert.Equal(t, want, finals(t, func() func() int {
			s := &State{}
			for i := range n {
				sched.Go(func() { s.Results.Append(i) })
			}
			return s.Results.Len
		}))
	}
}

// Two branches are two workers, whether one step leads to both or both are roots.
func TestSeedS05ParallelBranches(t *testing.T) {
	step := func(ctx context.Context, s *State) error { return count(ctx, s, 0) }
	fork := engine.New[State]("fork", engine.Options{})
	root := fork.Step("root", func(context.Context, *State) error { return nil }, engine.NodeOptions{})
	root.To(fork.Step("b1", step, engine.NodeOptions{}), fork.Step("b2", step, engine.NodeOptions{}))

	for name, p := range map[string]*engine.Pipeline[State]{"one root": fork, "two roots": branches(step, step)} {
		t.Run(name, func(t *testing.T) {
			reports(t, running(p), running(p), "lost update on State.Counter", "data race (no lock) on State.Counter")
			assert.Equal(t, map[int]int{1: 4, 2: 2}, finals(t, counterOf(t, p)))
		})
	}
}
