package event

import "time"

// Metrics are the counts of a run. Those of its inner runs are in their own.
type Metrics struct {
	// Started is how many invocations have started; the others are how they
	// ended. What asked to suspend the run counts as cancelled.
	Started, OK, Skipped, Failed, Cancelled int
	// Retries is how many attempts were followed by another one.
	Retries int
	// Peak is the most invocations that ran at once, Running how many ran on
	// average over time.
	Peak    int
	Running float64
	// Tokens is how many values were emitted, Events how many events there were,
	// by type.
	Tokens int
	Events map[Type]int
	// Backlog is the most events that waited to be delivered, and Blocked how
	// long tasks have waited for that in all. Both are 0 if nobody observes the
	// run.
	Backlog int
	Blocked time.Duration
	// ObserverPanics is how often an observer panicked; in FINISH, until then.
	ObserverPanics int
	// Checkpoints is how many were written, and CheckpointBytes and
	// CheckpointTime what that took.
	Checkpoints     int
	CheckpointBytes int64
	CheckpointTime  time.Duration
	// Nodes are the counts of the nodes, in the order of declaration.
	Nodes []NodeMetrics
	// Counts are what the steps have counted, by name.
	Counts []Count
}

// NodeMetrics are the counts of a node.
type NodeMetrics struct {
	Name string
	// Attempts is how often its function was called. A map counts once for itself
	// and once for each call for an item, here and in what follows.
	Attempts, OK, Skipped, Failed, Cancelled int
	// Min, Max and Total are of the time that attempts took.
	Min, Max, Total time.Duration
	// Waited is the longest that it waited for its predecessors after the first.
	Waited time.Duration
}

// Count is what the steps of a run have counted under a name.
type Count struct {
	Name  string
	Value int64
}
