// Package ordinary is what package check/unmodified and package check tell each other.
package ordinary

import "github.com/ravelgo/ravel/sched"

// Test is an ordinary test: one that knows nothing of searches.
type Test struct {
	// Code is the function that the user has written.
	Code any
	// Alone returns how many tasks of the last run were subtests that ran alone: the
	// rest of the test waited for them. It is not concurrent because of them.
	Alone func() int
	// Strict makes it a failure that a test cannot be searched.
	Strict bool

	// Plain says why the test cannot be searched, and has to be run as it is; empty
	// if it can. The body may set it, too.
	Plain string
	// Skipped is set if the test has skipped itself.
	Skipped bool
	// Only is set if the first run is all there is to try. How it went is not reported:
	// that is up to the caller.
	Only bool
}

// Failure is a failed assertion.
type Failure struct {
	Text string
	Pos  sched.Pos // where it was made
}
