package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/engine/plan"
	"github.com/ravelgo/ravel/sched"
)

// Bind is what a sub does: it calls a pipeline on a state of its own.
type Bind[S, I any] struct {
	// Inner is the pipeline. It may be that of other subs too.
	Inner *Pipeline[I]
	// In makes the state of the inner run. Its errors and control values mean
	// what those of a step do.
	In func(ctx context.Context, s *S) (*I, error)
	// Out, which may be nil, takes what the inner run has made, when it has
	// succeeded or was stopped. Its errors and control values mean what those of
	// a step do.
	Out func(ctx context.Context, s *S, inner *I) error
}

// Sub adds a node that runs another pipeline. The inner run has numbers, policy,
// hooks, middleware and limits of its own; context, observers, stubs and the
// stream of events are those of the outer one. A failure inside, or a limit that
// has passed, is a failure of the node, which wraps the *RunError; Stop inside
// ends the inner run, Suspend both. Each attempt of the node is a new inner run.
func Sub[S, I any](p *Pipeline[S], name string, body Bind[S, I], opts NodeOptions) *Node[S] {
	n := p.add(event.Sub, name, opts)
	n.work = &subWork[S, I]{body}
	n.innerOf(body.Inner == nil, body.Inner)
	if body.In == nil {
		n.mistake("nil", "its In is nil")
	}
	return n
}

// innerOf notes the pipeline inside n.
func (n *Node[S]) innerOf(missing bool, inner nested) {
	if missing {
		n.mistake("nil", "its Inner is nil")
		return
	}
	n.inner = inner
}

// subWork is the work of a sub.
type subWork[S, I any] struct{ body Bind[S, I] }

func (w *subWork[S, I]) run(ctx context.Context, r *run[S], inv *invocation[S]) outcome {
	state, out := runInside(ctx, inv, w.body.Inner, w.body.In)
	if out.err != nil || w.body.Out == nil {
		return out
	}
	return protectStage(fromStep, func() error { return w.body.Out(ctx, r.state, state) })
}

func (w *subWork[S, I]) stubbed(fn any) (work[S], string) { return stubStep[S](fn) }

// before is the run inside inv that an earlier process has begun; nil for none.
func (inv *invocation[S]) before() *innerLedger {
	if inv.inside == nil {
		return nil
	}
	return inv.restored
}

// runInside makes a state by in and runs a pipeline on it inside an attempt of inv, or
// goes on with what an earlier process has kept of that.
func runInside[S, I any](ctx context.Context, inv *invocation[S], inner *Pipeline[I], in func(context.Context, *S) (*I, error)) (state *I, out outcome) {
	if before := inv.before(); before != nil {
		state, out.err = decode[I](inner.codec(), before.State)
	} else {
		out = protectStage(inv.place(), func() error {
			return inv.call(ctx, func(ctx context.Context, s *S) (err error) {
				state, err = in(ctx, s)
				return err
			})
		})
	}
	if out.err == nil {
		out = runInner(ctx, inv, inner, state)
	}
	return state, out
}

// runInner runs a pipeline inside an attempt of inv.
func runInner[S, I any](ctx context.Context, inv *invocation[S], inner *Pipeline[I], state *I) outcome {
	outer := inv.r
	sched.Describe(state)
	opts := RunOptions{Grace: outer.opts.Grace}
	if before := inv.before(); before != nil {
		opts.ID = before.Run
	}
	r := inner.newRun(ctx, state, opts, outer.tree)
	r.outer, r.prefix, r.caller = outer, inv.path()+"/", caller{outer.id, inv.path(), inv.id}
	r.pass = func(by int) { outer.weigh(inv, by) }
	if r.delivery.journal != nil {
		r.hash = inner.Describe().Hash
	}
	if err := enterInner(inv, r); err != nil {
		return outcome{err: err}
	}
	if !outer.await(inv, true) {
		return outcome{err: ErrAbandoned}
	}
	r.open()
	res, err := r.wait()
	outer.await(inv, false)
	switch {
	case err == nil:
		return outcome{}
	case res.Status == Suspended:
		c := &control{kind: suspend, text: res.Reason}
		return outcome{err: c, control: c}
	}
	return outcome{err: err, derived: true}
}

// enterInner notes that r begins inside inv, or goes on as a store has kept it.
func enterInner[S, I any](inv *invocation[S], r *run[I]) error {
	j := r.delivery.journal
	if j == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	j.rows = append(j.rows, r.row(nil, r.began))
	if before := inv.restored; before != nil {
		if err := r.restore(&before.Ledger); err != nil {
			return err
		}
		r.seed, r.resumed, r.kept = before.Seed, true, before
	}
	inv.inner, inv.restored = r, nil
	return nil
}

// await notes that inv waits for an inner run, or does not any more. It reports
// whether inv goes on: it may have been abandoned.
func (r *run[S]) await(inv *invocation[S], within bool) bool {
	if !r.keeps {
		return true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	inv.within = within
	return inv.alive
}

// EachSub is what a map does that runs a pipeline for each item.
type EachSub[S, T, I any] struct {
	// Items are the items.
	Items Items[S, T]
	// Inner is the pipeline.
	Inner *Pipeline[I]
	// In makes the state of the inner run for an item. Its errors and control
	// values mean what those of [Each].Do do.
	In func(ctx context.Context, s *S, item T) (*I, error)
	// Out, which may be nil, takes what the inner runs have made, as Collect of
	// [Gather] takes results.
	Out func(ctx context.Context, s *S, index int, inner *I) error
}

// MapSub adds a map that runs a pipeline for each item; see [Sub] and, if there is
// an Out, [MapGather]. MaxConcurrency counts inner runs, whatever these do at once.
func MapSub[S, T, I any](p *Pipeline[S], name string, body EachSub[S, T, I], opts MapOptions) *Node[S] {
	w := mapWork[S, T]{items: body.Items, opts: opts, do: body.do, stub: func(fn any) (doItem[S, T], string) {
		do, ok := fn.(func(ctx context.Context, s *S, item T) error)
		if !ok || do == nil {
			return nil, fmt.Sprintf("%T", do)
		}
		return each[S](do), ""
	}}
	if body.Out != nil {
		w.collector = name + ".Out"
	}
	n := addMap(p, name, w)
	n.innerOf(body.Inner == nil, body.Inner)
	if body.In == nil {
		n.mistake("nil", "its In is nil")
	}
	return n
}

// do runs the inner pipeline for an item.
func (b EachSub[S, T, I]) do(ctx context.Context, inv *invocation[S], item T) (collect[S], outcome) {
	state, out := runInside(ctx, inv, b.Inner, func(ctx context.Context, s *S) (*I, error) { return b.In(ctx, s, item) })
	if b.Out == nil {
		return nil, out
	}
	return func(ctx context.Context, s *S, index int) error { return b.Out(ctx, s, index, state) }, out
}

// nested is the pipeline inside a node, whatever its state.
type nested interface {
	// innerFindings are its mistakes, and freezes it if there are none.
	innerFindings() []string
	// codecFindings say which states cannot be kept in a store.
	codecFindings() []string
	// contained are the pipelines inside it.
	contained() []nested
	title() string
	Describe() plan.Plan
}

func (p *Pipeline[S]) title() string { return p.name }

func (p *Pipeline[S]) innerFindings() []string {
	var bad *DefinitionError
	if errors.As(p.Validate(), &bad) {
		return bad.Findings
	}
	return nil
}

func (p *Pipeline[S]) contained() []nested {
	var all []nested
	for _, n := range p.nodes {
		if n.inner != nil {
			all = append(all, n.inner)
		}
	}
	return all
}
