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

func chanFIFO(t testing.TB) {
	c := sched.NewChan[int](2)
	sched.Go(func() {
		for i := range 5 {
			c.Send(i)
		}
	})
	for i := range 5 {
		v, ok := c.Recv()
		assert.Equal(t, i, v)
		assert.True(t, ok)
	}
}

func chanUnbuffered(t testing.TB) {
	c := sched.NewChan[string](0)
	n := 0
	sched.Go(func() {
		n = 1 // ordered by the receive before the send completes
		c.Recv()
	})
	c.Send("x")
	assert.Equal(t, 1, n)
}

func chanClosed(t testing.TB) {
	c := sched.NewChan[int](2)
	c.Send(7)
	c.Close()
	v, ok := c.Recv()
	assert.Equal(t, 7, v)
	assert.True(t, ok)
	for range 2 {
		v, ok = c.Recv()
		assert.Zero(t, v)
		assert.False(t, ok)
	}
	d := sched.NewChan[int](0)
	sched.Go(d.Close)
	_, ok = d.Recv()
	assert.False(t, ok)
}

func chanMisuse(t testing.TB) {
	c := sched.NewChan[int](1)
	c.Close()
	assert.PanicsWithError(t, "send on closed channel", func() { c.Send(1) })
	assert.PanicsWithError(t, "close of closed channel", c.Close)
	assert.PanicsWithError(t, "close of nil channel", sched.Chan[int]{}.Close)
	assert.PanicsWithError(t, "makechan: size out of range", func() { sched.NewChan[int](-1) })
	assert.PanicsWithError(t, "send on closed channel", func() { sched.Select(c.Sending(1)) })
}

func chanRange(t testing.TB) {
	c := sched.NewChan[int](1)
	sched.Go(func() {
		for i := range 4 {
			c.Send(i)
		}
		c.Close()
	})
	var got []int
	for v := range c.All() {
		got = append(got, v)
	}
	assert.Equal(t, []int{0, 1, 2, 3}, got)
	for range c.All() {
		t.Error("a value from a closed channel")
	}
}

func chanLenCap(t testing.TB) {
	c := sched.NewChan[int](3)
	c.Send(1)
	c.Send(2)
	assert.Equal(t, 2, c.Len())
	assert.Equal(t, 3, c.Cap())
	assert.Zero(t, sched.Chan[int]{}.Len())
	assert.Zero(t, sched.Chan[int]{}.Cap())
}

func chanEquality(t testing.TB) {
	c := sched.NewChan[int](0)
	d := c
	assert.True(t, c == d)
	assert.False(t, c == sched.NewChan[int](0))
	var e, f sched.Chan[int]
	assert.True(t, e == f)
}

func selectReady(t testing.TB) {
	a, b := sched.NewChan[int](1), sched.NewChan[int](1)
	b.Send(5)
	var v int
	var ok bool
	assert.Equal(t, 1, sched.Select(a.Receiving(&v, &ok), b.Receiving(&v, &ok)))
	assert.Equal(t, 5, v)
	assert.True(t, ok)
	assert.Equal(t, 0, sched.Select(a.Sending(6), b.Receiving(nil, nil)))
	v, _ = a.Recv()
	assert.Equal(t, 6, v)
}

func selectWaits(t testing.TB) {
	a, b := sched.NewChan[int](0), sched.NewChan[string](0)
	sched.Go(func() { b.Send("x") })
	var s string
	assert.Equal(t, 1, sched.Select(a.Receiving(nil, nil), b.Receiving(&s, nil)))
	assert.Equal(t, "x", s)
	sched.Go(func() { a.Recv() })
	assert.Equal(t, 0, sched.Select(a.Sending(1), b.Receiving(&s, nil)))
}

func selectDefault(t testing.TB) {
	a := sched.NewChan[int](1)
	assert.Equal(t, -1, sched.TrySelect(a.Receiving(nil, nil)))
	assert.Equal(t, -1, sched.TrySelect())
	assert.Equal(t, 0, sched.TrySelect(a.Sending(1)))
	assert.Equal(t, -1, sched.TrySelect(a.Sending(1)))
	assert.Equal(t, 0, sched.TrySelect(a.Receiving(nil, nil)))
}

func selectNil(t testing.TB) {
	var none sched.Chan[int]
	a := sched.NewChan[int](1)
	assert.Equal(t, -1, sched.TrySelect(none.Receiving(nil, nil), none.Sending(1)))
	assert.Equal(t, 1, sched.Select(none.Receiving(nil, nil), a.Sending(1), none.Sending(1)))
}

func selectMeetsSelect(t testing.TB) {
	a, b := sched.NewChan[int](0), sched.NewChan[int](0)
	got := sched.NewChan[int](1)
	sched.Go(func() {
		var v int
		sched.Select(a.Receiving(&v, nil), b.Receiving(&v, nil))
		got.Send(v)
	})
	i := sched.Select(a.Sending(10), b.Sending(11))
	v, _ := got.Recv()
	assert.Equal(t, 10+i, v)
}

func selectClosed(t testing.TB) {
	a, b := sched.NewChan[int](0), sched.NewChan[int](0)
	sched.Go(a.Close)
	v, ok := 1, true
	assert.Equal(t, 0, sched.Select(a.Receiving(&v, &ok), b.Receiving(nil, nil)))
	assert.Zero(t, v)
	assert.False(t, ok)
}

func manyPartners(t testing.TB) {
	c := sched.NewChan[int](0)
	var sum atomic.Int32
	var wg sched.WaitGroup
	for i := range 3 {
		wg.Go(func() { c.Send(1 << i) })
		wg.Go(func() {
			v, _ := c.Recv()
			sum.Add(int32(v))
		})
	}
	wg.Wait()
	assert.EqualValues(t, 7, sum.Load())
}

func pipelineOfChannels(t testing.TB) {
	in, out := sched.NewChan[int](0), sched.NewChan[int](2)
	var wg sched.WaitGroup
	for range 2 {
		wg.Go(func() {
			for v := range in.All() {
				out.Send(v * v)
			}
		})
	}
	sched.Go(func() {
		for i := range 4 {
			in.Send(i)
		}
		in.Close()
		wg.Wait()
		out.Close()
	})
	var got []int
	for v := range out.All() {
		got = append(got, v)
	}
	assert.ElementsMatch(t, []int{0, 1, 4, 9}, got)
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
