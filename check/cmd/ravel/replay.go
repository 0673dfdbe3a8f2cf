package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/ravelgo/ravel/check/internal/say"
	"github.com/ravelgo/ravel/sched"
)

func (a *app) replayCommand() *cobra.Command {
	var test string
	cmd := &cobra.Command{
		Use:   "replay FILE|SEED [-run TestX] [packages] [-- flags of go test]",
		Short: "Run a test on the schedule of a trace, or its search with a seed",
		Long: `Replay runs the test that a saved trace names, on the schedule of the trace only, and
shows what go test prints. The test is that of the package whose testdata the file is
in, else of the packages given, else of the current folder.

With a number it searches the tests that -run names with that seed.` + codesHelp,
		Example: `  ravel replay testdata/ravel/TestDeposit/0f3a52e9d1c04b7e.trace
  ravel replay /tmp/from-ci.trace ./bank
  ravel replay 7658833124962772572 -run '^TestDeposit$' ./bank
  ravel replay x.trace -- -race`,
		Args: args(1, -1),
		RunE: func(cmd *cobra.Command, given []string) error {
			ours, flags := split(cmd, given)
			if seed, ok := asSeed(ours[0]); ok {
				return a.replaySeed(seed, test, ours[1:], flags)
			}
			if test != "" {
				return errors.New("-run is for seeds: a trace names its test")
			}
			return a.replayFile(ours[0], ours[1:], flags)
		},
	}
	cmd.Flags().StringVar(&test, "run", "", "tests to search with a seed, as for go test; all if empty")
	return cmd
}

// asSeed reports whether an argument is a seed and not the name of a file.
func asSeed(arg string) (seed uint64, ok bool) {
	if _, err := os.Stat(arg); err == nil {
		return 0, false
	}
	seed, err := strconv.ParseUint(arg, 0, 64)
	return seed, err == nil
}

func (a *app) replaySeed(seed uint64, test string, packages, flags []string) error {
	var selected []string
	if test != "" {
		selected = []string{"-run", test}
	}
	p := goTest("", packages, selected, flags)
	p.env = []string{fmt.Sprintf("RAVEL_SEED=%d", seed), "RAVEL_REPLAY="}
	what := "no test"
	if test != "" {
		what = fmt.Sprintf("no test matches -run %s", say.Quote(test))
	}
	return a.goTest(p, what)
}

func (a *app) replayFile(file string, packages, flags []string) error {
	tr, err := readTrace(file)
	if err != nil {
		return err
	}
	abs, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	dir, err := home(file, abs, packages)
	if err != nil {
		return err
	}
	ordinary, err := a.instrumented(tr.Notes, testRun{dir: dir, packages: packages}, flags)
	if err != nil {
		return err
	}
	p := goTest(dir, packages, []string{"-v", "-run", say.Pattern(tr.Test)}, ordinary)
	p.env = []string{"RAVEL_REPLAY=" + abs}
	return a.goTest(p, noTest(file, tr, dir))
}

// noTest says that the test of a trace is gone.
func noTest(file string, tr *sched.Trace, dir string) string {
	if dir == "" {
		return fmt.Sprintf("%s: there is no %s in these packages; name its package", file, tr.Test)
	}
	return fmt.Sprintf("%s: there is no %s in %s any more", file, tr.Test, near(dir))
}

// home returns the folder of the package that has a file in its testdata; empty if
// the packages are given, or if it is in no testdata and there are tests here.
func home(file, abs string, packages []string) (string, error) {
	if len(packages) > 0 {
		return "", nil
	}
	for dir := filepath.Dir(abs); dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if filepath.Base(dir) == "testdata" {
			return filepath.Dir(dir), nil
		}
	}
	if tests, _ := filepath.Glob("*_test.go"); len(tests) == 0 {
		return "", fmt.Errorf("%s: is in no testdata, and there are no tests here: name the package of its test", file)
	}
	return "", nil
}

// goTest returns the process of go test for packages of a folder.
func goTest(dir string, packages, selected, flags []string) process {
	all := append([]string{"test", "-count=1"}, selected...)
	all = append(all, flags...)
	return goTool(dir, append(all, packages...)...)
}
