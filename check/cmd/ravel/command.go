package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/ravelgo/ravel/check/internal/ordinary"
	"github.com/ravelgo/ravel/check/internal/say"
)

// environment returns what go test is run with beyond the environment: how the user
// runs it again.
func (t *testRun) environment() []string {
	if os.Getenv("RAVEL_COMMAND") != "" {
		return nil
	}
	return []string{"RAVEL_COMMAND=" + t.command(os.Args[0])}
}

// command returns the command that does what t says, without what selects tests; self is
// how this program was called.
func (t *testRun) command(self string) string {
	words := []string{calledAs(self), "test"}
	if len(t.with) > 0 {
		words = append(words, "-with", say.Quote(strings.Join(t.with, ",")))
	}
	for _, b := range t.build {
		words = append(words, say.Quote(b))
	}
	return strings.Join(words, " ")
}

// calledAs returns what a user writes to run this program. The go command keeps the
// programs of go tool in its cache, and those of go run in a folder for the time of the
// run.
func calledAs(self string) string {
	switch {
	case !strings.Contains(self, "go-build"):
		return say.Quote(strings.TrimSuffix(self, ".exe"))
	case strings.HasPrefix(self, filepath.Clean(os.TempDir())):
		return "go run " + module + "/check/cmd/ravel"
	}
	return "go tool ravel"
}

// instrumented returns flags of go test for some packages of a folder: those that are
// given, and if the tests of a trace are ordinary ones those that instrument them, as
// the command did that has found it, or as the given ones say.
func (a *app) instrumented(notes []string, t testRun, given []string) ([]string, error) {
	command, ok := ordinary.NotedCommand(notes)
	if !ok {
		return given, nil
	}
	_, args, _ := strings.Cut(command, " test")
	run, err := parseTest(append(fields(args), given...))
	if err != nil {
		return nil, err
	}
	run.dir, run.packages = t.dir, t.packages
	flags, err := a.instrumenting(run)
	return append(flags, run.rest...), err
}

// fields takes words apart that [say.Quote] may have quoted.
func fields(text string) []string {
	var all []string
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		end := " "
		if text[0] == '\'' {
			text, end = text[1:], "'"
		}
		word, rest, _ := strings.Cut(text, end)
		all, text = append(all, word), rest
	}
	return all
}
