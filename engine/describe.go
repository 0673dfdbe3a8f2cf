package engine

import (
	"cmp"
	"fmt"

	"github.com/ravelgo/ravel/engine/plan"
)

// Describe returns p as data: its graph and its options, with a hash that
// identifies them. It says nothing about the code of the nodes. It may be called
// at any time, also at once with runs.
func (p *Pipeline[S]) Describe() plan.Plan {
	d := plan.Plan{Name: p.name, Policy: p.opts.Policy.String(), MultiRoot: p.opts.MultiRoot, MaxRetries: cmp.Or(p.opts.MaxRetries, maxRetries),
		MaxJumps: cmp.Or(p.opts.MaxJumps, maxJumps), HookTimeout: cmp.Or(p.opts.HookTimeout, hookTimeout),
		OnStart: len(p.onStart), OnFinish: len(p.onFinish), Middleware: len(p.middleware), Handler: p.handler != nil,
		Nodes: []plan.Node{}, Roots: []string{}}
	for _, n := range p.nodes {
		d.Nodes = append(d.Nodes, n.describe())
	}
	roots, _ := p.findRoots()
	for _, n := range roots {
		d.Roots = append(d.Roots, n.name)
	}
	d.Hash = d.Sum()
	return d
}

func (n *Node[S]) describe() plan.Node {
	d := plan.Node{Name: n.name, Kind: string(n.kind), Timeout: n.opts.Timeout, BarrierTimeout: n.opts.BarrierTimeout,
		Retry: n.opts.Retry.describe(), Handler: n.handler != nil, Jumps: named(n.jumps), Gathers: n.gathers}
	if len(n.prev) > 1 {
		d.Join = n.opts.Join.String()
	}
	if r, ok := n.work.(router); ok {
		d.Cases, d.Default = r.routes()
	} else {
		d.To = named(n.next)
	}
	if n.each != nil {
		d.MaxConcurrency, d.MaxItems, d.MapTimeout = n.each.MaxConcurrency, n.each.MaxItems, n.each.MapTimeout
	}
	if n.inner != nil && recursion(n.p, nil) == "" {
		inner := n.inner.Describe()
		d.Inner = &inner
	}
	return d
}

// router is the work of a switch, whatever its keys.
type router interface {
	routes() (cases []plan.Case, other string)
}

func (w *switchWork[S, K]) routes() (cases []plan.Case, other string) {
	for _, c := range w.body.Cases {
		if c.To != nil {
			cases = append(cases, plan.Case{Key: fmt.Sprint(c.Key), To: c.To.name})
		}
	}
	if w.body.Default != nil {
		other = w.body.Default.name
	}
	return cases, other
}

// named lists where edges lead.
func named[S any](edges []edge[S]) []string {
	var names []string
	for _, e := range edges {
		names = append(names, e.to.name)
	}
	return names
}

func (p RetryPolicy) describe() *plan.Retry {
	d := plan.Retry{MaxAttempts: p.MaxAttempts, BaseDelay: p.BaseDelay, MaxDelay: p.MaxDelay, Multiplier: p.Multiplier, Jitter: p.Jitter}
	if d == (plan.Retry{}) {
		return nil
	}
	return &d
}
