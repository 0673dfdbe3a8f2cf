package engine

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// StepError is a failure in a run: of a step, or of what else its Kind says.
type StepError struct {
	// Kind says what has failed.
	Kind FailureKind
	// Source says whose fault it seems to be.
	Source Source
	// Path names it as in the events: a node, with the index of an item in
	// brackets, or a hook.
	Path string
	// Invocation is its number in the run, Attempt that of the attempt; see
	// event.Event. They are 0 for a hook and for a join that did not start.
	Invocation, Attempt int
	// Index is that of the item, or -1.
	Index int
	// Reason is "error", "timeout", "panic", "goexit", "control",
	// "unknown_node", "undeclared", "no_route", "retries", "jumps", "items",
	// "barrier_timeout", "unmet", "hook", "store" or "abandoned".
	Reason string
	// Err is what the step returned, a *PanicError, or wraps an error of this
	// package.
	Err error
	// Seq is that of the event that tells it; 0 in a handler, and in a run that
	// nobody observes only the order counts.
	Seq uint64
}

func (e *StepError) Error() string {
	if e.Kind == KindStartup || e.Kind == KindFinish {
		return fmt.Sprintf("%s: %v", e.Path, e.Err)
	}
	return fmt.Sprintf("step %s: %v", e.Path, e.Err)
}

// Unwrap returns Err.
func (e *StepError) Unwrap() error { return e.Err }

// FailureKind is what has failed.
type FailureKind string

// The kinds of failures.
const (
	KindStep    FailureKind = "step"    // a node or an item
	KindStartup FailureKind = "startup" // a hook of OnStart
	KindJoin    FailureKind = "join"    // a join that did not start
	KindFinish  FailureKind = "finish"  // a hook of OnFinish
	KindEngine  FailureKind = "engine"  // the store, or a step that did not return
)

// Source is whose fault a failure seems to be.
type Source string

// The sources. External are the network, files, other programs and databases,
// by the types of package net, net/url, io/fs, os/exec, syscall and database/sql
// in the chain of the error. Engine are the errors of this package.
const (
	User     Source = "user"
	External Source = "external"
	Engine   Source = "engine"
)

// PanicError is a panic in a function of the user.
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

// stackOf is the stack of a panic for an event: without the numbers of goroutines
// and the addresses, which differ between processes.
func stackOf(err error) string {
	var p *PanicError
	if !errors.As(err, &p) {
		return ""
	}
	_, text, _ := strings.Cut(string(p.Stack), "\n") // goroutine 7 [running]:
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "\t") { // file.go:12 +0x1d
			lines[i], _, _ = strings.Cut(line, " +0x")
			continue
		}
		line, _, _ = strings.Cut(line, " in goroutine ")
		if args := strings.LastIndexByte(line, '('); args > 0 && strings.HasSuffix(line, ")") {
			line = line[:args]
		}
		lines[i] = line
	}
	return strings.Join(lines, "\n")
}

// limitError says that a time limit has passed.
type limitError struct {
	is    error // which
	what  string
	limit time.Duration
}

func (e *limitError) Error() string {
	if e.what == "" {
		return fmt.Sprintf("%v (%v)", e.is, e.limit)
	}
	return fmt.Sprintf("%v: %s took longer than %v", e.is, e.what, e.limit)
}

// Unwrap returns which limit it was, and context.DeadlineExceeded.
func (e *limitError) Unwrap() []error { return []error{e.is, context.DeadlineExceeded} }

// lateError is an error that came after a time limit.
type lateError struct{ limit, err error }

func (e *lateError) Error() string {
	if errors.Is(e.err, e.limit) { // it is the cause of the context
		return e.err.Error()
	}
	return fmt.Sprintf("%v: %v", e.limit, e.err)
}

// Unwrap returns the limit, and the error.
func (e *lateError) Unwrap() []error { return []error{e.limit, e.err} }

// failure is the failure of inv by err.
func (inv *invocation[S]) failure(err error) *StepError {
	f := &StepError{Kind: KindStep, Path: inv.path(), Invocation: inv.id, Attempt: inv.attempt.n, Index: inv.index, Err: err}
	if inv.id == 0 {
		f.Kind = KindJoin
	}
	inv.r.classify(f)
	return f
}

// classify sets the reason and the source of a failure.
func (r *run[S]) classify(f *StepError) {
	f.Reason, f.Source = reason(f.Err)
	if isExternal(f.Err) {
		f.Source = External
	}
	if r.p.opts.Classify == nil {
		return
	}
	defer func() { _ = recover() }()
	if s := r.p.opts.Classify(f); s != "" {
		f.Source = s
	}
}

// reasons are the failures that have a reason of their own.
var reasons = []struct {
	err    error
	reason string
}{
	{ErrGoexit, "goexit"}, {ErrControl, "control"}, {ErrUnknownNode, "unknown_node"}, {ErrUndeclared, "undeclared"},
	{ErrNoRoute, "no_route"}, {ErrRetries, "retries"}, {ErrJumps, "jumps"}, {ErrTooManyItems, "items"},
	{ErrBarrierTimeout, "barrier_timeout"}, {ErrUnmet, "unmet"}, {ErrStepTimeout, "timeout"}, {ErrStore, "store"},
	{ErrAbandoned, "abandoned"},
}

// reason is the reason of a failure by err, and whose it is unless it is
// external. A failure inside an inner run is one of that.
func reason(err error) (string, Source) {
	var within verdict
	if errors.As(err, &within) {
		return within.verdict()
	}
	var p *PanicError
	if errors.As(err, &p) {
		return "panic", User
	}
	for _, r := range reasons {
		if errors.Is(err, r.err) {
			return r.reason, Engine
		}
	}
	return "error", User
}

// verdict is an error that hides from reason what it wraps.
type verdict interface{ verdict() (string, Source) }

func (e *RunError) verdict() (string, Source) {
	if f := e.Result.Failure(); f != nil {
		return "error", f.Source
	}
	return "error", Engine
}

func (e *lateError) verdict() (string, Source) {
	if why, source := reason(e.err); why == "panic" || why == "goexit" {
		return why, source
	}
	return "timeout", Engine
}

// isExternal reports whether an error is one of the world outside.
func isExternal(err error) bool {
	var (
		network net.Error
		address *url.Error
		path    *fs.PathError
		exit    *exec.ExitError
		errno   syscall.Errno
	)
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return errors.As(err, &address) || errors.As(err, &path) // a context is a net.Error by its methods alone
	}
	return errors.As(err, &network) || errors.As(err, &address) || errors.As(err, &path) || errors.As(err, &exit) ||
		errors.As(err, &errno) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone)
}
