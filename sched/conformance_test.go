//lint:file-ignore SA2001 the programs under test lock only to be scheduled

package sched_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/schedtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Each behaviour is documented by the standard library and must hold on
// goroutines and in every simulation.
func TestPrimitives(t *testing.T) {
	for name, test := range map[string]func(t testing.TB){
		"mutex excludes":                  mutexExcludes,
		"mutex trylock":                   mutexTryLock,
		"mutex unlocked by another task":  mutexUnlockedElsewhere,
		"rwmutex excludes writers":        rwmutexExcludesWriters,
		"rwmutex admits readers":          rwmutexAdmitsReaders,
		"rwmutex trylock":                 rwmutexTryLock,
		"rwmutex rlocker":                 rwmutexRLocker,
		"waitgroup waits":                 waitgroupWaits,
		"waitgroup reused":                waitgroupReused,
		"waitgroup negative":              waitgroupNegative,
		"guarded":                         guarded,
		"chan fifo":                       chanFIFO,
		"chan unbuffered hands over":      chanUnbuffered,
		"chan closed":                     chanClosed,
		"chan misuse panics":              chanMisuse,
		"chan range":                      chanRange,
		"chan len cap":                    chanLenCap,
		"chan equality":                   chanEquality,
		"select takes what is ready":      selectReady,
		"select waits":                    selectWaits,
		"select default":                  selectDefault,
		"select nil channels":             selectNil,
		"select meets select":             selectMeetsSelect,
		"select on closed":                selectClosed,
		"two senders, two receivers":      manyPartners,
		"pipeline of channels":            pipelineOfChannels,
		"rand in range":                   randInRange,
		"leaf cond wakes":                 leafCond,
		"panic is recovered by its task":  panicRecovered,
		"yield returns":                   func(testing.TB) { sched.Yield() },
		"sleep of nothing returns":        func(testing.TB) { sched.Sleep(0); sched.Sleep(-1) },
		"now does not run backwards":      nowIsMonotonic,
		"edges and renewals do no harm":   edges,
		"go of a function with arguments": goCaptures,
	} {
		t.Run(name, func(t *testing.T) { schedtest.RealAndSimulated(t, test) })
	}
}

func mutexExcludes(t testing.TB) {
	var mu sched.Mutex
	var wg sched.WaitGroup
	inside, n := 0, 0
	for range 4 {
		wg.Go(func() {
			for range 3 {
				mu.Lock()
				inside++
				sched.Yield()
				assert.Equal(t, 1, inside)
				inside--
				n++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	assert.Equal(t, 12, n)
}

func mutexTryLock(t testing.TB) {
	var mu sched.Mutex
	assert.True(t, mu.TryLock())
	assert.False(t, mu.TryLock())
	mu.Unlock()
	assert.True(t, mu.TryLock())
	mu.Unlock()
}

func mutexUnlockedElsewhere(t testing.TB) {
	var mu sched.Mutex
	mu.Lock()
	sched.Go(mu.Unlock)
	mu.Lock()
	assert.False(t, mu.TryLock())
	mu.Unlock()
}

func rwmutexExcludesWriters(t testing.TB) {
	var rw sched.RWMutex
	var wg sched.WaitGroup
	n := 0
	for range 2 {
		wg.Go(func() {
			rw.Lock()
			n++
			sched.Yield()
			n++
			rw.Unlock()
		})
		wg.Go(func() {
			rw.RLock()
			assert.Zero(t, n%2)
			sched.Yield()
			assert.Zero(t, n%2)
			rw.RUnlock()
		})
	}
	wg.Wait()
}

func rwmutexAdmitsReaders(t testing.TB) {
	var rw sched.RWMutex
	rw.RLock()
	assert.True(t, rw.TryRLock())
	done := sched.NewChan[int](0)
	sched.Go(func() {
		rw.RLock()
		rw.RUnlock()
		done.Close()
	})
	done.Recv()
	rw.RUnlock()
	rw.RUnlock()
}

func rwmutexTryLock(t testing.TB) {
	var rw sched.RWMutex
	assert.True(t, rw.TryLock())
	assert.False(t, rw.TryLock())
	assert.False(t, rw.TryRLock())
	rw.Unlock()
	assert.True(t, rw.TryRLock())
	assert.False(t, rw.TryLock())
	rw.RUnlock()
}

func rwmutexRLocker(t testing.TB) {
	var rw sched.RWMutex
	var l sync.Locker = rw.RLocker()
	l.Lock()
	assert.False(t, rw.TryLock())
	l.Unlock()
	assert.True(t, rw.TryLock())
	rw.Unlock()
}

func waitgroupWaits(t testing.TB) {
	var wg sched.WaitGroup
	var n atomic.Int32
	wg.Wait() // of nothing returns
	wg.Add(3)
	for range 3 {
		sched.Go(func() {
			defer wg.Done()
			sched.Yield()
			n.Add(1)
		})
	}
	wg.Wait()
	assert.EqualValues(t, 3, n.Load())
}

func waitgroupReused(t testing.TB) {
	var wg sched.WaitGroup
	n := 0
	for i := range 3 {
		wg.Go(func() { n++ })
		wg.Wait()
		assert.Equal(t, i+1, n)
	}
}

func waitgroupNegative(t testing.TB) {
	var wg sched.WaitGroup
	assert.PanicsWithValue(t, "sync: negative WaitGroup counter", wg.Done)
}

func guarded(t testing.TB) {
	var g sched.Guarded[[]int]
	var wg sched.WaitGroup
	for i := range 3 {
		wg.Go(func() { g.Do(func(v *[]int) { *v = append(*v, i) }) })
	}
	wg.Wait()
	assert.Panics(t, func() { g.Do(func(*[]int) { panic("x") }) })
	g.Do(func(v *[]int) { assert.ElementsMatch(t, []int{0, 1, 2}, *v) })
}

func randInRange(t testing.TB) {
	for range 10 {
		assert.Less(t, sched.Rand().IntN(6), 6)
	}
	assert.ElementsMatch(t, []int{0, 1, 2}, sched.Rand().Perm(3))
}

func leafCond(t testing.TB) {
	var mu sched.LeafMutex
	c := sched.LeafCond{L: &mu, Why: "a test"}
	n := 0
	for range 3 {
		sched.Go(func() {
			mu.Lock()
			n++
			c.Signal()
			mu.Unlock()
		})
	}
	mu.Lock()
	for n < 3 {
		c.Wait()
	}
	c.Broadcast()
	mu.Unlock()
	assert.Equal(t, 3, n)
}

func panicRecovered(t testing.TB) {
	done := sched.NewChan[any](0)
	sched.Go(func() {
		defer func() { done.Send(recover()) }()
		panic("x")
	})
	v, _ := done.Recv()
	assert.Equal(t, "x", v)
}

func nowIsMonotonic(t testing.TB) {
	start := sched.Now()
	sched.Yield()
	assert.GreaterOrEqual(t, sched.Since(start), sched.Now().Sub(sched.Now()))
}

func edges(testing.TB) {
	var e sched.Edge
	e.Release()
	done := sched.NewChan[int](0)
	sched.Go(func() {
		sched.Renew("worker", 3, &e)
		sched.Yield()
		sched.Renew("worker", 4)
		e.Acquire()
		done.Close()
	})
	done.Recv()
}

func goCaptures(t testing.TB) {
	c := sched.NewChan[int](0)
	for i := range 3 {
		sched.GoNamed("sender", func() { c.Send(i) })
	}
	sum := 0
	for range 3 {
		v, _ := c.Recv()
		sum += v
	}
	assert.Equal(t, 3, sum)
}
