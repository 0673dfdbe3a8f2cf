package engine

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/sched"
)

// ledger is what a checkpoint has of a run beside the state, as JSON. Nodes are
// named, so that it can be read by people.
type ledger struct {
	Start string `json:"start,omitempty"` // RunOptions.Start
	Begun bool   `json:"begun,omitempty"` // the roots have started
	Last  int    `json:"last"`            // number of the last invocation
	Jumps int    `json:"jumps,omitempty"`
	// Counts are those of the user.
	Counts map[string]int64 `json:"counts,omitempty"`
	Nodes  []nodeLedger     `json:"nodes,omitempty"` // of which there is something to say
	// Ended are invocations whose tokens have not been placed, in the order of
	// their ends.
	Ended []endLedger `json:"ended,omitempty"`
	// Again are invocations that have not come to their end, or failed: they
	// run again.
	Again []againLedger `json:"again,omitempty"`
}

// innerLedger is a run in a checkpoint: the outermost, or one inside an invocation
// that runs again.
type innerLedger struct {
	Run    string `json:"run"`
	Seed   uint64 `json:"seed,omitempty"`
	State  []byte `json:"state"`
	Ledger ledger `json:"ledger"`
}

type nodeLedger struct {
	Node    string      `json:"node"`
	Invoked int         `json:"invoked,omitempty"`
	Left    Left        `json:"left,omitempty"`
	Join    *joinLedger `json:"join,omitempty"`
}

type joinLedger struct {
	Came    []token `json:"came"` // by place among the predecessors
	OK      int     `json:"ok,omitempty"`
	Arrived []int   `json:"arrived,omitempty"`
	Waits   bool    `json:"waits,omitempty"`
	Started bool    `json:"started,omitempty"`
	Expired bool    `json:"expired,omitempty"` // its time limit has passed, from which nothing went on
}

type endLedger struct {
	Node       string `json:"node"`
	Invocation int    `json:"invocation"`
	Skipped    bool   `json:"skipped,omitempty"`
	Goto       string `json:"goto,omitempty"`
	Route      int    `json:"route,omitempty"` // of a switch, from 1
	Failed     bool   `json:"failed,omitempty"`
}

type againLedger struct {
	Node       string `json:"node"`
	Invocation int    `json:"invocation"`
	Parent     int    `json:"parent,omitempty"`
	Attempts   int    `json:"attempts"`
	Absorbed   bool   `json:"absorbed,omitempty"` // its tokens are placed already
	// Map is how far a map has come.
	Map *progressLedger `json:"map,omitempty"`
	// Inner is the run inside it.
	Inner *innerLedger `json:"inner,omitempty"`

	inner keeper // the same, until it is recorded; nil if it is none of this process
}

// recording is a checkpoint that is made.
type recording struct {
	kind      string
	exclusive bool // nothing runs
	seq       uint64
	outermost *innerLedger
	states    []stateOf
	done      event.Checkpointed
	took      time.Duration
}

// stateOf is a state that is to be encoded; quiet means that nobody uses it.
type stateOf struct {
	into   *innerLedger
	encode func() ([]byte, error)
	quiet  bool
}

// set encodes the state. To read a quiet one is no operation of the calling task,
// which need not be ordered after those that have used it.
func (s stateOf) set() (err error) {
	encode := func() { s.into.State, err = s.encode() }
	if s.quiet {
		sched.Outside(encode)
	} else {
		encode()
	}
	return err
}

// record is what a checkpoint has of r. What has no state that can be read is as it
// was in the last checkpoint, or missing.
func (r *run[S]) record(rec *recording, quiet bool) *innerLedger {
	if _, ok := any(r.state).(Snapshotter); r.lapsed || !quiet && !ok {
		return r.kept
	}
	in := &innerLedger{Run: r.id, Seed: r.seed, Ledger: r.ledger(rec)}
	rec.states = append(rec.states, stateOf{in, r.encodeState, quiet})
	r.kept = in
	return in
}

// ledger is what is known of r now.
func (r *run[S]) ledger(rec *recording) ledger {
	l := ledger{Start: r.opts.Start, Begun: r.rooted, Last: r.last, Jumps: r.jumps, Counts: maps.Clone(r.metrics.counts), Ended: slices.Clone(r.unplaced), Nodes: r.nodeLedgers()}
	for _, a := range r.undone {
		a.Inner = recordInner(a.inner, a.Inner, rec, true)
		a.Map = a.Map.record(rec)
		l.Again = append(l.Again, a)
	}
	l.Again = append(l.Again, r.aliveLedgers(rec)...)
	return l
}

// aliveLedgers are those of what runs: it runs again if the run goes on from there.
func (r *run[S]) aliveLedgers(rec *recording) []againLedger {
	alive := slices.Clone(r.alive)
	slices.SortFunc(alive, func(a, b *invocation[S]) int { return cmp.Compare(a.id, b.id) })
	var all []againLedger
	for _, inv := range alive {
		inner := recordInner(inv.inner, inv.restored, rec, rec.exclusive)
		if inv.index >= 0 { // its map has a lower number
			i := slices.IndexFunc(all, func(a againLedger) bool { return a.Invocation == inv.owner })
			all[i].Map.Open = append(all[i].Map.Open, openLedger{Index: inv.index, Invocation: inv.id, Attempts: inv.tries, Inner: inner})
			continue
		}
		a := againLedger{Node: inv.node.name, Invocation: inv.id, Parent: inv.parent, Attempts: inv.tries, Map: inv.progress,
			Absorbed: inv.absorbed, Inner: inner}
		if inv.running != nil {
			a.Map = inv.running.record()
		}
		a.Map = a.Map.record(rec)
		all = append(all, a)
	}
	for _, a := range all {
		a.Map.sort()
	}
	return all
}

// recordInner is what a checkpoint has of the run inside an invocation.
func recordInner(inner keeper, before *innerLedger, rec *recording, quiet bool) *innerLedger {
	if inner == nil {
		return before
	}
	return inner.record(rec, quiet)
}

// nodeLedgers are those of the nodes of which there is something to say.
func (r *run[S]) nodeLedgers() []nodeLedger {
	var all []nodeLedger
	for i, n := range r.p.nodes {
		nr := &r.nodes[i]
		if nr.invoked == 0 && nr.left == "" && nr.join == nil {
			continue
		}
		entry := nodeLedger{Node: n.name, Invoked: nr.invoked, Left: nr.left}
		j := nr.join
		if j == nil && (nr.left == LeftFailed || nr.left == LeftUnmet) {
			j = nr.last
		}
		if j != nil {
			entry.Join = &joinLedger{Came: slices.Clone(j.came), OK: j.oks, Arrived: slices.Clone(j.arrived), Waits: j.waits, Started: j.started, Expired: j.overdue}
		}
		all = append(all, entry)
	}
	return all
}

// note keeps what the end of inv means for a later process.
func (r *run[S]) note(inv *invocation[S], out *outcome, came conclusion) {
	if r.delivery.journal == nil {
		return
	}
	again := came == concludedCancelled || came == concludedFailed
	if again {
		r.undone = append(r.undone, againLedger{Node: inv.node.name, Invocation: inv.id, Parent: inv.parent, Attempts: inv.attempt.n, Map: inv.progress,
			Inner: inv.restored, inner: inv.inner, Absorbed: came == concludedFailed && r.p.opts.Policy == ContinueOnError})
	}
	if !again && inv.node.kind == event.Map {
		r.delivery.journal.forgetItems(store.Owner{RunID: r.id, Invocation: inv.id}, true)
	}
	if !inv.absorbed && (!again || came == concludedFailed && r.p.opts.Policy == ContinueOnError) {
		e := endLedger{Node: inv.node.name, Invocation: inv.id, Skipped: came == concludedSkipped, Route: out.route, Failed: came == concludedFailed}
		if out.asks(jump) {
			e.Goto = out.control.text
		}
		r.unplaced = append(r.unplaced, e)
	}
}
