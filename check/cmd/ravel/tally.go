package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ravelgo/ravel/check/internal/say"
	"github.com/ravelgo/ravel/check/report"
)

// searched is one search of a test.
type searched = report.Search

// tally is what soak knows of a check.
type tally struct {
	Package string `json:"package"`
	Test    string `json:"test"`
	// Schedules is how many were tried in all, Traces the most distinct traces of
	// one search: those of several overlap.
	Schedules int `json:"schedules"`
	Traces    int `json:"traces"`
	Searches  int `json:"searches"`
	// Verified is set if all traces were tried and nothing was found.
	Verified bool   `json:"verified,omitempty"`
	Findings []news `json:"findings,omitempty"`
	// Fuzz is set for a fuzz target, which soak does not search.
	Fuzz bool `json:"fuzz,omitempty"`
	// Trouble is why the test failed, if not because of a finding.
	Trouble string `json:"trouble,omitempty"`

	bin *binary
}

// news is a finding of soak.
type news struct {
	Kind    string `json:"kind"`
	Summary string `json:"summary"`
	File    string `json:"file,omitempty"`
	Replay  string `json:"replay"`
	Seed    uint64 `json:"seed"` // of the search
	Saved   bool   `json:"saved,omitempty"`

	name string
}

// done reports whether there is no more to find, or no way to.
func (t *tally) done(keepGoing bool) bool {
	return t.Verified || t.Fuzz || t.Trouble != "" || len(t.Findings) > 0 && !keepGoing
}

// add takes in a search and returns what is new in it.
func (t *tally) add(s *searched, seed uint64) []news {
	t.Searches++
	t.Schedules += s.Runs
	t.Traces = max(t.Traces, s.Distinct)
	t.Verified = s.Complete && len(s.Findings) == 0
	var fresh []news
	for _, f := range s.Findings {
		if slices.ContainsFunc(t.Findings, func(n news) bool { return n.name == f.Name }) {
			continue
		}
		n := news{Kind: f.Kind, Summary: f.Summary, Seed: seed, Saved: s.Replayed, name: f.Name,
			Replay: fmt.Sprintf("ravel replay %d -run %s %s", seed, say.Quote(say.Pattern(t.Test)), t.Package)}
		if file := t.fileOf(f); file != "" {
			n.File, n.Replay = near(file), "ravel replay "+say.Quote(near(file))
		}
		t.Findings, fresh = append(t.Findings, n), append(fresh, n)
	}
	return fresh
}

// fileOf returns where the trace of a finding is; nothing if it is gone, as from a
// folder that the test has removed.
func (t *tally) fileOf(f report.Found) string {
	file := filepath.FromSlash(f.File)
	if file != "" && !filepath.IsAbs(file) {
		return filepath.Join(t.bin.pkg.Dir, file)
	}
	if _, err := os.Stat(file); err != nil {
		return ""
	}
	return file
}

// verdict says in a few words what is known of the test.
func (t *tally) verdict() string {
	switch {
	case len(t.Findings) > 0:
		return say.Plural(len(t.Findings), "finding")
	case t.Trouble != "":
		return clip(t.Trouble, 100)
	case t.Fuzz:
		return "not searched: a target of go test -fuzz"
	case t.Verified:
		return "verified: all traces tried"
	}
	return "nothing found"
}

// total adds up all checks.
func (s *soak) total() (schedules, findings int) {
	for _, t := range s.checks {
		schedules += t.Schedules
		findings += len(t.Findings)
	}
	return schedules, findings
}

// status says how far soak is.
func (s *soak) status() string {
	schedules, findings := s.total()
	return fmt.Sprintf("%s, %s, %s", say.Plural(len(s.checks), "check"), say.Plural(schedules, "schedule"), say.Plural(findings, "finding"))
}

// printNews tells of a finding.
func (s *soak) printNews(t *tally, n news) {
	what := "found"
	if n.Saved {
		what = "a saved trace still fails"
	}
	if s.json {
		s.tell("%s: %s: %s", what, t.Test, n.Summary)
		return
	}
	s.printf("%s %s: %s\n", s.paint(red, what+":"), t.Test, n.Summary)
}

// conclude prints the summary.
func (s *soak) conclude() error {
	if s.json {
		s.printf("%s", toJSON(struct {
			Seed    uint64   `json:"seed"`
			Elapsed int64    `json:"milliseconds"`
			Rounds  []round  `json:"rounds"`
			Checks  []*tally `json:"checks"`
			Other   []string `json:"other,omitempty"`
		}{s.seed, time.Since(s.begun).Milliseconds(), s.rounds, s.checks, s.other}))
	} else {
		s.summarise()
	}
	_, findings := s.total()
	if findings > 0 || len(s.other) > 0 || slices.ContainsFunc(s.checks, func(t *tally) bool { return t.Trouble != "" }) {
		return errFound
	}
	return nil
}

// summarise prints a table of the checks and the findings.
func (s *soak) summarise() {
	s.printf("\n")
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "package\ttest\tschedules\ttraces\t\n")
	for _, t := range s.checks {
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%s\n", t.Package, t.Test, t.Schedules, t.Traces, t.verdict())
	}
	w.Flush()
	for _, t := range s.checks {
		for _, n := range t.Findings {
			s.printf("\n%s\n", s.paint(red, t.Test+": "+n.Summary))
			if n.File != "" {
				s.printf("  trace:  %s\n", n.File)
			}
			s.printf("  replay: %s\n", n.Replay)
		}
	}
	for _, o := range s.other {
		s.printf("\n%s\n", o)
	}
	s.printf("\n%s in %v, with --seed %d; traces are the most of one search\n", s.status(), time.Since(s.begun).Round(100*time.Millisecond), s.seed)
	if s.why() != "" {
		s.printf("%s\n", s.why())
	}
}

// why says why soak ended before its time.
func (s *soak) why() string {
	over := !slices.ContainsFunc(s.checks, func(t *tally) bool { return !t.done(s.keepGoing) })
	switch left := s.length - time.Since(s.begun); {
	case s.soft.Err() != nil:
		return "ended by an interrupt"
	case over && left > 0:
		return fmt.Sprintf("ended %v early: no check is left to search", strings.TrimSuffix(left.Round(time.Second).String(), "0s"))
	}
	return ""
}
