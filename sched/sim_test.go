package sched_test

import (
	"context"
	"runtime/pprof"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

func TestConfigRefused(t *testing.T) {
	assert.PanicsWithValue(t, "sched: Config.MaxSteps is -1, want 0 (default) or more",
		func() { sched.NewSim(sched.Config{MaxSteps: -1}) })
	assert.PanicsWithValue(t, "sched: Config.BlockedAfter is -1s, want 0 (default) or more",
		func() { sched.NewSim(sched.Config{BlockedAfter: -time.Second}) })
}

// A simulation can be closed at any time, and more than once, and still used.
func TestCloseAndRun(t *testing.T) {
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	sim.Close()
	for range 3 {
		n := 0
		r := sim.Run(strategy.RoundRobin(), 1, func() {
			sched.Go(func() { sched.Yield(); n++ })
			sched.Go(func() { sched.Yield(); n++ })
		})
		assert.NoError(t, r.End)
		assert.Equal(t, 2, n)
		assert.Equal(t, 3, r.Tasks)
		sim.Close()
		sim.Close()
	}
}

// MaxSteps operations are allowed and not one more.
func TestMaxSteps(t *testing.T) {
	sim := sched.NewSim(sched.Config{MaxSteps: 1})
	defer sim.Close()
	r := sim.Run(strategy.RoundRobin(), 1, sched.Yield)
	assert.NoError(t, r.End)
	assert.Equal(t, 1, r.Steps)
	r = sim.Run(strategy.RoundRobin(), 1, func() { sched.Yield(); sched.Yield() })
	var limit *sched.StepLimit
	require.ErrorAs(t, r.End, &limit)
	assert.Equal(t, 1, limit.Steps)
	assert.Equal(t, 1, r.Steps)
}

// A nil function is the caller's panic.
func TestNilFunctions(t *testing.T) {
	for name, c := range map[string]struct {
		body func()
		want string
	}{
		"body":    {nil, "panic in main: runtime error: invalid memory address"},
		"go":      {func() { sched.Go(nil) }, `panic in main at sim_test.go:`},
		"goNamed": {func() { sched.GoNamed("x", nil) }, `"sched: Go of a nil function"`},
		"recover": {func() {
			defer func() { _ = recover() }()
			sched.Go(nil)
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := plainRun(t, c.body)
			if c.want == "" {
				assert.NoError(t, r.End)
				return
			}
			assert.ErrorContains(t, r.End, c.want)
		})
	}
}

// faulty is a strategy that fails at one choice.
type faulty struct {
	at   int
	fail func() int
	n    int
}

func (f *faulty) Next() bool { return true }
func (f *faulty) Choose(*sched.Choice) int {
	if f.n++; f.n == f.at {
		return f.fail()
	}
	return 0
}

// A fault of a strategy is the end of the run, wherever it happens: at an
// operation or, as some of these, after the end of a task.
func TestFaultyStrategy(t *testing.T) {
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	unwound := 0
	run := func(st sched.Strategy) error {
		unwound = 0
		return sim.Run(st, 1, func() {
			for range 3 {
				sched.Go(func() {
					defer func() { unwound++ }()
					sched.Yield()
					sched.Yield()
				})
			}
		}).End
	}
	sound := &faulty{}
	require.NoError(t, run(sound))
	require.Equal(t, 4, sound.n)
	for at := 1; at <= sound.n; at++ {
		end := run(&faulty{at: at, fail: func() int { panic("oh") }})
		assert.IsType(t, (*sched.Panic)(nil), end)
		assert.ErrorContains(t, end, ` at sim_test.go:`)
		assert.ErrorContains(t, end, `: "oh"`)
		assert.Equal(t, 3, unwound)
		end = run(&faulty{at: at, fail: func() int { return -2 }})
		assert.IsType(t, (*sched.Misuse)(nil), end)
		assert.ErrorContains(t, end, "misuse: strategy chose option -2 of")
		assert.Equal(t, 3, unwound)
		assert.Equal(t, sched.ErrCut, run(&faulty{at: at, fail: func() int { return sched.Cut }}))
		assert.Equal(t, 3, unwound)
		assert.NoError(t, run(&faulty{}))
	}
}

// A task is known by its profiler labels. One that replaces them is no longer
// seen: that is said, and later tasks of its goroutine are seen.
func TestLabelsReplaced(t *testing.T) {
	for name, body := range map[string]func(){
		"do": func() {
			pprof.Do(context.Background(), pprof.Labels("a", "b"), func(context.Context) {})
		},
		"set":  func() { pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("a", "b"))) },
		"none": func() { pprof.SetGoroutineLabels(context.Background()) },
	} {
		t.Run(name, func(t *testing.T) {
			r := plainRun(t, func() {
				sched.GoNamed("culprit", body)
				sched.Yield()
			})
			assert.IsType(t, (*sched.Misuse)(nil), r.End)
			assert.EqualError(t, r.End, "misuse: pprof.Do or pprof.SetGoroutineLabels called by culprit")

			sim := sched.NewSim(sched.Config{})
			defer sim.Close()
			sim.Run(strategy.RoundRobin(), 1, body)
			r = sim.Run(strategy.RoundRobin(), 1, func() { assert.NotNil(t, sched.Current()) })
			assert.NoError(t, r.End)
		})
	}
}

// A goroutine that is no task is not taken for one whose goroutine has ended,
// although the runtime uses that one's memory again.
func TestStrayIsNoFormerTask(t *testing.T) {
	released, done := make(chan int), make(chan int)
	sim := sched.NewSim(sched.Config{})
	r := sim.Run(strategy.RoundRobin(), 1, func() {
		for range 100 {
			sched.Go(sched.Yield)
		}
		go func() {
			defer close(done)
			<-released
			var wg sync.WaitGroup
			for range 100 {
				wg.Go(func() { assert.Nil(t, sched.Current()) })
			}
			wg.Wait()
		}()
	})
	assert.NoError(t, r.End)
	sim.Close()
	close(released)
	<-done
}
