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
	if p.opts.Codec == nil {
		if lost := lossy(reflect.TypeFor[S]()); len(lost) > 0 {
			all = append(all, p.said(nil, finding{"codec", fmt.Sprintf(`a store would lose fields of the state: %s; set Options.Codec, or the tag json:"-" on what may be lost`,
				strings.Join(lost, ", "))}))
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
		if c.Checkpoint.State, err = encode(j.codec, r.state); err != nil {
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
	var l ledger
	if err := json.Unmarshal(saved.Checkpoint.Ledger, &l); err != nil {
		return fmt.Errorf("%w: the ledger of run %q: %w", ErrStore, r.id, err)
	}
	if err := r.restore(&l); err != nil {
		return err
	}
	r.resumed = true
	r.seed = saved.Run.Seed
	r.delivery.seq, j.stored, j.number = saved.Run.LastSeq, saved.Run.LastSeq, saved.Checkpoint.Number
	r.begun, r.items = begunIn(saved.Tail, r.id), saved.Items
	return nil
}

// begunIn tells which attempts of a run, not of those inside it, have begun after a
// checkpoint.
func begunIn(tail []store.Event, runID string) map[int]int {
	begun := map[int]int{}
	for _, e := range tail {
		if e.Type == string(event.StepStart) && e.RunID == runID {
			begun[e.Invocation] = max(begun[e.Invocation], e.Attempt)
		}
	}
	return begun
}

// restore sets the ledger of r from a checkpoint.
func (r *run[S]) restore(l *ledger) error {
	r.opts.Start, r.last, r.jumps = l.Start, l.Last, l.Jumps
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
	ended, again := r.unplaced, r.undone
	r.unplaced, r.undone = nil, nil
	for _, a := range again {
		r.startAgain(w, a)
	}
	for _, e := range ended {
		if r.status != "" {
			r.unplaced = append(r.unplaced, e)
			continue
		}
		r.place(w, e)
	}
	w.settleAll()
	w.settleWaiting()
	r.rearm()
}

// skipBegun leaves out the numbers of invocations that an earlier process had begun
// beyond those that start again at once, which have theirs.
func (r *run[S]) skipBegun() {
	for id := range r.begun {
		r.last = max(r.last, id)
	}
}

// place puts the tokens of an invocation that an earlier process has ended on its
// edges.
func (r *run[S]) place(w *wave[S], e endLedger) {
	out := outcome{route: e.Route}
	came := concludedOK
	switch {
	case e.Failed:
		came = concludedFailed
	case e.Skipped:
		came = concludedSkipped
	}
	if e.Goto != "" {
		out.control = &control{kind: jump, text: e.Goto}
		out.err = out.control
	}
	w.by = e.Invocation
	w.spread(r.p.named(e.Node), &out, came)
}

// startAgain starts an invocation that an earlier process has begun.
func (r *run[S]) startAgain(w *wave[S], a againLedger) {
	n := r.p.named(a.Node)
	inv := &invocation[S]{r: r, node: n, id: a.Invocation, parent: a.Parent, owner: a.Invocation, index: -1, around: r.ctx,
		resumed: true, absorbed: a.Absorbed, progress: a.Map, tries: max(a.Attempts, r.begun[a.Invocation])}
	inv.after = &inv.own
	inv.own.Release()
	r.nodes[n.index].live++
	r.enlist(inv)
	r.publish(event.StepStart, inv, nil)
	w.serve(inv)
}
