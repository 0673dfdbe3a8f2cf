package sched

import (
	"context"
	"fmt"
)

// Group runs functions that may fail and waits for them, as that of
// golang.org/x/sync/errgroup. Its scheduling points are those of what it is made
// of: a WaitGroup, a channel for the limit, a Once for the first error. The zero
// value has no limit and cancels nothing. A Group is for one set of functions;
// the first call of Go must come before Wait.
type Group struct {
	wg     WaitGroup
	slots  Chan[struct{}]
	once   Once
	err    error
	cancel context.CancelCauseFunc
}

// NewGroup returns a Group, and a context that is cancelled as soon as a
// function returns an error or Wait returns.
func NewGroup(ctx context.Context) (*Group, context.Context) {
	ctx, cancel := WithCancelCause(ctx)
	return &Group{cancel: cancel}, ctx
}

// SetLimit makes at most n functions run at once; none if n is zero, any number
// if it is negative. It panics if functions are running.
func (g *Group) SetLimit(n int) {
	if g.slots.c != nil {
		if running := g.slots.Len(); running > 0 {
			panic(fmt.Sprintf("sched: Group.SetLimit while %d functions run", running))
		}
	}
	if n < 0 {
		g.slots = Chan[struct{}]{}
		return
	}
	g.slots = NewChan[struct{}](n)
}

// Go runs f in a task of its own, and waits before if as many run as may. A
// panic in f is not caught.
func (g *Group) Go(f func() error) {
	if g.slots.c != nil {
		g.slots.Send(struct{}{})
	}
	g.start(f)
}

// TryGo is [Group.Go], but starts nothing if as many run as may. It reports
// whether it has started f.
func (g *Group) TryGo(f func() error) bool {
	if g.slots.c != nil && TrySelect(g.slots.Sending(struct{}{})) < 0 {
		return false
	}
	g.start(f)
	return true
}

func (g *Group) start(f func() error) {
	g.wg.Add(1)
	Go(func() {
		defer g.done()
		if err := f(); err != nil {
			g.once.Do(func() { g.fail(err) })
		}
	})
}

func (g *Group) done() {
	if g.slots.c != nil {
		g.slots.Recv()
	}
	g.wg.Done()
}

func (g *Group) fail(err error) {
	g.err = err
	if g.cancel != nil {
		g.cancel(err)
	}
}

// Wait waits until all functions have returned, and returns the first error.
func (g *Group) Wait() error {
	g.wg.Wait()
	if g.cancel != nil {
		g.cancel(g.err)
	}
	return g.err
}
