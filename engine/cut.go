package engine

import (
	"slices"
	"time"

	"github.com/ravelgo/ravel/sched"
)

// cuts is what a tree of runs knows of the instants at which its state can be
// read: those at which no function of the user runs, that a checkpoint is written
// at. The ledger guards it.
type cuts struct {
	every     time.Duration  // RunOptions.CheckpointEvery
	snapshots bool           // the state is a Snapshotter
	runs      []keeper       // that go on, in the order in which they began
	running   int            // functions of the user that may run, but for hooks of the outermost run
	ends      int            // of invocations, so far
	covered   int            // of them, by a checkpoint
	last      time.Time      // when that was begun
	draining  bool           // nothing starts until a checkpoint is written
	writing   bool           // one is written
	exclusive bool           // and nothing starts meanwhile
	lapsed    bool           // the state is not safe any more: steps were abandoned
	postponed []func()       // until something may start
	free      sched.LeafCond // those who wait for that
}

// keeper is a run, whatever its state.
type keeper interface {
	// record is what a checkpoint has of it; quiet means that nobody uses its
	// state.
	record(rec *recording, quiet bool) *innerLedger
	// saved notes that a checkpoint was written, cutKind is why that is.
	saved(rec *recording)
	cutKind() string
	storeFailed(err error)
	// goAhead starts what was held up, wakeMaps what the maps hold up.
	goAhead()
	wakeMaps()
}

// weigh notes that by more functions of the user may run on behalf of inv.
func (r *run[S]) weigh(inv *invocation[S], by int) {
	if inv.alive {
		inv.weight += int32(by)
		r.cuts.running += by
	}
}

// beginCuts makes a run one that a store keeps.
func (r *run[S]) beginCuts() {
	_, snapshots := any(r.state).(Snapshotter)
	r.cuts = cuts{every: r.opts.CheckpointEvery, snapshots: snapshots, last: r.began,
		free: sched.LeafCond{L: &r.mu, Why: "a checkpoint"}}
}

// held reports whether nothing may start for now.
func (t *tree) held() bool { return t.cuts.draining || t.cuts.writing && t.cuts.exclusive }

// waitFor waits for c, or until something may start if nothing may for now: who is
// held up may be left behind by then, and nobody would signal c.
func (t *tree) waitFor(c *sched.LeafCond) {
	if t.held() {
		c = &t.cuts.free
	}
	c.Wait()
}

// hold waits until something may start, on behalf of inv.
func (r *run[S]) hold(inv *invocation[S]) {
	r.rest(inv)
	r.awake(inv)
}

// rest notes that inv waits, for something that ends with a call of awake.
func (r *run[S]) rest(inv *invocation[S]) {
	r.weigh(inv, -1)
	r.quiesce()
}

func (r *run[S]) awake(inv *invocation[S]) {
	for r.held() {
		r.cuts.free.Wait()
	}
	r.weigh(inv, 1)
}

// due reports whether it is time to hold up what starts.
func (c *cuts) due() bool {
	return c.every > 0 && !c.snapshots && c.ends > c.covered && sched.Since(c.last) >= c.every
}

// cut writes a checkpoint after inv has ended, if the state can be read. The ledger
// is released meanwhile.
func (r *run[S]) cut(inv *invocation[S]) {
	c := &r.cuts
	if r.delivery.journal == nil {
		return
	}
	c.ends++
	mine := c.ends
	for c.writing {
		c.free.Wait()
	}
	switch {
	case r.delivery.journal.err != nil || c.lapsed || c.covered >= mine:
	case c.running == 0 && inv.index < 0 && !c.draining:
		r.write(r.delivery.owner.cutKind(), true)
	case c.snapshots:
		r.write("snapshot", c.running == 0)
	case c.due():
		c.draining = true
	}
	r.quiesce()
}

// quiesce writes the checkpoint for which everything is held up, if nothing runs
// any more, and lets it go on.
func (t *tree) quiesce() {
	c := &t.cuts
	if !c.draining || c.writing || c.running > 0 && !c.lapsed {
		return
	}
	if !c.lapsed && t.delivery.journal.err == nil {
		t.write("forced", true)
	}
	sched.Go(t.goAhead)
}

// write writes a checkpoint of all runs; exclusive means that nothing starts
// meanwhile. The ledger is held, and released while states are encoded and
// written.
func (t *tree) write(kind string, exclusive bool) {
	c := &t.cuts
	c.writing, c.exclusive = true, exclusive
	c.covered, c.last = c.ends, sched.Now()
	rec := &recording{exclusive: exclusive, kind: kind}
	rec.outermost = t.delivery.owner.record(rec, exclusive)
	rec.seq = t.delivery.seq
	err := t.unlocked(func() error { return t.save(rec) })
	c.writing = false
	if err == nil {
		t.delivery.owner.saved(rec)
	}
	t.wakeHeld()
}

// unlocked calls save without the ledger.
func (t *tree) unlocked(save func() error) error {
	t.mu.Unlock()
	defer t.mu.Lock()
	return save()
}

// wakeHeld makes those look who were held up.
func (t *tree) wakeHeld() {
	c := &t.cuts
	for _, again := range c.postponed {
		sched.Go(again)
	}
	c.postponed = nil
	c.free.Broadcast()
	for _, r := range c.runs {
		r.wakeMaps()
	}
}

// goAhead is the task that starts what was held up for a checkpoint.
func (t *tree) goAhead() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.cuts.draining {
		return
	}
	t.cuts.draining = false
	for _, r := range slices.Clone(t.cuts.runs) {
		r.goAhead()
	}
	t.wakeHeld()
}

// goAhead starts what was held up in r. Each start is ordered after the end that
// leads to it, as if nothing had been held up.
func (r *run[S]) goAhead() {
	if r.finished || r.starting {
		return
	}
	if r.waiting {
		r.waiting = false
		r.startFirst()
		return
	}
	r.placeAll(&wave[S]{r: r, apart: true}, true)
	if r.live == 0 {
		r.finish()
	}
}

// heldEnd is an end that counts as live until its tokens are placed.
type heldEnd[S any] struct {
	inv  *invocation[S]
	out  outcome
	came conclusion
}

// placeAll places the tokens of what has ended, one end after the other; follow
// means that the calling task goes on as one behind each of them.
func (r *run[S]) placeAll(w *wave[S], follow bool) {
	all := r.behind
	r.behind = nil
	for _, e := range all {
		r.depart(e.inv)
		if r.mustEnd() {
			continue
		}
		if follow {
			sched.Renew(e.inv.node.name, -1, &e.inv.own)
		}
		r.place(w, e)
	}
}

// place puts the tokens of an end on its edges.
func (r *run[S]) place(w *wave[S], e heldEnd[S]) {
	r.unplaced = slices.DeleteFunc(r.unplaced, func(l endLedger) bool { return l.Invocation == e.inv.id })
	w.by = e.inv.id
	if !e.inv.absorbed {
		w.spread(e.inv.node, &e.out, e.came)
	}
}

// wakeMaps has the maps go on with what was held up. The ledger is held.
func (r *run[S]) wakeMaps() {
	for _, m := range r.maps {
		m.wakeUp()
	}
}
