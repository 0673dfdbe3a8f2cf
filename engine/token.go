package engine

import (
	"slices"

	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/sched"
)

// token is what a node that has ended puts on its edges.
type token uint8

const (
	noToken      token = iota
	tokenOK            // it succeeded
	tokenSkipped       // it was skipped
	tokenFailed        // it failed, or was behind a failure
	tokenDead          // nothing will come over the edge: only where no Goto can change that
)

// left is why a node is not started that passes such a token on.
func (t token) left() Left {
	switch t {
	case tokenSkipped:
		return LeftSkipped
	case tokenFailed:
		return LeftFailed
	}
	return NotTaken
}

// nodeRun is what the ledger knows of a node.
type nodeRun struct {
	live    int               // invocations between start and end
	invoked int               // invocations so far
	join    *joinRun          // of a join with tokens, else nil
	last    *joinRun          // of one that was left out
	left    Left              // why it has not started
	metrics event.NodeMetrics // but for its name
	work    any               // work[S]
}

// arrival is a token that was placed and not looked at yet.
type arrival[S any] struct {
	n *Node[S]
	t token
}

// wave carries the tokens of one end through the pipeline and starts what they
// start. The ledger is held.
type wave[S any] struct {
	r     *run[S]
	by    int            // the invocation that ended
	first *invocation[S] // started, for the task that ended it
	apart bool           // that task has ended: all get tasks of their own
}

// spread puts the tokens of a node that has ended on its edges.
func (w *wave[S]) spread(n *Node[S], out *outcome, came conclusion) {
	w.r.look = w.r.look[:0]
	switch {
	case out.asks(jump):
		i := slices.IndexFunc(n.jumps, func(e edge[S]) bool { return e.to.name == out.control.text })
		w.place(n.jumps[i], tokenOK)
	case n.kind == event.Switch && came == concludedOK && out.route == 0: // a handler has dealt with it
		w.pass(n, tokenSkipped)
	case n.kind == event.Switch && came == concludedOK:
		for i, e := range n.next {
			if i+1 == out.route {
				w.place(e, tokenOK)
			} else {
				w.dead(e)
			}
		}
	default:
		w.pass(n, w.r.passes(came, n))
	}
	w.settleAll()
	if w.r.p.jumping {
		w.settleWaiting()
	}
}

// passes is the token that a node with the given end passes on.
func (r *run[S]) passes(came conclusion, n *Node[S]) token {
	switch {
	case came == concludedSkipped:
		return tokenSkipped
	case came == concludedFailed && r.p.opts.Policy != ContinueOnError:
		return tokenFailed
	case came == concludedFailed && n.kind == event.Switch:
		return tokenDead
	}
	return tokenOK
}

// pass puts one token on all static edges of n.
func (w *wave[S]) pass(n *Node[S], t token) {
	for _, e := range n.next {
		if t == tokenDead {
			w.dead(e)
		} else {
			w.place(e, t)
		}
	}
}

// dead notes that nothing comes over e. Where there are jumps the joins find that
// out by themselves.
func (w *wave[S]) dead(e edge[S]) {
	if !w.r.p.jumping {
		w.place(e, tokenDead)
	}
}

func (w *wave[S]) place(e edge[S], t token) {
	if e.to.joins() {
		nr := &w.r.nodes[e.to.index]
		if nr.join == nil {
			nr.join = &joinRun{came: make([]token, len(e.to.prev))}
		}
		nr.join.take(e.slot, t, w.by)
	}
	w.r.look = append(w.r.look, arrival[S]{e.to, t})
}

// settleAll looks at the tokens that were placed, in the order in which they came.
func (w *wave[S]) settleAll() {
	for i := 0; i < len(w.r.look) && w.r.status == ""; i++ {
		a := w.r.look[i]
		switch {
		case a.n.joins():
			w.settle(a.n, false)
		case a.t == tokenOK:
			w.start(a.n, nil)
		default:
			w.leave(a.n, a.t)
		}
	}
	w.r.look = w.r.look[:0]
}

// leave leaves out n and passes a token on.
func (w *wave[S]) leave(n *Node[S], t token) {
	w.r.nodes[n.index].left = t.left()
	w.pass(n, t)
}

// start starts n, after what was released into the given edge, or if that is nil
// after what the caller has done.
func (w *wave[S]) start(n *Node[S], after *sched.Edge) {
	inv := w.r.invoke(n, w.by)
	if inv.after = after; after == nil {
		inv.after = &inv.own
		inv.own.Release()
	}
	w.r.publishStart(inv)
	w.serve(inv)
}

// serve finds a task for an invocation that was started.
func (w *wave[S]) serve(inv *invocation[S]) {
	if w.first == nil && !w.apart {
		w.first = inv
		return
	}
	r := w.r
	sched.Go(func() { r.serve(inv) })
}

// exclude makes known which predecessors a run that starts at n never comes to.
func (w *wave[S]) exclude(n *Node[S]) {
	reached := w.r.p.reach(n, false)
	reached[n.index] = true
	for i, m := range w.r.p.nodes {
		if reached[i] {
			continue
		}
		for _, e := range m.next {
			if reached[e.to.index] && e.to != n {
				w.dead(e)
			}
		}
	}
}
