package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/ravelgo/ravel/engine/store"
)

var (
	// ErrGoexit is the failure of a step that called runtime.Goexit, as
	// FailNow of a testing.T does.
	ErrGoexit = errors.New("engine: step called runtime.Goexit")
	// ErrSibling is wrapped by the cause with which the context of a run is
	// cancelled when a step fails; the failure is wrapped too.
	ErrSibling = errors.New("engine: another step failed")
	// ErrControl is the failure of code that returned a control value where it
	// means nothing, or joined with another error.
	ErrControl = errors.New("engine: misplaced control value")
	// ErrUnknownNode is the failure of a step that returned Goto with a name
	// that no node has, ErrUndeclared with one that it has not declared with
	// MayGoto.
	ErrUnknownNode = errors.New("engine: unknown node")
	ErrUndeclared  = errors.New("engine: undeclared Goto")
	// ErrRetries is the failure of a step or item that returned Retry more often
	// than it may; it wraps what that returned last.
	ErrRetries = errors.New("engine: too many retries")
	// ErrJumps is the failure of a step that returned one Goto more than the run
	// may follow.
	ErrJumps = errors.New("engine: too many Gotos")
	// ErrSuspended is wrapped by the error of a run that Suspend has ended.
	ErrSuspended = errors.New("engine: run suspended")
	// ErrClosed is the cause with which a run is cancelled whose consumer has
	// left the loop over its events, and is wrapped by its error.
	ErrClosed = errors.New("engine: consumer of events left")
	// ErrStepTimeout is the failure of a step, item, switch, sub or map that took
	// longer than its limit. It, ErrRunTimeout and ErrBarrierTimeout come with
	// context.DeadlineExceeded.
	ErrStepTimeout = errors.New("engine: step timed out")
	// ErrRunTimeout is the cause with which a run is cancelled that took longer
	// than RunOptions.Timeout.
	ErrRunTimeout = errors.New("engine: run timed out")
	// ErrBarrierTimeout is the failure of a join that waited for longer than
	// NodeOptions.BarrierTimeout.
	ErrBarrierTimeout = errors.New("engine: join timed out")
	// ErrUnmet is the failure of a join of which too few predecessors have
	// succeeded.
	ErrUnmet = errors.New("engine: too few predecessors of a join have succeeded")
	// ErrNoRoute is the failure of a switch whose key is in no case.
	ErrNoRoute = errors.New("engine: no case for the key of a switch")
	// ErrTooManyItems is the failure of a map with more than MaxItems items.
	ErrTooManyItems = errors.New("engine: too many items")
	// ErrAbandoned is the failure of what has not returned within RunOptions.Grace.
	ErrAbandoned = errors.New("engine: step has not returned")
	// ErrStore is the failure of a run that its store has refused, or could not
	// keep.
	ErrStore = errors.New("engine: store")
	// ErrEnded is returned by Emit after the end of the step that calls it.
	ErrEnded = errors.New("engine: Emit after the end of the step")
)

// The errors of a store that Run and Stream return as they are.
var (
	// ErrRunExists says that a new run has the ID of one that is in the store.
	ErrRunExists = store.ErrRunExists
	// ErrUnknownRun says that the store has no run to resume with that ID,
	// ErrRunActive that another process works on it, ErrNotResumable that it has
	// succeeded or was stopped, and ErrPlanChanged that it was begun by another
	// definition of the pipeline.
	ErrUnknownRun   = store.ErrUnknownRun
	ErrRunActive    = store.ErrRunActive
	ErrNotResumable = store.ErrNotResumable
	ErrPlanChanged  = store.ErrPlanChanged
)

// errItem is what a map fails by of which an item has failed.
var errItem = errors.New("an item failed")

// Status is how a run ended.
type Status string

// The statuses.
const (
	Success   Status = "success"
	Stopped   Status = "stopped"   // a step returned Stop
	Suspended Status = "suspended" // a step returned Suspend
	Failed    Status = "failed"    // a step, a join or a hook failed, or the store did
	Cancelled Status = "cancelled" // the caller's context, or the run, was cancelled
	Closed    Status = "closed"    // the consumer of its events left
	TimedOut  Status = "timeout"   // the run, or the caller's context, has passed its time limit
)

// RunError is the error of a run whose status is not Success or Stopped. It wraps
// every failure, and for a run that was cancelled the cause and
// context.Canceled, for one that timed out the cause and
// context.DeadlineExceeded, else ErrClosed or ErrSuspended.
type RunError struct {
	Pipeline string
	Result   Result
	cause    error
}

func (e *RunError) Error() string {
	switch n := len(e.Result.Failures); {
	case n == 0:
		return fmt.Sprintf("engine: pipeline %q: %s: %v", e.Pipeline, e.Result.Status, e.cause)
	case n == 1:
		return fmt.Sprintf("engine: pipeline %q: %v", e.Pipeline, e.Result.Failures[0])
	default:
		return fmt.Sprintf("engine: pipeline %q: %v (and %d more)", e.Pipeline, e.Result.Failures[0], n-1)
	}
}

// Unwrap returns the failures and the cause.
func (e *RunError) Unwrap() []error {
	var all []error
	for _, f := range e.Result.Failures {
		all = append(all, f)
	}
	if e.cause != nil {
		all = append(all, e.cause)
	}
	switch e.Result.Status {
	case Cancelled:
		all = append(all, context.Canceled)
	case TimedOut:
		all = append(all, context.DeadlineExceeded)
	}
	return all
}
