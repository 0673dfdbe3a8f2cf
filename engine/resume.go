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

// begunIn tells which attempts have begun after a checkpoint.
func begunIn(tail []store.Event) map[string]map[int]int {
	begun := map[string]map[int]int{}
	for _, e := range tail {
		if e.Type != string(event.StepStart) {
			continue
		}
		of := begun[e.RunID]
		if of == nil {
			of = map[int]int{}
			begun[e.RunID] = of
		}
		of[e.Invocation] = max(of[e.Invocation], e.Attempt)
	}
	return begun
}

// count adds the attempts that have begun since the checkpoint.
func (l *innerLedger) count(begun map[string]map[int]int) {
	mine := begun[l.Run]
	for i := range l.Ledger.Again {
		a := &l.Ledger.Again[i]
		a.Attempts = max(a.Attempts, mine[a.Invocation])
		a.Inner.countAll(begun)
		if a.Map == nil {
			continue
		}
		for i := range a.Map.Open {
			o := &a.Map.Open[i]
			o.Attempts = max(o.Attempts, mine[o.Invocation])
			o.Inner.countAll(begun)
		}
	}
}

// countAll is count for a run that may not go on before the next checkpoint: the
// numbers that it has used since are used.
func (l *innerLedger) countAll(begun map[string]map[int]int) {
	if l == nil {
		return
	}
	l.count(begun)
	for id := range begun[l.Run] {
		l.Ledger.Last = max(l.Ledger.Last, id)
	}
}

// begunBefore is the last attempt of an invocation that an earlier process has begun
// since its last checkpoint, or 0.
func (r *run[S]) begunBefore(id int) int { return r.begun[r.id][id] }

// restore sets the ledger of r from a checkpoint.
func (r *run[S]) restore(l *ledger) error {
	r.opts.Start, r.rooted, r.last, r.jumps = l.Start, l.Begun, l.Last, l.Jumps
	r.unplaced, r.undone = l.Ended, l.Again
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
	j := &joinRun{came: slices.Clone(l.Came), oks: l.OK, arrived: l.Arrived, waits: l.Waits, started: l.Started, first: sched.Now()}
	for slot, t := range j.came {
		switch t {
		case tokenFailed:
			j.came[slot] = noToken
			continue
		case noToken:
			continue
		case tokenSkipped:
			j.skipped++
		}
		j.parents++
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
}

// skipBegun leaves out the numbers of invocations that an earlier process had begun
// beyond those that start again at once, which have theirs.
func (r *run[S]) skipBegun() {
	for id := range r.begun[r.id] {
		r.last = max(r.last, id)
	}
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
		resumed: true, absorbed: a.Absorbed, progress: a.Map, restored: a.Inner, tries: a.Attempts}
	inv.after = &inv.own
	inv.own.Release()
	r.nodes[n.index].live++
	r.enlist(inv)
	r.publish(event.StepStart, inv, nil)
	w.serve(inv)
}
