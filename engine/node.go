package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/engine/internal/suggest"
)

// Node is a node of a pipeline: the handle by which nodes are connected.
type Node[S any] struct {
	p     *Pipeline[S]
	name  string
	kind  event.Kind
	index int // in Pipeline.nodes
	opts  NodeOptions
	next  []edge[S]  // of To, or the routes of a switch
	jumps []edge[S]  // of MayGoto
	prev  []*Node[S] // from which an edge leads here, each once
	after int        // how many edges of To, or routes, lead here
	site  site       // where it was added

	work    work[S]
	each    *MapOptions // of a map
	gathers bool        // it collects results
	inner   nested      // the pipeline inside; nil without
	wrapped StepFunc[S] // what the middleware made of the attempt's function; nil without
	handler Handler[S]
	bad     []finding // mistakes in its definition
}

// work is what an attempt of a node does.
type work[S any] interface {
	run(ctx context.Context, r *run[S], inv *invocation[S]) outcome
	// stubbed returns the work that calls fn in place of the user's function,
	// or nil and the type that fn must have.
	stubbed(fn any) (stub work[S], want string)
}

// stepWork is the work of a step.
type stepWork[S any] StepFunc[S]

func (w stepWork[S]) run(ctx context.Context, r *run[S], inv *invocation[S]) outcome {
	return protectStage(fromStep, func() error { return inv.call(ctx, StepFunc[S](w)) })
}

func (w stepWork[S]) stubbed(fn any) (work[S], string) { return stubStep[S](fn) }

// edge leads to a node, where it is the predecessor in place slot.
type edge[S any] struct {
	to   *Node[S]
	slot int
}

// Name returns the name of the node.
func (n *Node[S]) Name() string { return n.name }

// To adds edges from n to the given nodes, in this order, and returns n. They
// follow when n has ended well. A switch has its cases instead.
func (n *Node[S]) To(next ...*Node[S]) *Node[S] {
	n.p.change("To")
	if n.kind == event.Switch {
		n.mistake("edge", "a switch has no To; its cases say what follows")
		return n
	}
	n.lead("To", next...)
	return n
}

// lead adds static edges.
func (n *Node[S]) lead(call string, next ...*Node[S]) {
	for _, m := range next {
		if n.mayLead(call, m) {
			n.next = append(n.next, n.edgeTo(m, n.jumps))
			m.after++
		}
	}
}

// MayGoto declares the nodes that n may start with [Goto], and returns n. Unlike
// the edges of To these may form loops. For the joins they are edges as others:
// a node with several predecessors waits for all that can still come.
func (n *Node[S]) MayGoto(targets ...*Node[S]) *Node[S] {
	n.p.change("MayGoto")
	for _, m := range targets {
		if n.mayLead("MayGoto", m) {
			n.jumps = append(n.jumps, n.edgeTo(m, n.next))
			n.p.jumping = true
		}
	}
	return n
}

// OnError sets the handler of n, and returns n. It is called when an attempt has
// failed for good, or an item of a map has, and what it returns replaces the
// failure: nil is a success, a control value means what it does for n, [Retry]
// makes another attempt as far as RetryPolicy and Options.MaxRetries allow, and
// an error goes on to the handler of the pipeline, if there is one. It is not
// called for what ends because the run is cancelled. A join that has waited for
// longer than NodeOptions.BarrierTimeout fails without having started: nil then
// goes on behind it, and Retry starts it with what has arrived.
func (n *Node[S]) OnError(h Handler[S]) *Node[S] {
	n.p.change("OnError")
	if h == nil {
		n.mistake("nil", "its handler is nil")
	}
	if n.handler != nil {
		n.mistake("duplicate", "OnError was called before")
	}
	n.handler = h
	return n
}

// mayLead reports whether an edge from n to m makes sense.
func (n *Node[S]) mayLead(call string, m *Node[S]) bool {
	switch {
	case m == nil:
		n.mistake("nil", call+" has a nil node")
	case m.p != n.p:
		n.mistake("foreign", fmt.Sprintf("%s has node %q of pipeline %q", call, m.name, m.p.name))
	default:
		return true
	}
	return false
}

// edgeTo returns an edge to m, which shares the slot of one among others.
func (n *Node[S]) edgeTo(m *Node[S], others []edge[S]) edge[S] {
	for _, e := range others {
		if e.to == m {
			return e
		}
	}
	m.prev = append(m.prev, n)
	return edge[S]{m, len(m.prev) - 1}
}

// mayGoto reports whether a Goto of n may name the given node.
func (n *Node[S]) mayGoto(name string) bool {
	return slices.ContainsFunc(n.jumps, func(e edge[S]) bool { return e.to.name == name })
}

// badTarget says what is wrong with a Goto of n.
func (n *Node[S]) badTarget(name string) error {
	if n.p.named(name) != nil {
		return fmt.Errorf("%w: step %q returned Goto(%q), which it has not declared with MayGoto", ErrUndeclared, n.name, name)
	}
	return fmt.Errorf("%w: step %q returned Goto(%q); %s", ErrUnknownNode, n.name, name, suggest.Closest(name, n.p.names()))
}

// named returns the node with a name, or nil.
func (p *Pipeline[S]) named(name string) *Node[S] {
	for _, n := range p.nodes {
		if n.name == name {
			return n
		}
	}
	return nil
}

func (p *Pipeline[S]) names() []string {
	var names []string
	for _, n := range p.nodes {
		names = append(names, n.name)
	}
	return names
}

func (n *Node[S]) mistake(code, what string) { n.bad = append(n.bad, finding{code, what}) }

// join reports whether n waits for several predecessors together.
func (n *Node[S]) joins() bool { return len(n.prev) > 1 && n.opts.Join.kind != joinPerArrival }

// inEngine reports whether a function is of this package.
func inEngine(function string) bool {
	const path = "github.com/ravelgo/ravel/engine."
	return strings.HasPrefix(function, path)
}
