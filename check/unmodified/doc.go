// Package unmodified runs ordinary tests, which know nothing of ravel, as the bodies of
// searches. Nobody imports it: ravel test builds the tests of a package so that they go
// through [Test], and package testing so that a *testing.T can belong to a run.
//
// # One test, many runs
//
// The first run comes before the search. If nothing in it is concurrent, the test is over:
// it has run once, and is shown as go test shows it, subtest by subtest. A test that skips
// itself there is skipped. Otherwise [check.Config.Ordinary] searches, one schedule after
// the other, as the environment says (RAVEL_RUNS, RAVEL_SEED, RAVEL_REPLAY and so on):
// saved traces first. A test in which nothing is concurrent, but that draws random numbers
// or ranges over maps, has a few runs.
//
// Each run has a T of its own. Variables of packages keep their values from run to run. What
// is set up once in a process is set up in the first run; if later runs differ still, the
// test is reported as not deterministic. Put back before each run are os.Args, the standard
// files, time.Local, the settings of package log, and, if the first run changes them, the
// environment and the working directory.
//
// # What its T does
//
//   - FailNow, and what calls it, may be called by any task, and ends the run. In the first
//     run it ends a subtest only, as in go test.
//   - Run runs a subtest in a task of its own, and the -run and -skip patterns apply. Parallel
//     ones wait for the function of their parent, and then are all concurrent, without a
//     limit. Parallel does nothing for the test itself: searches run one after the other.
//   - Context is cancelled, and Cleanup functions are called, at the end of every run, so
//     TempDir, Setenv and Chdir are undone then. Deadline is in the time of the run.
//   - Log, Error and Fail panic after the test is done, as in go test: a task that outlives
//     its test and logs is a finding. A line of the log is shown if its run fails; with -v,
//     those of the first run are shown.
//   - Helper moves the place of assertions, as in go test. What testify calls is left out.
//   - What goleak says is not listened to, as it counts the goroutines of the simulation: tasks
//     that are left blocked for ever are a finding of their own. Tasks that only wake up from
//     time to time end with the test.
//
// # What cannot be searched
//
// Such a test runs as it is, once, on the T of package testing; with -v it says why. These are
// tests that begin searches themselves, that run in a bubble of testing/synctest, and those
// whose first run waits for three seconds outside of what is controlled or comes back from
// there on a goroutine that is no task. If a later run does that, or turns out not to be
// deterministic, the test does not fail for it: it is logged. With RAVEL_UNMODIFIED=strict all
// these fail; with RAVEL_UNMODIFIED=off every test runs as it is. Benchmarks, fuzz targets,
// examples and TestMain always do.
package unmodified
