package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/ravelgo/ravel/sched"
)

// Gather is what a map does that keeps results.
type Gather[S, T, R any] struct {
	// Items are the items.
	Items Items[S, T]
	// Do is called for each item as that of [Each], and returns its result. It
	// may read the state, but nothing that Collect writes: the calls of Do are
	// not ordered before or after those of Collect for other items.
	Do func(ctx context.Context, s *S, item T) (R, error)
	// Collect is called with the results of the items that succeeded, in the
	// order of their indexes and one at a time, as soon as all items before have
	// ended. It may write the state without a lock. An error fails the map,
	// [Stop] stops the run and is the last call; other control values are
	// ErrControl. After the context of the run is done it is not called.
	Collect func(ctx context.Context, s *S, index int, result R) error
}

// MapGather adds a node that calls body.Do for each item and body.Collect for
// each result, in the order of the items. It ends when all calls have returned.
//
// With MaxConcurrency k no item starts while 4·k items have ended whose turn to
// be collected has not come, so that memory does not grow with their number.
func MapGather[S, T, R any](p *Pipeline[S], name string, body Gather[S, T, R], opts MapOptions) *Node[S] {
	n := addMap(p, name, mapWork[S, T]{items: body.Items, opts: opts, do: body.doing(body.Do), collector: name + ".Collect", decode: body.decode,
		stub: func(fn any) (doItem[S, T], string) {
			do, ok := fn.(func(ctx context.Context, s *S, item T) (R, error))
			if !ok || do == nil {
				return nil, fmt.Sprintf("%T", body.Do)
			}
			return body.doing(do), ""
		}})
	if body.Do == nil {
		n.mistake("nil", "its Do is nil")
	}
	if body.Collect == nil {
		n.mistake("nil", "its Collect is nil")
	}
	return n
}

// doing is the work on an item by do.
func (g Gather[S, T, R]) doing(do func(ctx context.Context, s *S, item T) (R, error)) doItem[S, T] {
	return func(ctx context.Context, inv *invocation[S], item T) (collect[S], outcome) {
		var result R
		out := protectStage(fromItem, func() error {
			return inv.call(ctx, func(ctx context.Context, s *S) (err error) {
				result, err = do(ctx, s, item)
				return err
			})
		})
		if inv.r.delivery.journal != nil {
			inv.value = &result
		}
		return func(ctx context.Context, s *S, index int) error { return g.Collect(ctx, s, index, result) }, out
	}
}

// decode returns what is to be called with a result that a store has kept.
func (g Gather[S, T, R]) decode(c Codec, raw []byte) (collect[S], error) {
	result, err := decode[R](c, raw)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, s *S, index int) error { return g.Collect(ctx, s, index, *result) }, nil
}

// waitingResults times MaxConcurrency is how many results may wait.
const waitingResults = 4

// collect calls Collect for one result.
type collect[S any] func(ctx context.Context, s *S, index int) error

// result is what is known of an item whose turn to be collected has not come.
type result[S any] struct {
	index int
	ended bool
	call  collect[S] // nil if it has no result
	edge  sched.Edge // from Do to Collect
}

// keep keeps the result until its turn has come. The caller is the item.
func (c *result[S]) keep(call collect[S]) {
	c.call = call
	c.edge.Release()
}

// gathering keeps the results of a map in order. The ledger guards it.
type gathering[S any] struct {
	slots      queue[*result[S]] // of the items from the first not collected on
	free       []*result[S]
	collecting bool       // a worker calls Collect
	turn       sched.Edge // from Collect to the next one
}

// add makes room for the result of the next item.
func (g *gathering[S]) add(index int) *result[S] {
	c := &result[S]{}
	if n := len(g.free); n > 0 {
		c, g.free = g.free[n-1], g.free[:n-1]
	}
	c.index, c.ended, c.call = index, false, nil
	g.slots.push(c)
	return c
}

// waits reports whether there is a result that was not collected.
func (g *gathering[S]) waits() bool {
	return slices.ContainsFunc(g.slots.all[g.slots.head:], func(c *result[S]) bool { return c.call != nil })
}

// next takes the first result, if its item has ended and nobody collects, for
// the caller to collect.
func (g *gathering[S]) next() *result[S] {
	for !g.collecting && g.slots.len() > 0 && g.slots.first().ended {
		c := g.slots.pop()
		if c.call != nil {
			g.collecting = true
			return c
		}
		g.free = append(g.free, c)
	}
	return nil
}

// gatherOn goes on after the Collect of c, and reports whether there is another
// item for w.
func (m *mapRun[S, T]) gatherOn(w *worker[S, T], c *result[S], out outcome) (more bool) {
	for {
		next, more := m.collected(w, c, out)
		if next == nil {
			return more
		}
		c, out = next, m.collect(next)
	}
}

// collect calls Collect for a result.
func (m *mapRun[S, T]) collect(c *result[S]) outcome {
	sched.Renew(m.collector, c.index, &c.edge, &m.gather.turn)
	return protectStage(fromCollect, func() error { return c.call(m.ctx, m.r.state, c.index) })
}

// collected is the transition at the end of Collect. It finds w something else to
// do.
func (m *mapRun[S, T]) collected(w *worker[S, T], c *result[S], out outcome) (next *result[S], more bool) {
	m.gather.turn.Release()
	m.ended.Release()
	m.r.mu.Lock()
	defer m.r.mu.Unlock()
	m.gather.collecting = false
	if m.progress != nil && !out.failed() {
		m.progress.add(c.index)
	}
	m.gather.free = append(m.gather.free, c)
	switch {
	case out.control != nil:
		m.stopped, m.inv.stops = true, true
		m.r.obey(out.control)
	case out.err != nil:
		m.fail(out.err)
	}
	m.freed()
	m.r.rest(m.inv)
	return m.next(w)
}
