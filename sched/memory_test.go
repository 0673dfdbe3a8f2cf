package sched_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// everywhere makes all accesses operations, and counts them.
type everywhere struct{ noted int }

func (e *everywhere) Shared(sched.Access) bool     { return true }
func (e *everywhere) Note(int, sched.Access)       { e.noted++ }
func (e *everywhere) Name(sched.Access) sched.Name { return sched.Name{Expr: "s.x", Full: "S.x"} }

func reach(p unsafe.Pointer, size uintptr, write bool) {
	var pc [1]uintptr
	runtime.Callers(2, pc[:])
	sched.Reach(sched.Access{Addr: p, Size: size, PC: pc[0], Write: write})
}

// piece is an access of the words from first on: of one as of a variable, of several
// as of a struct that is copied.
type piece struct {
	first, words int
	write        bool
}

// access does the access to memory, and returns what it has read.
func (a piece) access(memory []int, value int) string {
	size := uintptr(a.words * 8)
	if a.words == 1 {
		size = 1
	}
	reach(unsafe.Pointer(&memory[a.first]), size, a.write)
	part := memory[a.first : a.first+a.words]
	if !a.write {
		return fmt.Sprint(part)
	}
	for i := range part {
		part[i] = value
	}
	return ""
}

// outcomes runs a program of accesses, a list a task, under a strategy to its end, and
// returns what the tasks have read and left, and the number of runs.
func outcomes(t *testing.T, st sched.Strategy, program [][]piece) (found map[string]bool, runs int) {
	t.Helper()
	sim := sched.NewSim(sched.Config{Memory: &everywhere{}})
	defer sim.Close()
	found = map[string]bool{}
	for st.Next() {
		memory := make([]int, 4)
		seen := make([]string, len(program))
		res := sim.Run(st, 1, func() {
			for i, list := range program {
				sched.Go(func() {
					for k, a := range list {
						seen[i] += a.access(memory, 10*i+k+1)
					}
				})
			}
		})
		if res.End == nil {
			found[fmt.Sprint(seen, memory)] = true
			runs++
		}
	}
	return found, runs
}

// DPOR sees all that can come of accesses that overlap in part.
func TestReductionOfOverlappingMemory(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	less := 0
	for n := range 150 {
		program := make([][]piece, 2+r.IntN(2))
		for i := range program {
			for range 1 + r.IntN(4-len(program)+1) {
				a := piece{first: r.IntN(4), words: 1, write: r.IntN(2) == 0}
				if r.IntN(2) == 0 {
					a.words = 1 + r.IntN(4-a.first)
				}
				program[i] = append(program[i], a)
			}
		}
		want, all := outcomes(t, strategy.DFS(), program)
		got, few := outcomes(t, strategy.DPOR(), program)
		require.Equal(t, want, got, "program %d: %v", n, program)
		if few < all {
			less++
		}
	}
	assert.Greater(t, less, 100, "programs with fewer runs")
}

// What is on the stack of a task, and what is accessed outside of runs, by Outside or
// while the run is unwound, is no operation.
func TestAccessesThatAreNone(t *testing.T) {
	mem := &everywhere{}
	sim := sched.NewSim(sched.Config{Memory: mem})
	defer sim.Close()
	x := new(int)
	use := func() { reach(unsafe.Pointer(x), 1, true) }
	use()
	res := sim.Run(strategy.RoundRobin(), 1, func() {
		sched.Go(func() {}) // while there is one task only, nothing is noted
		var local [4]int
		onStack(&local)
		sched.Outside(use)
		defer use()
		use()
		sched.Abort(nil)
	})
	use()
	assert.Equal(t, 1, mem.noted)
	assert.Equal(t, 1, res.Steps)
}

//go:noinline
func onStack(p *[4]int) {
	hidden := uintptr(unsafe.Pointer(p)) ^ 1 // else it would escape
	hidden ^= 1
	reach(*(*unsafe.Pointer)(unsafe.Pointer(&hidden)), 1, true)
}

// A recorded run names memory, and tells namesakes apart.
func TestMemoryNames(t *testing.T) {
	sim := sched.NewSim(sched.Config{Memory: &everywhere{}, Record: true})
	defer sim.Close()
	list := make([]int, 2)
	res := sim.Run(strategy.RoundRobin(), 1, func() {
		reach(unsafe.Pointer(&list[0]), 1, false)
		reach(unsafe.Pointer(&list[1]), 1, true)
	})
	require.Len(t, res.Record.Steps, 2)
	assert.Equal(t, "read s.x", res.Record.Steps[0].What)
	assert.Equal(t, []sched.ObjectRecord{
		{Name: "S.x#0", Base: "S.x", Kind: "memory", Plain: true}, {Name: "S.x#1", Base: "S.x", Kind: "memory", Plain: true},
	}, res.Record.Objects)
}

// typed is everywhere for variables of type int.
type typed struct{ everywhere }

func (typed) Name(sched.Access) sched.Name { return sched.Name{Expr: "x", Type: "int"} }

// A recorded run shows what was read, and what was written once it is.
func TestMemoryValues(t *testing.T) {
	sim := sched.NewSim(sched.Config{Memory: &typed{}, Record: true})
	defer sim.Close()
	x := 7
	res := sim.Run(strategy.RoundRobin(), 1, func() {
		for i := range 2 { // each before another access
			reach(unsafe.Pointer(&x), 1, false)
			reach(unsafe.Pointer(&x), 1, true)
			x = i + 8
		}
		sched.Yield()
		reach(unsafe.Pointer(&x), 1, true)
		x = 20
		sched.Yield() // before an operation
		x = 0         // that nobody tells of
		reach(unsafe.Pointer(&x), 1, true)
		x = 30 // before the end
	})
	var values []string
	for _, s := range res.Record.Steps {
		values = append(values, s.Value)
	}
	assert.Equal(t, []string{"7", "8", "8", "9", "", "20", "", "30"}, values)
}
