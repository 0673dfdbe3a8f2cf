//lint:file-ignore SA2001 the programs under test lock only to be scheduled

package sched_test

import (
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/schedtest"
	"github.com/ravelgo/ravel/sched/strategy"
)

// plainRun runs body once, without preemption, and records it.
func plainRun(t *testing.T, body func()) *sched.Result {
	t.Helper()
	sim := sched.NewSim(sched.Config{Record: true, MaxSteps: 10_000, BlockedAfter: 100 * time.Millisecond})
	t.Cleanup(sim.Close)
	st := strategy.RoundRobin()
	st.Next()
	r := sim.Run(st, 1, body)
	// The simulation goes on whatever the end was.
	again := strategy.RoundRobin()
	again.Next()
	result := *r
	require.NoError(t, sim.Run(again, 1, func() { sched.Go(sched.Yield) }).End)
	return &result
}

func TestEndDeadlockCycle(t *testing.T) {
	unwound := 0
	var first *sched.Deadlock
	schedtest.Explore(t, sched.Config{Record: true}, func() {
		unwound = 0
		var a, b sched.Mutex
		sched.GoNamed("left", func() {
			defer func() { unwound++ }()
			a.Lock()
			defer a.Unlock()
			b.Lock()
			b.Unlock()
		})
		sched.GoNamed("right", func() {
			defer func() { unwound++ }()
			b.Lock()
			defer b.Unlock()
			a.Lock()
			a.Unlock()
		})
	}, func(r *sched.Result) {
		assert.Equal(t, 2, unwound)
		if r.End != nil && first == nil {
			require.ErrorAs(t, r.End, &first)
		}
	})
	require.NotNil(t, first)
	require.Len(t, first.Cycle, 2)
	left := first.Cycle[0]
	assert.Equal(t, "left", left.Task)
	assert.Equal(t, "lock", left.Op.String())
	assert.Equal(t, []string{"right"}, left.Holders)
	assert.Contains(t, left.Pos.String(), "ends_test.go:")
	assert.Contains(t, first.Error(), "left waits to lock b at ends_test.go:")
	assert.Contains(t, first.Error(), ", held by right")
}

func TestEndDeadlockOfOneTask(t *testing.T) {
	r := plainRun(t, func() {
		var mu sched.Mutex
		mu.Lock()
		mu.Lock()
	})
	assert.ErrorContains(t, r.End, "deadlock: main waits to lock mu at ends_test.go:")
	assert.ErrorContains(t, r.End, "held by main")
}

func TestEndDeadlockWithoutCycle(t *testing.T) {
	for name, c := range map[string]struct {
		body func()
		want string
	}{
		"recv":      {func() { c := sched.NewChan[int](0); c.Recv() }, "main waits to recv c at"},
		"nil chan":  {func() { var c sched.Chan[int]; c.Send(1) }, "main waits to send at"},
		"select":    {func() { sched.Select() }, "main waits to select at"},
		"waitgroup": {func() { var wg sched.WaitGroup; wg.Add(1); wg.Wait() }, "main waits for wg at"},
		"ended holder": {func() {
			var mu sched.Mutex
			done := sched.NewChan[int](0)
			sched.GoNamed("careless", func() { mu.Lock(); done.Close() })
			done.Recv()
			mu.Lock()
		}, "held by careless (which has ended)"},
		"leaf cond": {func() {
			var mu sched.LeafMutex
			c := sched.LeafCond{L: &mu, Why: "what never comes"}
			mu.Lock()
			defer mu.Unlock()
			c.Wait()
		}, "main waits for what never comes"},
		"locked outside": {func() { outsideMutex.Lock() }, "held by a goroutine outside the simulation"},
	} {
		t.Run(name, func(t *testing.T) {
			r := plainRun(t, c.body)
			var d *sched.Deadlock
			require.ErrorAs(t, r.End, &d)
			assert.Empty(t, d.Cycle)
			assert.ErrorContains(t, d, c.want)
		})
	}
}

var outsideMutex = func() *sched.Mutex {
	var mu sched.Mutex
	mu.Lock()
	return &mu
}()

func TestEndLeak(t *testing.T) {
	c := sched.NewChan[int](0)
	r := plainRun(t, func() { sched.GoNamed("sender", func() { c.Send(1) }) })
	var l *sched.Leak
	require.ErrorAs(t, r.End, &l)
	assert.Equal(t, "sender", l.Blocked[0].Task)
	assert.ErrorContains(t, l, "left blocked: sender waits to send c at ends_test.go:")
}

func TestEndPanic(t *testing.T) {
	deferred := false
	r := plainRun(t, func() {
		c := sched.NewChan[int](0)
		sched.Go(func() { defer func() { deferred = true }(); c.Recv() })
		sched.GoNamed("faulty", func() { explode(nil) })
		c.Recv()
	})
	var p *sched.Panic
	require.ErrorAs(t, r.End, &p)
	assert.Equal(t, "faulty", p.Task)
	assert.Contains(t, p.Stack[0].Func, "explode")
	assert.ErrorContains(t, p, "panic in faulty at ends_test.go:")
	assert.ErrorContains(t, p, "nil pointer dereference")
	assert.True(t, deferred, "the other task's deferred call")
}

//go:noinline
func explode(p *int) { *p = 1 }

func TestEndPanicWhileUnwinding(t *testing.T) {
	r := plainRun(t, func() {
		c := sched.NewChan[int](0)
		sched.Go(func() { defer func() { panic("second") }(); c.Recv() })
		sched.Yield()
		panic("first")
	})
	assert.ErrorContains(t, r.End, `"first"`)
}

func TestEndGoexit(t *testing.T) {
	r := plainRun(t, func() {
		sched.Go(runtime.Goexit)
		sched.Go(func() { sched.Yield(); runtime.Goexit() })
		runtime.Goexit()
	})
	assert.NoError(t, r.End)
}

// A test's FailNow, SkipNow and Fatal are Goexits: the deferred calls of all
// tasks run, with primitives that do not wait any more.
func TestEndAbort(t *testing.T) {
	errStop := errors.New("stop")
	var ran []string
	r := plainRun(t, func() {
		var mu sched.Mutex
		c := sched.NewChan[int](0)
		sched.Go(func() {
			defer func() { ran = append(ran, "blocked") }()
			mu.Lock()
			defer mu.Unlock()
			c.Recv()
		})
		defer func() { ran = append(ran, "main") }()
		defer func() { c.Recv(); ran = append(ran, "never: Recv would wait") }()
		sched.Go(func() { ran = append(ran, "never: not yet started") })
		defer sched.Go(func() { ran = append(ran, "never: started after the end") })
		sched.Abort(errStop)
	})
	assert.Equal(t, errStop, r.End)
	assert.Equal(t, []string{"main"}, ran[:1])
	assert.NotContains(t, ran, "never: Recv would wait")
	assert.NotContains(t, ran, "never: not yet started")
	assert.NotContains(t, ran, "never: started after the end")
}

func TestEndStepLimit(t *testing.T) {
	r := plainRun(t, func() {
		for {
			sched.Yield()
		}
	})
	var l *sched.StepLimit
	require.ErrorAs(t, r.End, &l)
	assert.Equal(t, 10_000, l.Steps)
	assert.ErrorContains(t, l, "no end after 10000 operations: main did 10000 of them at ends_test.go:")
}

func TestEndMisuse(t *testing.T) {
	for name, c := range map[string]struct {
		body func()
		want string
	}{
		"unlock":         {func() { var mu sched.Mutex; mu.Unlock() }, "misuse: unlock of unlocked mutex by main at ends_test.go:"},
		"rwmutex unlock": {func() { var mu sched.RWMutex; mu.RLock(); mu.Unlock() }, "not locked for writing"},
		"runlock":        {func() { var mu sched.RWMutex; mu.Lock(); mu.RUnlock() }, "not locked for reading"},
		"runlock free":   {func() { var mu sched.RWMutex; mu.RUnlock() }, "not locked for reading"},
	} {
		t.Run(name, func(t *testing.T) {
			r := plainRun(t, c.body)
			var m *sched.Misuse
			require.ErrorAs(t, r.End, &m)
			assert.ErrorContains(t, m, c.want)
		})
	}
}

func TestEndBlockedOutside(t *testing.T) {
	free := make(chan int)
	defer close(free) // so that no goroutine is left
	for name, c := range map[string]struct {
		body func()
		want []string
	}{
		"channel": {func() {
			sched.GoNamed("stuck", func() { <-free })
			sched.Yield()
		}, []string{`stuck is in "chan receive" at ends_test.go:`, "use sched.Chan"}},
		"sleep": {func() { time.Sleep(300 * time.Millisecond) }, []string{`main is in "sleep"`, "use sched.Sleep"}},
		"select": {func() {
			select {
			case <-free:
			case <-make(chan int):
			}
		}, []string{"use sched.Select"}},
		"others are unwound": {func() {
			var mu sched.Mutex
			mu.Lock()
			sched.Go(func() { mu.Lock() })
			sched.Go(func() { sched.Sleep(time.Hour) })
			sched.Yield()
			<-free
		}, []string{"chan receive"}},
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			r := plainRun(t, c.body)
			var b *sched.Blocked
			require.ErrorAs(t, r.End, &b)
			for _, want := range c.want {
				assert.ErrorContains(t, b, want)
			}
			assert.Less(t, time.Since(start), 10*time.Second)
		})
	}
}

func TestEndBusyLoop(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a second")
	}
	var stop bool
	r := plainRun(t, func() {
		sched.GoNamed("busy", func() { spin(&stop) })
		sched.Yield()
	})
	stop = true
	var b *sched.Blocked
	require.ErrorAs(t, r.End, &b)
	assert.ErrorContains(t, b, "busy is in")
	assert.ErrorContains(t, b, "it computes")
}

//go:norace
//go:noinline
func spin(stop *bool) {
	for !*stop {
		sink++
	}
}

var sink int

// A computation that takes longer than BlockedAfter, but not ten times as long,
// is let be.
func TestLongComputationIsLetBe(t *testing.T) {
	r := plainRun(t, func() {
		for start := time.Now(); time.Since(start) < 300*time.Millisecond; {
			sink++
		}
		sched.Yield()
	})
	assert.NoError(t, r.End)
}

func TestEndUncontrolled(t *testing.T) {
	done := make(chan int)
	r := plainRun(t, func() {
		var mu sched.Mutex
		go func() {
			defer close(done)
			mu.Lock()
		}()
		<-done
		sched.Yield()
	})
	var u *sched.Uncontrolled
	require.ErrorAs(t, r.End, &u)
	assert.ErrorContains(t, u, "uncontrolled goroutine: started at ends_test.go:")
	assert.ErrorContains(t, u, "instead of sched.Go, it used sched at ends_test.go:")
}

// A goroutine that is no task and does not use sched is let be.
func TestPlainGoroutineIsLetBe(t *testing.T) {
	r := plainRun(t, func() {
		c := make(chan int)
		go func() { c <- 1 }()
		<-c
		sched.Yield()
	})
	assert.NoError(t, r.End)
}

func TestRunInsideRun(t *testing.T) {
	r := plainRun(t, func() {
		sim := sched.NewSim(sched.Config{})
		defer sim.Close()
		sim.Run(strategy.RoundRobin(), 1, func() {})
	})
	assert.ErrorContains(t, r.End, "Run inside a simulation")
}

func TestEndWithRoot(t *testing.T) {
	sim := sched.NewSim(sched.Config{EndWithRoot: true})
	defer sim.Close()
	ticks := 0
	var over, atEnd bool
	r := sim.Run(strategy.RoundRobin(), 1, func() {
		task := sched.Current()
		defer func() { over = task.Over() }()
		sched.Go(func() {
			defer func() { atEnd = sched.Current().Over() }()
			for {
				sched.Sleep(time.Second)
				ticks++
			}
		})
	})
	assert.NoError(t, r.End, "it would go on for ever")
	assert.Equal(t, 100, ticks, "timers that nobody waits for must not hide what is left blocked")
	assert.False(t, over)
	assert.True(t, atEnd)

	r = sim.Run(strategy.RoundRobin(), 1, func() {
		sched.AfterFunc(time.Hour, func() {})
		sched.Go(func() { // the task that it starts has the place of the first one
			sched.Sleep(time.Second)
			sched.Go(func() { sched.NewChan[int](0).Send(1) })
		})
	})
	assert.IsType(t, &sched.Leak{}, r.End)
}

func TestOperationUnderLeafMutex(t *testing.T) {
	r := plainRun(t, func() {
		var mu sched.LeafMutex
		mu.Lock()
		defer mu.Unlock()
		sched.Yield()
	})
	assert.ErrorContains(t, r.End, "operation under a LeafMutex")
}

func TestBadStrategy(t *testing.T) {
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	r := sim.Run(outOfRange{}, 1, func() { sched.Go(sched.Yield); sched.Go(sched.Yield) })
	assert.ErrorContains(t, r.End, "strategy chose option 2 of 2")
}

type outOfRange struct{}

func (outOfRange) Next() bool                 { return true }
func (outOfRange) Choose(c *sched.Choice) int { return c.N }
