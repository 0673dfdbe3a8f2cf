package race_test

import (
	"maps"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/schedtest"
	"github.com/ravelgo/ravel/sched/strategy"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The types hold data as plain variables, slices and maps do.
func TestData(t *testing.T) {
	tests := map[string]func(t testing.TB){
		"var": func(t testing.TB) {
			var v race.Var[string]
			assert.Equal(t, "", v.Load())
			v.Store("a")
			assert.Equal(t, "ab", v.Update(func(s string) string { return s + "b" }))
			assert.Equal(t, "ab", v.Load())
		},
		"slice": func(t testing.TB) {
			var s race.Slice[int]
			assert.Zero(t, s.Len())
			assert.Empty(t, s.Snapshot())
			s.Append()
			s.Append(1, 2)
			s.Append(3)
			s.Store(1, 4)
			s.Set(1, 5)
			assert.Equal(t, 5, s.At(1))
			assert.Equal(t, []int{1, 5, 3}, s.Snapshot())
			s.Snapshot()[0] = 9
			assert.Equal(t, []int{1, 5, 3}, s.Snapshot(), "Snapshot is a copy")
			assert.Equal(t, map[int]int{0: 1, 1: 5, 2: 3}, maps.Collect(s.All()))
			for range s.All() {
				break
			}
			for _, i := range []int{-1, 3} {
				assert.Panics(t, func() { s.At(i) })
				assert.Panics(t, func() { s.Set(i, 0) })
				assert.Panics(t, func() { s.Store(i, 0) })
			}
		},
		"map": func(t testing.TB) {
			var m race.Map[string, int]
			assert.Zero(t, m.Len())
			assert.Zero(t, m.Load("a"))
			m.Delete("a")
			m.Store("b", 1)
			m.Store("a", 2)
			assert.Equal(t, 3, m.Update("a", inc))
			assert.Equal(t, 1, m.Update("c", inc))
			v, ok := m.Lookup("d")
			assert.Zero(t, v)
			assert.False(t, ok)
			m.Delete("c")
			assert.Equal(t, map[string]int{"a": 3, "b": 1}, maps.Collect(m.All()))
			for range m.All() {
				break
			}
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { schedtest.RealAndSimulated(t, test) })
	}
}

// In a simulation a map has an order that is the same in every process.
func TestMapOrder(t *testing.T) {
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	var keys []string
	r := sim.Run(strategy.RoundRobin(), 1, func() {
		var m race.Map[string, int]
		for i := range 20 {
			m.Store(strconv.Itoa(19-i), i)
		}
		m.Delete("3")
		for k := range m.All() {
			keys = append(keys, k)
		}
	})
	assert.NoError(t, r.End)
	assert.Len(t, keys, 19)
	assert.True(t, slices.IsSorted(keys))
}

// What a Var costs in production, beside a plain variable and a mutex.
func BenchmarkVar(b *testing.B) {
	b.Run("plain", func(b *testing.B) {
		var n int
		for b.Loop() {
			n++
		}
		sink = n
	})
	b.Run("var", func(b *testing.B) {
		var v race.Var[int]
		for b.Loop() {
			v.Store(v.Load() + 1)
		}
		sink = v.Load()
	})
}

var sink int

// What the tracker costs: 3 tasks of 10 locked increments, a schedule an
// iteration.
func BenchmarkTracker(b *testing.B) {
	for _, bb := range []struct {
		name     string
		observer sched.Observer
	}{{"without", nil}, {"with", &race.Tracker{}}} {
		b.Run(bb.name, func(b *testing.B) {
			sim := sched.NewSim(sched.Config{Observer: bb.observer})
			defer sim.Close()
			var x race.Var[int]
			var mu sched.Mutex
			task := func() {
				for range 10 {
					mu.Lock()
					x.Store(x.Load() + 1)
					mu.Unlock()
				}
			}
			st := strategy.Random(1)
			b.ReportAllocs()
			for b.Loop() {
				st.Next()
				sim.Run(st, 1, func() { tasks(task, task, task) })
			}
		})
	}
}
