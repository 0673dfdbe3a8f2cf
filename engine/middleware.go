package engine

import (
	"context"
	"errors"
	"fmt"
)

// Middleware wraps the functions of the nodes of a pipeline: it returns a function
// that does something before and after it calls next, or does not call it. The
// function of a step, Do of a map, Key of a switch and In of a sub appear as a
// StepFunc; [Info] tells which. Control values come out of next as errors, and
// are to be passed on. The context that next is called with must be the given one
// or derived from it.
type Middleware[S any] func(next StepFunc[S]) StepFunc[S]

// Use adds middleware. The first one is outermost. Each is applied once to each
// node, when the pipeline is validated; to those of inner pipelines it is not.
func (p *Pipeline[S]) Use(mw ...Middleware[S]) {
	p.change("Use")
	for _, m := range mw {
		if m == nil {
			p.bad = append(p.bad, finding{"nil", "a middleware is nil"})
			continue
		}
		p.middleware = append(p.middleware, m)
	}
}

var errForeignContext = errors.New("engine: a middleware has called its next function with a context that is not derived from its own")

// wrap applies the middleware to n, and returns what is wrong with that.
func (n *Node[S]) wrap() []finding {
	n.wrapped = nil
	if len(n.p.middleware) == 0 {
		return nil
	}
	fn := StepFunc[S](func(ctx context.Context, s *S) error {
		if a, ok := ctx.Value(stepKey{}).(*attempt[S]); ok && a.body != nil {
			return a.body(ctx, s)
		}
		return errForeignContext
	})
	for i := len(n.p.middleware) - 1; i >= 0; i-- {
		outer, what := apply(n.p.middleware[i], fn)
		if what != "" {
			return []finding{{"nil", fmt.Sprintf("middleware %d %s", i+1, what)}}
		}
		fn = outer
	}
	n.wrapped = fn
	return nil
}

// apply calls a middleware and says what is wrong with its result.
func apply[S any](m Middleware[S], next StepFunc[S]) (fn StepFunc[S], what string) {
	defer func() {
		if v := recover(); v != nil {
			what = fmt.Sprintf("panics while wrapping: %v", v)
		}
	}()
	if fn = m(next); fn == nil {
		what = "returns nil"
	}
	return fn, what
}

// call calls a function of the user for the attempt, through the middleware.
func (inv *invocation[S]) call(ctx context.Context, fn StepFunc[S]) error {
	if inv.node.wrapped == nil {
		return fn(ctx, inv.r.state)
	}
	inv.attempt.body = fn
	return inv.node.wrapped(ctx, inv.r.state)
}
