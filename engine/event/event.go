// Package event defines what a pipeline run tells its observers. It holds data
// and no logic.
package event

import (
	"log/slog"
	"time"
)

// Type is what an event says.
type Type string

// The types of events, in the order in which a run can first publish them.
// STEP_END, STEP_RETRY, STEP_ERROR, STEP_CANCELLED and SUSPEND are the ends of an
// attempt, of which each has one.
const (
	Start          Type = "START"           // first event of a run; Data is Started
	HookError      Type = "HOOK_ERROR"      // a hook has failed; Data is HookFailed
	StepStart      Type = "STEP_START"      // an attempt begins
	SubStart       Type = "SUB_START"       // START of an inner run; Data is Started
	Token          Type = "TOKEN"           // an attempt has emitted a value; Data is Emitted
	MapStart       Type = "MAP_START"       // the items of a map are about to start; Data is MapStarted
	StepEnd        Type = "STEP_END"        // an attempt has succeeded; Data is Ended
	StepRetry      Type = "STEP_RETRY"      // an attempt has ended, and another one follows unless the run ends first; Data is Retried
	StepError      Type = "STEP_ERROR"      // an attempt has failed; Data is Failed
	StepCancelled  Type = "STEP_CANCELLED"  // an attempt has ended because its context was done; Data is Failed
	Suspend        Type = "SUSPEND"         // an attempt has asked to suspend the run; Data is Suspended
	MapComplete    Type = "MAP_COMPLETE"    // all items of a map have ended; Data is MapCompleted
	SubFinish      Type = "SUB_FINISH"      // FINISH of an inner run; Data is Finished
	BarrierWait    Type = "BARRIER_WAIT"    // a join has its first token and waits for others; Data is Barrier
	BarrierRelease Type = "BARRIER_RELEASE" // a join that waited is about to start; Data is Barrier
	BarrierTimeout Type = "BARRIER_TIMEOUT" // a join has waited for longer than it may; Data is Barrier
	JoinUnmet      Type = "JOIN_UNMET"      // too few predecessors of a join have succeeded; Data is Unmet
	Checkpoint     Type = "CHECKPOINT"      // the state is in the store; Data is Checkpointed
	Timeout        Type = "TIMEOUT"         // the run has passed its time limit or the deadline of the caller's context; Data is Interrupted
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
	Switch Kind = "switch"
	Sub    Kind = "sub"
)

// Event is one thing that happened in a run. Events are values; Data never
// holds the state.
type Event struct {
	// Seq counts the events of the run from 1, without gaps. Inner runs share
	// the count, and the stream, of the run that they are in.
	Seq uint64
	// Type says what happened, Kind to what.
	Type Type
	Kind Kind
	// Time is when; Elapsed is the time since START.
	Time    time.Time
	Elapsed time.Duration
	// RunID identifies the run, Pipeline is the name of its pipeline. For an
	// inner run ParentRunID is the run that called it, else empty; RootRunID is
	// the outermost run, whose stream this is.
	RunID       string
	ParentRunID string
	RootRunID   string
	Pipeline    string
	// Node is the name of the node, Path that of the invocation: pages, or
	// pages[3] for an item, or pages[3]/parse for a step of its inner run. What
	// is about a whole inner run has the path of the node that called it.
	Node string
	Path string
	// Invocation numbers the executions of nodes and items in the run from 1.
	// Parent is the one that released it, 0 for a root; Owner is the map of an
	// item, else the invocation itself. Of SUB_START and SUB_FINISH Owner is the
	// invocation of the outer run that called the inner one.
	Invocation, Parent, Owner int
	// Attempt counts the calls for one invocation from 1.
	Attempt int
	// Index is that of the item, or -1.
	Index int
	// Data depends on Type; see the constants. It may be nil.
	Data any
	// Notes are what the attempt has noted about itself with engine.Note, on its
	// end event; nil elsewhere.
	Notes []slog.Attr
}

// Started is the data of START and SUB_START.
type Started struct {
	// Labels are those of the run.
	Labels []slog.Attr
	// PlanHash identifies the pipeline; it is empty unless the run has a store.
	PlanHash string
	// Seed is where the random numbers of the run come from, in a simulation
	// that of the schedule.
	Seed uint64
	// Resumed is set if the run goes on with what an earlier process left.
	Resumed bool
}

// HookFailed is the data of HOOK_ERROR.
type HookFailed struct {
	// Hook is "start" or "finish", Index the place of the hook in the order in
	// which they were added, from 0.
	Hook  string
	Index int
	Error string
}

// Emitted is the data of TOKEN.
type Emitted struct {
	// Value is what Emit was given.
	Value any
}

// Ended is the data of STEP_END.
type Ended struct {
	// Control is the control value that ended the attempt: "skip", "stop",
	// "goto:" and the name of a node, "route:" and the key of a switch, or empty.
	Control string
	// Handled is set if the attempt failed and a handler has dealt with that;
	// Error is the text of the failure then.
	Handled bool
	Error   string
	// Late is set if the attempt has succeeded after its time limit.
	Late     bool
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
	// Source is "user", "external" or "engine", and Stack that of a panic;
	// empty for STEP_CANCELLED.
	Source, Stack string
	// Derived is set for a map that failed because an item did, and for a node
	// that failed because its inner run did.
	Derived bool
	// Abandoned is set for STEP_CANCELLED if the function has not returned
	// within the grace of the run.
	Abandoned bool
	Duration  time.Duration
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

// Barrier is the data of BARRIER_WAIT, BARRIER_RELEASE and BARRIER_TIMEOUT.
type Barrier struct {
	// Arrived are the invocations whose tokens are there, as they came, and
	// Awaited the nodes that have not come.
	Arrived []int
	Awaited []string
	// Waited is the time since the first arrival.
	Waited time.Duration
}

// Unmet is the data of JOIN_UNMET.
type Unmet struct {
	// Arrived are the invocations that succeeded, Missing the predecessors that
	// will not come any more, and Needed how many were wanted.
	Arrived []int
	Missing []string
	Needed  int
}

// Checkpointed is the data of CHECKPOINT.
type Checkpointed struct {
	// Number counts the checkpoints of the run; 0 is the state at its start.
	Number int
	// Seq is that of the last event before what it has: those after it may
	// come again, in other words, if the run goes on from here.
	Seq uint64
	// Bytes is the size of the states and the ledger.
	Bytes int
	// Cut is why it was written: "natural" when nothing ran, "forced" after
	// RunOptions.CheckpointEvery, "snapshot" of a state that is a Snapshotter,
	// "suspend" or "end".
	Cut string
}

// Interrupted is the data of TIMEOUT and CANCELLED.
type Interrupted struct {
	// Cause is the text of the cause with which the context was cancelled.
	Cause string
}

// Finished is the data of FINISH and SUB_FINISH.
type Finished struct {
	// Status is "success", "stopped", "suspended", "failed", "cancelled",
	// "closed" or "timeout".
	Status string
	// Reason says why the run ended so; empty for success.
	Reason string
	// Failures are the texts of the failures, in order; the first one decided.
	Failures []string
	Duration time.Duration
	Metrics  Metrics
	Labels   []slog.Attr
}
