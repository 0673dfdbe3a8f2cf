package engine

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/sched"
)

// Snapshotter may be implemented by a pointer to the state of a pipeline, to have it
// kept more often in a store: at each end of a step or an item, before what follows
// it starts, in place of only those instants at which nothing runs.
type Snapshotter interface {
	// Snapshot returns what Options.Codec makes a state of again; without a codec
	// that is JSON. It is called while steps run, and is to lock what they write.
	// A step that runs meanwhile will run again if the run goes on from there.
	Snapshot() ([]byte, error)
}

// encodeState is the state as bytes.
func (r *run[S]) encodeState() ([]byte, error) {
	if s, ok := any(r.state).(Snapshotter); ok {
		return snapshot(s)
	}
	return encode(r.p.codec(), r.state)
}

// snapshot calls a Snapshotter, whose panic is an error.
func snapshot(s Snapshotter) (data []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			data, err = nil, fmt.Errorf("engine: Snapshot of a %T: panic: %v", s, p)
		}
	}()
	if data, err = s.Snapshot(); err != nil {
		return nil, fmt.Errorf("engine: Snapshot of a %T: %w", s, err)
	}
	return data, nil
}

// save encodes the states of a checkpoint and has it written.
func (t *tree) save(rec *recording) error {
	j := t.delivery.journal
	for _, s := range rec.states {
		if err := s.set(); err != nil {
			return t.refuse(err)
		}
	}
	text, _ := json.Marshal(rec.outermost.Ledger)
	j.number++
	c := &store.Checkpoint{Number: j.number, Seq: rec.seq, Cut: rec.kind, State: rec.outermost.State, Ledger: text,
		Codec: codecName(j.codec), Written: sched.Now()}
	sv := &save{checkpoint: c}
	err := t.keep(sv)
	rec.took, rec.done = sv.took, event.Checkpointed{Number: c.Number, Seq: c.Seq, Bytes: len(c.State) + len(text), Cut: rec.kind}
	return err
}

// refuse ends the outermost run because its state cannot be encoded.
func (t *tree) refuse(err error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	j := t.delivery.journal
	j.err = fmt.Errorf("%w: %w", ErrStore, err)
	t.delivery.owner.storeFailed(j.err)
	return j.err
}

// cutKind is why a checkpoint is written at which nothing runs.
func (r *run[S]) cutKind() string {
	switch {
	case !r.mustEnd():
		return "natural"
	case r.suspended && r.status == "":
		return "suspend"
	}
	return "end"
}

// saved notes that a checkpoint was written.
func (r *run[S]) saved(rec *recording) {
	r.metrics.Checkpoints++
	r.metrics.CheckpointBytes += int64(rec.done.Bytes)
	r.metrics.CheckpointTime += rec.took
	r.publish(event.Checkpoint, nil, rec.done)
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
