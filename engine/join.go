package engine

import (
	"fmt"
	"strings"
	"time"

	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/sched"
)

// joinRun is what the ledger knows of the tokens at a join, from the first one
// until no predecessor can come any more.
type joinRun struct {
	came    []token // by place in Node.prev; of several the first, but ok counts
	parents int     // predecessors of which something came
	oks     int     // ok tokens
	skipped int
	failed  int
	arrived []int // invocations that succeeded, in order of arrival
	first   time.Time
	edge    sched.Edge   // from them
	waits   bool         // BARRIER_WAIT was published
	started bool         // what comes now is absorbed
	timer   *sched.Timer // of the time limit
	expired bool         // it has passed, and the handlers are called
	told    uint64       // Seq of the event that says so
	overdue bool         // and nothing went on from that: if the run is resumed it waits or starts anew
}

// take adds a token.
func (j *joinRun) take(slot int, t token, by int) {
	if j.came[slot] == noToken {
		j.parents++
	}
	if j.came[slot] == noToken || t == tokenOK {
		j.came[slot] = t
	}
	switch {
	case j.started:
	case t == tokenOK:
		j.oks++
		if len(j.arrived) == 0 {
			j.first = sched.Now()
			j.arrived = make([]int, 0, len(j.came))
		}
		j.arrived = append(j.arrived, by)
		j.edge.Release()
	case t == tokenSkipped:
		j.skipped++
	case t == tokenFailed:
		j.failed++
	}
}

// settleWaiting looks at the joins with tokens, in order of declaration: a Goto
// may have made it impossible that another one comes. If nothing else can happen,
// the first of those that wait for each other starts.
func (w *wave[S]) settleWaiting() {
	for w.settleNext(false) || w.r.live == 0 && w.settleNext(true) {
		w.settleAll()
	}
}

// settleNext settles the first join that need not wait, and reports whether there
// was one.
func (w *wave[S]) settleNext(forced bool) bool {
	if w.r.status != "" { // a join was unmet
		return false
	}
	for _, n := range w.r.p.nodes {
		if w.settle(n, forced) {
			return true
		}
	}
	return false
}

// settle starts n or leaves it out if it has tokens and need not wait for more,
// or must not. It reports whether that was so.
func (w *wave[S]) settle(n *Node[S], forced bool) bool {
	nr := &w.r.nodes[n.index]
	j := nr.join
	if j == nil || j.expired {
		return false
	}
	if n.opts.Join.kind == joinAtLeast && !j.started && j.oks >= n.opts.Join.n {
		w.release(n, j)
		return true
	}
	if !forced && j.parents < len(n.prev) && (!w.r.p.jumping || w.r.canCome(n)) {
		if j.oks > 0 && !j.waits && !j.started {
			w.wait(n, j)
		}
		return false
	}
	nr.join = nil
	w.conclude(n, j)
	return true
}

// conclude decides about n now that nothing more comes.
func (w *wave[S]) conclude(n *Node[S], j *joinRun) {
	need := n.opts.Join
	switch {
	case j.started:
	case j.failed > 0:
		w.leaveJoin(n, j, tokenFailed)
	case need.kind == joinAtLeast && j.oks+j.skipped > 0 && j.oks+j.skipped < need.n:
		w.unmet(n, j)
	case j.skipped > 0:
		w.leaveJoin(n, j, tokenSkipped)
	case j.oks > 0:
		w.release(n, j)
	default:
		w.leave(n, tokenDead)
	}
}

// wait notes that n begins to wait.
func (w *wave[S]) wait(n *Node[S], j *joinRun) {
	j.waits = true
	w.r.publishBarrier(event.BarrierWait, n, w.by)
	w.r.arm(n, j)
}

// release starts n with what has come.
func (w *wave[S]) release(n *Node[S], j *joinRun) {
	j.disarm()
	by := w.by
	w.by = j.arrived[len(j.arrived)-1] // which need not have ended just now
	defer func() { w.by = by }()
	if j.waits {
		w.r.publishBarrierOf(event.BarrierRelease, n, j, w.by)
	}
	j.started = true
	nm := &w.r.nodes[n.index].metrics
	nm.Waited = max(nm.Waited, sched.Since(j.first))
	w.start(n, &j.edge)
}

// leaveJoin leaves out n, which has tokens.
func (w *wave[S]) leaveJoin(n *Node[S], j *joinRun, t token) {
	j.disarm()
	w.r.nodes[n.index].last = j
	w.leave(n, t)
}

// unmet fails n, of which too few predecessors have succeeded.
func (w *wave[S]) unmet(n *Node[S], j *joinRun) {
	r := w.r
	_, missing := n.arrivals(j)
	err := fmt.Errorf("%w: %d of %d, want %d; missing: %s", ErrUnmet, j.oks, len(n.prev), n.opts.Join.n, strings.Join(missing, ", "))
	r.blame(r.joinFailure(n, err))
	if r.observed {
		inv := &invocation[S]{r: r, node: n, parent: w.by, index: -1}
		r.publish(event.JoinUnmet, inv, event.Unmet{Arrived: j.arrived, Missing: missing, Needed: n.opts.Join.n})
	}
	w.leaveJoin(n, j, tokenFailed)
	r.nodes[n.index].left = LeftUnmet
}

func (r *run[S]) joinFailure(n *Node[S], err error) *StepError {
	f := &StepError{Kind: KindJoin, Path: r.prefix + n.name, Index: -1, Err: err}
	r.classify(f)
	return f
}

// canCome reports whether a token that join n lacks can still come: something
// that runs, or another join that waits, leads to that predecessor over edges of
// any kind without passing n.
func (r *run[S]) canCome(n *Node[S]) bool {
	j := r.nodes[n.index].join
	seen := make([]bool, len(r.nodes))
	var stack []*Node[S]
	for i, m := range r.p.nodes {
		nr := &r.nodes[i]
		waits := nr.join != nil && !nr.join.started
		if nr.live > 0 && (m != n || !j.started) || waits && m != n {
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
	for slot, m := range n.prev {
		if j.came[slot] == noToken && seen[m.index] {
			return true
		}
	}
	return false
}

// publishBarrier publishes that a join begins to wait.
func (r *run[S]) publishBarrier(typ event.Type, n *Node[S], by int) {
	r.publishBarrierOf(typ, n, r.nodes[n.index].join, by)
}

func (r *run[S]) publishBarrierOf(typ event.Type, n *Node[S], j *joinRun, by int) {
	if !r.observed {
		return
	}
	b := event.Barrier{Arrived: j.arrived[:len(j.arrived):len(j.arrived)], Waited: sched.Since(j.first)}
	for slot, m := range n.prev {
		if j.came[slot] == noToken {
			b.Awaited = append(b.Awaited, m.name)
		}
	}
	r.publish(typ, &invocation[S]{r: r, node: n, parent: by, index: -1}, b)
}
