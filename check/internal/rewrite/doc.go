// Package rewrite turns the files of an ordinary Go package into files whose
// concurrency goes through package sched/std.
//
// A go statement, a channel operation, a select, a call of sync, sync/atomic,
// time, context, math/rand or runtime.Gosched, a range over a map and an access
// of one become calls of functions there. The types of the program stay as they
// are: a sync.Mutex stays a sync.Mutex, only its Lock is done by std.MutexLock.
//
// The new text has the positions of the old one. Tokens that stay keep file,
// line and column, by the way of line directives where text was moved or
// inserted, so that panics, coverage and reports speak of the user's source.
// What is inserted has the position of what it stands for.
//
// What cannot be rewritten stays as it is and is named by a [Refusal].
// The package must be free of type errors.
package rewrite
