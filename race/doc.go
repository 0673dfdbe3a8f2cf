// Package race finds accesses to shared data that can go wrong.
//
// A [Var], [Slice] or [Map] holds data that tasks share. In production it is
// the plain data: an access costs one predicted branch more, and the race
// detector of go test -race sees it. In a simulation of package sched every
// access is an operation, so that the search orders it in all ways, and a
// [Tracker] watches the accesses.
//
// # Data races
//
// Two accesses to one location, at least one of which writes, must be ordered
// by what the Go memory model calls happens-before: starting a task, locks,
// channels, wait groups, atomics. The tracker computes that order exactly with a
// vector clock a task, as FastTrack does (Flanagan and Freund, PLDI 2009), and
// reports a data race when the order is missing, in whatever schedule it occurs:
// the accesses need not happen at the same moment. That a task has ended orders
// nothing, unless someone waited for it. Readers do not order readers.
//
// Locks are used to suspect, never to accuse. If the accesses of a run have no
// lock in common (Savage and others, Eraser, TOCS 1997) but happened to be ordered,
// or if locks are taken in two orders, that is a [Suspicion]: package check leads
// some schedules to it, and reports what they show.
//
// # Lost updates
//
// An update is lost when a task reads a value, another task writes, and the
// first task writes without having read again. This needs no data race: each
// access may be made under a lock, if the lock is released between the read and
// the write. It is not reported if starts, joins and messages force the accesses
// into that order in every schedule; nor if the write is blind. Whether what is
// written depends on what was read cannot be seen: a task that reads a variable
// and later writes it is taken to have used what it read. If it has not, it says
// so with [Var.Set].
//
// # Stages
//
// A step of a pipeline, the work on one item of a map, and what [Atomic] calls are
// stages: work that is meant to see shared data in order and to leave them so.
// What an Atomic has seen must be as if nothing else had happened meanwhile. Of the
// other stages that is not known, as they may well take a lock twice; of them is
// reported that they read a variable twice, or wrote one twice, without
// synchronising, and another task came between; that they stored a value for a key
// because there was none, and there was one by then; and that they have read two
// variables around an update of both by one other stage. Variables that [Together]
// declares are judged so in any task.
//
// A value that [Freeze] was told of must not change at all.
//
// # What it does not see
//
// Accesses to plain variables are seen only of code that tells of them (package
// access), and are operations only at places where tasks have met. Whether what is
// written there depends on what was read nobody says: it is taken to be a lost update
// only if a data race is involved. Of other code go test -race sees them, where it
// runs on real goroutines, outside a simulation.
// Memory is sequentially consistent: what a racy
// program may see beyond that is not simulated; the race is reported instead.
package race
