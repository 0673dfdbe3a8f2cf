package sched_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/schedtest"
)

// Each behaviour is documented by package time and must hold in real and in
// virtual time.
func TestTimers(t *testing.T) {
	for name, test := range map[string]func(t testing.TB){
		"timer fires": func(t testing.TB) {
			tm := sched.NewTimer(time.Millisecond)
			_, ok := tm.C.Recv()
			assert.True(t, ok)
			assert.False(t, tm.Stop(), "it has fired")
		},
		"timer stopped": func(t testing.TB) {
			tm := sched.NewTimer(time.Hour)
			assert.True(t, tm.Stop())
			assert.False(t, tm.Stop())
			assert.Equal(t, -1, sched.TrySelect(tm.C.Receiving(nil, nil)))
		},
		"timer stopped when due": func(t testing.TB) {
			tm := sched.NewTimer(1)
			sched.Sleep(5 * time.Millisecond)
			assert.True(t, tm.Stop(), "nobody has received the time")
			assert.Equal(t, -1, sched.TrySelect(tm.C.Receiving(nil, nil)))
		},
		"timer reset": func(t testing.TB) {
			tm := sched.NewTimer(time.Hour)
			assert.True(t, tm.Reset(1))
			tm.C.Recv()
			assert.False(t, tm.Reset(1))
			tm.C.Recv()
			assert.Zero(t, tm.C.Len())
			assert.Zero(t, tm.C.Cap())
		},
		"timer of nothing": func(t testing.TB) {
			sched.NewTimer(0).C.Recv()
			sched.NewTimer(-1).C.Recv()
			sched.After(1).Recv()
			assert.Panics(t, func() { new(sched.Timer).Stop() })
			assert.Panics(t, func() { new(sched.Timer).Reset(1) })
		},
		"func": func(t testing.TB) {
			done := sched.NewChan[bool](0)
			tm := sched.AfterFunc(1, func() { done.Send(true) })
			done.Recv()
			assert.False(t, tm.Stop())
			assert.False(t, tm.Reset(1))
			done.Recv()
			assert.True(t, sched.AfterFunc(time.Hour, func() { t.Error("stopped and called") }).Stop())
		},
		"ticker": func(t testing.TB) {
			tk := sched.NewTicker(time.Millisecond)
			one, _ := tk.C.Recv()
			two, _ := tk.C.Recv()
			assert.True(t, two.After(one))
			tk.Reset(2 * time.Millisecond)
			tk.C.Recv()
			tk.Stop()
			assert.Equal(t, -1, sched.TrySelect(tk.C.Receiving(nil, nil)))
			assert.Panics(t, func() { sched.NewTicker(0) })
			assert.Panics(t, func() { tk.Reset(-1) })
			assert.Equal(t, sched.Chan[time.Time]{}, sched.Tick(0))
			sched.Tick(1).Recv()
		},
		"time-out": func(t testing.TB) {
			never := sched.NewChan[int](0)
			assert.Equal(t, 1, sched.Select(never.Receiving(nil, nil), sched.After(1).Receiving(nil, nil)))
		},
	} {
		t.Run(name, func(t *testing.T) { schedtest.RealAndSimulated(t, test) })
	}
}

// Virtual time is exact, and a month of ticks that nobody takes costs nothing.
func TestVirtualTimers(t *testing.T) {
	r := simulate(t, func() {
		start := sched.Now()
		tk := sched.NewTicker(time.Second)
		first, _ := tk.C.Recv()
		assert.Equal(t, time.Second, first.Sub(start))
		sched.Sleep(30*24*time.Hour + 500*time.Millisecond)
		stale, _ := tk.C.Recv()
		assert.Equal(t, 2*time.Second, stale.Sub(start), "the tick that was kept")
		next, _ := tk.C.Recv()
		assert.Equal(t, 30*24*time.Hour+2*time.Second, next.Sub(start), "those after it were dropped")
		late := sched.NewTimer(time.Hour)
		late.C.Recv()
		assert.Equal(t, 30*24*time.Hour+2*time.Second+time.Hour, sched.Since(start))
	})
	assert.Less(t, r.Steps, 20)
}

// A run ends with its tasks, whatever timers still run, and tasks that wait for
// something else are left blocked.
func TestTimersLeftBehind(t *testing.T) {
	r := simulate(t, func() {
		sched.NewTicker(1)
		sched.NewTimer(time.Hour)
		sched.AfterFunc(time.Hour, func() { t.Error("called after the end") })
	})
	assert.Zero(t, r.Elapsed)

	r = plainRun(t, func() {
		sched.NewTicker(1)
		sched.NewChan[int](0).Recv()
	})
	assert.IsType(t, (*sched.Deadlock)(nil), r.End)
}

// Those that are due together fire in every order, and compete with what the
// first of them sets free.
func TestTimersDueTogether(t *testing.T) {
	got := map[string]int{}
	var order string
	n := schedtest.Explore(t, sched.Config{}, func() {
		order = ""
		sched.AfterFunc(1, func() { order += "a" })
		sched.AfterFunc(1, func() { order += "b" })
		sched.Sleep(1)
		order += "c"
		sched.Sleep(1)
	}, func(*sched.Result) { got[order]++ })
	assert.Equal(t, map[string]int{"abc": 1, "acb": 1, "bac": 1, "bca": 1, "cab": 1, "cba": 1}, got)
	assert.Equal(t, 6, n)
}

// What was done before a timer was made or reset is ordered before what it does.
func TestTimersOrder(t *testing.T) {
	tr := &race.Tracker{}
	schedtest.Explore(t, sched.Config{Observer: tr}, func() {
		var x race.Var[int]
		x.Store(1)
		tm := sched.AfterFunc(time.Hour, func() { x.Store(x.Load() + 1) })
		x.Store(2)
		tm.Reset(1)
		tick := sched.NewTimer(2)
		tick.C.Recv()
	}, func(*sched.Result) { assert.Empty(t, tr.Findings()) })

	racy := 0
	schedtest.Explore(t, sched.Config{Observer: tr}, func() {
		var x race.Var[int]
		sched.AfterFunc(1, func() { x.Store(1) })
		sched.After(2).Recv()
		x.Store(2)
	}, func(*sched.Result) { racy += len(tr.Findings()) })
	assert.NotZero(t, racy, "sleeping longer orders nothing")
}

// With AnyTime a timeout may win over work that needs no time at all.
func TestAnyTime(t *testing.T) {
	outcomes := func(cfg sched.Config) map[string]int {
		counts := map[string]int{}
		said := ""
		schedtest.Explore(t, cfg, func() {
			said = ""
			results := sched.NewChan[int](1)
			sched.Go(func() { sched.Yield(); results.Send(1) })
			if sched.Select(results.Receiving(nil, nil), sched.After(time.Hour).Receiving(nil, nil)) == 0 {
				said = "result"
			} else {
				said = "timeout"
			}
		}, func(r *sched.Result) {
			assert.NoError(t, r.End)
			counts[said]++
		})
		return counts
	}
	assert.Equal(t, map[string]int{"result": 1}, outcomes(sched.Config{}))
	early := outcomes(sched.Config{AnyTime: true})
	assert.Positive(t, early["timeout"])
	assert.Positive(t, early["result"])
}

// The clock is a task by that name in reports and traces.
func TestAnyTimeIsRecorded(t *testing.T) {
	sim := sched.NewSim(sched.Config{AnyTime: true, Record: true, MaxSteps: 50})
	defer sim.Close()
	r := sim.Run(lastReady{}, 1, func() {
		sched.Go(sched.Yield)
		sched.Sleep(time.Minute)
	})
	assert.NoError(t, r.End)
	clock := r.Record.Tasks[len(r.Record.Tasks)-1]
	assert.Equal(t, sched.TaskRecord{Name: "clock", Path: "/clock", Timer: true}, clock)
	first := r.Record.Steps[1]
	assert.Equal(t, []any{"advance", `"1m0s"`}, []any{first.Op.String(), first.Value})
	assert.Equal(t, 3, r.Steps)
	assert.Equal(t, time.Minute, r.Elapsed)
}

// lastReady takes the last option.
type lastReady struct{}

func (lastReady) Next() bool                 { return true }
func (lastReady) Choose(c *sched.Choice) int { return c.N - 1 }
