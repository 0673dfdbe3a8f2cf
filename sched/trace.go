package sched

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// Trace is a schedule as text that people can read and edit. It holds the few
// choices that differ from the plain schedule, in which a task goes on until
// it waits or ends and the next one by number follows: see package strategy.
//
// The text has one item a line; # begins a comment, blank lines are skipped:
//
//	ravel trace 1
//	test TestTransfer
//	finding lost update on Account.Balance
//	seed 42
//	note found by run 7
//	at main.0 2 run main.1
//	at main.1 4 case 1
//	at main.1 7 partner 2
//
// "at main.0 2 run main.1" says: when it is the turn of task main.0 and it has
// come to its second operation, task main.1 runs instead. "case" and
// "partner" say which ready case a select takes and which waiting task an
// unbuffered channel operation meets, counted from 0.
type Trace struct {
	// Test is the name of the test that the trace is of.
	Test string
	// Finding says what the trace shows.
	Finding string
	// Seed is what the tasks' random numbers follow from.
	Seed uint64
	// Notes say, for people, how the trace came about.
	Notes []string
	// Deviations are in the order of the run.
	Deviations []Deviation
}

// Deviation is one choice of a run that differs from the plain schedule.
type Deviation struct {
	// At is the path of the task whose turn it was, Op the operation that it
	// had come to; see [Choice].
	At string
	Op int
	// Kind says what was chosen: for a TaskChoice the task with the path To,
	// else the number Option.
	Kind   ChoiceKind
	To     string
	Option int
	// Note is a comment for people.
	Note string
}

const traceVersion = "ravel trace 1"

// Bytes returns the text of t.
func (t *Trace) Bytes() []byte {
	var b bytes.Buffer
	b.WriteString(traceVersion + "\n")
	fmt.Fprintf(&b, "test %s\nfinding %s\nseed %d\n", oneLine(t.Test), oneLine(t.Finding), t.Seed)
	for _, n := range t.Notes {
		b.WriteString("note " + oneLine(n) + "\n")
	}
	for _, d := range t.Deviations {
		fmt.Fprintf(&b, "at %s %d ", d.At, d.Op)
		if d.Kind == TaskChoice {
			b.WriteString("run " + d.To)
		} else {
			fmt.Fprintf(&b, "%v %d", d.Kind, d.Option)
		}
		if note := oneLine(d.Note); note != "" {
			b.WriteString(" # " + note)
		}
		b.WriteByte('\n')
	}
	return b.Bytes()
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// ParseTrace reads the text of a trace. An error names the line.
func ParseTrace(text []byte) (*Trace, error) {
	t := &Trace{}
	lines := strings.Split(string(text), "\n")
	if strings.TrimSpace(lines[0]) != traceVersion {
		return nil, fmt.Errorf("sched: trace line 1: %q, want %q", clip(lines[0], maxValue), traceVersion)
	}
	for i, line := range lines[1:] {
		if err := t.parseLine(strings.TrimSpace(line)); err != nil {
			return nil, fmt.Errorf("sched: trace line %d: %w", i+2, err)
		}
	}
	return t, nil
}

func (t *Trace) parseLine(line string) error {
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "":
		return nil
	case "test":
		t.Test = rest
		return nil
	case "finding":
		t.Finding = rest
		return nil
	case "note":
		t.Notes = append(t.Notes, rest)
		return nil
	case "seed":
		seed, err := strconv.ParseUint(strings.TrimSpace(rest), 10, 64)
		if err != nil {
			return fmt.Errorf("seed %q is not a number below 2^64", clip(rest, maxValue))
		}
		t.Seed = seed
		return nil
	case "at":
		d, err := parseDeviation(rest)
		t.Deviations = append(t.Deviations, d)
		return err
	}
	if strings.HasPrefix(word, "#") {
		return nil
	}
	return fmt.Errorf("%q, want test, finding, seed, note, at or a comment", clip(word, maxValue))
}

// parseDeviation reads what follows "at".
func parseDeviation(text string) (d Deviation, err error) {
	text, d.Note, _ = strings.Cut(text, " #") // a path has # inside a word
	d.Note = strings.TrimSpace(d.Note)
	words := strings.Fields(text)
	if len(words) != 4 {
		return d, fmt.Errorf("at %q, want a task, the number of its operation, a verb and a target", clip(text, maxValue))
	}
	if _, err := PathKey(words[0]); err != nil {
		return d, err
	}
	d.At = words[0]
	if d.Op, err = strconv.Atoi(words[1]); err != nil || d.Op < 0 {
		return d, fmt.Errorf("operation %q is not a number from 0", clip(words[1], maxValue))
	}
	switch words[2] {
	case "run":
		d.To = words[3]
		_, err = PathKey(d.To)
		return d, err
	case CaseChoice.String():
		d.Kind = CaseChoice
	case PartnerChoice.String():
		d.Kind = PartnerChoice
	default:
		return d, fmt.Errorf("%q, want run, case or partner", clip(words[2], maxValue))
	}
	if d.Option, err = strconv.Atoi(words[3]); err != nil || d.Option < 0 {
		return d, fmt.Errorf("option %q is not a number from 0", clip(words[3], maxValue))
	}
	return d, nil
}
