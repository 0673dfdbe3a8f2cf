//go:build !race

// The programs close channels while others send, which is a race.

package fuzz

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/atomic"
	"github.com/ravelgo/ravel/sched/strategy"
)

// world is what the tasks of a small program share. Whatever they do to it has a
// result that is noted.
type world struct {
	a, b atomic.Int64
	mu   sched.Mutex
	rw   sched.RWMutex
	n    int // guarded by mu
	m    int // guarded by rw
	c    [2]sched.Chan[int]
	sem  *sched.Semaphore
	keys sched.Map
	once sched.Once

	// Only of programs made of more than acts.
	cond   *sched.Cond // on mu
	wg     sched.WaitGroup
	ctx    context.Context
	cancel func()
	timer  *sched.Timer
	pool   sched.Pool
}

func newWorld() *world {
	return &world{c: [2]sched.Chan[int]{sched.NewChan[int](0), sched.NewChan[int](1)},
		sem: sched.NewSemaphore(1)}
}

// needsMore reports whether a small program is made of more than acts.
func needsMore(code [][]byte) bool {
	return slices.ContainsFunc(code, func(ops []byte) bool { return len(ops) > 0 && int(slices.Max(ops)) >= len(acts) })
}

// acts are the operations of small programs. Each returns what it has seen; id is
// that of the task.
var acts = []func(w *world, id int) any{
	// The atomic ones, which the model below knows too.
	func(w *world, id int) any { return w.a.Load() },
	func(w *world, id int) any { return w.b.Load() },
	func(w *world, id int) any { w.a.Store(int64(id)); return "" },
	func(w *world, id int) any { w.b.Store(int64(id)); return "" },
	func(w *world, id int) any { return w.a.Add(int64(id)) },
	func(w *world, id int) any { return w.a.CompareAndSwap(0, int64(id)) },
	func(w *world, id int) any { return w.b.Swap(int64(id)) },
	// The others.
	func(w *world, id int) any { w.mu.Lock(); defer w.mu.Unlock(); w.n = 10*w.n + id; return w.n },
	func(w *world, id int) any {
		ok := w.mu.TryLock()
		if ok {
			w.a.Add(10)
			w.mu.Unlock()
		}
		return ok
	},
	func(w *world, id int) any { w.rw.Lock(); defer w.rw.Unlock(); w.m = 10*w.m + id; return w.m },
	func(w *world, id int) any { w.rw.RLock(); defer w.rw.RUnlock(); return fmt.Sprint(w.m, w.a.Load()) },
	func(w *world, id int) any {
		ok := w.rw.TryRLock()
		if ok {
			w.a.Add(10)
			w.rw.RUnlock()
		}
		return ok
	},
	func(w *world, id int) any { w.c[0].Send(id); return "" },
	func(w *world, id int) any { w.c[1].Send(id); return "" },
	func(w *world, id int) any { return received(w.c[0].Recv()) },
	func(w *world, id int) any { return received(w.c[1].Recv()) },
	func(w *world, id int) any { return w.c[1].Len() },
	func(w *world, id int) any { w.c[1].Close(); return "" },
	func(w *world, id int) any {
		v := 0
		return fmt.Sprint(sched.TrySelect(w.c[0].Receiving(&v, nil), w.c[1].Receiving(&v, nil)), v)
	},
	func(w *world, id int) any { return sched.TrySelect(w.c[0].Sending(id), w.c[1].Sending(id)) },
	func(w *world, id int) any {
		v := 0
		return fmt.Sprint(sched.Select(w.c[0].Receiving(&v, nil), w.c[1].Sending(id), sched.After(time.Microsecond).Receiving(nil, nil)), v)
	},
	func(w *world, id int) any {
		return sched.Select(w.c[0].Sending(id), sched.After(time.Microsecond).Receiving(nil, nil))
	},
	func(w *world, id int) any {
		ok := w.sem.TryAcquire(1)
		if ok {
			w.b.Add(1)
			w.sem.Release(1)
		}
		return ok
	},
	func(w *world, id int) any { w.once.Do(func() { w.a.Add(100); w.b.Add(100) }); return w.b.Load() },
	func(w *world, id int) any { return received(w.keys.LoadOrStore("k", id)) },
	func(w *world, id int) any { return received(w.keys.LoadAndDelete("k")) },
	func(w *world, id int) any { sched.Sleep(time.Microsecond); return w.a.Load() },
}

const atomics = 7 // of acts

// simulatedActs are acts and more, with which tasks often wait for ever.
var simulatedActs = append(slices.Clone(acts),
	func(w *world, id int) any { w.mu.Lock(); w.cond.Wait(); w.mu.Unlock(); return w.n },
	func(w *world, id int) any { w.cond.Signal(); return "" },
	func(w *world, id int) any { w.mu.Lock(); w.n++; w.cond.Broadcast(); w.mu.Unlock(); return "" },
	func(w *world, id int) any { w.wg.Go(func() { w.a.Add(7) }); return "" },
	func(w *world, id int) any { w.wg.Wait(); return w.a.Load() },
	func(w *world, id int) any { w.cancel(); return w.b.Load() },
	func(w *world, id int) any { return w.ctx.Err() },
	func(w *world, id int) any { return received(sched.Done(w.ctx).Recv()) },
	func(w *world, id int) any {
		ctx, cancel := sched.WithTimeout(w.ctx, time.Microsecond)
		defer cancel()
		return sched.Select(sched.Done(ctx).Receiving(nil, nil), w.c[0].Sending(id))
	},
	func(w *world, id int) any { return w.sem.Acquire(w.ctx, 1) },
	func(w *world, id int) any { w.sem.Release(1); return "" },
	func(w *world, id int) any { return w.timer.Stop() },
	func(w *world, id int) any { return w.timer.Reset(time.Microsecond) },
	func(w *world, id int) any { v, ok := w.timer.C.Recv(); return received(!v.IsZero(), ok) },
	func(w *world, id int) any {
		sched.AfterFunc(time.Microsecond, func() { w.a.Add(50) })
		return ""
	},
	func(w *world, id int) any {
		stop := sched.AfterDone(w.ctx, func() { w.b.Add(9) })
		w.a.Add(1)
		return stop()
	},
	func(w *world, id int) any { return sched.Select(w.c[0].Sending(id), w.c[0].Receiving(nil, nil)) },
	func(w *world, id int) any { w.pool.Put(id); return w.pool.Get() },
)

func received(v any, ok bool) any { return fmt.Sprint(v, ok) }

// act does one operation and returns what it has seen, or how it panicked.
func (w *world) act(op func(w *world, id int) any, id int) (seen string) {
	defer func() {
		if v := recover(); v != nil {
			seen = fmt.Sprint("panic: ", v)
		}
	}()
	return fmt.Sprint(op(w, id))
}

// start starts the tasks of a small program, a list of acts for each. They
// note what they see; jitter is called before each operation, done at the end of
// each task.
func start(code [][]byte, jitter, done func()) (*world, []string) {
	w := newWorld()
	if needsMore(code) {
		w.cond = sched.NewCond(&w.mu)
		w.ctx, w.cancel = sched.WithCancel(context.Background())
		w.timer = sched.NewTimer(time.Microsecond)
	}
	seen := make([]string, len(code)+1)
	for i, ops := range code {
		sched.Go(func() {
			defer done()
			for _, op := range ops {
				jitter()
				seen[i] += w.act(simulatedActs[op], i+1) + ","
			}
		})
	}
	return w, seen
}

// outcomeOf puts into a line what was seen, and what there is in the end.
func outcomeOf(w *world, seen []string) string {
	seen[len(seen)-1] = fmt.Sprint(w.a.Load(), w.b.Load(), w.n, w.m, w.c[1].Len())
	return strings.Join(seen, ";")
}

// onGoroutines runs a small program for real.
func onGoroutines(code [][]byte) string {
	var wg sync.WaitGroup
	wg.Add(len(code))
	w, seen := start(code, jitter, wg.Done)
	wg.Wait()
	return outcomeOf(w, seen)
}

// reachable explores a small program under DFS and returns what can be seen. It
// reports false if a schedule gets stuck, or if there are too many.
func reachable(sim *sched.Sim, code [][]byte) (map[string]bool, bool) {
	all, stuck, ok := explored(sim, strategy.DFS(), code, 20_000)
	return all, ok && !stuck
}

// explored runs a small program under a strategy until that runs out. It returns
// what can be seen, and whether a schedule gets stuck, and reports false if there
// are more than most runs.
func explored(sim *sched.Sim, st sched.Strategy, code [][]byte, most int) (all map[string]bool, stuck, ok bool) {
	all = map[string]bool{}
	for n := 0; st.Next(); n++ {
		if n == most {
			return nil, stuck, false
		}
		var w *world
		var seen []string
		end := sim.Run(st, 1, func() { w, seen = start(code, func() {}, func() {}) }).End
		switch {
		case end == sched.ErrCut:
			continue
		case end != nil:
			stuck = true
			all[fmt.Sprintf("%T ", end)+outcomeOf(w, seen)] = true
		default:
			all[outcomeOf(w, seen)] = true
		}
	}
	return all, stuck, true
}

// DPOR sees in its few runs all that DFS sees.
func TestDPORMissesNothing(t *testing.T) {
	programs := 10_000
	if testing.Short() {
		programs = 500
	}
	r := rand.New(rand.NewPCG(3, 3))
	sims := []*sched.Sim{sched.NewSim(sched.Config{}), sched.NewSim(sched.Config{AnyTime: true})}
	compared, runs, blocked, stuck := 0, 0, 0, 0
	for i := range programs {
		code := randomCode(r, len(simulatedActs))
		want, isStuck, ok := explored(sims[i%2], strategy.DFS(), code, 500)
		if !ok {
			continue
		}
		st := strategy.DPOR()
		got, _, ok := explored(sims[i%2], st, code, 1e9)
		if assert.True(t, ok); !assert.NoError(t, st.Err()) || !assert.Equal(t, want, got, "program %v", code) {
			return
		}
		compared, runs, blocked = compared+1, runs+st.Traces(), blocked+st.Blocked()
		if isStuck {
			stuck++
		}
	}
	for _, sim := range sims {
		sim.Close()
	}
	t.Logf("%d of %d programs compared, the others have too many schedules; %d can get stuck; %d traces, %d blocked", compared, programs, stuck, runs, blocked)
	assert.Greater(t, compared, programs/4)
}

// interleave is the model of the atomic operations: it runs what is left of code
// in all orders, on plain variables, and notes what is seen.
func interleave(code [][]byte, a, b int, seen []string, all map[string]bool) {
	done := true
	for i, ops := range code {
		if len(ops) == 0 {
			continue
		}
		done = false
		id, x, y, result := i+1, a, b, any("")
		switch ops[0] {
		case 0:
			result = x
		case 1:
			result = y
		case 2:
			x = id
		case 3:
			y = id
		case 4:
			x += id
			result = x
		case 5:
			result = x == 0
			if x == 0 {
				x = id
			}
		case 6:
			result, y = y, id
		}
		rest, said := slices.Clone(code), slices.Clone(seen)
		rest[i] = ops[1:]
		said[i] += fmt.Sprint(result) + ","
		interleave(rest, x, y, said, all)
	}
	if done {
		seen[len(code)] = fmt.Sprint(a, b, 0, 0, 0)
		all[strings.Join(seen, ";")] = true
	}
}

// randomCode returns a small program of the first kinds of operations.
func randomCode(r *rand.Rand, kinds int) [][]byte {
	code := make([][]byte, 2+r.IntN(2))
	for i := range code {
		for range 1 + r.IntN(5-len(code)) {
			code[i] = append(code[i], byte(r.IntN(kinds)))
		}
	}
	return code
}

// What is seen of a program on real goroutines must be among what its schedules
// show.
func TestRealOutcomesAreReachable(t *testing.T) {
	programs := 2000
	if testing.Short() {
		programs = 200
	}
	r := rand.New(rand.NewPCG(1, 1))
	sim := sched.NewSim(sched.Config{AnyTime: true})
	defer sim.Close()
	compared, most := 0, 0
	for range programs {
		code := randomCode(r, len(acts))
		all, ok := reachable(sim, code)
		if !ok {
			continue
		}
		compared++
		most = max(most, len(all))
		hung := time.AfterFunc(10*time.Second, func() { panic(fmt.Sprint("hangs on goroutines: ", code)) })
		for range 40 {
			got := onGoroutines(code)
			if !all[got] {
				t.Fatalf("program %v: seen on goroutines, but in none of its schedules: %s\n%v", code, got, all)
			}
		}
		hung.Stop()
	}
	t.Logf("%d of %d programs compared, the others can get stuck or have too many schedules; up to %d outcomes", compared, programs, most)
	assert.Greater(t, compared, programs/4)
}

// jitter makes goroutines come to their operations in other orders.
func jitter() {
	switch rand.IntN(4) {
	case 0:
		runtime.Gosched()
	case 1:
		for range rand.IntN(2000) {
			spun.Add(1)
		}
	case 2:
		time.Sleep(time.Duration(rand.IntN(3)) * time.Microsecond)
	}
}

var spun atomic.Int64

// Programs of atomic operations show exactly what sequential consistency
// allows, by a model that knows nothing of the scheduler, and DPOR runs exactly
// one schedule of each of their traces.
func TestAtomicOutcomes(t *testing.T) {
	programs := 2000
	if testing.Short() {
		programs = 100
	}
	r := rand.New(rand.NewPCG(2, 2))
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	for range programs {
		code := randomCode(r, atomics)
		all, reduction := strategy.Counted(strategy.DFS()), strategy.DPOR()
		got, _, ok := explored(sim, all, code, 20_000)
		assert.True(t, ok)
		_, _, ok = explored(sim, reduction, code, 20_000)
		assert.True(t, ok)
		assert.Equal(t, all.Distinct(), reduction.Traces(), "program %v", code)
		want := map[string]bool{}
		interleave(code, 0, 0, make([]string, len(code)+1), want)
		assert.Equal(t, want, got, "program %v", code)
	}
}
