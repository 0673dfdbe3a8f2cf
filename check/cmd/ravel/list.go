package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/ravelgo/ravel/check/internal/say"
)

func (a *app) listCommand() *cobra.Command {
	var noRun, asJSON bool
	cmd := &cobra.Command{
		Use:   "list [--no-run] [--json] [packages] [-- build flags]",
		Short: "List the saved traces, and whether they still fail",
		Long: `List finds the saved traces of the packages, ./... by default, and replays each one
with its test:

  fails    something goes wrong
  passes   nothing goes wrong any more: ravel prune deletes it
  drifted  nothing goes wrong, but the run was not the same: the code has changed
  missing  no test has replayed it: there is none of that name, or it was skipped
  broken   it is no trace that can be read
  unbuilt  the package does not build

The exit code is 1 if one fails or is broken, and 3 if a package does not build.` + codesHelp,
		Example: `  ravel list
  ravel list --no-run ./bank
  ravel list --json ./... -- -race`,
		RunE: func(cmd *cobra.Command, given []string) error {
			patterns, flags := split(cmd, given)
			all, err := a.saved(patterns)
			if err != nil {
				return err
			}
			return a.list(all, listing{noRun: noRun, json: asJSON, flags: flags})
		},
	}
	cmd.Flags().BoolVar(&noRun, "no-run", false, "replay nothing")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON: a list of objects")
	return cmd
}

// listing is how to list.
type listing struct {
	noRun, json bool
	flags       []string
}

func (a *app) list(packages []tracesOf, how listing) error {
	traces := []*saved{}
	for _, p := range packages {
		if !how.noRun {
			if err := a.judge(p, how.flags); err != nil {
				return err
			}
		}
		traces = append(traces, p.traces...)
	}
	switch {
	case a.soft.Err() != nil:
		return &failure{code: codeInterrupted}
	case how.json:
		a.printf("%s", toJSON(traces))
	case len(traces) == 0:
		a.tell("there are no saved traces")
	default:
		a.table(packages, traces)
	}
	return verdictOn(traces)
}

// verdictOn returns the error that a list of traces ends with.
func verdictOn(traces []*saved) error {
	n := count(traces)
	switch {
	case n[unbuilt] > 0:
		return &failure{code: codeGo}
	case n[fails]+n[broken] > 0:
		return errFound
	}
	return nil
}

// states are all of them, in the order of a summary.
var states = [...]state{fails, passes, drifted, missing, broken, unbuilt}

func count(traces []*saved) map[state]int {
	n := map[state]int{}
	for _, s := range traces {
		n[s.State]++
	}
	return n
}

// table prints the traces, and how many there are of each state.
func (a *app) table(packages []tracesOf, traces []*saved) {
	for _, p := range packages {
		a.printf("%s\n", p.pkg.Path)
		w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
		for _, s := range p.traces {
			fmt.Fprintf(w, "  %s\n", strings.Join(a.row(s), "\t"))
		}
		w.Flush()
	}
	a.printf("%s\n", summary(traces))
}

// row is what a table says of a trace.
func (a *app) row(s *saved) []string {
	colour := map[state]int{fails: red, broken: red, unbuilt: red, passes: green, drifted: yellow, missing: yellow}[s.State]
	columns := []string{a.paint(colour, string(s.State))}
	if s.trace != nil {
		columns = append(columns, s.Test, clip(s.Finding, 60), say.Plural(s.Choices, "choice"))
	} else {
		columns = append(columns, "?", "", "")
	}
	last := s.File
	if s.Note != "" {
		last += "  (" + clip(s.Note, 160) + ")"
	}
	return append(columns, last)
}

// clip shortens a text.
func clip(text string, most int) string {
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most-1]) + "…"
}

// summary counts the traces.
func summary(traces []*saved) string {
	n := count(traces)
	var parts []string
	for _, st := range states {
		if n[st] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[st], st))
		}
	}
	text := say.Plural(len(traces), "trace")
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	return text
}
