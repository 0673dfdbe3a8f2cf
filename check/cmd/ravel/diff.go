package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ravelgo/ravel/check/internal/say"
	"github.com/ravelgo/ravel/check/report"
	"github.com/ravelgo/ravel/sched"
)

func (a *app) diffCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "Compare two traces or reports",
		Long: `Diff compares two traces, or two reports (.json), or one of each: what they are about,
their seeds, inputs and choices, and the first operation at which the runs part. Notes and
comments do not count.

The exit code is 0 if they are equal, and 1 if they differ.` + codesHelp,
		Example: `  ravel diff old.trace testdata/ravel/TestDeposit/0f3a52e9d1c04b7e.trace`,
		Args:    args(2, 2),
		RunE: func(_ *cobra.Command, given []string) error {
			var sides [2]*side
			for i, name := range given {
				var err error
				if sides[i], err = readSide(name); err != nil {
					return err
				}
			}
			text := compare(sides[0], sides[1])
			if text == "" {
				a.printf("equal: the same finding, %s and %s\n", say.Plural(len(sides[0].trace.Deviations), "choice"), say.Plural(len(sides[0].steps), "operation"))
				return nil
			}
			a.printf("%s", text)
			return errFound
		},
	}
	return cmd
}

// side is what is compared: a trace, and the operations of the run that it had.
type side struct {
	name  string
	trace *sched.Trace
	steps []string // nil if it has none
}

// readSide reads a trace or a report.
func readSide(name string) (*side, error) {
	text, err := readText(name, maxReport)
	if err != nil {
		return nil, err
	}
	s := &side{name: name}
	if isJSON(text) {
		r, err := parseReport(name, text)
		if err != nil {
			return nil, err
		}
		if r.Trace == "" { // of nothing that a schedule shows
			s.trace = &sched.Trace{Test: r.Test, Finding: r.Kind}
			return s, nil
		}
		s.trace, err = parseTrace(name+": its trace", []byte(r.Trace))
		if err != nil {
			return nil, err
		}
		s.steps = operations(r)
		return s, nil
	}
	if s.trace, err = parseTrace(name, text); err != nil {
		return nil, err
	}
	for _, st := range s.trace.Steps {
		s.steps = append(s.steps, st.String())
	}
	return s, nil
}

// operations returns those of the run of a report, as its trace has them, and after
// them those that the trace does not keep.
func operations(r *report.Report) []string {
	var all []string
	tr, err := sched.ParseTrace([]byte(r.Trace))
	if err == nil {
		for _, st := range tr.Steps {
			all = append(all, st.String())
		}
	}
	n := 0
	for _, st := range r.Failing.Steps {
		if st.Side {
			continue
		}
		if n++; n > len(all) {
			all = append(all, r.Failing.Tasks[st.Task].Path+" "+st.Text)
		}
	}
	return all
}

// compare tells how two sides differ; nothing if they do not.
func compare(a, b *side) string {
	var t strings.Builder
	for _, line := range []struct{ what, a, b string }{
		{"test", a.trace.Test, b.trace.Test},
		{"finding", a.trace.Finding, b.trace.Finding},
		{"seed", fmt.Sprint(a.trace.Seed), fmt.Sprint(b.trace.Seed)},
		{"input of the property", input(a.trace), input(b.trace)},
	} {
		if line.a != line.b {
			fmt.Fprintf(&t, "another %s:\n  - %s\n  + %s\n", line.what, line.a, line.b)
		}
	}
	t.WriteString(compareChoices(a.trace.Deviations, b.trace.Deviations))
	t.WriteString(part(a, b))
	if t.Len() == 0 {
		return ""
	}
	return fmt.Sprintf("- %s\n+ %s\n\n", a.name, b.name) + t.String()
}

// input returns what a property has drawn from.
func input(tr *sched.Trace) string { return strings.Trim(fmt.Sprintf("%x", tr.Input), "[]") }

// compareChoices tells which choices only one side has, in the order of the runs.
func compareChoices(a, b []sched.Deviation) string {
	rest := map[string]int{}
	for _, d := range b {
		rest[d.String()]++
	}
	var t strings.Builder
	only := map[string]int{}
	for _, d := range a {
		if rest[d.String()] > 0 {
			rest[d.String()]--
			continue
		}
		only[d.String()]++
		fmt.Fprintf(&t, "  - %s\n", d)
	}
	same := len(a) - strings.Count(t.String(), "\n")
	for _, d := range b {
		if rest[d.String()] > 0 {
			rest[d.String()]--
			fmt.Fprintf(&t, "  + %s\n", d)
		}
	}
	switch {
	case t.Len() > 0:
		return fmt.Sprintf("%s in common; others:\n%s", say.Plural(same, "choice"), t.String())
	case !sameOrder(a, b):
		return "the same choices in another order\n"
	}
	return ""
}

func sameOrder(a, b []sched.Deviation) bool {
	for i := range a {
		if a[i].String() != b[i].String() {
			return false
		}
	}
	return true
}

// Sizes of what is shown of two runs that part.
const (
	before = 4 // operations in common
	beyond = 6
	column = 46 // characters
)

// part shows where two runs part, side by side.
func part(a, b *side) string {
	if (a.steps == nil) != (b.steps == nil) {
		name := a.name
		if b.steps == nil {
			name = b.name
		}
		return fmt.Sprintf("%s has no operations to compare\n", name)
	}
	i := 0
	for i < len(a.steps) && i < len(b.steps) && a.steps[i] == b.steps[i] {
		i++
	}
	if i == len(a.steps) && i == len(b.steps) {
		return ""
	}
	var t strings.Builder
	fmt.Fprintf(&t, "the runs part at operation %d of %d and %d:\n", i+1, len(a.steps), len(b.steps))
	for n := max(0, i-before); n < min(i+beyond, max(len(a.steps), len(b.steps))); n++ {
		mark := ' '
		if n == i {
			mark = '>'
		}
		left, right := at(a.steps, n), at(b.steps, n)
		sign := " "
		if left != right {
			sign = "|"
		}
		line := fmt.Sprintf("%c %4d  %-*s %s %s", mark, n+1, column, clip(left, column), sign, clip(right, column))
		t.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return t.String()
}

// at returns an operation, or what says that the run is over.
func at(steps []string, i int) string {
	switch {
	case i < len(steps):
		return steps[i]
	case i == len(steps):
		return "(the end)"
	}
	return ""
}
