// Package race finds accesses to shared data that can go wrong.
//
// A [Var], [Slice] or [Map] holds data that tasks share. In production it is
// the plain data: an access costs one predicted branch more, and the race
// detector of go test -race sees it. In a simulation of package sched every
// access is an operation, so that the search orders it in all ways, and a
// [Tracker] watches the accesses.
//
// # The model
//
// Two accesses to one location, at least one of which writes, must be ordered
// by what the Go memory model calls happens-before: starting a task, locks,
// channels, wait groups. The tracker computes that order exactly with a vector
// clock a task, as FastTrack does (Flanagan and Freund, PLDI 2009), and reports
// a data race when the order is missing, in whatever schedule it occurs: the
// accesses need not happen at the same moment. That a task has ended orders
// nothing, unless someone waited for it. Readers do not order readers.
//
// It reports a lost update when a task reads a value, another task writes, and
// the first task writes without having read again: the write in between is
// gone. This needs no data race: each access may be made under a lock, if the
// lock is released between the read and the write. It is not reported if
// starts, joins and messages force the accesses into that order in every
// schedule.
//
// # What it does not see
//
// Accesses to plain variables are not operations and are not seen here; use
// go test -race for those. Memory is sequentially consistent: what a racy
// program may see beyond that is not simulated; the race is reported instead.
package race
