package engine

import (
	"context"
	"errors"
	"fmt"
	"time"
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
	// ErrEnded is returned by Emit after the end of the step that calls it.
	ErrEnded = errors.New("engine: Emit after the end of the step")
)

// StepError is the failure of a step or of an item of a map.
type StepError struct {
	// Path names it: a node, or a node and the index of an item in brackets.
	Path string
	// Invocation is its number in the run, Attempt that of the attempt; see
	// event.Event.
	Invocation, Attempt int
	// Index is that of the item, or -1.
	Index int
	// Reason is "error", "panic", "goexit", "control", "unknown_node",
	// "undeclared", "retries" or "jumps".
	Reason string
	// Err is what the step returned, a *PanicError, or wraps ErrGoexit,
	// ErrControl, ErrUnknownNode, ErrUndeclared, ErrRetries or ErrJumps.
	Err error
}

func (e *StepError) Error() string { return fmt.Sprintf("step %s: %v", e.Path, e.Err) }

// Unwrap returns Err.
func (e *StepError) Unwrap() error { return e.Err }

// PanicError is a panic in the function of a step.
type PanicError struct {
	Value any
	// Stack is that of the goroutine that panicked, as runtime/debug.Stack
	// formats it.
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Unwrap returns the value if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// Status is how a run ended.
type Status string

// The statuses.
const (
	Success   Status = "success"
	Stopped   Status = "stopped"   // a step returned Stop
	Suspended Status = "suspended" // a step returned Suspend
	Failed    Status = "failed"    // a step failed
	Cancelled Status = "cancelled" // the caller's context, or the run, was cancelled
	Closed    Status = "closed"    // the consumer of its events left
	TimedOut  Status = "timeout"   // the caller's context has passed its deadline
)

// Result is what a run came to.
type Result struct {
	// RunID identifies the run in its events. It is drawn if RunOptions has
	// none and someone observes the run; else it is empty.
	RunID  string
	Status Status
	// Failures are the failures of steps and items, in the order of their
	// events. The first one ended the run.
	Failures []*StepError
	// Started is when, and Duration how long, by the clock of package sched.
	Started  time.Time
	Duration time.Duration
}

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
