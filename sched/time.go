package sched

import (
	"math"
	"runtime"
	"time"
)

// epoch is when every simulation begins: midnight UTC 2000-01-01, as in
// testing/synctest.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// Now returns the current time: the wall clock's, or the virtual time of the
// simulation that the caller is in, which begins at midnight UTC 2000-01-01
// and moves only when no task is ready.
func Now() time.Time {
	if t := Current(); t != nil {
		return epoch.Add(time.Duration(t.sim.now))
	}
	return time.Now()
}

// Since returns the time elapsed since u, as [Now] tells it.
func Since(u time.Time) time.Duration {
	if t := Current(); t != nil {
		return Now().Sub(u)
	}
	return time.Since(u)
}

// Sleep waits for at least d. In a simulation that takes no time: when no task
// is ready the clock moves to the next instant at which one is. Tasks that are
// due at one instant go on in any order. Zero or less is a [Yield] there.
func Sleep(d time.Duration) {
	t := Current()
	if t == nil {
		time.Sleep(d)
		return
	}
	if d <= 0 {
		t.point(opYield, nil, -1)
		return
	}
	t.op, t.obj, t.loc, t.by = opSleep, nil, -1, never{}
	t.due = t.sim.now + min(int64(d), math.MaxInt64-t.sim.now)
	t.sim.sleep(t)
	t.stop()
}

// never is what a task waits for that only something else than an object can
// wake.
type never struct{}

func (never) ready(*Task) bool { return false }

// Yield lets other tasks run: [runtime.Gosched], or a scheduling point.
func Yield() {
	if t := Current(); t != nil {
		t.point(opYield, nil, -1)
		return
	}
	runtime.Gosched()
}

// advanceClock moves the clock to the next instant at which a task is due and
// reports whether there is one.
func (s *Sim) advanceClock() bool {
	if len(s.sleepers) == 0 {
		return false
	}
	s.now = s.sleepers[0].due
	for len(s.sleepers) > 0 && s.sleepers[0].due == s.now {
		s.setReady(s.wakeFirst(), true)
	}
	return true
}

// sooner orders the heap of sleepers.
func sooner(t, u *Task) bool {
	return t.due < u.due || t.due == u.due && t.id < u.id
}

func (s *Sim) sleep(t *Task) {
	h := append(s.sleepers, t)
	for i := len(h) - 1; i > 0; {
		up := (i - 1) / 2
		if !sooner(h[i], h[up]) {
			break
		}
		h[i], h[up] = h[up], h[i]
		i = up
	}
	s.sleepers = h
}

func (s *Sim) wakeFirst() *Task {
	h := s.sleepers
	first, last := h[0], len(h)-1
	h[0] = h[last]
	h = h[:last]
	for i := 0; ; {
		least := i
		for _, kid := range [2]int{2*i + 1, 2*i + 2} {
			if kid < last && sooner(h[kid], h[least]) {
				least = kid
			}
		}
		if least == i {
			break
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
	s.sleepers = h
	return first
}
