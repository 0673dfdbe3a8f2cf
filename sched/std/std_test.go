package std_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"github.com/ravelgo/ravel/sched/schedtest"
	"github.com/ravelgo/ravel/sched/std"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Each behaviour is documented by the language or the standard library and must hold
// on goroutines and in every simulation.
func TestConformance(t *testing.T) {
	for name, test := range map[string]func(t testing.TB){
		"mutex": func(t testing.TB) {
			var mu sync.Mutex
			var wg sync.WaitGroup
			n := 0
			for range 3 {
				std.WaitGroupGo(&wg, func() {
					std.MutexLock(&mu)
					defer std.MutexUnlock(&mu)
					m := n
					std.Gosched()
					n = m + 1
				})
			}
			std.WaitGroupWait(&wg)
			assert.Equal(t, 3, n)
		},
		"chan": func(t testing.TB) {
			ch := make(chan int)
			std.Go(func() { std.To(ch).Send(1); std.To(ch).Send(2); std.Close(ch) })
			var got []int
			for v, it := std.RangeChan(ch); it.Next(&v); {
				got = append(got, v)
			}
			assert.Equal(t, []int{1, 2}, got)
		},
		"select": func(t testing.TB) {
			a, b := make(chan int, 1), make(chan string)
			c0, c1 := std.RecvCase(b), std.To(a).Case(1)
			assert.Equal(t, 1, std.Select(c0, c1))
			assert.Equal(t, -1, std.TrySelect(std.To(a).Case(1)))
			assert.Equal(t, 1, std.Recv(a))
		},
		"timer": func(t testing.TB) {
			tm := std.NewTimer(time.Millisecond)
			std.Recv(tm.C)
			assert.False(t, std.TimerStop(tm))
			std.Recv(std.After(1))
		},
		"context": func(t testing.TB) {
			ctx, cancel := std.WithCancel(context.Background())
			std.Go(func() { cancel() })
			std.Recv(ctx.Done())
			assert.ErrorIs(t, ctx.Err(), context.Canceled)
		},
		"atomic": func(t testing.TB) {
			var n atomic.Int64
			std.AtomicStore(&n, 3)
			assert.Equal(t, int64(4), std.AtomicAdd(&n, 1))
			assert.True(t, std.AtomicCompareAndSwap(&n, 4, 7))
			assert.Equal(t, int64(7), std.AtomicLoad(&n))
			var v atomic.Value
			std.AtomicStore(&v, "x")
			assert.Equal(t, "x", std.AtomicLoad(&v))
			var p atomic.Pointer[int]
			std.AtomicStore(&p, nil)
			assert.Nil(t, std.AtomicLoad(&p))
			var b atomic.Bool
			std.AtomicSwap(&b, true)
			var u atomic.Uint32
			std.AtomicOr(&u, 3)
			std.AtomicAnd(&u, 1)
		},
		"maps": func(t testing.TB) {
			m := map[string]int{"a": 1, "b": 2}
			n := 0
			for k, v, it := std.RangeMap(m); it.Next(&k, &v); {
				n += v + len(k)
			}
			assert.Equal(t, 5, n)
		},
	} {
		t.Run(name, func(t *testing.T) { schedtest.RealAndSimulated(t, test) })
	}
}
