package engine

import (
	"log/slog"
	"time"

	"github.com/ravelgo/ravel/engine/store"
)

// RunOptions are the options of a run. The zero value is the default.
type RunOptions struct {
	// ID identifies the run in its events. Empty means that one is drawn.
	ID string
	// Start is the name of the node that starts first, in place of the roots.
	// Predecessors that it does not lead to hold up no join. Empty means the
	// roots.
	Start string
	// Timeout limits the run, from the first hook to the last step. Zero means no
	// limit.
	Timeout time.Duration
	// Grace is how long the run waits for steps that do not return after it was
	// cancelled. Then it ends without them, with ErrAbandoned among the failures;
	// they may still use the state. Zero means that it waits for them.
	Grace time.Duration
	// Buffer is how many events may wait for the observers and the consumer of
	// a stream before the steps do: a step that has ended or emits waits until
	// there are fewer. Zero means 64.
	Buffer int
	// Observers are told the events, each event in this order.
	Observers []Observer
	// Store keeps the run: its events, and its state whenever nothing runs, so that
	// it can be resumed. Nil means that nothing is kept. With a store the run fails
	// with ErrStore if that cannot keep it.
	Store store.Store
	// CheckpointEvery is for a run with a store in which something always runs, such
	// as a long map. When the last checkpoint is as old as that, nothing starts until
	// what runs has returned and another one is written: no step or item may then wait
	// for one that has not started. Zero means that the state is kept only when
	// nothing runs anyway. It is without effect if the state is a Snapshotter.
	CheckpointEvery time.Duration
	// Resume is the ID of a run in the store that is to go on: one that was
	// suspended, failed, timed out, or was cancelled, or whose process has died.
	// What a checkpoint has of it does not run again. The state is the stored one
	// if that of the call is nil. Empty means a new run.
	Resume string
	// Labels are told at the start and the end of the run.
	Labels []slog.Attr
	// Stubs stand for functions of nodes in this run; see Stub.
	Stubs []Stubbed
}
