// Command ravel works with what package check finds and saves: it replays traces,
// shows, compares and prunes them, and searches for a long time or on many machines.
//
//	go get -tool github.com/ravelgo/ravel/check/cmd/ravel
//	go tool ravel
//
// Once it is among the tools of a module, go run of its path works as well.
//
// # Commands
//
//	ravel test [-with packages] [-flags] [flags of go test] [packages]
//	    run go test with ordinary tests as the bodies of searches
//	ravel replay FILE|SEED [-run TestX] [packages] [-- flags of go test]
//	    run a test on the schedule of a trace, or its search with a seed
//	ravel show FILE [--html OUT | --json | --perfetto OUT] [packages] [-- flags of go test]
//	    print the report of a trace or of a .json of RAVEL_REPORT, or make a page of it
//	ravel diff A B
//	    compare two traces or reports
//	ravel list [--no-run] [--json] [packages] [-- build flags]
//	    list the saved traces, and whether they still fail
//	ravel prune [--dry-run] [--drifted] [--broken] [packages] [-- build flags]
//	    delete the saved traces that no longer fail
//	ravel soak [--for 10m] [-run TestX] [--seed N] [--keep-going] [--report DIR] [--jobs N] [--json] [packages] [-- build flags]
//	    search all checks of the packages for a long time, on all cores
//	ravel shard [-i 3 -n 64] [packages] [-- flags of go test]
//	    search with the seeds of one of several machines
//	ravel export --format sarif|junit|github|perfetto|html [-o FILE] DIR
//	    make one document of a folder of RAVEL_REPORT
//	ravel doctor [-run TestX [--runs 200] [--race] [package]] [-- build flags]
//	    look whether all is well, or why a check is not deterministic
//	ravel version
//	    print the versions of ravel, of Go and of the formats
//	ravel completion bash|zsh|fish|powershell
//	    print a script that makes a shell complete what is typed
//	ravel help [command]
//	    say more about a command
//
// Packages are those of go list, such as ./...; FILE is a trace, saved under
// testdata/ravel, or a report. Flags may have one dash or two.
//
// # Exit codes
//
//	0    nothing is wrong
//	1    something was found, differs or still fails; show: there is no report any more
//	2    bad usage or input
//	3    the go command failed, such as for code that does not build
//	130  interrupted
//
// Go run makes 1 of all codes but 0; go tool does not.
//
// # Environment
//
// The variables of package check count where a command runs go test as it is, for
// test, for shard and for replay; list, prune, show, soak and doctor set what they need
// themselves. With NO_COLOR there are no colours; they are for terminals only.
package main
