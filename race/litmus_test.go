package race_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/schedtest"
)

// verdicts is in how many schedules the tracker reports something: a data race, a
// location that no lock guards, and something that no order of the tasks explains.
type verdicts struct{ schedules, races, unguarded, broken int }

// judge runs body under every schedule with a tracker.
func judge(t *testing.T, body func()) verdicts {
	t.Helper()
	tr := &race.Tracker{}
	var v verdicts
	v.schedules = schedtest.Explore(t, sched.Config{Observer: tr}, body, func(r *sched.Result) {
		assert.NoError(t, r.End)
		kinds := map[race.Kind]bool{}
		for _, f := range tr.Findings() {
			kinds[f.Kind] = true
		}
		if kinds[race.DataRace] {
			v.races++
		}
		if len(tr.Suspicions()) > 0 {
			v.unguarded++
		}
		if kinds[race.LostUpdate] || kinds[race.Atomicity] || kinds[race.TornSnapshot] {
			v.broken++
		}
	})
	return v
}

func inc(n int) int { return n + 1 }

// tasks starts each function in a task.
func tasks(fns ...func()) {
	for _, fn := range fns {
		sched.Go(fn)
	}
}

// stages starts each function in a task that is meant to be atomic.
func stages(fns ...func()) {
	for _, fn := range fns {
		sched.Go(func() { race.Atomic(fn) })
	}
}

// increments returns a body in which n tasks add one to a variable, each
// holding lock(i, locks) where it is not nil.
func increments(n int, lock func(i int, mu []sched.Mutex) *sched.Mutex) func() {
	return func() {
		var x race.Var[int]
		mu := make([]sched.Mutex, n)
		for i := range n {
			stages(func() {
				if m := lock(i, mu); m != nil {
					m.Lock()
					defer m.Unlock()
				}
				x.Update(inc)
			})
		}
	}
}

func noLock(int, []sched.Mutex) *sched.Mutex { return nil }

// Small programs whose schedules and verdicts are known exactly, by enumeration
// with an independent implementation of the Go memory model, of Eraser and of
// conflict serialisability.
var litmusTests = []struct {
	name string
	body func()
	want verdicts
}{
	{"G1 counter, 2 tasks", increments(2, noLock), verdicts{6, 6, 6, 4}},
	{"G1 counter, 3 tasks", increments(3, noLock), verdicts{90, 90, 90, 84}},
	{"G2 locked counter", increments(2, func(_ int, mu []sched.Mutex) *sched.Mutex { return &mu[0] }),
		verdicts{2, 0, 0, 0}},
	{"G3 split critical section", splitSection, verdicts{6, 0, 0, 4}},
	{"G4 one task skips the lock", increments(2, func(i int, mu []sched.Mutex) *sched.Mutex {
		if i == 0 {
			return &mu[0]
		}
		return nil
	}), verdicts{15, 15, 12, 9}},
	{"G5 a lock each", increments(2, func(i int, mu []sched.Mutex) *sched.Mutex { return &mu[i] }),
		verdicts{70, 70, 36, 36}},
	{"G6 race hidden by a lock", hiddenByLock, verdicts{11, 10, 11, 0}},
	{"G7 published on a channel", publishedOnChannel, verdicts{1, 0, 0, 0}},
	{"G8 published with a locked flag", publishedLocked, verdicts{5, 0, 0, 0}},
	{"G9 published with a plain flag", publishedPlain, verdicts{3, 3, 2, 0}},
	{"G10 writes under a read lock", writesUnderRLock, verdicts{20, 20, 20, 0}},
	{"G11 published through a wait group", publishedWaitGroup, verdicts{1, 0, 0, 0}},
	{"G12 channel as a lock", channelAsLock, verdicts{2, 0, 2, 0}},
	{"G13 snapshot, x then y", snapshot(false), verdicts{6, 6, 4, 2}},
	{"G13 snapshot, y then x", snapshot(true), verdicts{6, 6, 5, 4}},
	{"G14 write skew", writeSkew, verdicts{20, 20, 20, 15}},
	{"G15 transfer and audit", transfer, verdicts{15, 15, 12, 5}},
	{"G16 withdraw: read, read again, write", withdraw, verdicts{20, 20, 20, 18}},
}

func snapshot(yFirst bool) func() {
	return func() {
		var x, y race.Var[int]
		stages(func() { x.Store(1); y.Store(1) }, func() {
			if yFirst {
				y.Load()
				x.Load()
			} else {
				x.Load()
				y.Load()
			}
		})
	}
}

func writeSkew() {
	var x, y race.Var[int]
	stages(func() { x.Load(); y.Load(); x.Store(0) }, func() { x.Load(); y.Load(); y.Store(0) })
}

func transfer() {
	var a, b race.Var[int]
	stages(func() { a.Update(inc); b.Update(inc) }, func() { a.Load(); b.Load() })
}

func withdraw() {
	var x race.Var[int]
	task := func() { x.Load(); x.Update(inc) }
	stages(task, task)
}

func splitSection() {
	var x race.Var[int]
	var mu sched.Mutex
	task := func() {
		mu.Lock()
		n := x.Load()
		mu.Unlock()
		mu.Lock()
		x.Store(n + 1)
		mu.Unlock()
	}
	stages(task, task)
}

func hiddenByLock() {
	var x race.Var[int]
	var mu sched.Mutex
	pass := func() {
		mu.Lock()
		defer mu.Unlock()
	}
	stages(func() { x.Store(1); pass() }, func() { pass(); x.Store(2) })
}

func publishedOnChannel() {
	var x race.Var[int]
	c := sched.NewChan[int](1)
	stages(func() { x.Store(1); c.Send(0) }, func() { c.Recv(); x.Load() })
}

func publishedLocked() {
	var x race.Var[int]
	var flag race.Var[bool]
	var mu sched.Mutex
	stages(func() {
		x.Store(1)
		mu.Lock()
		flag.Store(true)
		mu.Unlock()
	}, func() {
		mu.Lock()
		ready := flag.Load()
		mu.Unlock()
		if ready {
			x.Load()
		}
	})
}

func publishedPlain() {
	var x race.Var[int]
	var flag race.Var[bool]
	stages(func() { x.Store(1); flag.Store(true) }, func() {
		if flag.Load() {
			x.Load()
		}
	})
}

func writesUnderRLock() {
	var x race.Var[int]
	var rw sched.RWMutex
	task := func() {
		rw.RLock()
		x.Store(1)
		rw.RUnlock()
	}
	stages(task, task)
}

func publishedWaitGroup() {
	var x race.Var[int]
	var wg sched.WaitGroup
	wg.Add(1)
	stages(func() { x.Store(1); wg.Done() }, func() { wg.Wait(); x.Load() })
}

func channelAsLock() {
	var x race.Var[int]
	sem := sched.NewChan[int](1)
	task := func() { sem.Send(0); x.Update(inc); sem.Recv() }
	stages(task, task)
}

func TestLitmus(t *testing.T) {
	for _, l := range litmusTests {
		t.Run(l.name, func(t *testing.T) { assert.Equal(t, l.want, judge(t, l.body)) })
	}
}

// F21, the Go memory model's own pair: on an unbuffered channel a receive is
// ordered before the send completes, on a buffered one it is not.
func TestRendezvous(t *testing.T) {
	meet := func(capacity int) func() {
		return func() {
			var x race.Var[int]
			c := sched.NewChan[int](capacity)
			sched.Go(func() { x.Store(1); c.Recv() })
			c.Send(0)
			x.Load()
		}
	}
	assert.Empty(t, explained(t, meet(0)))
	assert.Equal(t, []string{"data race (no lock) on x"}, kinds(explained(t, meet(1))))
}
