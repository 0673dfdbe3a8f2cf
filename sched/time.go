package sched

import (
	"container/heap"
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
		return t.sim.time()
	}
	return time.Now()
}

func (s *Sim) time() time.Time { return epoch.Add(time.Duration(s.now)) }

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
	t.sim.sleep(t, d)
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

// advanceClock moves the clock to the next instant at which a task or a timer is
// due and reports whether there is one.
func (s *Sim) advanceClock() bool {
	if len(s.sleepers) == 0 || s.live == 0 {
		return false
	}
	s.now, s.settled, s.moved = s.sleepers[0].due, s.stamps, s.result.Steps
	for len(s.sleepers) > 0 && s.sleepers[0].due == s.now {
		s.setReady(heap.Pop(&s.sleepers).(*Task), true)
	}
	return true
}

// outlives reports whether the run is to end because its first task has ended long ago
// and others still have something to do from time to time.
func (s *Sim) outlives() bool {
	if !s.cfg.EndWithRoot || !s.rootEnded() || len(s.sleepers) == 0 {
		return false
	}
	s.late++
	return s.late > maxLate
}

// maxLate is how often the clock may go on after the first task has ended: a timer
// that nobody waits for any more must not hide that tasks are left blocked.
const maxLate = 100

// mayTick reports whether letting the clock go on is a choice now.
func (s *Sim) mayTick() bool {
	if len(s.sleepers) == 0 || s.live == 0 {
		return false
	}
	return s.cfg.AnyTime || s.ticks < maxTicks && s.sleepers[0].due-s.now <= int64(s.cfg.Slack)
}

// overdue reports whether, with Slack, tasks have gone on for so long that what is due
// next would have happened meanwhile: else a loop that waits for it would never end.
func (s *Sim) overdue() bool {
	steps := s.result.Steps
	if s.cfg.Slack == 0 || steps%fairEvery != 0 || len(s.sleepers) == 0 || steps == s.moved {
		return false
	}
	return s.sleepers[0].due-s.now <= int64(steps-s.moved)*int64(perOperation)
}

// perOperation is how long an operation takes, where that matters.
const perOperation = time.Microsecond

// maxTicks is how often in a row the clock may go on within the slack: a ticker must
// not use up the time of a task that could go on.
const maxTicks = 16

// startClock makes letting the clock go on a thing to choose.
func (s *Sim) startClock() {
	c := newTask(s)
	s.enrolRenewed(c, "clock", -1)
	s.tasks[c.id].Timer = true
	c.op, c.obj, c.loc = opAdvance, nil, -1
	s.clock = c
}

// tick lets the clock go on, by choice.
func (s *Sim) tick() {
	s.setReady(s.clock, false)
	s.clock.ops++
	s.ticks++
	if !s.pollContexts() {
		s.advanceClock()
		s.clock.Value(time.Duration(s.now).String())
	}
	s.leaveTurn(s.clock)
}

// sleepers is the heap of those who wait for a time, the next one first.
type sleepers []*Task

func (h sleepers) Len() int { return len(h) }

func (h sleepers) Less(i, j int) bool {
	return h[i].due < h[j].due || h[i].due == h[j].due && h[i].id < h[j].id
}

func (h sleepers) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

// Push is for package heap.
func (h *sleepers) Push(x any) {
	t := x.(*Task)
	t.place = len(*h)
	*h = append(*h, t)
}

// Pop is for package heap.
func (h *sleepers) Pop() any {
	last := len(*h) - 1
	t := (*h)[last]
	t.place = -1
	*h = (*h)[:last]
	return t
}

// sleep makes t ready when its time has come.
func (s *Sim) sleep(t *Task, d time.Duration) {
	t.due = s.now + min(max(int64(d), 0), math.MaxInt64-s.now)
	heap.Push(&s.sleepers, t)
	if (s.cfg.AnyTime || s.cfg.Slack > 0) && s.clock == nil {
		s.startClock()
	}
}
