package sched

import (
	"iter"
	"slices"
	"sync"
	"sync/atomic"
)

// This file is the driver: how a task is stopped and another one resumed.
// Nothing above it knows.
//
// Tasks are coroutines. A slot always holds exactly one parked goroutine;
// flipping it exchanges that goroutine with the calling one. The slots of a
// simulation belong to nobody in particular: n tasks and the host share n
// slots, so that every transfer from one task to another is one switch.
//
// The goroutine of a task outlives it and serves the next one. A task that
// ends in a panic or in runtime.Goexit is never allowed to end its goroutine,
// because Goexit would go on in whoever resumed it: the goroutine goes on
// serving inside its own deferred call, and is retired with the whole pool when
// such calls have piled up.

// maxNested is how many such calls a goroutine may carry before it is retired.
const maxNested = 64

// slot is one coroutine of the runtime, seen as a place to park in.
type slot struct {
	next  func() (struct{}, bool)
	yield func(struct{}) bool
	out   bool // the parked goroutine waits in next, not in yield
}

func (sl *slot) flip() {
	sl.out = !sl.out
	if sl.out {
		sl.next()
	} else {
		sl.yield(struct{}{})
	}
}

// transfer parks the goroutine of from and resumes that of to. It returns when
// somebody transfers back.
func transfer(from, to *Task) {
	sl := to.slot
	to.slot, from.slot = nil, sl
	sl.flip()
}

// hire makes the goroutine of p that will serve t.
func (p *pool) hire(t *Task) {
	sl := &slot{}
	sl.next, _ = iter.Pull(func(yield func(struct{}) bool) {
		sl.yield = yield
		t.g.Store(getg())
		t.goid.Store(goid())
		setProfLabel(t.profLabel())
		// Deferred, as a goroutine that ends hands its Goexit on to the next one.
		defer t.retire(p)
		t.serve()
	})
	t.slot = sl
}

// retire notes that the goroutine of t ends. Another one may get its identity. One
// that was abandoned waits until the others have ended: it would resume whoever is
// parked where it began, while they go on without it.
func (t *Task) retire(p *pool) {
	t.g.Store(nil)
	if t.abandoned.Load() {
		<-p.drained
	}
	t.retired.Store(true)
}

// serve runs one task after the other until the pool is closed.
func (t *Task) serve() {
	for !t.abandoned.Load() && !t.quit {
		t.once()
	}
}

// once runs the function of t and hands over to the task that is next.
func (t *Task) once() {
	how := endGoexit
	defer func() {
		if how == endReturn {
			return
		}
		value := recover()
		if how == endChoice && value == nil {
			return // the Goexit of another goroutine that ends
		}
		if t.sim.watch.pause(t.sim); t.abandoned.Load() {
			t.sim.publish()
			return // the simulation went on without this goroutine
		}
		if value != nil && how == endGoexit {
			how = endPanic
		}
		t.nested++
		transfer(t, t.sim.finishBadly(t, how, value))
		t.serve()
	}()
	t.begun = true
	t.fn()
	how = endChoice
	if t.sim.watch.pause(t.sim); t.abandoned.Load() {
		t.sim.publish()
		how = endReturn
		return
	}
	transfer(t, t.sim.finish(t, endReturn, nil))
	how = endReturn
}

// pool is the goroutines of a simulation.
type pool struct {
	all      []*Task
	idle     []*Task
	broken   bool // one of them was abandoned
	draining atomic.Pointer[drainage]
	drained  chan struct{} // closed when they have ended

	mu    sync.Mutex // guards every, for the watchdog
	every []*Task
}

func newPool() *pool { return &pool{drained: make(chan struct{})} }

// take returns a task whose goroutine waits for work.
func (p *pool) take(s *Sim) *Task {
	if n := len(p.idle); n > 0 {
		t := p.idle[n-1]
		p.idle = p.idle[:n-1]
		return t
	}
	t := newTask(s)
	p.hire(t)
	p.all = append(p.all, t)
	p.mu.Lock()
	p.every = append(p.every, t)
	p.mu.Unlock()
	return t
}

// worn reports whether the pool is to be replaced: a goroutine was abandoned
// or carries too many Goexits.
func (p *pool) worn() bool {
	if p.broken {
		return true
	}
	for _, t := range p.all {
		if t.nested >= maxNested {
			return true
		}
	}
	return false
}

// snapshot returns the tasks of the pool. Any goroutine may call it.
func (p *pool) snapshot() []*Task {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.every)
}

// close ends all goroutines of the pool, except abandoned ones, which end when
// they can. No task may be running. The pool must not be used afterwards.
func (p *pool) close() {
	for _, t := range p.all {
		if !t.abandoned.Load() {
			t.quit = true
		}
	}
	d := &drainage{tasks: p.all, done: make(chan struct{})}
	p.draining.Store(d)
	// A goroutine that ends resumes the one that is parked in its own slot,
	// with a Goexit if it ended in one. The caller must not be hit by that.
	go d.run()
	<-d.done
	close(p.drained)
}

// drainage is the ending of the goroutines of a pool.
type drainage struct {
	tasks  []*Task
	done   chan struct{}
	closed sync.Once
}

// run resumes one goroutine after the other so that it ends. Each resumes
// another one that ends, until the chain comes back to a goroutine in run.
func (d *drainage) run() {
	host := &Task{}
	finished := false
	defer func() {
		if !finished {
			d.run()
		}
	}()
	for _, t := range d.tasks {
		if !t.retired.Load() && !t.abandoned.Load() {
			transfer(host, t)
		}
	}
	finished = true
	d.closed.Do(func() { close(d.done) })
}
