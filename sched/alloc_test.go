//lint:file-ignore SA2001 the programs under test lock only to be scheduled

package sched_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// A warm run allocates nothing in any primitive. What callers allocate is left
// out: the cases of a Select, the function that WaitGroup.Go wraps, the iterator
// of Chan.All.
func TestPrimitivesAllocateNothing(t *testing.T) {
	if sched.RaceEnabled {
		t.Skip("the race detector allocates")
	}
	var mu sched.Mutex
	var rw sched.RWMutex
	var wg sched.WaitGroup
	var guarded sched.Guarded[int]
	var leaf sched.LeafMutex
	cond := sched.LeafCond{L: &leaf}
	buffered, unbuffered := sched.NewChan[int](1), sched.NewChan[int](0)
	inc := func(n *int) { *n++ }
	send, recv := func() { unbuffered.Send(1) }, func() { unbuffered.Recv() }
	done := wg.Done
	signal := func() { leaf.Lock(); cond.Signal(); leaf.Unlock() }
	var v int
	var ok bool
	either := []sched.Case{buffered.Receiving(&v, &ok), unbuffered.Receiving(&v, nil), unbuffered.Sending(1)}
	for name, body := range map[string]func(){
		"nothing": func() {},
		"yield":   sched.Yield,
		"go":      func() { sched.Go(sched.Yield); sched.GoNamed("x", sched.Yield) },
		"mutex":   func() { mu.Lock(); mu.Unlock(); mu.TryLock(); mu.Unlock() },
		"rwmutex": func() {
			rw.Lock()
			rw.Unlock()
			rw.RLock()
			rw.TryRLock()
			rw.RUnlock()
			rw.RUnlock()
		},
		"waitgroup": func() { wg.Add(2); sched.Go(done); sched.Go(done); wg.Wait() },
		"guarded":   func() { guarded.Do(inc) },
		"buffered":  func() { buffered.Send(1); buffered.Len(); buffered.Recv() },
		"handover":  func() { sched.Go(send); recv(); sched.Go(recv); send() },
		"select":    func() { sched.Go(send); sched.Select(either...); sched.Go(recv); sched.Select(either...) },
		"tryselect": func() { sched.TrySelect(either...) },
		"sleep":     func() { sched.Go(sched.Yield); sched.Sleep(1); sched.Since(sched.Now()) },
		"rand":      func() { sched.Rand().IntN(6) },
		"renew":     func() { sched.Renew("x", 1); sched.Yield() },
		"leaf cond": func() { sched.Go(signal); leaf.Lock(); cond.Wait(); leaf.Unlock() },
	} {
		t.Run(name, func(t *testing.T) { warmRunAllocatesNothing(t, 100, body) })
	}
}

// warmRunAllocatesNothing runs body some times, and then some times more
// without a single allocation.
func warmRunAllocatesNothing(t *testing.T, times int, body func()) {
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	st := strategy.Random(1)
	run := func() {
		st.Next()
		if r := sim.Run(st, 1, body); r.End != nil {
			t.Fatal(r.End)
		}
	}
	for range times {
		run()
	}
	assert.Zero(t, testing.AllocsPerRun(times, run))
}
