package engine

import (
	"context"
	"fmt"
)

// Stubbed stands for the function of a node in one run. It is made by [Stub].
type Stubbed struct {
	owner nested // the pipeline of the node
	path  string // names the node in messages
	work  any    // work[S]; nil if the type was wrong
	want  string // the type that it should have
	got   string
	node  any // *Node[S]
}

// Stub returns what makes a run call fn in place of the function of n: for tests
// that leave out what a step does, as a call of a server. fn must have the type of
// that function: of a step or a sub a StepFunc, in place of the whole inner run; of
// a map that of Do, where each item has an inner run that of Each.Do; of a switch
// that of Key. The node may be one of an inner pipeline. Middleware, limits,
// retrying and handlers stay as they are, and the pipeline is not changed: runs
// with other stubs may go on at the same time. A wrong type is a
// [*DefinitionError] of the run.
func Stub[S, F any](n *Node[S], fn F) Stubbed {
	if n == nil {
		return Stubbed{path: "nil"}
	}
	s := Stubbed{owner: n.p, node: n, path: fmt.Sprintf("pipeline %q: node %q", n.p.name, n.name), got: fmt.Sprintf("%T", fn)}
	if w, want := n.work.stubbed(fn); w != nil {
		s.work = w
	} else {
		s.want = want
	}
	return s
}

// stubStep is the work of a step or a sub that fn stands for.
func stubStep[S any](fn any) (work[S], string) {
	switch fn := fn.(type) {
	case StepFunc[S]:
		if fn != nil {
			return stepWork[S](fn), ""
		}
	case func(ctx context.Context, s *S) error:
		if fn != nil {
			return stepWork[S](fn), ""
		}
	}
	return nil, fmt.Sprintf("%T", (func(ctx context.Context, s *S) error)(nil))
}

// mistake says what is wrong with a stub for a run of a pipeline of which the given
// ones are part.
func (s Stubbed) mistake(family map[nested]bool) string {
	switch {
	case s.owner == nil:
		return "a stub is for no node"
	case !family[s.owner]:
		return fmt.Sprintf("the stub is for %s, which is not part of the run", s.path)
	case s.work == nil:
		return fmt.Sprintf("the stub for %s has type %s, want %s, and not nil", s.path, s.got, s.want)
	}
	return ""
}

// stub puts the stubs in place that are for nodes of the pipeline of r.
func (r *run[S]) stub() {
	for _, s := range r.stubs {
		if n, ok := s.node.(*Node[S]); ok && n.p == r.p {
			r.nodes[n.index].work = s.work
		}
	}
}
