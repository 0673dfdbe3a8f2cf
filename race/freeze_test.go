package race_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/schedtest"
	"github.com/ravelgo/ravel/sched/strategy"
)

type settings struct {
	UserID int
	Config map[string]int
	Items  *race.Slice[int]
	cache  sched.Guarded[int]
	name   race.Var[string]
}

// frozenIn runs body under every schedule and returns, in order of first
// appearance, what changed in each, and in how many schedules.
func frozenIn(t *testing.T, body func()) (schedules int, found map[string]int) {
	t.Helper()
	found = map[string]int{}
	fast := &race.Tracker{}
	changed := 0
	schedtest.Explore(t, sched.Config{Observer: fast}, body, func(*sched.Result) {
		for _, f := range fast.Findings() {
			if f.Kind == race.Mutated {
				changed++
				break
			}
		}
	})
	detailed := &race.Tracker{Detailed: true}
	again := 0
	schedules = schedtest.Explore(t, sched.Config{Observer: detailed, Record: true}, body, func(r *sched.Result) {
		any := false
		for _, f := range detailed.Findings() {
			if f.Kind == race.Mutated {
				found[f.Explain(r.Record).Summary]++
				any = true
			}
		}
		if any {
			again++
		}
	})
	assert.Equal(t, changed, again, "found without a record, and with one")
	return schedules, found
}

// A frozen value that changes is reported with the path, the old and the new value
// and the task that did it, in every schedule.
func TestFreeze(t *testing.T) {
	tests := []struct {
		name   string
		change func(s *settings)
		want   counts
	}{
		{"a field", func(s *settings) { s.UserID = 7 },
			counts{"mutated immutable settings.UserID: one changed it from 1 to 7": 2}},
		{"an entry of a map", func(s *settings) { s.Config["k"] = 5 },
			counts{`mutated immutable settings.Config["k"]: one changed it from 3 to 5`: 2}},
		{"a new entry", func(s *settings) { s.Config["new"] = 5 },
			counts{`mutated immutable settings.Config["new"]: one changed it from (absent) to 5`: 2}},
		{"through a copy", func(s *settings) { config := s.Config; config["k"] = 6 },
			counts{`mutated immutable settings.Config["k"]: one changed it from 3 to 6`: 2}},
		{"a variable", func(s *settings) { s.name.Store("x") },
			counts{`mutated immutable settings.name: one changed it from "" to "x"`: 3}},
		{"what is made to change", func(s *settings) { s.cache.Do(func(n *int) { *n++ }) }, counts{}},
		{"nothing", func(s *settings) { _ = s.Config["k"] }, counts{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, got := frozenIn(t, func() {
				s := race.Freeze(&settings{UserID: 1, Config: map[string]int{"k": 3}, Items: &race.Slice[int]{}})
				sched.GoNamed("one", func() { sched.Yield(); test.change(s); sched.Yield() })
				sched.GoNamed("two", func() { sched.Yield() })
			})
			if len(test.want) == 0 {
				assert.Empty(t, got)
				return
			}
			require.Len(t, got, 1)
			for summary := range test.want {
				assert.Contains(t, got, summary)
			}
		})
	}
}

// An alias that the maker has kept changes what it leads to, at any moment.
func TestFreezeFindsAliases(t *testing.T) {
	n, got := frozenIn(t, func() {
		var buf race.Slice[int]
		buf.Append(1, 2)
		s := race.Freeze(&settings{Items: &buf})
		sched.GoNamed("worker", func() { s.Items.At(0) })
		buf.Set(0, 9)
	})
	assert.Equal(t, 2, n)
	assert.Equal(t, counts{"mutated immutable (*settings.Items)[0]: main changed it from 1 to 9": 2}, counts(got))
}

// It is also found if the run ends before anything else happens.
func TestFreezeBeforeADeadlock(t *testing.T) {
	tr := &race.Tracker{}
	sim := sched.NewSim(sched.Config{Observer: tr})
	defer sim.Close()
	st := strategy.RoundRobin()
	st.Next()
	r := sim.Run(st, 1, func() {
		s := race.Freeze(&settings{UserID: 1})
		var mu sched.Mutex
		mu.Lock()
		s.UserID = 2
		mu.Lock()
	})
	assert.Error(t, r.End)
	require.Len(t, tr.Findings(), 1)
	assert.Equal(t, race.Mutated, tr.Findings()[0].Kind)
}

// Outside a simulation nothing is watched.
func TestFreezeOutside(t *testing.T) {
	s := &settings{}
	assert.Same(t, s, race.Freeze(s))
	assert.Nil(t, race.Freeze[settings](nil))
	race.Together(&s.name)
	ran := false
	race.Atomic(func() { ran = true })
	assert.True(t, ran)
}
