package engine

import (
	"fmt"
	"slices"

	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/sched"
)

// progressLedger is what a checkpoint has of a map that runs again.
type progressLedger struct {
	Count int          `json:"count"`          // of the items, or -1
	Done  [][2]int     `json:"done,omitempty"` // ranges of indexes, with both ends, of which nothing is left to do
	Open  []openLedger `json:"open,omitempty"` // that had started and have not ended well
}

type openLedger struct {
	Index      int `json:"index"`
	Invocation int `json:"invocation"`
	Attempts   int `json:"attempts"`
	// Inner is the run inside it.
	Inner *innerLedger `json:"inner,omitempty"`

	inner keeper // the same, until it is recorded; nil if it is none of this process
}

// progress is how far a map has come, for a checkpoint; nil without a store. The
// ledger guards it.
type progress struct {
	count   int
	done    [][2]int // in order, apart from each other
	open    map[int]openLedger
	results map[int][]byte // of an earlier process, that have not been collected
}

// newProgress is where a map begins: at nothing, or where an earlier process was.
func newProgress(l *progressLedger) *progress {
	p := &progress{count: -1, open: map[int]openLedger{}, results: map[int][]byte{}}
	if l == nil {
		return p
	}
	p.count, p.done = l.Count, slices.Clone(l.Done)
	for _, o := range l.Open {
		p.open[o.Index] = o
	}
	return p
}

// has reports whether nothing is left to do of item i.
func (p *progress) has(i int) bool {
	k, found := slices.BinarySearchFunc(p.done, i, func(r [2]int, i int) int { return r[0] - i })
	return found || k > 0 && i <= p.done[k-1][1]
}

// add notes that nothing is left to do of item i.
func (p *progress) add(i int) {
	delete(p.open, i)
	k, _ := slices.BinarySearchFunc(p.done, i, func(r [2]int, i int) int { return r[0] - i })
	joinsLeft := k > 0 && p.done[k-1][1] == i-1
	joinsRight := k < len(p.done) && p.done[k][0] == i+1
	switch {
	case joinsLeft && joinsRight:
		p.done[k-1][1] = p.done[k][1]
		p.done = slices.Delete(p.done, k, k+1)
	case joinsLeft:
		p.done[k-1][1] = i
	case joinsRight:
		p.done[k][0] = i
	default:
		p.done = slices.Insert(p.done, k, [2]int{i, i})
	}
}

// record is p for a checkpoint, but for the items that run.
func (p *progress) record() *progressLedger {
	l := &progressLedger{Count: p.count, Done: slices.Clone(p.done)}
	for _, o := range p.open {
		l.Open = append(l.Open, o)
	}
	l.sort()
	return l
}

// sort brings the open items in order.
func (l *progressLedger) sort() {
	if l != nil {
		slices.SortFunc(l.Open, func(a, b openLedger) int { return a.Index - b.Index })
	}
}

// record is l for a checkpoint; nil stays nil.
func (l *progressLedger) record(rec *recording) *progressLedger {
	if l == nil {
		return nil
	}
	c := *l
	c.Open = slices.Clone(l.Open)
	for i, o := range c.Open {
		c.Open[i].Inner = recordInner(o.inner, o.Inner, rec, true)
	}
	return &c
}

// check says that the items are not those of an earlier process.
func (p *progress) check(name string, count int) error {
	if p.count >= 0 && count >= 0 && p.count != count {
		return fmt.Errorf("%w: map %q had %d items and now has %d", ErrPlanChanged, name, p.count, count)
	}
	p.count = count
	return nil
}

// keepItem has the result of an item written; raw is nil if it has none. The ledger
// is held.
func (j *journal) keepItem(of store.Owner, index int, raw []byte) {
	item := store.Item{Owner: of, Index: index, Status: "ok", Result: raw}
	if raw == nil {
		item.Status = "skip"
	}
	j.items = append(j.items, item)
}

// forgetItems has the items of a map deleted: with the next checkpoint if it has
// ended, or else, as it begins anew, before its new ones are written.
func (j *journal) forgetItems(of store.Owner, ended bool) {
	j.items = slices.DeleteFunc(j.items, func(i store.Item) bool { return i.Owner == of })
	if ended {
		j.forget = append(j.forget, of)
	} else {
		j.drop = append(j.drop, of)
	}
}

// begin notes how far an earlier process has come.
func (m *mapRun[S, T]) begin() {
	if m.r.delivery.journal == nil {
		return
	}
	m.progress = newProgress(m.inv.progress)
	m.inv.progress, m.inv.running = nil, m.progress
	for _, item := range m.r.items {
		switch {
		case item.Owner != m.owner() || m.progress.has(item.Index):
		case item.Status == "ok":
			delete(m.progress.open, item.Index)
			m.progress.results[item.Index] = item.Result
		default:
			m.progress.add(item.Index)
		}
	}
}

// passOver leaves out an item that an earlier process has ended, except that its
// result is collected. It reports false if there is no such item. The ledger is
// held.
func (m *mapRun[S, T]) passOver() bool {
	p := m.progress
	if p == nil {
		return false
	}
	raw, kept := p.results[m.index+1]
	if !kept && !p.has(m.index+1) {
		return false
	}
	m.index++
	if !kept {
		return true
	}
	delete(p.results, m.index)
	c := m.gather.add(m.index)
	c.ended = true
	call, err := m.decode(m.r.delivery.journal.codec, raw)
	if err != nil {
		m.fail(err)
	}
	c.call = call
	return true
}

// note keeps what the end of an item means for a later process. The ledger is held.
func (m *mapRun[S, T]) note(inv *invocation[S], came conclusion, raw []byte) {
	if m.progress == nil {
		return
	}
	p := m.progress
	result := came == concludedOK && m.collector != ""
	switch {
	case result && m.decode != nil:
		m.r.delivery.journal.keepItem(m.owner(), inv.index, raw)
	case result, came == concludedFailed, came == concludedCancelled:
		p.open[inv.index] = openLedger{inv.index, inv.id, inv.tries, inv.restored, inv.inner}
	default:
		p.add(inv.index)
		if m.decode != nil {
			m.r.delivery.journal.keepItem(m.owner(), inv.index, nil)
		}
	}
}

// owner is what the items of the map belong to in a store.
func (m *mapRun[S, T]) owner() store.Owner { return store.Owner{RunID: m.r.id, Invocation: m.inv.id} }

// enlist numbers an item, or gives it the number that it had in an earlier process.
func (m *mapRun[S, T]) enlist(inv *invocation[S]) {
	if m.progress != nil {
		if o, ok := m.progress.open[inv.index]; ok {
			inv.id, inv.tries, inv.resumed = o.Invocation, o.Attempts, true
			inv.inside = &inside{restored: o.Inner}
			delete(m.progress.open, inv.index)
			m.r.enlist(inv)
			return
		}
	}
	m.r.number(inv)
}

// encode keeps the result of the item of w for a store.
func (m *mapRun[S, T]) encode(w *worker[S, T], out outcome) outcome {
	if m.progress == nil || m.decode == nil {
		return out
	}
	raw, err := encode(m.r.delivery.journal.codec, w.inv.value)
	if err != nil {
		return outcome{err: err}
	}
	w.raw = raw
	return out
}

// collectStored makes a worker for a result of an earlier process, if it is its
// turn to be collected. The ledger is held.
func (m *mapRun[S, T]) collectStored() {
	g := &m.gather
	if g.collecting || g.slots.len() == 0 || !g.slots.first().ended {
		return
	}
	m.busy++
	w := &worker[S, T]{}
	w.wake.L, w.wake.Why = &m.r.mu, "an item of map "+m.inv.node.name
	sched.Go(func() { m.serveStored(w) })
}

// serveStored is the task of such a worker. If Collect calls runtime.Goexit another
// task goes on.
func (m *mapRun[S, T]) serveStored(w *worker[S, T]) {
	exited := true
	defer func() {
		if exited {
			sched.Go(func() { m.resume(w) })
		}
	}()
	c, more := m.takeStored(w)
	if c != nil {
		more = m.gatherOn(w, c, m.collect(c))
	}
	exited = false
	if more {
		m.serve(w)
	}
}

func (m *mapRun[S, T]) takeStored(w *worker[S, T]) (c *result[S], more bool) {
	m.r.mu.Lock()
	defer m.r.mu.Unlock()
	m.busy--
	m.freed()
	return m.next(w)
}
