// Package event defines what a pipeline run tells its observers. It holds data
// and no logic.
package event

import "time"

// Type is what an event says.
type Type string

// The types of events, in the order in which a run can first publish them.
const (
	Start          Type = "START"           // first event of a run
	StepStart      Type = "STEP_START"      // an attempt begins
	MapStart       Type = "MAP_START"       // the items of a map are about to start; Data is MapStarted
	StepEnd        Type = "STEP_END"        // an attempt has succeeded; Data is Ended
	StepError      Type = "STEP_ERROR"      // an attempt has failed; Data is Failed
	StepCancelled  Type = "STEP_CANCELLED"  // an attempt has ended because its context was done; Data is Failed
	MapComplete    Type = "MAP_COMPLETE"    // all items of a map have ended; Data is MapCompleted
	BarrierWait    Type = "BARRIER_WAIT"    // a join has its first token and waits for others; Data is Barrier
	BarrierRelease Type = "BARRIER_RELEASE" // a join that waited is about to start; Data is Barrier
	Timeout        Type = "TIMEOUT"         // the deadline of the caller's context has passed
	Cancelled      Type = "CANCELLED"       // the caller has cancelled the run
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
	// Attempt counts from 1.
	Attempt int
	// Index is that of the item, or -1.
	Index int
	// Data depends on Type; see the constants. It may be nil.
	Data any
}

// Ended is the data of STEP_END.
type Ended struct {
	Duration time.Duration
}

// Failed is the data of STEP_ERROR and STEP_CANCELLED.
type Failed struct {
	// Reason is "error", "panic" or "goexit" for STEP_ERROR, "cancelled" else.
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

// MapCompleted is the data of MAP_COMPLETE.
type MapCompleted struct {
	Started, OK, Failed, Cancelled int
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

// Finished is the data of FINISH.
type Finished struct {
	// Status is "success", "failed", "cancelled" or "timeout".
	Status string
	// Failures are the texts of the failures, in order.
	Failures []string
	Duration time.Duration
}
