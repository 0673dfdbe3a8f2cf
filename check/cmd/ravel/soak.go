package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ravelgo/ravel/check/internal/say"
)

func (a *app) soakCommand() *cobra.Command {
	s := &soak{app: a}
	cmd := &cobra.Command{
		Use:   "soak [--for 10m] [-run TestX] [packages] [-- build flags]",
		Short: "Search all checks of the packages for a long time, on all cores",
		Long: `Soak searches the checks of the packages, ./... by default, until the time is over. First
it builds them and runs each test for one schedule, to see which are checks; that takes
time beyond --for, and runs the other tests too, if -run does not leave them out. Then
rounds share the time: each check gets an equal slice of each round, with the seed of
that round. A check that has a finding, or of which all traces were tried, is done.

What is found is told at once and saved under testdata/ravel, as go test does. Ctrl-C
ends soak with the summary, a second one at once. The exit code is 1 if something was
found.

The seeds of the rounds follow from --seed, which is printed. RAVEL_STRATEGY counts as
for go test; what soak sets itself, RAVEL_RUNS, RAVEL_TIME and the like, does not.` + codesHelp,
		Example: `  ravel soak ./... --for 10m
  ravel soak -run '^TestDeposit$' ./bank --for 1h --report /tmp/found
  ravel soak --for 30s --json > soak.json`,
		RunE: func(cmd *cobra.Command, given []string) error {
			patterns, flags := split(cmd, given)
			if s.length <= 0 {
				return fmt.Errorf("--for is %v, want a time such as 30s or 10m", s.length)
			}
			if s.jobs < 1 {
				return fmt.Errorf("--jobs is %d, want a number from 1", s.jobs)
			}
			if err := validRun(s.pattern); err != nil {
				return err
			}
			return s.start(patterns, flags)
		},
	}
	f := cmd.Flags()
	f.DurationVar(&s.length, "for", time.Minute, "how long")
	f.StringVar(&s.pattern, "run", "", "only tests that match, as for go test")
	f.Uint64Var(&s.seed, "seed", 0, "what the seeds follow from; random if 0")
	f.BoolVar(&s.keepGoing, "keep-going", false, "go on with tests that have a finding")
	f.StringVar(&s.report, "report", "", "keep the reports of what is found in `DIR`")
	f.IntVar(&s.jobs, "jobs", max(1, runtime.NumCPU()/lanes), "tests at once; each uses up to 16 cores")
	f.BoolVar(&s.json, "json", false, "print the summary as JSON")
	return cmd
}

// lanes is how many cores one search of package check uses.
const lanes = 16

// soak is one run of the command.
type soak struct {
	*app
	length    time.Duration
	pattern   string
	seed      uint64
	keepGoing bool
	report    string
	jobs      int
	json      bool

	folder string // for the time of the command
	begun  time.Time
	checks []*tally
	rounds []round
	other  []string // what failed and is no check
	bar    progress
}

// round is one slice for each check.
type round struct {
	Seed  uint64        `json:"seed"`
	Slice time.Duration `json:"slice_ns"`
}

// start runs the command.
func (s *soak) start(patterns, flags []string) error {
	folder, remove, err := scratch()
	if err != nil {
		return err
	}
	defer remove()
	s.folder, s.begun = folder, time.Now()
	if s.seed == 0 {
		s.seed = rand.Uint64() | 1
	}
	binaries, err := s.buildAll(patterns, flags)
	if err != nil {
		return err
	}
	s.tell("soak for %v with --seed %d: looking for checks in %s", s.length, s.seed, say.Plural(len(binaries), "package"))
	if err := s.survey(binaries); err != nil {
		return err
	}
	if len(s.checks) == 0 && s.soft.Err() == nil {
		return errors.New("no checks in these packages: no test of them calls check.Run" + s.perhaps())
	}
	s.begun = time.Now()
	s.bar = s.newProgress(s.length)
	err = s.search()
	s.bar.end()
	if err != nil {
		return err
	}
	return s.conclude()
}

// perhaps says what else may be the reason that there are no checks.
func (s *soak) perhaps() string {
	switch {
	case len(s.other) > 0:
		return "; and there are failures:\n" + strings.Join(s.other, "\n")
	case s.pattern != "":
		return ", or -run matches none"
	}
	return ""
}

// buildAll compiles the packages that have tests.
func (s *soak) buildAll(patterns, flags []string) ([]*binary, error) {
	all, err := s.packages("", patterns)
	if err != nil {
		return nil, err
	}
	var binaries []*binary
	var failed []error
	for _, p := range all {
		b, err := s.build(p, s.folder, flags)
		switch {
		case s.soft.Err() != nil:
			return nil, &failure{code: codeInterrupted}
		case errors.Is(err, errNoTests):
		case err != nil:
			failed = append(failed, err)
		default:
			binaries = append(binaries, b)
		}
	}
	if len(failed) > 0 {
		return nil, goFailed("%w", errors.Join(failed...))
	}
	return binaries, nil
}
