package engine

import (
	"cmp"
	"log/slog"
	"time"

	"github.com/ravelgo/ravel/engine/event"
)

// Result is what a run came to.
type Result struct {
	// RunID identifies the run in its events. It is drawn if RunOptions has
	// none and someone observes the run, or it is stored; else it is empty.
	RunID  string
	Status Status
	// Reason says in a few words why it ended so; empty for Success.
	Reason string
	// Failures are those that nobody has handled, in the order of their events.
	Failures []*StepError
	// Nodes are what has become of the nodes, in the order of declaration.
	Nodes   []NodeResult
	Metrics event.Metrics
	Labels  []slog.Attr
	// Started is when, and Duration how long, by the clock of package sched.
	Started  time.Time
	Duration time.Duration
}

// Failure returns the first of Failures, which decided that the run failed, or
// nil.
func (r Result) Failure() *StepError {
	if len(r.Failures) == 0 {
		return nil
	}
	return r.Failures[0]
}

// NodeResult is what has become of a node in a run.
type NodeResult struct {
	Name string
	// Invocations is how often it was started.
	Invocations int
	// Left says why it was not: empty if it was.
	Left Left
	// Arrived and Missing are the predecessors of a join that was left out that
	// have succeeded, and those that have not.
	Arrived, Missing []string
}

// Left is why a node was not started.
type Left string

// The reasons.
const (
	NotTaken    Left = "not taken"       // nothing led to it: another route, or another root
	LeftSkipped Left = "skipped"         // a predecessor was skipped
	LeftFailed  Left = "failed upstream" // a predecessor failed
	LeftUnmet   Left = "unmet"           // too few predecessors succeeded, or in time
	CutOff      Left = "cut off"         // the run ended before
)

// nodeResults is what has become of the nodes. The ledger is held.
func (r *run[S]) nodeResults() []NodeResult {
	all := make([]NodeResult, len(r.p.nodes))
	for i, n := range r.p.nodes {
		nr := &r.nodes[i]
		all[i] = NodeResult{Name: n.name, Invocations: nr.invoked}
		if nr.invoked > 0 {
			continue
		}
		if all[i].Left = nr.left; nr.left == "" {
			all[i].Left = NotTaken
			if r.endedEarly() {
				all[i].Left = CutOff
			}
		}
		if j := cmp.Or(nr.last, nr.join); j != nil {
			all[i].Arrived, all[i].Missing = n.arrivals(j)
		}
	}
	return all
}

// endedEarly reports whether the run ended before it had nothing more to do.
func (r *run[S]) endedEarly() bool {
	switch r.status {
	case Success:
		return false
	case Failed:
		return r.p.opts.Policy == FailFast || len(r.p.onStart) > 0 && r.last == 0
	}
	return true
}

// arrivals tells apart the predecessors of a join that have succeeded.
func (n *Node[S]) arrivals(j *joinRun) (arrived, missing []string) {
	for slot, m := range n.prev {
		if j.came[slot] == tokenOK {
			arrived = append(arrived, m.name)
		} else {
			missing = append(missing, m.name)
		}
	}
	return arrived, missing
}

// outcomeReason says why the run ended as it did.
func (r *run[S]) outcomeReason() string {
	switch {
	case r.status == Failed && len(r.failures) > 0:
		return r.failures[0].Error()
	case r.status == Stopped:
		return "a step returned Stop"
	case r.status == Suspended:
		return r.reason
	case r.cause != nil:
		return r.cause.Error()
	}
	return ""
}
