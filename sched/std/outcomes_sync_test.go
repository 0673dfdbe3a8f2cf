//lint:file-ignore SA2001 the programs under test lock only to be scheduled

package std_test

import (
	"fmt"
	"sync"

	"github.com/ravelgo/ravel/sched/std"
)

var syncPrograms = []program{
	{name: "trylock",
		plain: func() string {
			var mu sync.Mutex
			var wg sync.WaitGroup
			got := false
			wg.Go(func() {
				mu.Lock()
				mu.Unlock()
			})
			if got = mu.TryLock(); got {
				mu.Unlock()
			}
			wg.Wait()
			return fmt.Sprint(got)
		},
		rewritten: func() string {
			var mu sync.Mutex
			var wg sync.WaitGroup
			got := false
			std.WaitGroupGo(&wg, func() {
				std.MutexLock(&mu)
				std.MutexUnlock(&mu)
			})
			if got = std.MutexTryLock(&mu); got {
				std.MutexUnlock(&mu)
			}
			std.WaitGroupWait(&wg)
			return fmt.Sprint(got)
		},
		want: []string{"false", "true"}},
	{name: "readers and a writer",
		plain: func() string {
			var rw sync.RWMutex
			var wg sync.WaitGroup
			n, got := 0, make([]int, 2)
			for i := range got {
				wg.Go(func() { rw.RLock(); got[i] = n; rw.RUnlock() })
			}
			rw.Lock()
			n = 1
			rw.Unlock()
			wg.Wait()
			return fmt.Sprint(got)
		},
		rewritten: func() string {
			var rw sync.RWMutex
			var wg sync.WaitGroup
			n, got := 0, make([]int, 2)
			for i := range got {
				std.WaitGroupGo(&wg, func() { std.RWMutexRLock(&rw); got[i] = n; std.RWMutexRUnlock(&rw) })
			}
			std.RWMutexLock(&rw)
			n = 1
			std.RWMutexUnlock(&rw)
			std.WaitGroupWait(&wg)
			return fmt.Sprint(got)
		},
		want: []string{"[0 0]", "[0 1]", "[1 0]", "[1 1]"}},
	{name: "cond",
		plain: func() string {
			mu := new(sync.Mutex)
			c := sync.NewCond(mu)
			var wg sync.WaitGroup
			ready, order := false, ""
			for _, who := range []string{"a", "b"} {
				wg.Go(func() {
					c.L.Lock()
					for !ready {
						c.Wait()
					}
					order += who
					c.L.Unlock()
				})
			}
			mu.Lock()
			ready = true
			c.Broadcast()
			mu.Unlock()
			wg.Wait()
			return order
		},
		rewritten: func() string {
			mu := new(sync.Mutex)
			c := sync.NewCond(mu)
			var wg sync.WaitGroup
			ready, order := false, ""
			for _, who := range []string{"a", "b"} {
				std.WaitGroupGo(&wg, func() {
					std.LockerLock(c.L)
					for !ready {
						std.CondWait(c)
					}
					order += who
					std.LockerUnlock(c.L)
				})
			}
			std.MutexLock(mu)
			ready = true
			std.CondBroadcast(c)
			std.MutexUnlock(mu)
			std.WaitGroupWait(&wg)
			return order
		},
		want: []string{"ab", "ba"}},
	{name: "cond of a reader",
		plain: func() string {
			rw := new(sync.RWMutex)
			c := sync.NewCond(rw.RLocker())
			done := make(chan bool)
			ready := false
			go func() {
				c.L.Lock()
				for !ready {
					c.Wait()
				}
				c.L.Unlock()
				close(done)
			}()
			rw.Lock()
			ready = true
			c.Signal()
			rw.Unlock()
			<-done
			return fmt.Sprint(rw.TryLock())
		},
		rewritten: func() string {
			rw := new(sync.RWMutex)
			c := sync.NewCond(std.RWMutexRLocker(rw))
			done := make(chan bool)
			ready := false
			std.Go(func() {
				std.LockerLock(c.L)
				for !ready {
					std.CondWait(c)
				}
				std.LockerUnlock(c.L)
				std.Close(done)
			})
			std.RWMutexLock(rw)
			ready = true
			std.CondSignal(c)
			std.RWMutexUnlock(rw)
			std.Recv(done)
			return fmt.Sprint(std.RWMutexTryLock(rw))
		},
		want: []string{"true"}},
	{name: "once that panics",
		plain: func() string {
			var once sync.Once
			n := 0
			first := panicOf(func() { once.Do(func() { n++; panic("no") }) })
			second := panicOf(func() { once.Do(func() { n++ }) })
			get := sync.OnceValue(func() int { n++; panic("never") })
			return fmt.Sprint(first, second, n, panicOf(func() { get() }), panicOf(func() { get() }), n)
		},
		rewritten: func() string {
			var once sync.Once
			n := 0
			first := panicOf(func() { std.OnceDo(&once, func() { n++; panic("no") }) })
			second := panicOf(func() { std.OnceDo(&once, func() { n++ }) })
			get := std.OnceValue(func() int { n++; panic("never") })
			return fmt.Sprint(first, second, n, panicOf(func() { get() }), panicOf(func() { get() }), n)
		},
		want: []string{"nofine2nevernever2"}},
	{name: "once for all",
		plain: func() string {
			n := 0
			get := sync.OnceValues(func() (int, error) { n++; return n, nil })
			f := sync.OnceFunc(func() { n++ })
			var wg sync.WaitGroup
			for range 3 {
				wg.Go(func() { get(); f() })
			}
			wg.Wait()
			v, err := get()
			return fmt.Sprint(v, err, n)
		},
		rewritten: func() string {
			n := 0
			get := std.OnceValues(func() (int, error) { n++; return n, nil })
			f := std.OnceFunc(func() { n++ })
			var wg sync.WaitGroup
			for range 3 {
				std.WaitGroupGo(&wg, func() { get(); f() })
			}
			std.WaitGroupWait(&wg)
			v, err := get()
			return fmt.Sprint(v, err, n)
		},
		want: []string{"1 <nil> 2"}},
	{name: "copies",
		plain: func() string {
			var wg sync.WaitGroup
			wg.Add(1)
			copied := copyOf(&wg)
			copied.Done()
			copied.Wait()
			wg.Done()
			wg.Wait()
			var once sync.Once
			once.Do(func() {})
			again := copyOf(&once)
			n := 0
			again.Do(func() { n++ })
			var mu sync.Mutex
			mu.Lock()
			locked := copyOf(&mu)
			mu.Unlock()
			return fmt.Sprint(n, locked.TryLock(), mu.TryLock())
		},
		rewritten: func() string {
			var wg sync.WaitGroup
			std.WaitGroupAdd(&wg, 1)
			copied := copyOf(&wg)
			std.WaitGroupDone(&copied)
			std.WaitGroupWait(&copied)
			std.WaitGroupDone(&wg)
			std.WaitGroupWait(&wg)
			var once sync.Once
			std.OnceDo(&once, func() {})
			again := copyOf(&once)
			n := 0
			std.OnceDo(&again, func() { n++ })
			var mu sync.Mutex
			std.MutexLock(&mu)
			locked := copyOf(&mu)
			std.MutexUnlock(&mu)
			return fmt.Sprint(n, std.MutexTryLock(&locked), std.MutexTryLock(&mu))
		},
		want: []string{"0 false true"}},
}
