// Package check runs a test under many schedules and explains what goes wrong.
//
//	func TestCount(t *testing.T) {
//		check.Run(t, func(t *check.T) {
//			var n race.Var[int]
//			var wg sched.WaitGroup
//			for range 2 {
//				wg.Go(func() { n.Update(func(n int) int { return n + 1 }) })
//			}
//			wg.Wait()
//			require.Equal(t, 2, n.Load())
//		})
//	}
//
// The body runs once a schedule, in a simulation of package sched: tasks,
// locks, channels, time and randomness are those of sched, and the shared data
// are those of package race, or plain memory of code that is compiled so that it tells
// of its accesses (package race/access): then some schedules that are not counted show
// first where tasks share memory. The first schedule has no preemption. The others
// are sampled by several strategies, those the more often that show something
// new; where there seem to be few traces, schedules that differ in more than the
// order of operations that can be exchanged, all of them are tried, and the
// result is verified. The seed follows from the name of the test, so that a test
// does the same in every process; RAVEL_SEED changes it.
//
// The body is called by as many goroutines at once as there are processors, each
// in a simulation of its own. It must set up all it uses itself: some schedules
// are run a second time, to see whether it does the same again.
//
// # Inputs
//
// [Prop] runs a property: what it draws from a *rapid.T is searched and made smaller
// together with the schedule, and is part of the trace. [Fuzz] makes a property a
// target of go test -fuzz, which takes new interleavings for coverage. [History]
// tells whether what calls have returned is linearizable. docs/properties.md has
// examples.
//
// # What fails a test
//
// A failed assertion, a broken [Invariant], a panic, a deadlock, tasks that are left
// blocked, a run that does not end, misuse of a primitive; a data race, a lost
// update, an atomicity violation, a torn snapshot, a change of what is frozen, as
// package race tells them; a body that is not deterministic, and code that blocks
// outside the scheduler. docs/findings.md has the smallest example of each, and what
// to do.
//
// What the locks of some run only suggest, a race or a deadlock of another schedule,
// is looked for by leading some schedules to it. If none of these shows it, it is
// logged as possible and fails nothing.
//
// [Immutable] and [Strict] need no schedules: they look at types.
//
// The first schedule found for each is made smaller: to the fewest preemptions,
// which are switches away from a task that could have gone on, then to the
// fewest choices that differ from the schedule without preemption. It is
// reported as a table with a column a task, and saved under
// testdata/ravel/<test>/ as a trace, one file a finding. The next run of the test
// tries the saved traces first. A trace that no longer fails may be deleted.
//
// A trace is text, described at [sched.Trace]: the operations of the run, and
// between them the choices that lead to it. A choice names the task, what it is
// about to do to which object of the source, and for which time, so that it is
// still found when other code comes or goes. Where a test no longer does what
// its trace has, its log says how much of the trace it followed and what differs
// first.
//
// # Environment
//
//	RAVEL_SEED        seed of the search: a number, or "random" for another one each time
//	RAVEL_RUNS        how many schedules to try, instead of Config.Runs
//	RAVEL_SLACK       timers that are due so soon may fire while tasks can go on, such as 100us
//	RAVEL_TIME        how long to search, such as 5m; without RAVEL_RUNS the only limit
//	RAVEL_SHARD       i/n, such as 3/64, on one of n machines: its searches have seeds of their own
//	RAVEL_REPORT      folder for reports as JSON and pages: see package report
//	RAVEL_STRATEGY    one strategy instead of the usual search: see [strategy.Parse]
//	RAVEL_COVERAGE    0: to go test -fuzz interleavings are no coverage, to compare
//	RAVEL_SAVED       skip: saved traces are not tried first; off: nor are new ones saved
//	RAVEL_REPLAY      file of a trace: the test it names runs that one schedule only
//	RAVEL_REGRESSION  1 prints with each finding a test that replays it, to paste
//	RAVEL_UNMODIFIED  of ravel test: off runs tests as they are; strict fails those that cannot be searched
//	RAVEL_COMMAND     of ravel test: how reports say to run a test again; it sets this itself
//
// To go test these are part of what a result depends on, and so are the saved traces:
// it caches what has passed. Use -count=1 to search again with RAVEL_SEED=random.
//
// An interrupt (Ctrl-C) ends the search and reports what it has found so far; a
// second one ends the process.
package check
