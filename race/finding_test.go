package race_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/schedtest"
)

// explained runs body under every schedule and returns the different
// explanations, without positions and values, in order of first appearance.
func explained(t *testing.T, body func()) []race.Explanation {
	t.Helper()
	tr := &race.Tracker{}
	var all []race.Explanation
	seen := map[string]bool{}
	schedtest.Explore(t, sched.Config{Observer: tr, Record: true}, body, func(r *sched.Result) {
		for _, f := range tr.Findings() {
			e := f.Explain(r.Record)
			if key := e.Kind + " on " + e.Object; !seen[key] {
				seen[key] = true
				all = append(all, e)
			}
		}
	})
	return all
}

// kinds returns what the explanations are, sorted by nothing but the search.
func kinds(all []race.Explanation) []string {
	var list []string
	for _, e := range all {
		list = append(list, e.Kind+" on "+e.Object)
	}
	return list
}

type state struct {
	N    race.Var[int]
	List race.Slice[int]
	Seen race.Map[string, int]
	mu   sched.Mutex
	rw   sched.RWMutex
	aux  sched.Mutex
}

// Kinds of data race that reports tell apart, and the correct twin of each.
func TestKinds(t *testing.T) {
	tests := []struct {
		name string
		one  func(s *state)
		two  func(s *state)
		want []string
	}{
		{"no lock", func(s *state) { s.N.Store(1) }, func(s *state) { s.N.Store(2) },
			[]string{"data race (no lock) on state.N"}},
		{"unlocked write", func(s *state) { s.mu.Lock(); s.N.Load(); s.mu.Unlock() }, func(s *state) { s.N.Store(2) },
			[]string{"data race (unlocked write) on state.N"}},
		{"unlocked read", func(s *state) { s.mu.Lock(); s.N.Store(1); s.mu.Unlock() }, func(s *state) { s.N.Load() },
			[]string{"data race (unlocked read) on state.N"}},
		{"inconsistent locks", func(s *state) { s.mu.Lock(); s.N.Store(1); s.mu.Unlock() },
			func(s *state) { s.aux.Lock(); s.N.Store(2); s.aux.Unlock() },
			[]string{"data race (inconsistent locks) on state.N"}},
		{"write under a read lock", func(s *state) { s.rw.RLock(); s.N.Store(1); s.rw.RUnlock() },
			func(s *state) { s.rw.RLock(); s.N.Store(2); s.rw.RUnlock() },
			[]string{"data race (write under a read lock) on state.N"}},
		{"append", func(s *state) { s.List.Append(1) }, func(s *state) { s.List.Append(2) },
			[]string{"data race (concurrent append) on state.List", "lost update on state.List"}},
		{"map", func(s *state) { s.Seen.Store("a", 1) }, func(s *state) { s.Seen.Store("b", 2) },
			[]string{"data race (concurrent map access) on state.Seen"}},
		{"map, one key", func(s *state) { s.Seen.Update("a", inc) }, func(s *state) { s.Seen.Update("a", inc) },
			[]string{"data race (concurrent map access) on state.Seen", "lost update on state.Seen"}},
		{"readers", func(s *state) { s.N.Load(); s.List.Len(); s.Seen.Len() },
			func(s *state) { s.N.Load(); s.List.Snapshot(); s.Seen.Load("a") }, nil},
		{"locked", func(s *state) { s.mu.Lock(); s.List.Append(1); s.mu.Unlock() },
			func(s *state) { s.mu.Lock(); s.List.Append(2); s.mu.Unlock() }, nil},
		{"writer and readers", func(s *state) { s.rw.Lock(); s.N.Store(1); s.rw.Unlock() },
			func(s *state) { s.rw.RLock(); s.N.Load(); s.rw.RUnlock() }, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := explained(t, func() {
				s := &state{}
				sched.Describe(s)
				tasks(func() { test.one(s) }, func() { test.two(s) })
			})
			assert.ElementsMatch(t, test.want, kinds(got))
		})
	}
}

// Elements of a slice are locations of their own, and so is the header.
func TestSliceLocations(t *testing.T) {
	body := func(one, two func(s *race.Slice[int])) func() {
		return func() {
			var s race.Slice[int]
			s.Append(1, 2)
			tasks(func() { one(&s) }, func() { two(&s) })
		}
	}
	set := func(i int) func(*race.Slice[int]) { return func(s *race.Slice[int]) { s.Store(i, 9) } }
	get := func(i int) func(*race.Slice[int]) { return func(s *race.Slice[int]) { s.At(i) } }
	grow := func(s *race.Slice[int]) { s.Append(3) }

	assert.Zero(t, judge(t, body(set(0), set(1))).races, "two elements")
	v := judge(t, body(set(0), set(0)))
	assert.Equal(t, v.schedules, v.races, "one element")
	v = judge(t, body(grow, get(0)))
	assert.Equal(t, v.schedules, v.races, "an append against a read")
	assert.Zero(t, judge(t, body(get(0), get(0))).races, "two reads")
}

// What starts, joins and messages force into one order is no lost update, even
// if a value is overwritten that was not read.
func TestForcedOrderLosesNothing(t *testing.T) {
	bodies := map[string]func(){
		"start and join": func() {
			var x race.Var[int]
			var wg sched.WaitGroup
			x.Load()
			wg.Go(func() { x.Store(1) })
			wg.Wait()
			x.Store(2)
		},
		"messages": func() {
			var x race.Var[int]
			c := sched.NewChan[int](0)
			sched.Go(func() {
				x.Load()
				c.Send(1)
				c.Recv()
				x.Store(3)
			})
			c.Recv()
			x.Store(2)
			c.Send(1)
		},
	}
	for name, body := range bodies {
		t.Run(name, func(t *testing.T) {
			v := judge(t, body)
			assert.Zero(t, v.races)
			assert.Zero(t, v.broken)
		})
	}
}

// The read, the write in between and the stale write come with tasks, values
// and places.
func TestLostUpdateInWords(t *testing.T) {
	all := explained(t, func() {
		s := &state{}
		sched.Describe(s)
		for range 2 {
			sched.GoNamed("worker", func() {
				s.mu.Lock()
				n := s.N.Load()
				s.mu.Unlock()
				s.mu.Lock()
				s.N.Store(n + 1)
				s.mu.Unlock()
			})
		}
	})
	require.Len(t, all, 1)
	e := all[0]
	assert.Equal(t, "lost update", e.Kind)
	assert.Equal(t, "state.N", e.Object)
	assert.Equal(t, "lost update on state.N: worker[0] overwrote worker[1]'s write", e.Summary)
	text := strings.Join(e.Details, "\n")
	assert.Regexp(t, `worker\[0\] read 0 at finding_test.go:\d+`, text)
	assert.Regexp(t, `worker\[1\] then wrote 1 at finding_test.go:\d+`, text)
}

// A tracker starts anew with each run.
func TestTrackerForgets(t *testing.T) {
	tr := &race.Tracker{}
	racy, quiet := increments(2, noLock), func() { var x race.Var[int]; x.Update(inc) }
	schedtest.Explore(t, sched.Config{Observer: tr}, racy, func(*sched.Result) { assert.NotEmpty(t, tr.Findings()) })
	schedtest.Explore(t, sched.Config{Observer: tr}, quiet, func(*sched.Result) { assert.Empty(t, tr.Findings()) })
}
