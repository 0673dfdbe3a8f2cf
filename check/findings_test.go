//lint:file-ignore SA2001 the programs under test lock only to be scheduled

package check_test

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

// Every kind of finding, with a program that has nothing else wrong and a twin
// that is right.
var findingTests = []struct {
	kind    string
	summary string // a part of it
	most    int    // preemptions
	bad     func(t *check.T)
	good    func(t *check.T)
}{
	{"lost update", "lost update on balance: deposit[0] overwrote deposit[1]'s write", 1,
		func(*check.T) { deposit(false) }, func(*check.T) { deposit(true) }},
	{"data race (no lock)", "on x", 0,
		func(*check.T) { publish(false) }, func(*check.T) { publish(true) }},
	{"failed assertion", "sum is", 1,
		func(t *check.T) { transfer(t, false) }, func(t *check.T) { transfer(t, true) }},
	{"deadlock", "deadlock: left and right wait for each other", 1,
		func(*check.T) { lockBoth(false) }, func(*check.T) { lockBoth(true) }},
	{"tasks left blocked", "sender waits to send c", 0,
		func(*check.T) { send(0) }, func(*check.T) { send(1) }},
	{"panic", "index out of range", 1,
		func(*check.T) { takeLast(false) }, func(*check.T) { takeLast(true) }},
	{"misuse", "unlock of unlocked", 0,
		func(*check.T) { var mu sched.Mutex; mu.Unlock() },
		func(*check.T) { var mu sched.Mutex; mu.Lock(); mu.Unlock() }},
	{"no end", "operations", 0,
		func(*check.T) {
			for {
				sched.Yield()
			}
		},
		func(*check.T) { sched.Yield() }},
	{"aborted", "out of order", 0,
		func(*check.T) { sched.Abort(errors.New("out of order")) }, func(*check.T) {}},
}

func publish(ordered bool) {
	var x race.Var[int]
	done := sched.NewChan[bool](1)
	sched.Go(func() {
		if !ordered {
			done.Send(true)
		}
		x.Store(1)
		if ordered {
			done.Send(true)
		}
	})
	done.Recv()
	x.Load()
}

// transfer moves 1 from a to b while another task adds them up, each account
// under its lock.
func transfer(t *check.T, whole bool) {
	var all sched.Mutex
	a, b := sched.Guarded[int]{}, sched.Guarded[int]{}
	a.Do(func(v *int) { *v = 100 })
	enter := func() func() {
		if !whole {
			return func() {}
		}
		all.Lock()
		return all.Unlock
	}
	sched.Go(func() {
		defer enter()()
		a.Do(func(v *int) { *v-- })
		b.Do(func(v *int) { *v++ })
	})
	sum := 0
	leave := enter()
	a.Do(func(v *int) { sum += *v })
	b.Do(func(v *int) { sum += *v })
	leave()
	if sum != 100 {
		t.Errorf("sum is %d", sum)
	}
}

func lockBoth(inOrder bool) {
	var a, b sched.Mutex
	both := func(first, second *sched.Mutex) func() {
		return func() {
			first.Lock()
			second.Lock()
			second.Unlock()
			first.Unlock()
		}
	}
	sched.GoNamed("left", both(&a, &b))
	if inOrder {
		sched.GoNamed("right", both(&a, &b))
	} else {
		sched.GoNamed("right", both(&b, &a))
	}
}

func send(capacity int) {
	c := sched.NewChan[int](capacity)
	sched.GoNamed("sender", func() { c.Send(1) })
}

// takeLast has two tasks that each take an element if there is one.
func takeLast(whole bool) {
	var list sched.Guarded[[]int]
	list.Do(func(v *[]int) { *v = []int{1} })
	for range 2 {
		sched.GoNamed("taker", func() {
			n := 0
			list.Do(func(v *[]int) {
				if n = len(*v); whole && n > 0 {
					*v = (*v)[:n-1]
				}
			})
			if n > 0 && !whole {
				list.Do(func(v *[]int) { _ = (*v)[n-1]; *v = (*v)[:n-1] })
			}
		})
	}
}

func TestFindings(t *testing.T) {
	for _, test := range findingTests {
		t.Run(test.kind, func(t *testing.T) {
			cfg := check.Config{Runs: 500, MaxSteps: 1000}
			result := cfg.Search("TestFindings", test.bad)
			require.Len(t, result.Findings, 1)
			f := result.Findings[0]
			assert.Equal(t, test.kind, f.Kind)
			assert.Contains(t, f.Summary, test.summary)
			assert.LessOrEqual(t, f.Preemptions, test.most)

			again, err := cfg.Replay(f.Trace, test.bad)
			require.NoError(t, err)
			assert.Equal(t, f.Report, again.Report, "a replay prints the same")
			for line := range strings.Lines(f.Report) {
				assert.True(t, len([]rune(line)) <= 81 || strings.Contains(line, "https://"), "more than 80 columns: %s", line)
			}

			fixed, _ := cfg.Replay(f.Trace, test.good)
			assert.Empty(t, fixed.Kind)
			good := check.Config{Runs: 10_000}.Search("TestFindings", test.good)
			assert.Empty(t, good.Findings)
		})
	}
}

// lockAll takes locks in the order of a map, which two runs may well agree in.
func lockAll(*check.T) {
	locks := map[int]*sched.Mutex{}
	for i := range 8 {
		locks[i] = new(sched.Mutex)
	}
	for range 2 {
		sched.Go(func() {
			for _, l := range locks {
				l.Lock()
				defer l.Unlock()
			}
		})
	}
}

// What the scheduler does not control is found before it does harm.
func TestOutsideTheScheduler(t *testing.T) {
	var calls atomic.Int64
	stop := make(chan struct{})
	defer close(stop)
	tests := []struct {
		kind, summary string
		body          func(*check.T)
	}{
		{"blocked outside the scheduler", "sync", func(*check.T) {
			var mu sync.Mutex
			mu.Lock()
			sched.Go(func() { defer mu.Unlock(); sched.Yield() })
			sched.Yield()
			mu.Lock()
			mu.Unlock()
		}},
		{"uncontrolled goroutine", "started at findings_test.go:", func(*check.T) {
			var wg sched.WaitGroup
			wg.Add(1)
			go wg.Done()
			wg.Wait()
		}},
		{"deadlock", "A goroutine started at findings_test.go:", func(*check.T) {
			go func() { <-stop }()
			var wg sched.WaitGroup
			wg.Add(1)
			wg.Wait()
		}},
		{"not deterministic", "not deterministic", func(*check.T) {
			for range calls.Add(1) % 3 {
				sched.Yield()
			}
			sched.Go(sched.Yield)
			sched.Go(sched.Yield)
		}},
		{"not deterministic", "over a map at findings_test.go:", lockAll},
	}
	for _, test := range tests {
		t.Run(test.kind, func(t *testing.T) {
			cfg := check.Config{Runs: 100, BlockedAfter: 50 * time.Millisecond}
			result := cfg.Search("TestOutside", test.body)
			require.NotEmpty(t, result.Findings)
			assert.Equal(t, test.kind, result.Findings[0].Kind)
			assert.Contains(t, result.Findings[0].Summary+result.Findings[0].Report, test.summary)
		})
	}
}
