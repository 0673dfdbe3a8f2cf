package sched

import (
	"container/heap"
	"time"
)

// Timer is a [time.Timer]. In a simulation its time is virtual, Stop and Reset
// are scheduling points, and when it is due, firing is one more thing that can
// happen next: timers and tasks that are due at one instant come in any order.
// A timer made outside a simulation does not fire inside, and the other way
// round.
type Timer struct {
	// C is the channel on which the time is delivered; the nil channel if the
	// timer was made by AfterFunc. As in Go since 1.23 its Len and Cap are 0.
	C Chan[time.Time]

	std *time.Timer
	sim *simTimer
}

// NewTimer returns a timer that sends the time to its channel after d.
func NewTimer(d time.Duration) *Timer {
	if t := Current(); t != nil {
		s := newSimTimer(t, nil)
		s.arm(d)
		return &Timer{C: s.channel(), sim: s}
	}
	std := time.NewTimer(d)
	return &Timer{C: received(std.C), std: std}
}

// AfterFunc returns a timer that calls f in a task of its own after d.
func AfterFunc(d time.Duration, f func()) *Timer {
	if t := Current(); t != nil {
		s := newSimTimer(t, func(p *Task) { p.spawn("", f, f) })
		s.arm(d)
		return &Timer{sim: s}
	}
	return &Timer{std: time.AfterFunc(d, f)}
}

// After returns the channel of a new Timer.
func After(d time.Duration) Chan[time.Time] { return NewTimer(d).C }

// Std returns the channel on which a timer made in a simulation delivers the time,
// as package time has it; it is a channel of that simulation. It is nil for one
// made by AfterFunc or outside.
func (tm *Timer) Std() <-chan time.Time { return tm.sim.std() }

// Stop stops the timer and reports whether it was going to fire or has sent a
// time that nobody has received. After Stop nothing is received from C. It is a
// scheduling point, except under a [LeafMutex].
func (tm *Timer) Stop() bool {
	if t, s := tm.simulated("Stop"); s != nil {
		return s.stop(t, opStop)
	}
	return tm.std != nil && tm.std.Stop()
}

// Reset makes the timer fire after d from now, once, whatever it was going to
// do. It returns what Stop would.
func (tm *Timer) Reset(d time.Duration) bool {
	if t, s := tm.simulated("Reset"); s != nil {
		active := s.stop(t, opReset)
		s.arm(d)
		return active
	}
	return tm.std != nil && tm.std.Reset(d)
}

// simulated returns the calling task and the timer, if both are of one run.
func (tm *Timer) simulated(method string) (*Task, *simTimer) {
	if tm.std == nil && tm.sim == nil {
		panic("sched: " + method + " called on uninitialized Timer")
	}
	return tm.sim.current()
}

// Ticker is a [time.Ticker]. A tick that finds the one before not received is
// dropped.
type Ticker struct {
	// C is the channel on which the ticks are delivered.
	C Chan[time.Time]

	std *time.Ticker
	sim *simTimer
}

// NewTicker returns a ticker that sends the time to its channel every d. It
// panics if d is not positive.
func NewTicker(d time.Duration) *Ticker {
	positive(d, "NewTicker")
	if t := Current(); t != nil {
		s := newSimTimer(t, nil)
		s.period = d
		s.arm(d)
		return &Ticker{C: s.channel(), sim: s}
	}
	std := time.NewTicker(d)
	return &Ticker{C: received(std.C), std: std}
}

// Tick returns the channel of a new Ticker, or the nil channel if d is not
// positive.
func Tick(d time.Duration) Chan[time.Time] {
	if d <= 0 {
		return Chan[time.Time]{}
	}
	return NewTicker(d).C
}

// Std is [Timer.Std] of a ticker.
func (tk *Ticker) Std() <-chan time.Time { return tk.sim.std() }

// Stop stops the ticker. It does not close C.
func (tk *Ticker) Stop() {
	if t, s := tk.sim.current(); s != nil {
		s.stop(t, opStop)
	} else if tk.std != nil {
		tk.std.Stop()
	}
}

// Reset makes the ticker tick every d, for the first time after d from now. It
// panics if d is not positive.
func (tk *Ticker) Reset(d time.Duration) {
	positive(d, "Ticker.Reset")
	if t, s := tk.sim.current(); s != nil {
		s.stop(t, opReset)
		s.period = d
		s.arm(d)
	} else if tk.std != nil {
		tk.std.Reset(d)
	}
}

func positive(d time.Duration, what string) {
	if d <= 0 {
		panic("sched: non-positive interval for " + what)
	}
}

// received returns a channel of package time as a Chan. Nobody sends to it but
// the runtime.
func received(c <-chan time.Time) Chan[time.Time] {
	return Chan[time.Time]{&channel[time.Time]{std: sendable(c)}}
}

// simTimer is a timer in a simulation. When it is due it is chosen as a task
// is, and fires in place of an operation.
type simTimer struct {
	task   *Task // that is chosen: it has an identity and no goroutine
	run    uint64
	obj    Object
	do     func(p *Task) // what it does, or nil: it sends to c
	period time.Duration // of a ticker
	c      *channel[time.Time]
	armed  bool
	late   bool // a tick was dropped, as the one before was not received
}

func newSimTimer(t *Task, do func(p *Task)) *simTimer {
	s := t.sim
	p := &Task{sim: s, seat: -1, place: -1}
	tm := &simTimer{task: p, run: s.run, do: do}
	p.timer = tm
	s.enrol(p, TaskInfo{Name: "timer", Index: -1, Parent: int(t.id), Nth: int(t.kids), Timer: true}, childKey(t.key, int(t.kids)))
	t.kids++
	p.op, p.obj, p.loc = opFire, tm.obj.in(t, kindTimer), -1
	s.led(p.id)
	if s.rec != nil {
		p.look()
	}
	s.emit(Event{Kind: EventStart, Task: t.id, Peer: p.id, Object: -1})
	return tm
}

// channel returns the channel that tm sends to.
func (tm *simTimer) channel() Chan[time.Time] {
	tm.c = &channel[time.Time]{std: make(chan time.Time, 1), tick: tm}
	tm.task.sim.twins.set(reference(tm.c.std), tm.c)
	tm.task.obj = tm.c.in(tm.task)
	return Chan[time.Time]{tm.c}
}

func (tm *simTimer) std() <-chan time.Time {
	if tm == nil || tm.c == nil {
		return nil
	}
	return tm.c.std
}

// current returns the calling task and tm, if both are of one run.
func (tm *simTimer) current() (*Task, *simTimer) {
	if t := Current(); t != nil && tm != nil && tm.run == t.sim.run {
		return t, tm
	}
	return nil, nil
}

// arm makes tm fire after d.
func (tm *simTimer) arm(d time.Duration) {
	tm.armed, tm.late = true, false
	tm.obj.in(tm.task, kindTimer).touch(true)
	tm.task.ops++
	tm.task.sim.sleep(tm.task, d)
}

// stop is the operation of t that stops tm, and reports whether it was active.
// Under a [LeafMutex] it is no scheduling point.
func (tm *simTimer) stop(t *Task, op Op) bool {
	o := tm.obj.in(t, kindTimer)
	if t.leaf == 0 {
		t.point(op, o, -1)
	}
	t.effect(EventRelease, o, 0, false)
	active := tm.armed
	tm.disarm()
	if tm.c != nil && len(tm.c.std) > 0 {
		<-tm.c.std
		c := tm.c.in(t)
		c.m++
		c.wake()
		active = true
	}
	return active
}

// disarm makes tm fire no more.
func (tm *simTimer) disarm() {
	s, p := tm.task.sim, tm.task
	tm.obj.in(p, kindTimer).touch(true)
	if p.seat >= 0 {
		s.undo(p)
	}
	if tm.armed && p.place >= 0 {
		heap.Remove(&s.sleepers, p.place)
	}
	s.setReady(p, false)
	tm.armed, tm.late = false, false
}

// fire does what tm is for.
func (tm *simTimer) fire() {
	p := tm.task
	s := p.sim
	s.setReady(p, false)
	tm.armed = false
	p.effect(EventAcquire, tm.obj.in(p, kindTimer), 0, false)
	switch {
	case tm.do != nil:
		tm.do(p)
	case len(tm.c.std) == 0:
		tm.c.put(p, tm.c.in(p), s.time())
	default:
		tm.late = true
	}
	s.leaveTurn(p)
	if tm.period > 0 && !tm.late {
		tm.arm(tm.period)
	}
}

// taken notes that a value was received. A ticker that has dropped ticks goes
// on with the next one that is due: until then it waits for nothing, so that
// nobody listening is not mistaken for something going on.
func (tm *simTimer) taken() {
	if tm.late {
		s := tm.task.sim
		tm.arm(tm.period - time.Duration(s.now-tm.task.due)%tm.period)
	}
}
