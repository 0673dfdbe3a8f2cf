package atomic_test

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/atomic"
	"github.com/ravelgo/ravel/sched/schedtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// integer is what the types of integers have in common.
type integer[T any] interface {
	Load() T
	Store(T)
	Swap(T) T
	CompareAndSwap(old, v T) bool
	Add(T) T
	And(T) T
	Or(T) T
}

func number[T int32 | int64 | uint32 | uint64 | uintptr](x integer[T]) func(t testing.TB) {
	return func(t testing.TB) {
		x.Store(5)
		assert.Equal(t, T(5), x.Load())
		assert.Equal(t, T(5), x.Swap(6))
		assert.False(t, x.CompareAndSwap(5, 7))
		assert.True(t, x.CompareAndSwap(6, 7))
		assert.Equal(t, T(9), x.Add(2))
		assert.Equal(t, T(9), x.And(8))
		assert.Equal(t, T(8), x.Or(1))
		assert.Equal(t, T(9), x.Load())
	}
}

func TestTypes(t *testing.T) {
	tests := map[string]func(t testing.TB){
		"Int32": number(&atomic.Int32{}), "Int64": number(&atomic.Int64{}), "Uint32": number(&atomic.Uint32{}),
		"Uint64": number(&atomic.Uint64{}), "Uintptr": number(&atomic.Uintptr{}),
		"Bool": func(t testing.TB) {
			var b atomic.Bool
			assert.False(t, b.Swap(true))
			assert.False(t, b.CompareAndSwap(false, true))
			assert.True(t, b.Load())
			b.Store(false)
			assert.True(t, b.CompareAndSwap(false, true))
		},
		"Pointer": func(t testing.TB) {
			var p atomic.Pointer[int]
			one, two := new(int), new(int)
			assert.Nil(t, p.Load())
			p.Store(one)
			assert.Same(t, one, p.Swap(two))
			assert.False(t, p.CompareAndSwap(one, two))
			assert.True(t, p.CompareAndSwap(two, one))
		},
		"Value": func(t testing.TB) {
			var v atomic.Value
			assert.Nil(t, v.Load())
			assert.Panics(t, func() { v.Store(nil) })
			v.Store("a")
			assert.Panics(t, func() { v.Store(1) })
			assert.Equal(t, "a", v.Swap("b"))
			assert.True(t, v.CompareAndSwap("b", "c"))
			assert.Equal(t, "c", v.Load())
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { schedtest.RealAndSimulated(t, test) })
	}
}

func TestFunctions(t *testing.T) {
	schedtest.RealAndSimulated(t, func(t testing.TB) {
		var n int64
		atomic.StoreInt64(&n, 5)
		assert.Equal(t, int64(5), atomic.SwapInt64(&n, 6))
		assert.False(t, atomic.CompareAndSwapInt64(&n, 5, 7))
		assert.True(t, atomic.CompareAndSwapInt64(&n, 6, 7))
		assert.Equal(t, int64(9), atomic.AddInt64(&n, 2))
		assert.Equal(t, int64(9), atomic.AndInt64(&n, 8))
		assert.Equal(t, int64(8), atomic.OrInt64(&n, 1))
		assert.Equal(t, int64(9), atomic.LoadInt64(&n))
		var u uint32
		assert.Equal(t, ^uint32(0), atomic.AddUint32(&u, ^uint32(0)))
		var p unsafe.Pointer
		assert.True(t, atomic.CompareAndSwapPointer(&p, nil, unsafe.Pointer(&n)))
		assert.Equal(t, unsafe.Pointer(&n), atomic.LoadPointer(&p))
	})
}

// pair is what two tasks observe.
type pair [2]int64

// outcomes counts, over all schedules of two tasks, what they observe.
func outcomes(t *testing.T, program func(x, y *atomic.Int64) (one, two func() int64)) map[pair]int {
	t.Helper()
	got := map[pair]int{}
	var seen pair
	schedtest.Explore(t, sched.Config{}, func() {
		seen = pair{}
		one, two := program(&atomic.Int64{}, &atomic.Int64{})
		sched.Go(func() { seen[0] = one() })
		sched.Go(func() { seen[1] = two() })
	}, func(*sched.Result) { got[seen]++ })
	return got
}

// Memory-model shapes have exactly the outcomes of sequential consistency.
func TestLitmus(t *testing.T) {
	set := func(x *atomic.Int64) int64 { x.Store(1); return 0 }
	assert.Equal(t, map[pair]int{{0, 1}: 1, {1, 0}: 1, {1, 1}: 4}, outcomes(t, func(x, y *atomic.Int64) (func() int64, func() int64) {
		return func() int64 { set(x); return y.Load() }, func() int64 { set(y); return x.Load() }
	}), "D2 store buffering")
	assert.Equal(t, map[pair]int{{0, 0}: 4, {0, 1}: 1, {1, 0}: 1}, outcomes(t, func(x, y *atomic.Int64) (func() int64, func() int64) {
		return func() int64 { r := x.Load(); set(y); return r }, func() int64 { r := y.Load(); set(x); return r }
	}), "D3 load buffering")
	assert.Equal(t, map[pair]int{{0, 0}: 1, {0, 1}: 4, {0, 11}: 1}, outcomes(t, func(x, y *atomic.Int64) (func() int64, func() int64) {
		return func() int64 { set(x); return set(y) }, func() int64 { return 10*y.Load() + x.Load() }
	}), "D1 message passing")
	assert.Equal(t, map[pair]int{{0, 2}: 1, {1, 2}: 1, {1, 1}: 1}, outcomes(t, func(x, _ *atomic.Int64) (func() int64, func() int64) {
		return func() int64 { return x.Add(1) - 1 }, func() int64 { x.Add(1); return x.Load() }
	}), "an Add is one operation")
}

// B7: increments that are atomic are never lost.
func TestAddsAreNotLost(t *testing.T) {
	var x *atomic.Int64
	n := schedtest.Explore(t, sched.Config{}, func() {
		x = &atomic.Int64{}
		for range 3 {
			sched.Go(func() { x.Add(1); x.Add(1) })
		}
	}, func(*sched.Result) { assert.Equal(t, int64(6), x.Load()) })
	assert.Equal(t, 90, n)
}

// What an atomic flag publishes is ordered; what it does not is a race.
func TestOrder(t *testing.T) {
	races := func(program func(x *race.Var[int], flag *atomic.Bool)) (schedules, racy int) {
		tr := &race.Tracker{}
		schedules = schedtest.Explore(t, sched.Config{Observer: tr}, func() {
			program(&race.Var[int]{}, &atomic.Bool{})
		}, func(*sched.Result) {
			if len(tr.Findings()) > 0 {
				racy++
			}
		})
		return schedules, racy
	}
	_, racy := races(func(x *race.Var[int], flag *atomic.Bool) {
		sched.Go(func() { x.Store(1); flag.Store(true) })
		sched.Go(func() {
			if flag.Load() {
				x.Load()
			}
		})
	})
	assert.Zero(t, racy, "published")
	all, racy := races(func(x *race.Var[int], flag *atomic.Bool) {
		sched.Go(func() { flag.Store(true); x.Store(1) })
		sched.Go(func() {
			if flag.Load() {
				x.Load()
			}
		})
	})
	assert.Equal(t, 4, all)
	assert.Equal(t, 3, racy, "published too early")
	_, racy = races(func(x *race.Var[int], lock *atomic.Bool) {
		for range 2 {
			sched.Go(func() {
				if lock.CompareAndSwap(false, true) {
					x.Store(x.Load() + 1)
					lock.Store(false)
				}
			})
		}
	})
	assert.Zero(t, racy, "a lock by CompareAndSwap")
}

func BenchmarkAdd(b *testing.B) {
	var n atomic.Int64
	for b.Loop() {
		n.Add(1)
	}
}
