package std_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/sched/schedtest"
	"github.com/ravelgo/ravel/sched/std"
)

// A method value does what the method does, on goroutines and in simulations.
func TestBind(t *testing.T) {
	for name, test := range map[string]func(t testing.TB){
		"mutex": func(t testing.TB) {
			var mu sync.RWMutex
			lock, try := std.Bind0(std.RWMutexLock, &mu), std.Bind0R1(std.RWMutexTryRLock, &mu)
			lock()
			assert.False(t, try())
			std.BindLockerUnlock(&mu)()
			assert.True(t, try())
			assert.True(t, std.BindLockerTryRLock(&mu)())
			std.BindLockerRUnlock(&mu)()
			assert.False(t, std.BindLockerTryLock(&mu)())
			std.RWMutexRUnlock(&mu)
			std.BindLockerRLock(&mu)()
			std.RWMutexRUnlock(&mu)
			std.BindLockerLock(&mu)()
			assert.False(t, try())
		},
		"map": func(t testing.TB) {
			var m sync.Map
			std.Bind2(std.MapStore, &m)(1, 2)
			v, ok := std.Bind1R2(std.MapLoad, &m)(1)
			assert.Equal(t, []any{2, true}, []any{v, ok})
			v, ok = std.Bind2R2(std.MapLoadOrStore, &m)(1, 3)
			assert.Equal(t, []any{2, true}, []any{v, ok})
			assert.True(t, std.Bind3R1(std.MapCompareAndSwap, &m)(1, 2, 4))
			assert.True(t, std.Bind2R1(std.MapCompareAndDelete, &m)(1, 4))
			std.Bind1(std.MapDelete, &m)(1)
			assert.Equal(t, 5, std.Bind1R1(func(m map[int]int, k int) int { return m[k] }, map[int]int{1: 5})(1))
		},
		"atomic": func(t testing.TB) {
			var n atomic.Int32
			std.BindAtomicStore(&n)(4)
			assert.EqualValues(t, 6, std.BindAtomicAdd(&n)(2))
			assert.EqualValues(t, 6, std.BindAtomicSwap(&n)(7))
			assert.True(t, std.BindAtomicCompareAndSwap(&n)(7, 3))
			assert.EqualValues(t, 3, std.BindAtomicAnd(&n)(2))
			assert.EqualValues(t, 2, std.BindAtomicOr(&n)(8))
			assert.EqualValues(t, 10, std.BindAtomicLoad(&n)())
		},
		"atomic expression": func(t testing.TB) {
			var n atomic.Int64
			p := &n
			std.ExprAtomicStore(p)(p, 4)
			assert.EqualValues(t, 6, std.ExprAtomicAdd(p)(p, 2))
			assert.EqualValues(t, 6, std.ExprAtomicSwap(p)(p, 7))
			assert.True(t, std.ExprAtomicCompareAndSwap(p)(p, 7, 3))
			assert.EqualValues(t, 3, std.ExprAtomicAnd(p)(p, 2))
			assert.EqualValues(t, 2, std.ExprAtomicOr(p)(p, 8))
			assert.EqualValues(t, 10, std.ExprAtomicLoad(p)(p))
		},
		"map element": func(t testing.TB) {
			m := map[string]int{"a": 1}
			assert.Equal(t, 1, std.MapOf(m).At("a"))
			_, ok := std.MapOf(m).At2("b")
			assert.False(t, ok)
			std.MapOf(m).Delete("a")
			assert.Empty(t, m)
		},
		"receive": func(t testing.TB) {
			type answer bool
			ch := make(chan int, 1)
			std.To(ch).Send(2)
			v, ok := std.Recv2As[answer](ch)
			assert.Equal(t, []any{2, answer(true)}, []any{v, ok})
		},
	} {
		t.Run(name, func(t *testing.T) { schedtest.RealAndSimulated(t, test) })
	}
}

// The receiver of a method value is evaluated with it.
func TestBindNil(t *testing.T) {
	assert.Panics(t, func() { std.BindLockerLock(nil) })
	assert.Panics(t, func() { std.BindLockerUnlock(nil) })
	assert.Panics(t, func() { std.BindLockerRLock(nil) })
	assert.Panics(t, func() { std.BindLockerRUnlock(nil) })
	assert.Panics(t, func() { std.BindLockerTryLock(nil) })
	assert.Panics(t, func() { std.BindLockerTryRLock(nil) })
}
