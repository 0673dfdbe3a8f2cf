package sched

import (
	"context"
	"slices"
	"sync"
	"time"
	"unsafe"
)

// The functions of this file take the place of those of package context that
// make a context which can be cancelled. Background, TODO, WithValue,
// WithoutCancel and Cause of package context go together with them.
//
// Outside a simulation the contexts are those of package context. Inside, their
// deadlines are on the virtual clock, cancelling is a scheduling point, and so is
// Err; the children of a context are cancelled in the order in which they were
// made. Waiting is done by [Done].

// WithCancel is [context.WithCancel].
func WithCancel(parent context.Context) (context.Context, context.CancelFunc) {
	if t := Current(); t != nil {
		c := newSimContext(t, parent)
		return c, func() { c.cancelOp(nil) }
	}
	return context.WithCancel(parent)
}

// WithCancelCause is [context.WithCancelCause].
func WithCancelCause(parent context.Context) (context.Context, context.CancelCauseFunc) {
	if t := Current(); t != nil {
		c := newSimContext(t, parent)
		return c, c.cancelOp
	}
	return context.WithCancelCause(parent)
}

// WithDeadline is [context.WithDeadline]. In a simulation d is a time that
// [Now] tells.
func WithDeadline(parent context.Context, d time.Time) (context.Context, context.CancelFunc) {
	return WithDeadlineCause(parent, d, nil)
}

// WithDeadlineCause is [context.WithDeadlineCause], with a deadline as in
// [WithDeadline].
func WithDeadlineCause(parent context.Context, d time.Time, cause error) (context.Context, context.CancelFunc) {
	t := Current()
	if t == nil {
		return context.WithDeadlineCause(parent, d, cause)
	}
	c := newSimContext(t, parent)
	if old, ok := parent.Deadline(); !ok || !old.Before(d) {
		c.expire(t, d, cause)
	}
	return c, func() { c.cancelOp(nil) }
}

// WithTimeout is [context.WithTimeout].
func WithTimeout(parent context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return WithDeadlineCause(parent, Now().Add(d), nil)
}

// WithTimeoutCause is [context.WithTimeoutCause].
func WithTimeoutCause(parent context.Context, d time.Duration, cause error) (context.Context, context.CancelFunc) {
	return WithDeadlineCause(parent, Now().Add(d), cause)
}

// AfterDone is [context.AfterFunc]: it calls f in a task of its own when ctx is
// done, unless stop is called before. stop reports whether it prevented that.
func AfterDone(ctx context.Context, f func()) (stop func() bool) {
	t := Current()
	if t == nil {
		return context.AfterFunc(ctx, f)
	}
	c := newSimContext(t, ctx)
	c.f = f
	if c.inner.Err() != nil {
		c.spawn(t)
	}
	return func() bool {
		t := c.before(opStop)
		pending := c.f != nil
		c.f = nil
		c.cancel(t, context.Canceled, nil)
		return pending
	}
}

// Done returns ctx.Done() as a channel for [Select] and [Chan.Recv]; the nil
// channel if ctx is never done. In a simulation a context that was not made by
// this package is seen to be done no later than when no task can go on.
func Done(ctx context.Context) Chan[struct{}] {
	done := ctx.Done()
	if done == nil {
		return Chan[struct{}]{}
	}
	t := Current()
	if t == nil {
		return Chan[struct{}]{&channel[struct{}]{std: sendable(done)}}
	}
	if c := ownContext(ctx); c != nil && c.run == t.sim.run {
		return Chan[struct{}]{&c.done}
	}
	for _, o := range t.sim.contexts.foreign {
		if o.std == sendable(done) {
			return Chan[struct{}]{o}
		}
	}
	o := &channel[struct{}]{std: sendable(done)}
	o.obj.in(t, kindContext)
	t.sim.contexts.foreign = append(t.sim.contexts.foreign, o)
	return Chan[struct{}]{o}
}

// sendable returns the channel of which c is one end.
func sendable[T any](c <-chan T) chan T { return *(*chan T)(unsafe.Pointer(&c)) }

// simContext is a context made in a simulation. Inside is a context of package
// context, so that those derived from it by other means are cancelled with it:
// a child of origin, through which the reason comes.
type simContext struct {
	inner    context.Context
	free     context.CancelFunc // of inner
	origin   origin
	run      uint64
	up       *simContext // the parent, if that is one of this run
	kids     []*simContext
	done     channel[struct{}]
	deadline time.Time
	timer    *simTimer
	f        func() // of AfterDone
	once     sync.Once
}

// contexts is what a simulation knows of contexts from elsewhere in one run.
type contexts struct {
	foreign []*channel[struct{}] // the channels of such contexts
	orphans []*simContext        // made here, with such a parent
	polling bool
}

type ownKey struct{}

// ownContext returns the simContext that ctx is, or that it is as done as.
func ownContext(ctx context.Context) *simContext {
	if c, ok := ctx.Value(ownKey{}).(*simContext); ok && c.Done() == ctx.Done() {
		return c
	}
	return nil
}

func newSimContext(t *Task, parent context.Context) *simContext {
	if parent == nil {
		panic("cannot create context from nil parent")
	}
	c := &simContext{run: t.sim.run}
	c.origin.Context = parent
	c.inner, c.free = context.WithCancel(&c.origin)
	c.done.std = sendable(c.inner.Done())
	c.done.obj.in(t, kindContext)
	t.sim.twins.set(reference(c.done.std), &c.done)
	if parent.Done() == nil {
		return c
	}
	if up := ownContext(parent); up != nil && up.run == c.run {
		up.done.in(t).touch(false)
		if up.inner.Err() != nil {
			c.cancel(t, up.inner.Err(), context.Cause(up.inner))
			return c
		}
		c.up = up
		up.kids = append(up.kids, c)
		return c
	}
	t.sim.contexts.orphans = append(t.sim.contexts.orphans, c)
	c.poll(t)
	return c
}

// Done returns a channel that is closed when c is done. To wait for it in a
// simulation takes [Done].
func (c *simContext) Done() <-chan struct{} { return c.inner.Done() }

// Err is a scheduling point, except under a [LeafMutex].
func (c *simContext) Err() error {
	t := Current()
	if t == nil || t.sim.run != c.run || t.sim.contexts.polling {
		return c.inner.Err()
	}
	o := c.done.in(t)
	if t.leaf == 0 {
		t.point(opLoad, o, -1)
	}
	o.touch(false)
	for a := c; a != nil; a = a.up {
		a.poll(t)
	}
	err := c.inner.Err()
	if err != nil && t.leaf == 0 {
		t.effect(EventAcquire, o, c.done.closeSlot(), false)
	}
	return err
}

func (c *simContext) Deadline() (time.Time, bool) {
	if c.deadline.IsZero() {
		return c.origin.Deadline()
	}
	return c.deadline, true
}

func (c *simContext) Value(key any) any {
	if key == (ownKey{}) {
		return c
	}
	return c.inner.Value(key)
}

// expire makes c end at d.
func (c *simContext) expire(t *Task, d time.Time, cause error) {
	c.deadline = d
	left := d.Sub(t.sim.time())
	if left <= 0 {
		c.cancel(t, context.DeadlineExceeded, cause)
		return
	}
	if c.inner.Err() == nil {
		c.timer = newSimTimer(t, func(p *Task) { c.cancel(p, context.DeadlineExceeded, cause) })
		c.timer.arm(left)
	}
}

// cancelOp is what the cancel function of c does.
func (c *simContext) cancelOp(cause error) { c.cancel(c.before(opCancel), context.Canceled, cause) }

// before is the scheduling point before something that ends c, if that is not
// done yet and no [LeafMutex] is held. It returns the calling task; nil after
// the run.
func (c *simContext) before(op Op) *Task {
	t := Current()
	if t == nil || t.sim.run != c.run {
		return nil
	}
	c.done.in(t).touch(false)
	if t.leaf == 0 && c.inner.Err() == nil {
		t.point(op, c.done.in(t), -1)
	}
	return t
}

// cancel ends c and its children; t is nil after the run.
func (c *simContext) cancel(t *Task, err, cause error) {
	first := false
	c.once.Do(func() {
		first = true
		c.origin.end(err, cause)
		c.free()
	})
	if !first || t == nil {
		return
	}
	if c.timer != nil {
		c.timer.disarm()
	}
	if c.up != nil {
		c.up.done.in(t).touch(true)
		c.up.kids = slices.DeleteFunc(c.up.kids, func(k *simContext) bool { return k == c })
	}
	o := c.done.in(t)
	t.effect(EventRelease, o, c.done.closeSlot(), false)
	o.wake()
	t.sim.contexts.look(t)
	c.spawn(t)
	for _, k := range slices.Clone(c.kids) {
		k.cancel(t, err, context.Cause(c.inner))
	}
}

// spawn starts the function of AfterDone.
func (c *simContext) spawn(t *Task) {
	if f := c.f; f != nil {
		c.f = nil
		t.spawn("", f, f)
	}
}

// poll cancels c if its parent, made elsewhere, is done.
func (c *simContext) poll(t *Task) {
	if c.up != nil || c.inner.Err() != nil || c.origin.Context.Done() == nil {
		return
	}
	s := t.sim
	s.contexts.polling = true
	defer func() { s.contexts.polling = false }()
	if err := c.origin.Context.Err(); err != nil {
		t.effect(EventFence, c.done.in(t), 0, false)
		c.cancel(t, err, context.Cause(c.origin.Context))
	}
}

// look wakes those who wait for contexts from elsewhere that t, cancelling, has
// ended too.
func (cs *contexts) look(t *Task) {
	for _, o := range cs.foreign {
		if !o.shut && o.isShut() {
			o.shut = true
			t.effect(EventRelease, o.in(t), o.closeSlot(), false)
			o.in(t).wake()
		}
	}
	t.sim.twins.look(t)
}

// pollContexts looks, when no task can go on, whether contexts from elsewhere
// are done, or something was done to a channel from elsewhere, and reports whether
// that has woken a task.
func (s *Sim) pollContexts() bool {
	if len(s.contexts.orphans)+len(s.contexts.foreign)+len(s.twins.chans) == 0 || s.live == 0 {
		return false
	}
	t, before := s.alive()[0], s.options()+len(s.fresh)
	for _, c := range s.contexts.orphans {
		c.poll(t)
	}
	for _, o := range s.contexts.foreign {
		if o.isShut() {
			o.in(t).wake()
		}
	}
	s.twins.poll(t)
	return s.options()+len(s.fresh) > before
}

// origin is between a simContext and its parent. It is done when it is told to
// be; the context inside learns that by the method AfterFunc, as package context
// provides for.
type origin struct {
	context.Context
	f     func()
	err   error
	cause context.Context // has the cause, if there is one
}

// never done: those who ask are to use AfterFunc.
var undone = make(chan struct{})

func (o *origin) Done() <-chan struct{} { return undone }

func (o *origin) Err() error { return o.err }

func (o *origin) Value(key any) any {
	if o.cause != nil {
		if v := o.cause.Value(key); v != nil {
			return v
		}
	}
	return o.Context.Value(key)
}

// AfterFunc makes f run when o is done. Package context calls it, once.
func (o *origin) AfterFunc(f func()) func() bool {
	o.f = f
	return func() bool { return true }
}

func (o *origin) end(err, cause error) {
	o.err = err
	if cause == nil {
		cause = err
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(cause)
	o.cause = ctx
	o.f()
}
