package engine

import (
	"errors"
	"fmt"
	"time"
)

// The control values, which a step returns in place of an error. They are found
// through wrapping by a single %w, so that a step can say why:
//
//	return fmt.Errorf("no orders today: %w", engine.Skip)
//
// Joined with another error they are a failure, [ErrControl]. What each means
// elsewhere than in a step is said at [Each], [Gather] and [Slice].
var (
	// Stop ends the run: nothing else starts, what runs goes on to its end,
	// and the status is Stopped.
	Stop error = &control{kind: stop}
	// Skip ends the step without a failure, and leaves out what follows it: a
	// node with a predecessor that was skipped is skipped too. From an item of
	// a map it means that the item has no result.
	Skip error = &control{kind: skip}
	// Retry calls the step, or the item, once more at once, as its next
	// attempt. Options.MaxRetries says how often.
	Retry error = &control{kind: retry}
)

// RetryAfter is [Retry] after d, by the clock of package sched. An item of a map
// keeps its place among MaxConcurrency meanwhile. The wait is cut short, and
// nothing follows, when the run ends. Zero or less is Retry.
func RetryAfter(d time.Duration) error { return &control{kind: retry, delay: d} }

// Suspend ends the run as [Stop] does, with the status Suspended and an error
// that wraps [ErrSuspended]: the step, or the item, waits for something that
// this run will not see. The reason is told in the event and the error.
func Suspend(reason string) error { return &control{kind: suspend, text: reason} }

// Goto starts the node with the given name in place of the successors of the
// step, which must have declared that with [Node.MayGoto]. The node may have
// run before.
func Goto(name string) error { return &control{kind: jump, text: name} }

// controlKind is a kind of control value, or a set of them.
type controlKind uint8

const (
	stop controlKind = 1 << iota
	skip
	retry
	suspend
	jump
)

// control is a control value.
type control struct {
	kind  controlKind
	delay time.Duration // of a retry
	text  string        // the reason of a suspend or the target of a jump
}

func (c *control) Error() string {
	switch c.kind {
	case stop:
		return "engine.Stop"
	case skip:
		return "engine.Skip"
	case suspend:
		return fmt.Sprintf("engine.Suspend(%q)", c.text)
	case jump:
		return fmt.Sprintf("engine.Goto(%q)", c.text)
	}
	if c.delay > 0 {
		return fmt.Sprintf("engine.RetryAfter(%v)", c.delay)
	}
	return "engine.Retry"
}

// label is how events name c.
func (c *control) label() string {
	switch {
	case c == nil:
		return ""
	case c.kind == stop:
		return "stop"
	case c.kind == skip:
		return "skip"
	}
	return "goto:" + c.text
}

// place is where a result comes from, and which control values mean something
// there.
type place struct {
	name    string
	allowed controlKind
}

var (
	fromStep    = &place{"a step", stop | skip | retry | suspend | jump}
	fromHook    = &place{"a hook", 0}
	fromItem    = &place{"an item of a map", stop | skip | retry | suspend}
	fromItems   = &place{"the Items of a map", stop | skip}
	fromCollect = &place{"Collect", stop}
)

// outcome is how the function of an invocation ended.
type outcome struct {
	err     error
	control *control // the control value that err is
	route   int      // of a switch, in Node.next, from 1; 0 for none
	key     string   // that led there
	derived bool     // an item failed, or an inner run
	settled bool     // it is final: neither tried again nor handled
	handled error    // the failure that a handler has dealt with
	late    bool     // after the time limit
	overdue bool     // it failed because of that
	cut     bool     // the run ended before the next attempt began
}

// failed reports whether the outcome is a failure.
func (o *outcome) failed() bool { return o.err != nil && o.control == nil }

// label is how events name what the attempt led to.
func (o *outcome) label() string {
	if o.control == nil && o.route > 0 {
		return "route:" + o.key
	}
	return o.control.label()
}

// asks reports whether the outcome is a control value of the given kind.
func (o *outcome) asks(kind controlKind) bool { return o.control != nil && o.control.kind == kind }

// outcome returns what it means that code in p returned err.
func (p *place) outcome(err error) outcome {
	if err == nil {
		return outcome{}
	}
	c, alone := findControl(err)
	switch {
	case c == nil:
		return outcome{err: err}
	case !alone:
		return outcome{err: fmt.Errorf("%w, joined with another error: %w", ErrControl, err)}
	case c.kind&p.allowed == 0:
		return outcome{err: fmt.Errorf("%w: %s must not return %w", ErrControl, p.name, err)}
	}
	return outcome{err: err, control: c}
}

// findControl returns the control value in err, if there is one, and whether
// nothing else is joined with it. What another run made a failure is none.
func findControl(err error) (c *control, alone bool) {
	for ; err != nil; err = errors.Unwrap(err) {
		switch e := err.(type) {
		case *control:
			return e, true
		case *StepError, *RunError, *PanicError:
			return nil, true
		case interface{ Unwrap() []error }:
			for _, joined := range e.Unwrap() {
				if c, _ := findControl(joined); c != nil {
					return c, false
				}
			}
			return nil, true
		}
	}
	return nil, true
}
