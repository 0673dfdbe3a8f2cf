package engine

import (
	"context"
	"fmt"
	"runtime"

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

	mu      sched.LeafMutex // guards the fields below
	checked bool
	err     error
}

// Options are the options of a pipeline. The zero value is the default.
type Options struct {
	// MultiRoot says that several nodes without predecessor are meant. Without
	// it they are taken for a forgotten edge.
	MultiRoot bool
}

// NodeOptions are the options of a node. There are none yet: time limits,
// retries and other joins will be fields of it.
type NodeOptions struct{}

// StepFunc is the code of a step. It is called with the context of the run,
// which is cancelled when the run fails, and the state of the run.
type StepFunc[S any] func(ctx context.Context, s *S) error

// Node is a node of a pipeline: the handle by which nodes are connected.
type Node[S any] struct {
	p     *Pipeline[S]
	name  string
	index int // in Pipeline.nodes
	next  []*Node[S]
	prev  []*Node[S]
	site  string // where it was added

	step StepFunc[S]
	each mapper[S] // nil for a step
	bad  []finding // mistakes in its definition
}

// New returns an empty pipeline. Mistakes in its definition are found by
// [Pipeline.Validate].
func New[S any](name string, opts Options) *Pipeline[S] {
	return &Pipeline[S]{name: name, opts: opts}
}

// Step adds a node that calls fn.
func (p *Pipeline[S]) Step(name string, fn StepFunc[S], opts NodeOptions) *Node[S] {
	n := p.add(name)
	n.step = fn
	if fn == nil {
		n.mistake("nil", "its function is nil")
	}
	return n
}

func (p *Pipeline[S]) add(name string) *Node[S] {
	p.change("node " + fmt.Sprintf("%q", name) + " added")
	n := &Node[S]{p: p, name: name, index: len(p.nodes)}
	if _, file, line, ok := runtime.Caller(2); ok {
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

// To adds edges from n to the given nodes, in this order, and returns n.
func (n *Node[S]) To(next ...*Node[S]) *Node[S] {
	n.p.change("To")
	for _, m := range next {
		switch {
		case m == nil:
			n.mistake("nil", "To has a nil node")
		case m.p != n.p:
			n.mistake("foreign", fmt.Sprintf("To has node %q of pipeline %q", m.name, m.p.name))
		default:
			n.next = append(n.next, m)
			m.prev = append(m.prev, n)
		}
	}
	return n
}

func (n *Node[S]) mistake(code, what string) { n.bad = append(n.bad, finding{code, what}) }
