package engine

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	"github.com/ravelgo/ravel/sched"
)

// Pipeline is a blueprint of steps on a state of type S. It is defined by one
// goroutine; the first Validate or Run that finds no mistake freezes it, after
// which any number of runs may use it at once and changing it panics.
type Pipeline[S any] struct {
	name  string
	opts  Options
	nodes []*Node[S]
	roots []*Node[S]

	jumping bool // a node has declared a Goto

	mu      sched.LeafMutex // guards the fields below
	checked bool
	err     error
}

// Options are the options of a pipeline. The zero value is the default.
type Options struct {
	// MultiRoot says that several nodes without predecessor are meant. Without
	// it they are taken for a forgotten edge.
	MultiRoot bool
	// MaxRetries is how often one step or item may return Retry or RetryAfter;
	// once more is ErrRetries. Zero means 100.
	MaxRetries int
	// MaxJumps is how many Gotos a run may follow; one more is ErrJumps. Zero
	// means 10,000.
	MaxJumps int
}

// NodeOptions are the options of a node. There are none yet: time limits,
// policies of retrying and other joins will be fields of it.
type NodeOptions struct{}

// StepFunc is the code of a step. It is called with a context that is cancelled
// when the run fails, and the state of the run. It returns nil, a control value
// such as [Skip] or [Goto], or an error, which fails the run. Data go through
// the state or [Emit].
type StepFunc[S any] func(ctx context.Context, s *S) error

// Node is a node of a pipeline: the handle by which nodes are connected.
type Node[S any] struct {
	p     *Pipeline[S]
	name  string
	index int        // in Pipeline.nodes
	next  []edge[S]  // of To
	jumps []edge[S]  // of MayGoto
	prev  []*Node[S] // from which an edge leads here, each once
	after int        // how many edges of To lead here
	site  string     // where it was added

	step StepFunc[S]
	each mapper[S] // nil for a step
	bad  []finding // mistakes in its definition
}

// edge leads to a node, where it is the predecessor in place slot.
type edge[S any] struct {
	to   *Node[S]
	slot int
}

// maxJumps is how many Gotos a run may follow if Options do not say.
const maxJumps = 10_000

// New returns an empty pipeline. Mistakes in its definition are found by
// [Pipeline.Validate].
func New[S any](name string, opts Options) *Pipeline[S] {
	return &Pipeline[S]{name: name, opts: opts}
}

// Step adds a node that calls fn.
func (p *Pipeline[S]) Step(name string, fn StepFunc[S], opts NodeOptions) *Node[S] {
	n := p.add(name, 2)
	n.step = fn
	if fn == nil {
		n.mistake("nil", "its function is nil")
	}
	return n
}

// add adds a node, for a user who is so many calls above.
func (p *Pipeline[S]) add(name string, above int) *Node[S] {
	p.change("node " + fmt.Sprintf("%q", name) + " added")
	n := &Node[S]{p: p, name: name, index: len(p.nodes)}
	if _, file, line, ok := runtime.Caller(above); ok {
		n.site = fmt.Sprintf("%s:%d", file, line)
	}
	p.nodes = append(p.nodes, n)
	return n
}

// change panics if p must not change any more.
func (p *Pipeline[S]) change(what string) {
	p.mu.Lock()
	frozen := p.checked && p.err == nil
	p.checked = frozen
	p.mu.Unlock()
	if frozen {
		panic(fmt.Sprintf("engine: pipeline %q: %s after the first run", p.name, what))
	}
}

// Name returns the name of the node.
func (n *Node[S]) Name() string { return n.name }

// To adds edges from n to the given nodes, in this order, and returns n. They
// follow when n has ended well.
func (n *Node[S]) To(next ...*Node[S]) *Node[S] {
	n.p.change("To")
	for _, m := range next {
		if n.mayLead("To", m) {
			n.next = append(n.next, n.edgeTo(m, n.jumps))
			m.after++
		}
	}
	return n
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
	var names []string
	for _, m := range n.p.nodes {
		if m.name == name {
			return fmt.Errorf("%w: step %q returned Goto(%q), which it has not declared with MayGoto", ErrUndeclared, n.name, name)
		}
		names = append(names, m.name)
	}
	return fmt.Errorf("%w: step %q returned Goto(%q); %s", ErrUnknownNode, n.name, name, suggest(name, names))
}

func (n *Node[S]) mistake(code, what string) { n.bad = append(n.bad, finding{code, what}) }
