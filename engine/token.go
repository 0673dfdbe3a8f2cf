package engine

import (
	"slices"
	"time"

	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/sched"
)

// nodeRun is what the ledger knows of a node: the invocations that live, and the
// tokens that wait for the next one. A token is what a node that has ended puts
// on an edge.
type nodeRun struct {
	live    int        // invocations between start and end
	parents int        // predecessors whose tokens are there
	oks     int        // tokens of predecessors that did not skip
	skipped bool       // one skipped
	join    *joinRun   // nil without tokens or with a single predecessor
	ready   sched.Edge // from the predecessors
}

// joinRun is what else the ledger knows of a node with several predecessors.
type joinRun struct {
	came    []bool // by place in Node.prev
	waits   bool   // BARRIER_WAIT was published
	arrived []int  // invocations that did not skip, in order of arrival
	first   time.Time
}

// take adds a token, which came over an edge to a node with so many
// predecessors.
func (nr *nodeRun) take(slot, parents int, ok bool, by int) {
	if ok {
		nr.oks++
	} else {
		nr.skipped = true
	}
	if parents == 1 {
		nr.parents = 1
		return
	}
	if nr.join == nil {
		nr.join = &joinRun{came: make([]bool, parents)}
	}
	if j := nr.join; !j.came[slot] {
		j.came[slot] = true
		nr.parents++
	}
	if ok {
		nr.join.arrive(by)
	}
}

func (j *joinRun) arrive(by int) {
	if len(j.arrived) == 0 {
		j.first = sched.Now()
	}
	j.arrived = append(j.arrived, by)
}

// reset takes all tokens away.
func (nr *nodeRun) reset() { nr.parents, nr.oks, nr.skipped, nr.join = 0, 0, false, nil }

// wave carries the tokens of one end through the pipeline and starts what they
// start. The ledger is held.
type wave[S any] struct {
	r     *run[S]
	by    int           // the invocation that ended
	first invocation[S] // started, for the task that ended it
}

// spread puts the tokens of a node that has ended on its edges, given the control
// value that it returned.
func (w *wave[S]) spread(n *Node[S], c *control) {
	w.r.look = w.r.look[:0]
	if c != nil && c.kind == jump {
		i := slices.IndexFunc(n.jumps, func(e edge[S]) bool { return e.to.name == c.text })
		w.place(n.jumps[i], true)
	} else {
		for _, e := range n.next {
			w.place(e, c == nil)
		}
	}
	w.settleAll()
	if w.r.p.jumping {
		w.settleWaiting()
	}
}

func (w *wave[S]) place(e edge[S], ok bool) {
	nr := &w.r.nodes[e.to.index]
	if ok {
		nr.ready.Release()
	}
	nr.take(e.slot, len(e.to.prev), ok, w.by)
	w.r.look = append(w.r.look, e.to)
}

// settleAll looks at the nodes with new tokens, in the order in which they came.
func (w *wave[S]) settleAll() {
	for i := 0; i < len(w.r.look); i++ {
		w.settle(w.r.look[i], false)
	}
	w.r.look = w.r.look[:0]
}

// settleWaiting looks at the joins that wait, in order of declaration: a Goto
// may have made it impossible that another token comes. If nothing else can
// happen, the first of those that wait for each other starts.
func (w *wave[S]) settleWaiting() {
	for w.settleNext(false) || w.r.live == 0 && w.settleNext(true) {
		w.settleAll()
	}
}

// settleNext settles the first join that waits and need not, and reports
// whether there was one.
func (w *wave[S]) settleNext(forced bool) bool {
	for _, n := range w.r.p.nodes {
		if w.settle(n, forced) {
			return true
		}
	}
	return false
}

// settle starts or skips n if it has tokens and need not wait for more, or must
// not. It reports whether that was so.
func (w *wave[S]) settle(n *Node[S], forced bool) bool {
	nr := &w.r.nodes[n.index]
	switch {
	case nr.parents == 0: // or an earlier token has settled it
		return false
	case !forced && nr.parents < len(n.prev) && (!w.r.p.jumping || w.r.canCome(n)):
		if j := nr.join; nr.oks > 0 && !j.waits {
			j.waits = true
			w.r.publishBarrier(event.BarrierWait, n, w.by)
		}
		return false
	case nr.skipped:
		nr.reset()
		for _, e := range n.next {
			w.place(e, false)
		}
	default:
		w.start(n)
	}
	return true
}

func (w *wave[S]) start(n *Node[S]) {
	nr := &w.r.nodes[n.index]
	if nr.join != nil && nr.join.waits {
		w.r.publishBarrier(event.BarrierRelease, n, w.by)
	}
	nr.reset()
	inv := w.r.start(n, w.by)
	if w.first.id == 0 {
		w.first = inv
		return
	}
	r := w.r
	sched.Go(func() { r.serve(inv) })
}

// canCome reports whether a token that join n lacks can still come: something
// that runs, or another join that waits, leads to that predecessor over edges of
// any kind without passing n.
func (r *run[S]) canCome(n *Node[S]) bool {
	seen := make([]bool, len(r.nodes))
	var stack []*Node[S]
	for i, m := range r.p.nodes {
		if nr := &r.nodes[i]; nr.live > 0 || nr.parents > 0 && m != n {
			seen[i] = true
			stack = append(stack, m)
		}
	}
	for len(stack) > 0 {
		m := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, edges := range [][]edge[S]{m.next, m.jumps} {
			for _, e := range edges {
				if e.to != n && !seen[e.to.index] {
					seen[e.to.index] = true
					stack = append(stack, e.to)
				}
			}
		}
	}
	came := r.nodes[n.index].join.came
	for slot, m := range n.prev {
		if !came[slot] && seen[m.index] {
			return true
		}
	}
	return false
}

// publishBarrier publishes that a join begins or ceases to wait.
func (r *run[S]) publishBarrier(typ event.Type, n *Node[S], by int) {
	if !r.observed {
		return
	}
	j := r.nodes[n.index].join
	b := event.Barrier{Arrived: j.arrived[:len(j.arrived):len(j.arrived)], Waited: sched.Since(j.first)}
	for slot, m := range n.prev {
		if !j.came[slot] {
			b.Awaited = append(b.Awaited, m.name)
		}
	}
	r.publish(typ, invocation[S]{node: n, parent: by, index: -1}, b)
}
