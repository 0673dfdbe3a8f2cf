// Package std is what code that knows nothing of this module calls once ravel test
// has rewritten it: there is a function for each operation on a channel and for
// each function and method of packages sync, time, context and others that waits,
// wakes or differs from run to run. Nobody writes such calls by hand.
//
// Types stay those of the standard library: a sync.Mutex is a sync.Mutex, a chan a
// chan. Only what is done with them is a call. Outside a simulation a function does
// what it stands for. In one, it does it to a twin: an object of package sched that
// stands for the value in that run, and is found by its address. So this
//
//	std.MutexLock(&s.mu)
//
// locks a sync.Mutex, or is an operation of a run, with all that package sched says
// of a sched.Mutex.
//
// # What code that is not rewritten sees
//
// What a simulation does to a value is done to the value as well, as far as it can
// be: a locked mutex is locked, the buffer of a channel holds what was sent, a
// closed one is closed, a wait group counts, a once is done. A library that was not
// rewritten sees that, and so does a copy: that of a locked mutex is locked.
// Two tasks that meet on an unbuffered channel do so unseen, and so do those that
// wait for a sync.Cond; the timers of a simulation are its own.
//
// # From run to run
//
// A mutex that a run leaves locked is unlocked when the run is over, and a wait
// group then counts what it counted before. What holds data keeps it, as any variable
// does: a channel its buffer and that it is closed, a sync.Map and an atomic its
// values, a sync.Once that it was done. So the first run of a test may differ from
// all later ones, as it does when go test -count repeats one. A sync.Pool begins
// empty, and random numbers follow from the run.
//
// # Iteration over maps
//
// The order in which a range statement visits a map is drawn from the task's random
// numbers, and like them it is no choice of the search: a search of a program whose
// outcome may depend on it cannot promise to have seen everything. It was not made a
// choice because n keys have n! orders, which would be far too many, and because a
// choice that is replayed is found by the operation at which it is made: a range
// statement is none. A map with fewer than two keys draws nothing.
//
// The order of keys before it is drawn is that of [sched.SortKeys]. Keys that
// cannot be told apart by their value, such as pointers to equal structs, are taken
// in the order in which the run has first used what they point to, and else in that
// of their addresses, which another process may not repeat.
package std
