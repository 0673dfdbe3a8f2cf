package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/sched"
)

// Load returns the state of the last checkpoint of a run of p: to look at it, or to
// change it before the run is resumed with it. The error wraps ErrUnknownRun,
// ErrPlanChanged if the run was begun by another definition, or one of the codec.
func (p *Pipeline[S]) Load(ctx context.Context, st store.Store, runID string) (*S, error) {
	saved, err := st.Load(ctx, runID)
	if err != nil {
		return nil, claimed(err)
	}
	if hash := p.Describe().Hash; saved.Run.PlanHash != hash {
		return nil, claimed(fmt.Errorf("%w: %q", ErrPlanChanged, runID))
	}
	return decode[S](p.codec(), saved.Checkpoint.State)
}

func (p *Pipeline[S]) codec() Codec {
	if p.opts.Codec != nil {
		return p.opts.Codec
	}
	return jsonCodec{}
}

// checkStore says what is wrong with the options of a run that has to do with its
// store.
func (p *Pipeline[S]) checkStore(opts RunOptions) []string {
	if opts.Store == nil {
		if opts.Resume != "" {
			return []string{p.said(nil, finding{"option", "RunOptions.Resume is set, but there is no Store to resume from"})}
		}
		return nil
	}
	var all []string
	if opts.Resume != "" && opts.ID != "" && opts.ID != opts.Resume {
		all = append(all, p.said(nil, finding{"option", "RunOptions.ID and Resume are two runs"}))
	}
	if opts.Resume != "" && opts.Start != "" {
		all = append(all, p.said(nil, finding{"option", "RunOptions.Start is set, but a resumed run goes on where it was"}))
	}
	return append(all, p.codecFindings()...)
}

// codecFindings say which states cannot be kept in a store.
func (p *Pipeline[S]) codecFindings() []string {
	var all []string
	if _, ok := any((*S)(nil)).(Snapshotter); !ok && p.opts.Codec == nil {
		if lost := lossy(reflect.TypeFor[S]()); len(lost) > 0 {
			all = append(all, p.said(nil, finding{"codec", fmt.Sprintf(`a store would lose fields of the state: %s; set Options.Codec, or the tag json:"-" on what may be lost`,
				strings.Join(lost, ", "))}))
		}
	}
	for _, n := range p.nodes {
		if n.inner != nil {
			all = append(all, n.inside(n.inner.codecFindings())...)
		}
	}
	return all
}

// claim gets the right to the run from its store: it makes the row, or loads what
// there is.
func (r *run[S]) claim(ctx context.Context) (err error) {
	st := r.opts.Store
	j := &journal{store: st, codec: r.p.codec(), saved: sched.LeafCond{L: &r.mu, Why: "the store"}}
	d := r.p.Describe()
	r.hash = d.Hash
	c := store.Claim{Resume: r.opts.Resume != "", Owner: fmt.Sprintf("%016x", sched.Rand().Uint64()), Now: sched.Now(), TTL: leaseTime}
	if c.Resume {
		r.id = r.opts.Resume
	}
	r.root = r.id
	c.Run = r.row(nil, r.began)
	if !c.Resume {
		if c.Checkpoint.State, err = r.encodeState(); err != nil {
			return fmt.Errorf("%w: %w", ErrStore, err)
		}
		c.Checkpoint.Ledger, _ = json.Marshal(ledger{Start: r.opts.Start})
		c.Checkpoint.Codec, c.Checkpoint.Written, c.Checkpoint.Cut = codecName(j.codec), r.began, "start"
		c.Plan, _ = json.Marshal(d)
	}
	if j.lease, err = st.Claim(ctx, c); err != nil {
		return claimed(err)
	}
	if c.Resume {
		err = r.load(ctx, j)
	}
	if err != nil {
		// The run stays as it was: nobody else has to wait for the lease.
		_ = st.Append(context.WithoutCancel(ctx), j.lease, store.Batch{Release: true})
		return err
	}
	r.delivery.journal, r.delivery.owner = j, r
	return nil
}

// load takes over what the store has of the run.
func (r *run[S]) load(ctx context.Context, j *journal) error {
	saved, err := j.store.Load(ctx, r.id)
	if err != nil {
		return claimed(err)
	}
	if r.state == nil {
		if r.state, err = decode[S](j.codec, saved.Checkpoint.State); err != nil {
			return err
		}
	}
	l := innerLedger{Run: r.id}
	if err := json.Unmarshal(saved.Checkpoint.Ledger, &l.Ledger); err != nil {
		return fmt.Errorf("%w: the ledger of run %q: %w", ErrStore, r.id, err)
	}
	r.begun, r.items = begunIn(saved.Tail), saved.Items
	l.count(r.begun)
	if err := r.restore(&l.Ledger); err != nil {
		return err
	}
	r.resumed = true
	r.seed = saved.Run.Seed
	r.delivery.seq, j.stored, j.number = saved.Run.LastSeq, saved.Run.LastSeq, saved.Checkpoint.Number
	return nil
}

// begun is what an earlier process has begun in a run since its last checkpoint.
type begun struct {
	known    int              // number of the last invocation that the checkpoint has
	last     int              // of the last one at all
	attempts map[int]int      // by invocation
	paths    map[string][]int // invocations by path, in order
}

// begunIn tells what has begun after a checkpoint, by run.
func begunIn(tail []store.Event) map[string]*begun {
	all := map[string]*begun{}
	for _, e := range tail {
		if e.Type != string(event.StepStart) {
			continue
		}
		b := all[e.RunID]
		if b == nil {
			b = &begun{attempts: map[int]int{}, paths: map[string][]int{}}
			all[e.RunID] = b
		}
		b.last = max(b.last, e.Invocation)
		if b.attempts[e.Invocation] == 0 {
			b.paths[e.Path] = append(b.paths[e.Path], e.Invocation)
		}
		b.attempts[e.Invocation] = max(b.attempts[e.Invocation], e.Attempt)
	}
	return all
}

// count adds the attempts and the numbers that were used since the checkpoint.
func (l *innerLedger) count(all map[string]*begun) {
	if l == nil {
		return
	}
	b := all[l.Run]
	if b == nil {
		b = &begun{}
	}
	b.known = l.Ledger.Last
	l.Ledger.Last = max(l.Ledger.Last, b.last)
	for i := range l.Ledger.Again {
		a := &l.Ledger.Again[i]
		a.Attempts = max(a.Attempts, b.attempts[a.Invocation])
		a.Inner.count(all)
		if a.Map == nil {
			continue
		}
		for i := range a.Map.Open {
			o := &a.Map.Open[i]
			o.Attempts = max(o.Attempts, b.attempts[o.Invocation])
			o.Inner.count(all)
		}
	}
}

// begunBefore gives inv the number and the attempts of the same invocation in an
// earlier process, so that what it does to the world outside has the same key. It
// reports whether there is one.
func (r *run[S]) begunBefore(inv *invocation[S]) bool {
	b := r.begun[r.id]
	if b == nil {
		return false
	}
	path := inv.path()
	for len(b.paths[path]) > 0 {
		id := b.paths[path][0]
		b.paths[path] = b.paths[path][1:]
		if id > b.known && id > inv.parent {
			inv.id, inv.tries, inv.resumed = id, b.attempts[id], true
			return true
		}
	}
	return false
}

// restore sets the ledger of r from a checkpoint.
func (r *run[S]) restore(l *ledger) error {
	r.opts.Start, r.rooted, r.last, r.jumps = l.Start, l.Begun, l.Last, l.Jumps
	r.metrics.counts, r.unplaced, r.undone = l.Counts, l.Ended, l.Again
	for _, entry := range l.Nodes {
		n := r.p.named(entry.Node)
		if n == nil {
			return claimed(fmt.Errorf("%w: node %q is gone", ErrPlanChanged, entry.Node))
		}
		nr := &r.nodes[n.index]
		nr.invoked, nr.left = entry.Invoked, entry.Left
		if entry.Left == LeftFailed || entry.Left == LeftUnmet {
			nr.left = "" // what failed runs again
		}
		if j := entry.Join; j != nil {
			nr.join = j.restore()
		}
	}
	return nil
}

// restore makes what is known of the tokens at a join. Those of failures will come
// again.
func (l *joinLedger) restore() *joinRun {
	j := &joinRun{came: slices.Clone(l.Came), oks: l.OK, arrived: l.Arrived, waits: l.Waits, started: l.Started && !l.Expired, first: sched.Now()}
	oks := 0
	for slot, t := range j.came {
		switch t {
		case tokenFailed:
			j.came[slot] = noToken
			continue
		case noToken:
			continue
		case tokenSkipped:
			j.skipped++
		case tokenOK:
			oks++
		}
		j.parents++
	}
	if l.Expired { // it starts anew, and has not counted what came after its time
		j.oks = max(j.oks, oks)
	}
	return j
}

// goOn starts what a resumed run was about to do. The ledger is held.
func (r *run[S]) goOn(w *wave[S]) {
	ended, again := slices.Clone(r.unplaced), r.undone
	r.undone = nil
	for _, a := range again {
		r.startAgain(w, a)
	}
	for _, e := range ended {
		held := r.heldAgain(e)
		r.pending++
		r.live++
		r.nodes[held.inv.node.index].live++
		r.behind = append(r.behind, held)
	}
	r.placeAll(w, false)
	w.settleAll()
	w.settleWaiting()
	r.rearm()
}

// heldAgain is an end that an earlier process has kept.
func (r *run[S]) heldAgain(e endLedger) heldEnd[S] {
	held := heldEnd[S]{inv: &invocation[S]{r: r, node: r.p.named(e.Node), id: e.Invocation, index: -1}, out: outcome{route: e.Route}}
	switch {
	case e.Failed:
		held.came = concludedFailed
	case e.Skipped:
		held.came = concludedSkipped
	}
	if e.Goto != "" {
		held.out.control = &control{kind: jump, text: e.Goto}
		held.out.err = held.out.control
	}
	return held
}

// startAgain starts an invocation that an earlier process has begun.
func (r *run[S]) startAgain(w *wave[S], a againLedger) {
	n := r.p.named(a.Node)
	inv := &invocation[S]{r: r, node: n, id: a.Invocation, parent: a.Parent, owner: a.Invocation, index: -1, around: r.ctx,
		resumed: true, absorbed: a.Absorbed, inside: &inside{progress: a.Map, restored: a.Inner}, tries: a.Attempts}
	inv.after = &inv.own
	inv.own.Release()
	r.nodes[n.index].live++
	r.enlist(inv)
	r.publish(event.StepStart, inv, nil)
	w.serve(inv)
}
