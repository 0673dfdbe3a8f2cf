// Package report is what a search has found, as data for pages and programs.
//
// With RAVEL_REPORT set to a folder, package check writes there for every search
//
//	<package>/<test>/search.json      a [Search]: how much was tried, and what was found
//	<package>/<test>/search-2.json    the second one of the same test, and so on
//
// and for every finding of it, named like its trace,
//
//	<package>/<test>/<name>.json      a [Report]
//	<package>/<test>/<name>.html      the same as a page that needs nothing else
//
// where <package> is the import path and <test> the name of the test, with _ for
// what file names do not have. The command ravel makes other formats of them.
//
// The types of this package are the schema of the JSON: a field has the name of
// its tag, numbers are integers, and what is empty may be left out. A reader must
// ignore fields that it does not know. [Version] changes when a field changes its
// meaning or goes.
package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Version is that of the schema.
const Version = 1

// Report is one finding.
type Report struct {
	// Version is that of the schema, [Version].
	Version int `json:"version"`
	// Package is the import path of the package of the test, Test its name.
	Package string `json:"package"`
	Test    string `json:"test"`
	// Kind is what is wrong, such as "lost update", Object what it is about, or
	// empty, and Summary one sentence.
	Kind    string `json:"kind"`
	Object  string `json:"object,omitempty"`
	Summary string `json:"summary"`
	// Details are sentences about the operations, Also what else is wrong in the
	// same schedule.
	Details []string `json:"details,omitempty"`
	Also    []string `json:"also,omitempty"`
	// Why says why it is a problem, Order what would order the operations, Help
	// what else to do, Page where there is more to read.
	Why   string `json:"why,omitempty"`
	Order string `json:"order,omitempty"`
	Help  string `json:"help,omitempty"`
	Page  string `json:"page,omitempty"`
	// Causes are sentences about what it depends on, Notes how it was found.
	Causes []string `json:"causes,omitempty"`
	Notes  []string `json:"notes,omitempty"`
	// Input is what a property has drawn, Log what the test has logged.
	Input []Draw   `json:"input,omitempty"`
	Log   []string `json:"log,omitempty"`
	// Preemptions counts the switches away from a task that could have gone on.
	// Fewest is set if no schedule with fewer shows it.
	Preemptions int  `json:"preemptions"`
	Fewest      bool `json:"fewest,omitempty"`
	// Replay is the command that replays it, File where its trace is, from the
	// folder of the package, and Trace the text of the trace.
	Replay string `json:"replay,omitempty"`
	File   string `json:"file,omitempty"`
	Trace  string `json:"trace"`
	// Text is the report for terminals.
	Text string `json:"text"`
	// Failing is the schedule that shows it, Passing the nearest one that does
	// not, if it is known.
	Failing Schedule  `json:"failing"`
	Passing *Schedule `json:"passing,omitempty"`
	// Parts is the number of the first step in which they differ, in both; it is
	// 0 without Passing.
	Parts int `json:"parts,omitempty"`
	// Sources are pieces of the source around the steps.
	Sources []Source `json:"sources,omitempty"`
}

// Draw is a value that a property has drawn.
type Draw struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Schedule is one run. Tasks, objects and steps are known by their index.
type Schedule struct {
	Tasks   []Task   `json:"tasks"`
	Objects []Object `json:"objects"`
	Steps   []Step   `json:"steps"`
	// Left is how many steps before the first one are left out, of a very long run.
	Left int `json:"left,omitempty"`
	// Edges are the orders between steps of different tasks.
	Edges []Edge `json:"edges,omitempty"`
	// Waits are the tasks that wait for ever at the end, and End is why the run
	// ended, if not well.
	Waits []Wait `json:"waits,omitempty"`
	End   string `json:"end,omitempty"`
}

// Task is a task, or a timer, or the clock.
type Task struct {
	Name string `json:"name"`
	// Path identifies it across runs, as a trace names it.
	Path string `json:"path"`
	// Timer is set for what is no task.
	Timer bool `json:"timer,omitempty"`
}

// Object is something that tasks share.
type Object struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
}

// Step is an operation of a task, or the start of one.
type Step struct {
	// N counts the operations from 1; a step with Side has that of the operation
	// that it belongs to.
	N int `json:"n"`
	// Task did Op to Object, or -1 if there is none. Loc is the element, or -1,
	// and Peer the task that was started or met, or -1.
	Task   int    `json:"task"`
	Op     string `json:"op"`
	Object int    `json:"object"`
	Loc    int    `json:"loc"`
	Peer   int    `json:"peer"`
	// Text says all that in a few words, with Value, which was read, written, sent
	// or received.
	Text  string `json:"text"`
	Value string `json:"value,omitempty"`
	// File and Line are where it is in the source, the base name of the file.
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	// Time is that of the simulated clock, in nanoseconds since its start.
	Time int64 `json:"time"`
	// Held are the locks, objects, that the task held before it.
	Held []int `json:"held,omitempty"`
	// Clock is the vector clock of the task after it: how many events of each
	// task, by index, have happened before it; what is missing is 0.
	Clock []int `json:"clock,omitempty"`
	// Preempts is set where the task before could have gone on, About where the
	// finding is about it, Side where it is no operation of its own but a start,
	// or the other half of a meeting on a channel.
	Preempts bool `json:"preempts,omitempty"`
	About    bool `json:"about,omitempty"`
	Side     bool `json:"side,omitempty"`
}

// Edge is an order between two steps, by their index in Schedule.Steps.
type Edge struct {
	From int `json:"from"`
	To   int `json:"to"`
	// Kind is [HappensBefore] or [Conflict].
	Kind string `json:"kind"`
}

// Kinds of edges.
const (
	// HappensBefore says that a synchronisation orders From before To in every
	// schedule that has it.
	HappensBefore = "happens-before"
	// Conflict says that both use one place, one of them writes, and nothing but
	// the schedule orders them.
	Conflict = "conflict"
)

// Wait is a task that waits for ever.
type Wait struct {
	Task   int    `json:"task"`
	Text   string `json:"text"` // what for
	Object string `json:"object,omitempty"`
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
}

// Source is a piece of a file, from line First.
type Source struct {
	// File is its base name, as steps have it, Path where it was found: from the
	// root of its module.
	File  string   `json:"file"`
	Path  string   `json:"path,omitempty"`
	First int      `json:"first"`
	Lines []string `json:"lines"`
}

// Search is how a search went.
type Search struct {
	Version int    `json:"version"`
	Package string `json:"package"`
	Test    string `json:"test"`
	// Seed is that of the search.
	Seed uint64 `json:"seed"`
	// Runs, Cut, Steps, Distinct, Preemptions and Complete are those of
	// check.Result, and Summary its statistics in words.
	Runs        int    `json:"runs"`
	Cut         int    `json:"cut,omitempty"`
	Steps       int    `json:"steps"`
	Distinct    int    `json:"distinct"`
	Preemptions int    `json:"preemptions"`
	Complete    bool   `json:"complete,omitempty"`
	Stopped     string `json:"stopped,omitempty"`
	Summary     string `json:"summary"`
	// Milliseconds is how long it took, by the wall clock.
	Milliseconds int64 `json:"milliseconds"`
	// Hash identifies all that happened in it, in hexadecimal.
	Hash string `json:"hash"`
	// Replayed is set if saved traces were all that was tried. Replays are these, and
	// those that were tried before the search.
	Replayed bool     `json:"replayed,omitempty"`
	Replays  []Replay `json:"replays,omitempty"`
	// Fuzz is set for a fuzz target: only its seeds and its saved inputs were run.
	Fuzz bool `json:"fuzz,omitempty"`
	// Findings are what was found, Possible what was suspected and never shown.
	Findings []Found  `json:"findings,omitempty"`
	Possible []string `json:"possible,omitempty"`
}

// Replay is how a saved trace went.
type Replay struct {
	// File is the name by which it was looked up, from the folder of the package.
	File string `json:"file"`
	// Fails is set if something goes wrong in it. Drift says where the run was
	// another one than when the trace was saved; it is empty if they are the same.
	Fails bool   `json:"fails,omitempty"`
	Drift string `json:"drift,omitempty"`
}

// Found is a finding in short.
type Found struct {
	Kind    string `json:"kind"`
	Summary string `json:"summary"`
	// Name is that of the files of its report, without an ending; File is where
	// its trace is, from the folder of the package.
	Name string `json:"name"`
	File string `json:"file,omitempty"`
	// Run is the number of the run that first showed it; 0 if that is none of the
	// search. Preemptions are those of the schedule; Fewest is set if none with
	// fewer shows it.
	Run         int  `json:"run,omitempty"`
	Preemptions int  `json:"preemptions"`
	Fewest      bool `json:"fewest,omitempty"`
}

// Parse reads a report. The error says what is wrong with it: that it is no JSON,
// of another version, or that a number in it is that of no task, object or step.
func Parse(text []byte) (*Report, error) {
	var r Report
	if err := decode(text, &r, func() int { return r.Version }); err != nil {
		return nil, err
	}
	if err := r.Failing.check(); err != nil {
		return nil, fmt.Errorf("report: failing: %w", err)
	}
	if r.Passing != nil {
		if err := r.Passing.check(); err != nil {
			return nil, fmt.Errorf("report: passing: %w", err)
		}
	}
	return &r, nil
}

// ParseSearch reads a search.json.
func ParseSearch(text []byte) (*Search, error) {
	var s Search
	if err := decode(text, &s, func() int { return s.Version }); err != nil {
		return nil, err
	}
	return &s, nil
}

func decode(text []byte, into any, version func() int) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("report: there is more after the end")
	}
	if v := version(); v != Version {
		return fmt.Errorf("report: version %d, want %d", v, Version)
	}
	return nil
}

// check reports a number that is that of nothing.
func (s *Schedule) check() error {
	within := func(what string, i, n, least int) error {
		if i < least || i >= n {
			return fmt.Errorf("%s %d of %d", what, i, n)
		}
		return nil
	}
	for i, st := range s.Steps {
		err := errors.Join(within("task", st.Task, len(s.Tasks), 0), within("object", st.Object, len(s.Objects), -1),
			within("peer", st.Peer, len(s.Tasks), -1))
		for _, h := range st.Held {
			err = errors.Join(err, within("held object", h, len(s.Objects), 0))
		}
		if len(st.Clock) > len(s.Tasks) || slices.ContainsFunc(st.Clock, func(n int) bool { return n < 0 }) {
			err = errors.Join(err, errors.New("a clock that is not that of the tasks"))
		}
		if err != nil {
			return fmt.Errorf("step %d: %w", i, err)
		}
	}
	for i, e := range s.Edges {
		if err := errors.Join(within("step", e.From, len(s.Steps), 0), within("step", e.To, len(s.Steps), 0)); err != nil {
			return fmt.Errorf("edge %d: %w", i, err)
		}
		if e.Kind != HappensBefore && e.Kind != Conflict {
			return fmt.Errorf("edge %d: kind %q", i, e.Kind)
		}
	}
	for i, w := range s.Waits {
		if err := within("task", w.Task, len(s.Tasks), 0); err != nil {
			return fmt.Errorf("wait %d: %w", i, err)
		}
	}
	return nil
}

// Bytes returns the JSON of r, indented.
func (r *Report) Bytes() []byte { return encode(r) }

// Bytes returns the JSON of s, indented.
func (s *Search) Bytes() []byte { return encode(s) }

func encode(v any) []byte {
	text, err := json.MarshalIndent(v, "", "\t")
	if err != nil {
		panic(err) // there is nothing in it that has no JSON
	}
	return append(text, '\n')
}
