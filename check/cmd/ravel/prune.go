package main

import (
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

func (a *app) pruneCommand() *cobra.Command {
	var how pruning
	cmd := &cobra.Command{
		Use:   "prune [--dry-run] [--drifted] [--broken] [packages] [-- build flags]",
		Short: "Delete the saved traces that no longer fail",
		Long: `Prune replays the saved traces of the packages, ./... by default, as ravel list does,
deletes those of which nothing goes wrong any more, and the folders that become empty.
It asks nothing and prints each. It keeps what may still be of use: traces whose run
was not the same, unless --drifted, and those that cannot be read or that no test has
replayed, unless --broken; and always those of packages that do not build.` + codesHelp,
		Example: `  ravel prune --dry-run
  ravel prune --drifted ./bank`,
		RunE: func(cmd *cobra.Command, given []string) error {
			patterns, flags := split(cmd, given)
			all, err := a.saved(patterns)
			if err != nil {
				return err
			}
			how.flags = flags
			return a.prune(all, how)
		},
	}
	cmd.Flags().BoolVar(&how.dry, "dry-run", false, "only print what would be deleted")
	cmd.Flags().BoolVar(&how.drifted, "drifted", false, "also delete those whose run was not the same")
	cmd.Flags().BoolVar(&how.broken, "broken", false, "also delete those that cannot be read or that no test has replayed")
	return cmd
}

// pruning is what to delete.
type pruning struct {
	dry, drifted, broken bool
	flags                []string
}

// takes reports whether a trace in a state is to be deleted.
func (p pruning) takes(s state) bool {
	switch s {
	case passes:
		return true
	case drifted:
		return p.drifted
	case broken, missing:
		return p.broken
	}
	return false
}

func (a *app) prune(packages []tracesOf, how pruning) error {
	deleted, traces := 0, []*saved{}
	for _, p := range packages {
		if err := a.judge(p, how.flags); err != nil {
			return err
		}
		if a.soft.Err() != nil { // what was not replayed is not known
			return &failure{code: codeInterrupted}
		}
		for _, s := range p.traces {
			traces = append(traces, s)
			if !how.takes(s.State) {
				continue
			}
			if err := a.delete(s, how.dry); err != nil {
				return err
			}
			deleted++
		}
	}
	done := "deleted"
	if how.dry {
		done = "to delete"
	}
	a.printf("%s; %d %s\n", summary(traces), deleted, done)
	if n := count(traces)[drifted]; n > 0 && !how.drifted {
		a.printf("--drifted takes those whose run was not the same, as after an edit; look at them with ravel list first\n")
	}
	if count(traces)[unbuilt] > 0 {
		return &failure{code: codeGo}
	}
	return nil
}

// delete removes a trace and the folders that it leaves empty.
func (a *app) delete(s *saved, dry bool) error {
	if dry {
		a.printf("would delete %s: %s\n", s.File, s.why())
		return nil
	}
	if err := os.Remove(s.abs); err != nil {
		return named(s.File, err)
	}
	a.printf("deleted %s: %s\n", s.File, s.why())
	for dir := filepath.Dir(s.abs); ; dir = filepath.Dir(dir) {
		if os.Remove(dir) != nil || filepath.Base(dir) == "testdata" { // not empty
			return nil
		}
	}
}
