// Package store keeps runs of pipelines: what happened in them, and the state
// from which one that was suspended, or whose process died, goes on.
//
// A [Store] is what package engine writes to, and a [History] what people and
// tools read from. [Memory] is both and lives as long as the process;
// engine/store/sqlite and engine/store/postgres, which are modules of their own,
// keep runs on disk. Package storetest has the tests that each must pass.
//
// # Rules
//
// A row of a run is written before anything else happens in it. Whoever works on
// a run holds its [Lease], until a time that renewals put off. When that has
// passed, the run was interrupted, and another process may claim it: the fence
// of its lease is one higher, and what is written with a lower one is refused.
// So two processes never both go on with a run.
//
// A [Batch] is one transaction: all of it is kept, or nothing. What was
// acknowledged survives a crash of the process and, in a store on disk, of the
// machine.
//
// # Values
//
// Every store gives back what it was given, with three exceptions that are the
// same in all of them. Times are in UTC, without a monotonic clock, to the
// nanosecond; those before 1678 and after 2261, except the zero time, are
// refused. In texts, and in JSON, what is not UTF-8 and NUL become U+FFFD, as
// some databases cannot hold them; the ID of a run or an owner that has such is
// refused, and so is an ID of more than 1000 bytes. Other bytes, such as the
// state, may be any. A slice without elements comes back as nil, while bytes that
// are empty are told apart from nil.
package store

import (
	"context"
	"errors"
	"time"
)

var (
	// ErrRunExists says that a new run has the ID of one that is in the store.
	ErrRunExists = errors.New("store: run exists")
	// ErrRunActive says that somebody holds the lease of a run.
	ErrRunActive = errors.New("store: run is active")
	// ErrNotResumable says that a run has come to an end from which it cannot
	// go on: success, or stopped.
	ErrNotResumable = errors.New("store: run cannot be resumed")
	// ErrUnknownRun says that no run has the given ID.
	ErrUnknownRun = errors.New("store: unknown run")
	// ErrFenced says that a lease is no longer valid: another process has
	// claimed the run, or the run was deleted.
	ErrFenced = errors.New("store: run was taken over")
	// ErrPlanChanged says that a run was begun by another definition of its
	// pipeline.
	ErrPlanChanged = errors.New("store: pipeline has changed since the run began")
)

// Store is what a run is kept in. All methods may be called at once, by any
// number of runs and processes. Errors wrap those of this package where one
// fits, else they are of the medium. What a method is given it must not keep
// after it has returned, and what it returns is the caller's. A call whose context
// has ended before changes nothing and returns the error of that.
type Store interface {
	// Claim gives the right to work on a run. Of a new one, it writes the row,
	// the plan unless that is known, and checkpoint 0. Of one to resume, it
	// raises the fence; the run must be resumable: its status suspended, failed,
	// timeout, cancelled or closed, or running with a lease that has expired.
	// Its row then is that of a running one: what it said of an end is gone.
	//
	// Errors: ErrRunExists if a new run is there already; else, to be looked at
	// in this order, ErrUnknownRun, ErrRunActive while a lease holds,
	// ErrNotResumable, ErrPlanChanged if Claim.Run.PlanHash is another than that
	// of the row. Nothing is changed then.
	Claim(ctx context.Context, c Claim) (Lease, error)
	// Append writes b, all of it or nothing, and returns when it is kept.
	//
	// Errors: ErrFenced if l is not the last lease of the run, or was released;
	// ErrRunExists if an inner run has the ID of a run that is not of this one.
	// That l has expired is no error as long as nobody has claimed the run.
	Append(ctx context.Context, l Lease, b Batch) error
	// Load returns the row of an outermost run, its last checkpoint and its
	// items. The error is ErrUnknownRun if there is none.
	Load(ctx context.Context, runID string) (Saved, error)
}

// Status is how a run stands. Those of package engine are the same texts.
type Status string

// The statuses.
const (
	Running   Status = "running"
	Success   Status = "success"
	Stopped   Status = "stopped"
	Suspended Status = "suspended"
	Failed    Status = "failed"
	Cancelled Status = "cancelled"
	Closed    Status = "closed"
	TimedOut  Status = "timeout"
	// Interrupted is that of a run whose row says running, while its lease has
	// expired: the process that worked on it has died. It is computed by
	// readers, never written.
	Interrupted Status = "interrupted"
)

// Resumable reports whether a run with status s may be resumed, if nobody holds
// its lease.
func (s Status) Resumable() bool {
	switch s {
	case Success, Stopped:
		return false
	}
	return true
}

// Claim asks for a run.
type Claim struct {
	// Resume says that the run is in the store and is to be gone on with; else
	// it is a new one.
	Resume bool
	// Owner is who asks: a text that differs between processes, and between
	// runs of one.
	Owner string
	// Now is the time by the caller's clock, and TTL how long the lease holds
	// from then.
	Now time.Time
	TTL time.Duration
	// Run is the row of a new run. Of one to resume only ID and PlanHash count.
	Run Run
	// Plan describes the pipeline of a new run, as JSON, and Checkpoint is that
	// with number 0.
	Plan       []byte
	Checkpoint Checkpoint
}

// Lease is the right to work on a run, until it expires or another one is given.
type Lease struct {
	RunID string
	Owner string
	// Fence counts the leases of the run from 1.
	Fence int64
	Until time.Time
}

// Batch is what is written at once. The zero value changes nothing.
type Batch struct {
	// Events are in order of Seq, without gaps after those in the store; others
	// are refused.
	Events []Event
	// Checkpoint replaces the last one; the one before it is kept too, earlier
	// ones need not be. Its number must be one more. Nil for none.
	Checkpoint *Checkpoint
	// Items are added, or replace those of the same invocation and index.
	Items []Item
	// Forget are invocations whose items are deleted, before Items are added.
	Forget []Owner
	// Runs are rows of this run and of its inner runs, which are added or
	// replaced. What belongs to the lease stays as it is, and so does LastSeq of
	// the outermost run.
	Runs []Run
	// Until puts off the end of the lease; zero leaves it. Release ends it.
	Until   time.Time
	Release bool
}

// Run is the row of a run. Inner runs have rows of their own, but no lease and
// no checkpoint: those of the outermost run are for all of it.
type Run struct {
	ID string
	// RootID is the outermost run; for that, its own ID. ParentID is the run
	// that called it and ParentInvocation the invocation there; empty and 0 for
	// an outermost run.
	RootID, ParentID string
	ParentInvocation int
	Pipeline         string
	PlanHash         string
	Status           Status
	Started          time.Time
	Ended            time.Time // zero until it has
	Duration         time.Duration
	// Reason says why it ended so. The others are of the failure that decided:
	// its text, its kind ("startup", "step", "join", "finish" or "engine"), its
	// source ("user", "external" or "engine") and the path of its node.
	Reason, Error, ErrorKind, ErrorSource, ErrorPath string
	// Seed, and in a simulation Schedule, replay the run.
	Seed     uint64
	Schedule string
	// Labels and Metrics are JSON objects; nil for none.
	Labels, Metrics []byte
	// LastSeq is that of its last event. Of an outermost run stores keep it
	// themselves.
	LastSeq uint64

	// Of the lease. Stores keep these themselves; of an inner run they are those
	// of its outermost run.
	LeaseOwner string
	LeaseUntil time.Time // zero if nobody works on it
	Fence      int64
}

// At returns the status of r at a time by the clock of those who work on it: that
// of the row, or Interrupted.
func (r Run) At(now time.Time) Status {
	if r.Status == Running && !now.Before(r.LeaseUntil) {
		return Interrupted
	}
	return r.Status
}

// Event is a row of an event. The key is that of the outermost run and Seq.
type Event struct {
	Seq uint64
	// RunID is the run that it is about: the outermost or an inner one.
	RunID                     string
	Type, Kind                string
	Node, Path                string
	Invocation, Parent, Owner int
	Attempt                   int
	Index                     int // of the item, or -1
	Time                      time.Time
	Elapsed                   time.Duration
	// Data and Notes are JSON; nil for none.
	Data, Notes []byte
}

// Checkpoint is what a run goes on from.
type Checkpoint struct {
	// Number counts those of the run, from 0, which Claim writes.
	Number int
	// Seq is that of the last event before it.
	Seq uint64
	// Cut is why it was written; see event.Checkpointed.
	Cut string
	// State and Ledger are what the engine has encoded, State by the codec
	// named Codec.
	State, Ledger []byte
	Codec         string
	Written       time.Time
}

// Owner is an invocation of a run: the outermost or an inner one.
type Owner struct {
	RunID      string
	Invocation int
}

// Item is what has come of an item of a map.
type Item struct {
	Owner
	Index  int
	Status string // "ok" or "skip"
	Result []byte
}

// Saved is what a store has of a run.
type Saved struct {
	Run        Run
	Checkpoint Checkpoint // the last one
	Items      []Item     // by run, invocation and index
	// Tail are the events after the checkpoint, in order.
	Tail []Event
}

// History is what readers of a store need. Methods may be called at once, also
// while runs write.
type History interface {
	// Runs returns the rows that q asks for, the last started first, and of
	// those that started at once by ID.
	Runs(ctx context.Context, q Query) ([]Run, error)
	// Events returns the events of an outermost run in order, of the given
	// types or, without, of all. The error is ErrUnknownRun if there is none.
	Events(ctx context.Context, runID string, types ...string) ([]Event, error)
	// Plan returns the description of a pipeline, as JSON; nil if there is none.
	Plan(ctx context.Context, hash string) ([]byte, error)
	// Delete removes an outermost run with all that belongs to it. The errors
	// are ErrUnknownRun, and ErrRunActive while a lease holds at the given time.
	Delete(ctx context.Context, runID string, now time.Time) error
}

// Query selects runs. The zero value selects all outermost runs.
type Query struct {
	// Status, Pipeline and Prefix, of the ID, select by these; empty for any.
	// Running and Interrupted are told apart by Now.
	Status   Status
	Pipeline string
	Prefix   string
	Now      time.Time
	// Since selects those that started then or later; zero for any.
	Since time.Time
	// Root selects the run with that ID and its inner runs, in place of
	// outermost runs.
	Root string
	// Limit is how many are returned at most; zero or less for all.
	Limit int
}
