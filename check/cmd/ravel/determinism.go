package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ravelgo/ravel/check/internal/say"
	"github.com/ravelgo/ravel/check/report"
)

// comparison is how to compare searches of a check.
type comparison struct {
	test     string
	runs     int
	race     bool
	packages []string
	flags    []string
}

// sample is one search of each check that matches.
type sample struct {
	name string
	how  *attempt
}

// notDeterministic is the kind of a finding of package check.
const notDeterministic = "not deterministic"

// compareRuns searches a check in several processes and tells what differs.
func (a *app) compareRuns(c comparison) error {
	if err := validRun(c.test); err != nil {
		return err
	}
	p, err := a.packageAt("", c.packages)
	if err != nil {
		return err
	}
	folder, remove, err := scratch()
	if err != nil {
		return err
	}
	defer remove()
	b, err := a.build(*p, folder, c.flags)
	if err != nil {
		return fmt.Errorf("%s: %w", p.Path, err)
	}
	samples, err := a.samples(b, c, folder)
	if err != nil {
		return err
	}
	if a.soft.Err() != nil {
		return &failure{code: codeInterrupted}
	}
	if len(samples[0].how.searches) == 0 {
		return fmt.Errorf("%s: no check matches -run %s", p.Path, say.Quote(c.test))
	}
	same := true
	for _, s := range samples[0].how.searches {
		same = a.diagnose(s.Test, samples) && same
	}
	if !same {
		return errFound
	}
	return nil
}

// samples runs the check several times.
func (a *app) samples(b *binary, c comparison, folder string) ([]sample, error) {
	plans := []struct {
		name string
		env  []string
		race bool
	}{{"as usual", nil, false}, {"on one processor", []string{"GOMAXPROCS=1"}, false}, {"again", nil, false}}
	if c.race {
		plans = append(plans, struct {
			name string
			env  []string
			race bool
		}{"with -race", nil, true})
	}
	var all []sample
	for i, plan := range plans {
		with := b
		if plan.race {
			var err error
			if with, err = a.build(b.pkg, filepath.Join(folder, "race"), append(c.flags, "-race")); err != nil {
				return nil, err
			}
		}
		here := filepath.Join(folder, fmt.Sprint(i))
		run := trial{flags: []string{"-test.run", c.test}}
		run.env = append(plan.env, fmt.Sprintf("RAVEL_RUNS=%d", c.runs), "RAVEL_SAVED=off")
		how, err := a.try(with, filepath.Join(here, "report"), run)
		if err != nil || a.soft.Err() != nil {
			return nil, err
		}
		all = append(all, sample{plan.name, how})
	}
	return all, nil
}

// diagnose compares the searches of one test and reports whether all is well.
func (a *app) diagnose(test string, samples []sample) (same bool) {
	first := samples[0].how.search(test)
	same = true
	a.printf("%s\n", test)
	for _, s := range samples {
		search := s.how.search(test)
		if search == nil {
			a.printf("  %-16s  no search: %s\n", s.name, s.how.crash())
			same = false
			continue
		}
		a.printf("  %-16s  %s\n", s.name, facts(search))
		if search.Hash != first.Hash || search.Runs != first.Runs || search.Steps != first.Steps {
			same = false
		}
	}
	causes := causesIn(test, samples)
	switch stopped := stoppedIn(test, samples); {
	case first.Replayed:
		a.printf("%s a saved trace fails, so that nothing was searched: this says nothing\n", a.paint(yellow, "unknown:"))
		return true
	case len(causes) > 0:
		a.printf("%s\n", a.paint(red, strings.Join(causes, "\n")))
		return false
	case !same && stopped != "":
		a.printf("%s a search was stopped by %s: try fewer --runs\n", a.paint(yellow, "unknown:"), stopped)
		return true
	case !same:
		a.printf("%s the same search did something else. The body uses something that is not\n"+
			"  controlled: see ravel doctor. Try more --runs: a check finds some causes itself.\n", a.paint(red, "differs:"))
		return false
	}
	a.printf("%s all of them did the same\n", a.paint(green, "equal:"))
	return true
}

// facts are what of a search must be the same.
func facts(s *report.Search) string {
	text := fmt.Sprintf("%s, %s, hash %s", say.Plural(s.Runs, "schedule"), say.Plural(s.Steps, "operation"), s.Hash)
	if n := len(s.Findings); n > 0 {
		text += ", " + say.Plural(n, "finding")
	}
	return text
}

// causesIn returns what the searches themselves say of a test that is not
// deterministic.
func causesIn(test string, samples []sample) []string {
	var all []string
	for _, s := range samples {
		search := s.how.search(test)
		if search == nil {
			continue
		}
		for _, f := range search.Findings {
			if f.Kind == notDeterministic && !slices.Contains(all, f.Summary) {
				all = append(all, f.Summary)
			}
		}
	}
	return all
}

// stoppedIn returns what ended a search before its runs were used up.
func stoppedIn(test string, samples []sample) string {
	for _, s := range samples {
		if search := s.how.search(test); search != nil && search.Stopped != "" {
			return search.Stopped
		}
	}
	return ""
}
