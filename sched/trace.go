package sched

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Trace is a schedule as text that people can read and edit. It holds the few
// choices that differ from the plain schedule, in which a task goes on until
// it waits or ends and the next one by number follows: see package strategy.
// They are named so that most of them survive an edit of the program.
//
// The text has one item a line; # begins a comment, blank lines are skipped:
//
//	ravel trace 2
//	test TestTransfer
//	finding lost update on Account.Balance
//	seed 42
//	note found by run 7
//	step main.0 read a.Balance
//	at main.0 write a.Balance run main.1
//	step main.1 read a.Balance
//	step main.1 write a.Balance
//	step main.0 write a.Balance
//
// "at main.0 write a.Balance run main.1" says: when it is the turn of task
// main.0 and it is about to write a.Balance, task main.1 runs instead.
// "at main.0 write a.Balance #2 run main.1" waits for the second time that it
// is. A task that has ended has come to "end"; "at start run main.1" is before
// any operation; and a number in place of the operation, as in
// "at main.0 7 run main.1", counts all operations of the task. In place of
// "run main.1", "case 1" and "partner 2" say which ready case a select takes
// and which waiting task an operation meets or wakes, counted from 0.
//
// An object has the name that the source has for it where the operation is, or
// its kind, such as mutex, where there is no such name or no source. A name
// with spaces is in quotes: `m[a + b]`.
//
// The words after "input", in hexadecimal, are what a property has drawn from; see
// package check.
//
// The steps are the operations of the run, as many as are kept, for people and
// to tell how far a later run is the same. No choice depends on them: they may
// be deleted.
type Trace struct {
	// Test is the name of the test that the trace is of.
	Test string
	// Finding says what the trace shows.
	Finding string
	// Seed is what the tasks' random numbers follow from.
	Seed uint64
	// Input is what the test has drawn from, if it is a property: see package check.
	Input []uint64
	// Notes say, for people, how the trace came about.
	Notes []string
	// Deviations are in the order of the run.
	Deviations []Deviation
	// Steps are the first operations of the run, or none.
	Steps []TraceStep
}

// Deviation is one choice of a run that differs from the plain schedule.
type Deviation struct {
	// At is the path of the task whose turn it was. It had come to What for the
	// Nth time, as in [Point]; if What is empty, to its operation number Op, as
	// in [Moment], which does not survive edits and needs no recorded run.
	At   string
	What string
	Nth  int
	Op   int
	// Kind says what was chosen: for a TaskChoice the task with the path To,
	// else the number Option.
	Kind   ChoiceKind
	To     string
	Option int
	// Done is how many of the Steps of the trace come before it.
	Done int
	// Note is a comment for people.
	Note string
}

// TraceStep is an operation of a run: What, as in [Point], by the task with the
// path Task.
type TraceStep struct{ Task, What string }

func (s TraceStep) String() string { return s.Task + " " + s.What }

const traceVersion = "ravel trace 2"

// inputWords is how many words of the input a line has.
const inputWords = 8

// MaxTraceSteps is how many operations a trace of a run keeps.
const MaxTraceSteps = 300

// TraceSteps returns all operations of the run as a [Trace] has them.
func (r *Record) TraceSteps() []TraceStep {
	var all []TraceStep
	for _, s := range r.Steps {
		if !s.Side {
			all = append(all, TraceStep{r.Tasks[s.Task].Path, s.What})
		}
	}
	return all
}

// Bytes returns the text of t.
func (t *Trace) Bytes() []byte {
	var b bytes.Buffer
	b.WriteString(traceVersion + "\n")
	fmt.Fprintf(&b, "test %s\nfinding %s\nseed %d\n", oneLine(t.Test), oneLine(t.Finding), t.Seed)
	for words := range slices.Chunk(t.Input, inputWords) {
		b.WriteString("input")
		for _, w := range words {
			b.WriteString(" " + strconv.FormatUint(w, 16))
		}
		b.WriteByte('\n')
	}
	for _, n := range t.Notes {
		b.WriteString("note " + oneLine(n) + "\n")
	}
	rest := t.Deviations
	for i, s := range t.Steps {
		for len(rest) > 0 && rest[0].Done <= i {
			rest[0].write(&b)
			rest = rest[1:]
		}
		b.WriteString("step " + s.String() + "\n")
	}
	if len(t.Steps) == MaxTraceSteps {
		b.WriteString("# a trace keeps no more steps than these\n")
	}
	for _, d := range rest {
		d.write(&b)
	}
	return b.Bytes()
}

// write appends the line of d.
func (d Deviation) write(b *bytes.Buffer) {
	b.WriteString(d.String())
	if note := oneLine(d.Note); note != "" {
		b.WriteString(" # " + note)
	}
	b.WriteByte('\n')
}

// String returns the line of d in a trace, without the note.
func (d Deviation) String() string {
	text := "at " + d.At
	switch {
	case d.What != "":
		text += " " + d.What
		if d.Nth > 1 {
			text += " #" + itoa(d.Nth)
		}
	case d.At != noTask:
		text += " " + itoa(d.Op)
	}
	if d.Kind == TaskChoice {
		return text + " run " + d.To
	}
	return text + " " + d.Kind.String() + " " + itoa(d.Option)
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
