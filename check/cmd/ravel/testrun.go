package main

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/ravelgo/ravel/check/internal/say"
	"github.com/ravelgo/ravel/check/report"
)

// plain are the variables of check's environment that a command sets itself: what
// the user has set does not count.
var plain = []string{"RAVEL_SEED=", "RAVEL_RUNS=", "RAVEL_TIME=", "RAVEL_SHARD=", "RAVEL_REPLAY=", "RAVEL_REGRESSION=", "RAVEL_REPORT=",
	"RAVEL_SAVED="}

// testTimeout ends a test that hangs.
const testTimeout = "-test.timeout=10m"

// attempt is how a test binary ran.
type attempt struct {
	code   int
	output string
	// searches are those that wrote into RAVEL_REPORT, in the order of their folders.
	searches []*report.Search
}

// trial is how to run a test binary, beyond the usual.
type trial struct{ env, flags []string }

// try runs tests of a binary, with reports in a folder.
func (a *app) try(b *binary, folder string, how trial) (*attempt, error) {
	p := process{dir: b.pkg.Dir, args: append([]string{b.file, "-test.v", testTimeout}, how.flags...)}
	p.env = append(append(append(p.env, plain...), "RAVEL_REPORT="+folder), how.env...)
	var out bytes.Buffer
	code, err := a.start(p, &out, &out)
	if err != nil {
		return nil, err
	}
	all, err := readFolder(folder)
	if err != nil {
		return nil, err
	}
	return &attempt{code, out.String(), all.searches}, nil
}

// search returns the search of a test, or nil.
func (t *attempt) search(test string) *report.Search {
	for _, s := range t.searches {
		if s.Test == test {
			return s
		}
	}
	return nil
}

// ran reports whether the test began.
func (t *attempt) ran(test string) bool {
	return strings.Contains("\n"+t.output, "\n=== RUN   "+test+"\n")
}

// failed reports whether the test, or its process, failed.
func (t *attempt) failed() bool { return t.code != 0 }

// crash returns the line of the output that says why a process ended.
func (t *attempt) crash() string {
	for line := range strings.Lines(t.output) {
		for _, word := range []string{"panic: ", "fatal error: ", "signal: "} {
			if strings.HasPrefix(line, word) {
				return strings.TrimSpace(line)
			}
		}
	}
	return ""
}

// validRun says what is wrong with the value of -run: regular expressions with
// slashes between them.
func validRun(pattern string) error {
	for part := range strings.SplitSeq(pattern, "/") {
		if _, err := regexp.Compile(part); err != nil {
			return fmt.Errorf("-run %s: %w", say.Quote(pattern), err)
		}
	}
	return nil
}

// scratch makes a folder for the time of a command.
func scratch() (folder string, remove func(), err error) {
	folder, err = os.MkdirTemp("", "ravel")
	return folder, func() { os.RemoveAll(folder) }, err
}
