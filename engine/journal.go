package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/sched"
)

// leaseTime is how long a process has the right to a run without renewing it.
const leaseTime = 30 * time.Second

// journal is what keeps a run in a store. All is written by the task that tells
// the observers, in the order of the events. The ledger guards what follows seq.
type journal struct {
	store store.Store
	lease store.Lease
	codec Codec

	stored uint64      // Seq of the last event written
	number int         // of the last checkpoint
	save   *save       // waits to be written
	rows   []store.Run // of inner runs, that are to be written
	items  []store.Item
	drop   []store.Owner // whose items are deleted
	forget []store.Owner // and those with the next checkpoint
	err    error         // why nothing is written any more
	renew  *sched.Timer
	late   bool           // the lease is to be renewed
	saved  sched.LeafCond // those who wait for save
}

// save is what a run wants to be written after the events so far, and to know
// when it is.
type save struct {
	checkpoint *store.Checkpoint
	last       *event.Event // FINISH, which is told after it was written
	runs       []store.Run
	done       bool
	took       time.Duration
}

// waits reports whether there is something to be written.
func (j *journal) waits(d *delivery) bool {
	if j == nil {
		return false
	}
	n := d.backlog.len()
	return j.save != nil || j.err == nil && (j.late || n > 0 && d.backlog.all[len(d.backlog.all)-1].Seq > j.stored)
}

// write writes the events that have not been, and what waits to be saved.
func (d *delivery) write() {
	j := d.journal
	d.mu.Lock()
	b, sv := d.batch()
	d.mu.Unlock()
	if len(b.Events) == 0 && sv == nil && b.Until.IsZero() {
		return
	}
	began := sched.Now()
	err := j.store.Append(context.Background(), j.lease, b)
	d.mu.Lock()
	defer d.mu.Unlock()
	if n := len(b.Events); n > 0 {
		j.stored = b.Events[n-1].Seq
	}
	if sv != nil {
		j.save, sv.done, sv.took = nil, true, sched.Since(began)
	}
	if err != nil {
		j.err = fmt.Errorf("%w: %w", ErrStore, err)
		d.owner.storeFailed(j.err)
	}
	j.saved.Broadcast()
}

// batch is what is to be written now.
func (d *delivery) batch() (store.Batch, *save) {
	j := d.journal
	var b store.Batch
	if j.err != nil {
		if j.save != nil {
			j.save.done = true
			j.save = nil
			j.saved.Broadcast()
		}
		return b, nil
	}
	for _, q := range d.backlog.all[d.backlog.head:] {
		if q.Seq > j.stored {
			b.Events = append(b.Events, q.row())
		}
	}
	if j.late {
		j.late = false
		b.Until = sched.Now().Add(leaseTime)
		d.arm()
	}
	b.Runs, j.rows = j.rows, nil
	b.Items, j.items = j.items, nil
	b.Forget, j.drop = j.drop, nil
	if j.save != nil {
		j.save.into(&b, j)
	}
	return b, j.save
}

// into adds what is to be saved to a batch of j.
func (sv *save) into(b *store.Batch, j *journal) {
	b.Runs = append(b.Runs, sv.runs...)
	if c := sv.checkpoint; c != nil {
		b.Checkpoint = c
		b.Forget = append(b.Forget, j.forget...)
		j.forget = nil
	}
	if sv.last != nil {
		b.Events = append(b.Events, queued{Event: *sv.last}.row())
		b.Release = true
	}
}

// arm renews the lease when a third of it is over. The ledger is held.
func (d *delivery) arm() {
	j := d.journal
	j.renew = sched.AfterFunc(leaseTime/3, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if j.renew != nil {
			j.late = true
			d.more.Signal()
		}
	})
}

// disarm ends the renewals.
func (j *journal) disarm() {
	if j != nil && j.renew != nil {
		j.renew.Stop()
		j.renew = nil
	}
}

// keep has sv written, and returns why that was not possible.
func (t *tree) keep(sv *save) error {
	d := &t.delivery
	j := d.journal
	t.mu.Lock()
	defer t.mu.Unlock()
	for j.save != nil && j.err == nil {
		j.saved.Wait()
	}
	if j.err != nil {
		return j.err
	}
	j.save = sv
	d.more.Signal()
	for !sv.done {
		j.saved.Wait()
	}
	return j.err
}

// maxData is how many bytes of the data of an event are kept.
const maxData = 64 << 10

// row is an event as a store keeps it.
func (q queued) row() store.Event {
	e := q.Event
	s := store.Event{Seq: e.Seq, RunID: e.RunID, Type: string(e.Type), Kind: string(e.Kind), Node: e.Node, Path: e.Path,
		Invocation: e.Invocation, Parent: e.Parent, Owner: e.Owner, Attempt: e.Attempt, Index: e.Index, Time: e.Time, Elapsed: e.Elapsed}
	switch {
	case q.raw != nil:
		s.Data = q.raw
	case e.Data != nil:
		s.Data = encodeData(e.Data)
	}
	if len(e.Notes) > 0 {
		s.Notes = encodeAttrs(e.Notes)
	}
	return s
}

// encodeData is the data of an event as JSON.
func encodeData(data any) []byte {
	switch d := data.(type) {
	case event.Started:
		return clipped(struct {
			event.Started
			Labels json.RawMessage `json:",omitempty"`
		}{d, encodeAttrs(d.Labels)})
	case event.Finished:
		return clipped(struct {
			event.Finished
			Labels json.RawMessage `json:",omitempty"`
		}{d, encodeAttrs(d.Labels)})
	}
	return clipped(data)
}

// clipped is v as JSON, or what says that it is too long.
func clipped(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		text, _ = json.Marshal(map[string]string{"unencodable": err.Error()})
	}
	if len(text) > maxData {
		text, _ = json.Marshal(map[string]any{"truncated": len(text), "begin": string(text[:maxData/4])})
	}
	return text
}

// encodeAttrs is a list of attributes as a JSON object, in their order; nil for
// none.
func encodeAttrs(attrs []slog.Attr) []byte {
	if len(attrs) == 0 {
		return nil
	}
	text := []byte{'{'}
	for i, a := range attrs {
		if i > 0 {
			text = append(text, ',')
		}
		key, _ := json.Marshal(a.Key)
		text = append(append(append(text, key...), ':'), encodeValue(a.Value)...)
	}
	return append(text, '}')
}

func encodeValue(v slog.Value) []byte {
	v = v.Resolve()
	if v.Kind() == slog.KindGroup {
		if text := encodeAttrs(v.Group()); text != nil {
			return text
		}
		return []byte("{}")
	}
	value := v.Any()
	if err, ok := value.(error); ok {
		value = err.Error()
	}
	text, err := json.Marshal(value)
	if err != nil {
		text, _ = json.Marshal(fmt.Sprint(value))
	}
	return text
}

// storeFailed ends the run because its store does not keep it.
func (r *run[S]) storeFailed(err error) {
	if r.result != nil {
		return
	}
	f := &StepError{Kind: KindEngine, Path: "store", Index: -1, Err: err}
	r.classify(f)
	r.failures = append(r.failures, f)
	r.noticeCancel()
	if r.status != "" {
		return
	}
	r.status = Failed
	r.forget()
	r.cancel(err)
	r.wake()
}

// claimed is the error of a claim.
func claimed(err error) error {
	for _, known := range []error{ErrRunExists, ErrRunActive, ErrNotResumable, ErrPlanChanged, ErrUnknownRun} {
		if errors.Is(err, known) {
			return fmt.Errorf("engine: %w", err)
		}
	}
	return fmt.Errorf("%w: %w", ErrStore, err)
}

// encode returns an emitted value as JSON for the row of its event.
func (j *journal) encode(v any) (raw []byte, err error) {
	text, err := encode(j.codec, v)
	if err != nil {
		return nil, err
	}
	if !json.Valid(text) {
		text, _ = json.Marshal(text) // in base 64
	}
	return clipped(map[string]json.RawMessage{"Value": text}), nil
}
