package sched

import (
	"cmp"
	"math"
	"sync"
	"sync/atomic"
	"unsafe"
)

// A value of the standard library that code uses in a simulation has a twin: the
// object of this package that does in the simulation what is done to the value. It
// is found by the address of the value, and belongs to one run. Package sched/std
// is made of that.

// twins are the twins of one run.
type twins struct {
	all    map[unsafe.Pointer]any
	recent [64]recentTwin // those found last, by a hash of the address
	enders []RunEnder
	chans  []polled // in order of first use
}

type recentTwin struct {
	address unsafe.Pointer
	twin    any
}

// A RunEnder is a twin that is told when its run is over and all tasks have been
// unwound.
type RunEnder interface {
	// EndRun is called once, on the goroutine that called [Sim.Run].
	EndRun()
}

// polled is a channel on which something may be done from outside.
type polled interface {
	// poll lets the tasks go on that wait for what was done from outside.
	poll(t *Task)
	// look does the same for what t, by its operation, has led to.
	look(t *Task)
}

// Twin returns what stands in this run for the value at the address, or nil if
// nothing does yet.
func (t *Task) Twin(address unsafe.Pointer) any {
	tw := &t.sim.twins
	r := &tw.recent[uintptr(address)>>4%uintptr(len(tw.recent))]
	if r.address == address {
		return r.twin
	}
	twin := tw.all[address]
	if twin != nil {
		*r = recentTwin{address, twin}
	}
	return twin
}

// SetTwin makes twin stand for the value at the address until the run is over. The
// memory there is not used for anything else before. A twin that is a [RunEnder] is
// told of the end.
func (t *Task) SetTwin(address unsafe.Pointer, twin any) {
	t.Unmodified()
	t.sim.twins.set(address, twin)
}

func (tw *twins) set(address unsafe.Pointer, twin any) {
	if tw.all == nil {
		tw.all = map[unsafe.Pointer]any{}
	}
	tw.all[address] = twin
	tw.recent[uintptr(address)>>4%uintptr(len(tw.recent))] = recentTwin{address, twin}
	if e, ok := twin.(RunEnder); ok {
		tw.enders = append(tw.enders, e)
	}
}

// end forgets the twins.
func (tw *twins) end() {
	for _, e := range tw.enders {
		e.EndRun()
	}
	if len(tw.all) > 0 {
		clear(tw.all)
		clear(tw.recent[:])
		clear(tw.enders)
		clear(tw.chans)
		tw.enders, tw.chans = tw.enders[:0], tw.chans[:0]
	}
}

func (tw *twins) poll(t *Task) {
	for _, c := range tw.chans {
		c.poll(t)
	}
}

func (tw *twins) look(t *Task) {
	for _, c := range tw.chans {
		c.look(t)
	}
}

// ChanOf returns the Chan that stands for std in the run of t; the nil channel for
// the nil channel. Values in the buffer of std, and that it is closed, are seen by
// code on both sides; values are handed over without a buffer among tasks only.
func ChanOf[T any](t *Task, std chan T) Chan[T] {
	address := reference(std)
	if address == nil {
		return Chan[T]{}
	}
	if c, ok := t.Twin(address).(*channel[T]); ok {
		return Chan[T]{c}
	}
	c := &channel[T]{std: std}
	t.SetTwin(address, c)
	t.sim.twins.chans = append(t.sim.twins.chans, c)
	return Chan[T]{c}
}

// reference returns the address that identifies a channel.
func reference[T any](c chan T) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&c)) }

func (c *channel[T]) poll(t *Task) {
	if o := c.in(t); o.waitedFor() {
		o.wake()
	}
}

func (c *channel[T]) look(t *Task) {
	if o := c.in(t); o.waitedFor() && !c.shut && c.isShut() {
		c.shut = true
		t.effect(EventRelease, o, c.closeSlot(), false)
		o.wake()
	}
}

// waitedFor reports whether tasks wait at o.
func (o *object) waitedFor() bool {
	return len(o.waiters)+len(o.queues[0].tasks)+len(o.queues[1].tasks) > 0
}

// MapOf returns the Map that stands for std in the run of t.
func MapOf(t *Task, std *sync.Map) *Map {
	m, ok := t.Twin(unsafe.Pointer(std)).(*Map)
	if !ok {
		m = &Map{at: std}
		t.SetTwin(unsafe.Pointer(std), m)
	}
	return m
}

// runsUnderWay counts the runs of the process that are under way.
var runsUnderWay atomic.Int32

// Alone reports whether no other simulation of the process has a run under way.
func (t *Task) Alone() bool { return runsUnderWay.Load() == 1 }

// CompareUse compares two addresses by which one the run has first used as that of an
// object or of a value with a twin; those that it has not used come last, in the order
// of the addresses.
func (t *Task) CompareUse(p, q unsafe.Pointer) int {
	return cmp.Or(cmp.Compare(t.firstUse(p), t.firstUse(q)), cmp.Compare(uintptr(p), uintptr(q)))
}

// firstUse returns the number of the object at an address; the largest one if
// there is none.
func (t *Task) firstUse(address unsafe.Pointer) int32 {
	key := t.sim.addresses[address]
	if twin, ok := t.sim.twins.all[address].(interface{ object() *Object }); ok {
		key = twin.object()
	}
	if o := t.sim.bound[key]; o != nil {
		return o.id
	}
	return math.MaxInt32
}

func (m *Mutex) object() *Object      { return &m.obj }
func (rw *RWMutex) object() *Object   { return &rw.obj }
func (wg *WaitGroup) object() *Object { return &wg.obj }
func (c *channel[T]) object() *Object { return &c.obj }
