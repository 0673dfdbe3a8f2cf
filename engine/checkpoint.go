package engine

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/sched"
)

// ledger is what a checkpoint has of a run beside the state, as JSON. Nodes are
// named, so that it can be read by people.
type ledger struct {
	Start string       `json:"start,omitempty"` // RunOptions.Start
	Last  int          `json:"last"`            // number of the last invocation
	Jumps int          `json:"jumps,omitempty"`
	Nodes []nodeLedger `json:"nodes,omitempty"` // of which there is something to say
	// Ended are invocations whose tokens have not been placed, in the order of
	// their ends.
	Ended []endLedger `json:"ended,omitempty"`
	// Again are invocations that have not come to their end, or failed: they
	// run again.
	Again []againLedger `json:"again,omitempty"`
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
	Failures   int    `json:"failures,omitempty"` // those that count for the bound
	Absorbed   bool   `json:"absorbed,omitempty"` // its tokens are placed already
	// Map is how far a map has come.
	Map *progressLedger `json:"map,omitempty"`
}

// snapshot is what a checkpoint is made of.
type snapshot struct {
	cut    string
	ledger ledger
}

// cut writes a checkpoint after inv has ended, if nothing runs. The ledger is held,
// and released while the state is encoded and written: nothing starts meanwhile.
func (r *run[S]) cut(inv *invocation[S], out *outcome, came conclusion) {
	r.note(inv, out, came)
	if r.delivery.journal == nil || r.outer != nil || r.live > 0 || r.lapsed || r.delivery.journal.err != nil {
		return
	}
	s := snapshot{cut: "natural", ledger: r.record()}
	if r.mustEnd() {
		s.cut = "end"
		if r.suspended && r.status == "" {
			s.cut = "suspend"
		}
	}
	r.cutting = true
	r.mu.Unlock()
	d, err := r.save(s)
	r.mu.Lock()
	r.cutting = false
	if err == nil {
		r.metrics.Checkpoints++
		r.metrics.CheckpointBytes += int64(d.Bytes)
		r.publish(event.Checkpoint, nil, d)
	}
	for _, again := range r.postponed {
		sched.Go(again)
	}
	r.postponed = nil
}

// note keeps what the end of inv means for a later process.
func (r *run[S]) note(inv *invocation[S], out *outcome, came conclusion) {
	if r.delivery.journal == nil || r.outer != nil || inv.index >= 0 {
		return
	}
	again := came == concludedCancelled || came == concludedFailed
	if again {
		r.undone = append(r.undone, againLedger{Node: inv.node.name, Invocation: inv.id, Parent: inv.parent, Attempts: inv.attempt.n, Map: inv.progress,
			Absorbed: came == concludedFailed && r.p.opts.Policy == ContinueOnError})
	}
	if !again && inv.node.kind == event.Map {
		r.delivery.journal.forgetItems(store.Owner{RunID: r.id, Invocation: inv.id})
	}
	if !again || came == concludedFailed && r.p.opts.Policy == ContinueOnError {
		e := endLedger{Node: inv.node.name, Invocation: inv.id, Skipped: came == concludedSkipped, Route: out.route, Failed: came == concludedFailed}
		if out.asks(jump) {
			e.Goto = out.control.text
		}
		r.unplaced = append(r.unplaced, e)
	}
}

// record is what is known of the run. The ledger is held.
func (r *run[S]) record() ledger {
	l := ledger{Start: r.opts.Start, Last: r.last, Jumps: r.jumps, Ended: r.unplaced, Again: r.undone}
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
			entry.Join = &joinLedger{Came: j.came, OK: j.oks, Arrived: j.arrived, Waits: j.waits, Started: j.started, Expired: j.overdue}
		}
		l.Nodes = append(l.Nodes, entry)
	}
	return l
}

// save encodes the state and has it written with the ledger.
func (r *run[S]) save(s snapshot) (event.Checkpointed, error) {
	j := r.delivery.journal
	state, err := encode(j.codec, r.state)
	if err != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		j.err = fmt.Errorf("%w: %w", ErrStore, err)
		r.storeFailed(j.err)
		return event.Checkpointed{}, j.err
	}
	text, _ := json.Marshal(s.ledger)
	j.number++
	d := event.Checkpointed{Number: j.number, Bytes: len(state) + len(text), Cut: s.cut}
	sv := &save{checkpoint: &store.Checkpoint{Number: j.number, Cut: s.cut, State: state, Ledger: text, Codec: codecName(j.codec), Written: sched.Now()}}
	err = r.tree.keep(sv)
	r.mu.Lock()
	r.metrics.CheckpointTime += sv.took
	r.mu.Unlock()
	return d, err
}

// row is the row of r, which has come to res so far, if that is not nil.
func (r *run[S]) row(res *Result, now time.Time) store.Run {
	row := store.Run{ID: r.id, RootID: r.root, ParentID: r.caller.run, ParentInvocation: r.caller.invocation, Pipeline: r.p.name,
		PlanHash: r.hash, Status: store.Running, Started: r.began, Seed: r.seed, Labels: encodeAttrs(r.opts.Labels)}
	if res == nil {
		return row
	}
	row.Status, row.Ended, row.Duration, row.Reason = store.Status(res.Status), now, res.Duration, res.Reason
	row.Metrics = clipped(res.Metrics)
	if f := res.Failure(); f != nil {
		row.Error, row.ErrorKind, row.ErrorSource, row.ErrorPath = f.Err.Error(), string(f.Kind), string(f.Source), f.Path
	}
	return row
}
