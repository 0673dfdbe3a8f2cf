package race_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// plainMemory is a tracker for a Sim with accesses of plain memory.
type plainMemory struct{ race.Tracker }

func (*plainMemory) Name(sched.Access) sched.Name { return sched.Name{} }

// reach is an access of some bytes, in a program in which each has a place of its
// own.
type reach struct {
	task, from, to int // bytes
	write          bool
	pc             uintptr
}

func (a reach) conflicts(b reach) bool {
	return a.task != b.task && (a.write || b.write) && a.from < b.to && b.from < a.to
}

// runPlain runs the accesses, in tasks that nothing orders.
func runPlain(sim *sched.Sim, seed uint64, tasks int, program []reach) {
	st := strategy.Random(seed)
	st.Next()
	memory := make([]byte, 64)
	sim.Run(st, 1, func() {
		for i := range tasks {
			sched.Go(func() {
				for _, a := range program {
					if a.task == i {
						sched.Reach(sched.Access{Addr: unsafe.Pointer(&memory[a.from]), Size: uintptr(a.to - a.from), PC: a.pc, Write: a.write})
					}
				}
			})
		}
	})
}

func randomReaches(r *rand.Rand, tasks int) []reach {
	var program []reach
	for i := range 1 + r.IntN(8) {
		a := reach{task: r.IntN(tasks), from: r.IntN(20), write: r.IntN(3) == 0, pc: uintptr(1000 + i)}
		a.to = a.from + 1
		if r.IntN(3) == 0 {
			a.to += r.IntN(20)
		}
		program = append(program, a)
	}
	return program
}

// Of random accesses those places are shared whose accesses conflict with another
// task's, to the byte; and when they are operations the same ones race.
func TestPlainMemoryOracle(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	m := &plainMemory{}
	sim := sched.NewSim(sched.Config{Observer: m, Memory: m})
	defer sim.Close()
	for n := range 3000 {
		tasks := 2 + r.IntN(3)
		program := randomReaches(r, tasks)
		var want []race.Place
		for _, a := range program {
			if slices.ContainsFunc(program, a.conflicts) {
				want = append(want, race.Place{PC: a.pc, Write: a.write})
			}
		}
		m.Sites = nil
		runPlain(sim, uint64(n), tasks, program)
		got := m.Sites.With(m.NewSites())
		require.ElementsMatch(t, want, got.All(), "program %d: %v", n, program)
		assert.Empty(t, m.Findings())

		m.Sites = got
		runPlain(sim, uint64(n), tasks, program)
		require.Empty(t, m.NewSites(), "program %d: %v", n, program)
		races := 0
		for _, f := range m.Findings() {
			if f.Kind == race.DataRace {
				races++
			}
		}
		require.Equal(t, len(want) > 0, races > 0, "program %d: %v", n, program)
	}
}

// A place that is not known yet is seen to race with one that is, whichever comes
// first.
func TestUnknownPlaceMeetsKnownOne(t *testing.T) {
	m := &plainMemory{}
	sim := sched.NewSim(sched.Config{Observer: m, Memory: m})
	defer sim.Close()
	known := race.Place{PC: 1000, Write: true}
	for _, first := range []int{0, 1} {
		m.Sites = (*race.Sites)(nil).With([]race.Place{known})
		program := []reach{{task: first, from: 0, to: 1, write: true, pc: 1000}, {task: 1 - first, from: 0, to: 8, pc: 1001}}
		for seed := range uint64(4) {
			runPlain(sim, seed, 2, program)
			assert.Equal(t, []race.Place{{PC: 1001}}, m.NewSites())
		}
	}
}

// Many accesses of one variable are not all kept, and which are does not depend on
// its neighbours.
func TestManyPlaces(t *testing.T) {
	places := func(neighbour bool) []race.Place {
		m := &plainMemory{}
		sim := sched.NewSim(sched.Config{Observer: m, Memory: m})
		defer sim.Close()
		var program []reach
		for i := range 100 {
			program = append(program, reach{task: 0, from: 0, to: 1, pc: uintptr(1000 + i*7%100)})
			if neighbour {
				program = append(program, reach{task: 0, from: 3, to: 4, write: true, pc: uintptr(5000 + i)})
			}
		}
		program = append(program, reach{task: 1, from: 0, to: 1, write: true, pc: 2000})
		runPlain(sim, 1, 2, program)
		return m.Sites.With(m.NewSites()).All()
	}
	alone := places(false)
	assert.Greater(t, len(alone), 10)
	assert.Equal(t, alone, places(true))
}

// A run that goes through a lot of memory is looked at as far as there is room.
func TestMuchMemory(t *testing.T) {
	m := &plainMemory{}
	sim := sched.NewSim(sched.Config{Observer: m, Memory: m})
	defer sim.Close()
	memory := make([]byte, 4<<20)
	const piece = 1 << 15 // as much as is looked at of one access
	for range 2 {
		sim.Run(strategy.RoundRobin(), 1, func() {
			sched.Go(func() {}) // memory is looked at only if there is another task
			for i := 0; i < len(memory); i += piece {
				sched.Reach(sched.Access{Addr: unsafe.Pointer(&memory[i]), Size: piece, PC: 1000})
			}
			for task := range uintptr(2) {
				sched.Go(func() {
					sched.Reach(sched.Access{Addr: unsafe.Pointer(&memory[0]), Size: 1, PC: 1001 + task, Write: true})
					sched.Reach(sched.Access{Addr: unsafe.Pointer(&memory[len(memory)-8]), Size: 1, PC: 2001 + task, Write: true})
				})
			}
		})
		assert.Equal(t, []race.Place{{PC: 1001, Write: true}, {PC: 1002, Write: true}}, m.NewSites())
	}
}

// Two updates of a map, each a read and a write at one place in the program, make
// the place shared.
func TestUpdateAtOnePlace(t *testing.T) {
	m := &plainMemory{}
	sim := sched.NewSim(sched.Config{Observer: m, Memory: m})
	defer sim.Close()
	var program []reach
	for task := range 2 {
		program = append(program, reach{task: task, to: 1, pc: 1000}, reach{task: task, to: 1, pc: 1000, write: true})
	}
	runPlain(sim, 1, 2, program)
	assert.Contains(t, m.NewSites(), race.Place{PC: 1000, Write: true})
	m.Sites = m.Sites.With(m.NewSites())
	runPlain(sim, 1, 2, program)
	assert.NotEmpty(t, m.Findings())
}
