// Package event defines what a pipeline run tells its observers. It holds data
// and no logic.
package event

import "time"

// Type is what an event says.
type Type string

// The types of events, in the order in which a run can first publish them.
// STEP_END, STEP_RETRY, STEP_ERROR, STEP_CANCELLED and SUSPEND are the ends of an
// attempt, of which each has one.
const (
	Start          Type = "START"           // first event of a run
	StepStart      Type = "STEP_START"      // an attempt begins
	Token          Type = "TOKEN"           // an attempt has emitted a value; Data is Emitted
	MapStart       Type = "MAP_START"       // the items of a map are about to start; Data is MapStarted
	StepEnd        Type = "STEP_END"        // an attempt has succeeded; Data is Ended
	StepRetry      Type = "STEP_RETRY"      // an attempt has ended, and another one follows unless the run ends first; Data is Retried
	StepError      Type = "STEP_ERROR"      // an attempt has failed; Data is Failed
	StepCancelled  Type = "STEP_CANCELLED"  // an attempt has ended because its context was done; Data is Failed
	Suspend        Type = "SUSPEND"         // an attempt has asked to suspend the run; Data is Suspended
	MapComplete    Type = "MAP_COMPLETE"    // all items of a map have ended; Data is MapCompleted
	BarrierWait    Type = "BARRIER_WAIT"    // a join has its first token and waits for others; Data is Barrier
	BarrierRelease Type = "BARRIER_RELEASE" // a join that waited is about to start; Data is Barrier
	Timeout        Type = "TIMEOUT"         // the deadline of the caller's context has passed; Data is Interrupted
	Cancelled      Type = "CANCELLED"       // the caller or the consumer has cancelled the run; Data is Interrupted
	Finish         Type = "FINISH"          // last event of a run; Data is Finished
)

// Kind is what an event is about.
type Kind string

// The kinds.
const (
	Run    Kind = "run"
	Step   Kind = "step"
	Map    Kind = "map"
	Worker Kind = "worker" // one item of a map
)

// Event is one thing that happened in a run. Events are values; Data never
// holds the state.
type Event struct {
	// Seq counts the events of the run from 1, without gaps.
	Seq uint64
	// Type says what happened, Kind to what.
	Type Type
	Kind Kind
	// Time is when; Elapsed is the time since START.
	Time    time.Time
	Elapsed time.Duration
	// RunID identifies the run, Pipeline is its name.
	RunID    string
	Pipeline string
	// Node is the name of the node, Path that of the invocation: pages, or
	// pages[3] for an item.
	Node string
	Path string
	// Invocation numbers the executions of nodes and items in the run from 1.
	// Parent is the one that released it, 0 for a root; Owner is the map of an
	// item, else the invocation itself.
	Invocation, Parent, Owner int
	// Attempt counts the calls for one invocation from 1.
	Attempt int
	// Index is that of the item, or -1.
	Index int
	// Data depends on Type; see the constants. It may be nil.
	Data any
}

// Emitted is the data of TOKEN.
type Emitted struct {
	// Value is what Emit was given.
	Value any
}

// Ended is the data of STEP_END.
type Ended struct {
	// Control is the control value that ended the attempt: "skip", "stop",
	// "goto:" and the name of a node, or empty.
	Control  string
	Duration time.Duration
}

// Retried is the data of STEP_RETRY.
type Retried struct {
	// Error is the text of what the attempt returned, Delay the time until the
	// next one.
	Error    string
	Delay    time.Duration
	Duration time.Duration
}

// Suspended is the data of SUSPEND.
type Suspended struct {
	// Reason is that of the control value.
	Reason   string
	Duration time.Duration
}

// Failed is the data of STEP_ERROR and STEP_CANCELLED.
type Failed struct {
	// Reason is "cancelled" for STEP_CANCELLED, else that of the
	// engine.StepError.
	Reason string
	// Error is the text of the error or the cause.
	Error string
	// Derived is set for a map that failed because an item did.
	Derived  bool
	Duration time.Duration
}

// MapStarted is the data of MAP_START.
type MapStarted struct {
	// Count is the number of items, or -1 if it is not known.
	Count int
}

// MapCompleted is the data of MAP_COMPLETE: how many items have started, and how
// they have ended. Those that the end of the run has kept from another attempt,
// and those that asked to suspend it, count as cancelled.
type MapCompleted struct {
	Started, OK, Skipped, Failed, Cancelled int
}

// Barrier is the data of BARRIER_WAIT and BARRIER_RELEASE.
type Barrier struct {
	// Arrived are the invocations whose tokens are there, in edge order, and
	// Awaited the nodes that have not come.
	Arrived []int
	Awaited []string
	// Waited is the time since the first arrival.
	Waited time.Duration
}

// Interrupted is the data of TIMEOUT and CANCELLED.
type Interrupted struct {
	// Cause is the text of the cause with which the context was cancelled.
	Cause string
}

// Finished is the data of FINISH.
type Finished struct {
	// Status is "success", "stopped", "suspended", "failed", "cancelled",
	// "closed" or "timeout".
	Status string
	// Failures are the texts of the failures, in order.
	Failures []string
	Duration time.Duration
}
