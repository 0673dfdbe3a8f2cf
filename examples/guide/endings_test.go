package guide

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// nothing is a state of steps that share nothing.
type nothing struct{}

// oneStep is a pipeline of one step, which is called load.
func oneStep(fn func()) *engine.Pipeline[nothing] {
	p := engine.New[nothing]("one", engine.Options{})
	p.Step("load", func(context.Context, *nothing) error { fn(); return nil }, engine.NodeOptions{})
	return p
}

// A step that waits for what the scheduler does not know is named, with what it does.
func TestSeedS33StepThatBlocks(t *testing.T) {
	var real sync.Mutex
	real.Lock()
	defer real.Unlock()
	var stop atomic.Bool
	defer stop.Store(true)
	for name, step := range map[string]func(){
		"real sleep": func() { time.Sleep(time.Hour) },
		"real mutex": func() { real.Lock() },
		"busy loop": func() {
			for !stop.Load() {
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "busy loop" && quick() {
				t.Skip("what computes has ten times as long, and is tried twice")
			}
			cfg := check.Config{BlockedAfter: 200 * time.Millisecond}
			r := cfg.Search(t.Name(), running(oneStep(step)))
			require.Len(t, r.Findings, 1)
			assert.Equal(t, "blocked outside the scheduler", r.Findings[0].Kind)
			assert.Contains(t, r.Findings[0].Summary, "load")
			assert.Contains(t, r.Findings[0].Report, "endings_test.go")
		})
	}
}

// While a task is outside, virtual time stands still; and an hour of virtual sleep
// costs nothing.
func TestSeedS33VirtualTime(t *testing.T) {
	var real sync.Mutex
	real.Lock()
	defer real.Unlock()
	elapsed := func(step func()) (*sched.Result, time.Duration) {
		sim := sched.NewSim(sched.Config{BlockedAfter: 200 * time.Millisecond})
		defer sim.Close()
		r := sim.Run(strategy.RoundRobin(), 1, func() {
			_, err := oneStep(step).Run(context.Background(), &nothing{}, engine.RunOptions{})
			assert.NoError(t, err)
		})
		return r, r.Elapsed
	}
	r, d := elapsed(func() {
		sched.Sleep(time.Second)
		real.Lock()
	})
	var blocked *sched.Blocked
	require.ErrorAs(t, r.End, &blocked)
	assert.Equal(t, "load", blocked.Task)
	assert.NotEmpty(t, blocked.Stack)
	assert.Equal(t, time.Second, d)

	hour := func() { sched.Sleep(time.Hour) }
	r, d = elapsed(hour)
	require.NoError(t, r.End)
	assert.Equal(t, time.Hour, d)
	assert.True(t, silent(t, running(oneStep(hour))).Complete)
}

// Collected is what the workers of a map fill.
type Collected struct {
	Results [4]race.Var[int]
	List    sched.Guarded[[]int]
	Sum     race.Var[int]
}

// collecting is a pipeline whose map writes the results; the step that sums them up is
// after the map or beside it.
func collecting(n int, after bool) *engine.Pipeline[Collected] {
	p := engine.New[Collected]("collect", engine.Options{MultiRoot: !after})
	fill := addMap(p, "fill", n, 0, func(_ context.Context, s *Collected, item int) error {
		s.Results[item].Store(1)
		s.List.Do(func(all *[]int) { *all = append(*all, item) })
		return nil
	})
	sum := p.Step("sum", func(_ context.Context, s *Collected) error {
		total := 0
		for i := range n {
			total += s.Results[i].Load()
		}
		s.Sum.Set(total)
		return nil
	}, engine.NodeOptions{})
	if after {
		fill.To(sum)
	}
	return p
}

// A map is joined before what follows it: the end of every worker is before the step
// after it. Beside it nothing is.
func TestSeedS34AfterTheMap(t *testing.T) {
	for n := 1; n <= 4; n++ {
		silent(t, func(t *check.T) {
			s := &Collected{}
			_, err := collecting(n, true).Run(t.Context(), s, engine.RunOptions{})
			require.NoError(t, err)
			require.Equal(t, n, s.Sum.Load(), "each worker is waited for")
		})
	}
	beside := running(collecting(2, false))
	reports(t, beside, beside, "data race (no lock) on Collected.Results[0]", "data race (no lock) on Collected.Results[1]")
}

// The same with the length of a list that the workers append to under a lock.
func TestSeedS34LengthAfterTheMap(t *testing.T) {
	list := func(after bool) func(*check.T) {
		p := engine.New[Locked]("list", engine.Options{MultiRoot: !after})
		fill := addMap(p, "fill", 3, 0, collect)
		length := p.Step("length", func(_ context.Context, s *Locked) error {
			if n := s.Results.Len(); after {
				assert.Equal(t, 3, n)
			}
			return nil
		}, engine.NodeOptions{})
		if after {
			fill.To(length)
		}
		return running(p)
	}
	silent(t, list(true))
	reports(t, list(false), list(false), "data race (unlocked read) on Locked.Results")
}
