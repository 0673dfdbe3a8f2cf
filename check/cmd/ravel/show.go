package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ravelgo/ravel/check/report"
)

func (a *app) showCommand() *cobra.Command {
	var to view
	cmd := &cobra.Command{
		Use:   "show FILE [--html OUT | --json | --perfetto OUT] [packages] [-- flags of go test]",
		Short: "Print the report of a trace, or make a page of it",
		Long: `Show prints the report of a finding. For a trace it replays the trace and leaves out
what else go test prints; for a report (.json, of a folder that RAVEL_REPORT named) it
runs nothing. OUT is a file, or - for the standard output.

The exit code is 0 if there is a report, and 1 if the trace shows nothing any more.` + codesHelp,
		Example: `  ravel show testdata/ravel/TestDeposit/0f3a52e9d1c04b7e.trace
  ravel show --html finding.html testdata/ravel/TestDeposit/0f3a52e9d1c04b7e.trace
  ravel show --perfetto - report.json > trace.json`,
		Args: args(1, -1),
		RunE: func(cmd *cobra.Command, given []string) error {
			ours, flags := split(cmd, given)
			if len(ours) > 1 && filepath.Ext(ours[1]) == filepath.Ext(ours[0]) {
				return fmt.Errorf("%s: show takes one file at a time", ours[1])
			}
			r, err := a.reportOf(ours[0], ours[1:], flags)
			if err != nil {
				return err
			}
			return a.view(r, to)
		},
	}
	cmd.Flags().StringVar(&to.html, "html", "", "write a page to `OUT`")
	cmd.Flags().StringVar(&to.perfetto, "perfetto", "", "write a trace for ui.perfetto.dev to `OUT`")
	cmd.Flags().BoolVar(&to.json, "json", false, "print the report as JSON")
	cmd.MarkFlagsMutuallyExclusive("html", "perfetto", "json")
	return cmd
}

// view is how to show a report.
type view struct {
	html, perfetto string
	json           bool
}

func (a *app) view(r *report.Report, to view) error {
	switch {
	case to.html != "":
		return a.write(to.html, r.HTML())
	case to.perfetto != "":
		return a.write(to.perfetto, r.Perfetto())
	case to.json:
		return a.write("-", r.Bytes())
	case r.Text == "":
		a.printf("%s\n", r.Summary)
		return nil
	}
	a.printf("%s", strings.TrimRight(r.Text, "\n")+"\n")
	return nil
}

// reportOf returns the report that a file is, or that a replay of it writes.
func (a *app) reportOf(file string, packages, flags []string) (*report.Report, error) {
	text, err := readText(file, maxReport)
	if err != nil {
		return nil, err
	}
	if isJSON(text) {
		return parseReport(file, text)
	}
	return a.reportOfTrace(file, packages, flags)
}

// reportOfTrace replays a trace and returns its report.
func (a *app) reportOfTrace(file string, packages, flags []string) (*report.Report, error) {
	tr, err := readTrace(file)
	if err != nil {
		return nil, err
	}
	abs, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	dir, err := home(file, abs, packages)
	if err != nil {
		return nil, err
	}
	p, err := a.packageAt(dir, packages)
	if err != nil {
		return nil, err
	}
	folder, remove, err := scratch()
	if err != nil {
		return nil, err
	}
	defer remove()
	if flags, err = a.instrumented(tr.Notes, testRun{dir: p.Dir, packages: []string{"."}}, flags); err != nil {
		return nil, err
	}
	b, err := a.build(*p, folder, flags)
	if errors.Is(err, errNoTests) {
		return nil, errors.New(noTest(file, tr, p.Dir))
	}
	if err != nil {
		return nil, err
	}
	return a.freshReport(b, &saved{File: file, abs: abs, trace: tr}, folder)
}

// packageAt returns the one package that is meant: that of a folder, that of the
// packages given, or the current one.
func (a *app) packageAt(dir string, packages []string) (*pkg, error) {
	if len(packages) == 0 {
		packages = []string{"."}
	}
	all, err := a.packages(dir, packages)
	if err != nil {
		return nil, err
	}
	if len(all) > 1 {
		return nil, fmt.Errorf("%s are %d packages; name the one of the test", strings.Join(packages, " "), len(all))
	}
	return &all[0], nil
}

// freshReport replays a trace and returns the report that it writes.
func (a *app) freshReport(b *binary, s *saved, folder string) (*report.Report, error) {
	out := filepath.Join(folder, "report")
	how, err := a.replay(b, s, out)
	switch {
	case err != nil:
		return nil, err
	case a.soft.Err() != nil:
		return nil, &failure{code: codeInterrupted}
	case s.State == missing:
		return nil, errors.New(noTest(s.File, s.trace, b.pkg.Dir))
	case s.State != fails:
		return nil, &failure{codeFound, fmt.Errorf("%s: there is no report: %s", s.File, s.why())}
	case s.Note != "":
		a.tell("%s: %s", s.File, s.Note)
	}
	all, err := readFolder(out)
	if err != nil {
		return nil, err
	}
	for _, r := range all.reports {
		if r.Test == s.trace.Test {
			return r, nil
		}
	}
	return nil, &failure{codeFound, fmt.Errorf("%s: the test fails without a report:\n%s", s.File, how.output)}
}
