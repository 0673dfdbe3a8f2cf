package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/ravelgo/ravel/check/internal/ordinary"
	"github.com/ravelgo/ravel/check/internal/say"
	"github.com/ravelgo/ravel/check/report"
	"github.com/ravelgo/ravel/sched"
)

// saved is a trace in the testdata of a package, and what is known of it.
type saved struct {
	Package string `json:"package"`
	Test    string `json:"test,omitempty"`
	Finding string `json:"finding,omitempty"`
	Choices int    `json:"choices"`
	Seed    uint64 `json:"seed"`
	File    string `json:"file"` // as seen from here
	State   state  `json:"state,omitempty"`
	Note    string `json:"note,omitempty"` // about the state

	abs   string
	trace *sched.Trace
}

// state is what a replay of a trace has shown.
type state string

const (
	fails   state = "fails"
	passes  state = "passes"  // nothing goes wrong any more
	drifted state = "drifted" // nothing goes wrong, but in another run
	broken  state = "broken"  // it is no trace that can be read
	missing state = "missing" // no test has replayed it
	unbuilt state = "unbuilt" // the package does not build
)

// why says what the state means.
func (s *saved) why() string {
	text := map[state]string{
		fails: "it still fails", passes: "nothing goes wrong any more", missing: "no test has replayed it",
		drifted: "nothing goes wrong, but the run was not the same", unbuilt: "the package does not build",
	}[s.State]
	if s.Note != "" {
		text = strings.TrimPrefix(text+": "+s.Note, ": ")
	}
	return text
}

// home is the package of some traces.
type tracesOf struct {
	pkg    pkg
	traces []*saved
}

// saved returns the packages that have saved traces.
func (a *app) saved(patterns []string) ([]tracesOf, error) {
	all, err := a.packages("", patterns)
	if err != nil {
		return nil, err
	}
	var with []tracesOf
	for _, p := range all {
		t := tracesOf{pkg: p}
		for _, name := range traceFiles(filepath.Join(p.Dir, "testdata")) {
			t.traces = append(t.traces, newSaved(p, name))
		}
		if len(t.traces) > 0 {
			with = append(with, t)
		}
	}
	return with, nil
}

// newSaved reads a trace.
func newSaved(p pkg, name string) *saved {
	s := &saved{Package: p.Path, File: near(name), abs: name}
	text, err := readText(name, maxTrace)
	if err == nil {
		s.trace, err = parseTrace(s.File, text)
	}
	if err != nil {
		s.State, s.Note = broken, strings.TrimPrefix(strings.TrimPrefix(err.Error(), name+": "), s.File+": ")
		return s
	}
	s.Test, s.Finding, s.Choices, s.Seed = s.trace.Test, s.trace.Finding, len(s.trace.Deviations), s.trace.Seed
	return s
}

// traceFiles returns the traces below a folder: all files of that name in
// testdata/ravel, elsewhere those that begin like one, as other tools have traces
// too.
func traceFiles(testdata string) []string {
	var all []string
	ours := filepath.Join(testdata, "ravel") + string(filepath.Separator)
	// What cannot be read has no traces that go test could replay.
	_ = filepath.WalkDir(testdata, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(name) != ".trace" {
			return nil
		}
		if strings.HasPrefix(name, ours) || beginsLikeTrace(name) {
			all = append(all, name)
		}
		return nil
	})
	return all
}

func beginsLikeTrace(name string) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, len("ravel trace"))
	_, err = f.Read(head)
	return err == nil && string(head) == "ravel trace"
}

// judge replays all traces of a package: those of ordinary tests with a binary of
// their own.
func (a *app) judge(t tracesOf, flags []string) error {
	for len(t.traces) > 0 {
		var same, others []*saved
		for _, s := range t.traces {
			if s.builtWith() == t.traces[0].builtWith() {
				same = append(same, s)
			} else {
				others = append(others, s)
			}
		}
		if err := a.judgeAlike(tracesOf{t.pkg, same}, flags); err != nil {
			return err
		}
		t.traces = others
	}
	return nil
}

// builtWith returns the command that builds the test of the trace if that is an
// ordinary one.
func (s *saved) builtWith() string {
	if s.trace == nil {
		return ""
	}
	command, _ := ordinary.NotedCommand(s.trace.Notes)
	return command
}

// judgeAlike replays traces whose tests are built alike.
func (a *app) judgeAlike(t tracesOf, flags []string) error {
	folder, remove, err := scratch()
	if err != nil {
		return err
	}
	defer remove()
	b, err := a.buildFor(t, folder, flags)
	var f *failure
	if err != nil && !errors.As(err, &f) && !errors.Is(err, errNoTests) {
		return err
	}
	for i, s := range t.traces {
		switch {
		case s.State == broken:
		case errors.Is(err, errNoTests):
			s.State, s.Note = missing, "the package has no tests"
		case err != nil:
			s.State = unbuilt
			if i == 0 && a.soft.Err() == nil {
				a.tell("%v", err)
			}
		case a.soft.Err() != nil:
			return nil
		default:
			if _, err := a.replay(b, s, filepath.Join(folder, "report")); err != nil {
				return err
			}
		}
	}
	return nil
}

// buildFor compiles the tests of a package as its traces need it.
func (a *app) buildFor(t tracesOf, folder string, flags []string) (*binary, error) {
	if tr := t.traces[0].trace; tr != nil {
		var err error
		if flags, err = a.instrumented(tr.Notes, testRun{dir: t.pkg.Dir, packages: []string{"."}}, flags); err != nil {
			return nil, err
		}
	}
	return a.build(t.pkg, folder, flags)
}

// replay runs the test of a trace on it, writes reports into a folder, and notes
// what the trace shows.
func (a *app) replay(b *binary, s *saved, folder string) (*attempt, error) {
	if err := os.RemoveAll(folder); err != nil {
		return nil, err
	}
	how, err := a.try(b, folder, trial{env: []string{"RAVEL_REPLAY=" + s.abs}, flags: []string{"-test.run", say.Pattern(s.trace.Test)}})
	if err == nil {
		s.State, s.Note = how.state(s)
	}
	return how, err
}

// state tells what a replay has shown of a trace, and more about it.
func (t *attempt) state(s *saved) (st state, note string) {
	test := s.trace.Test
	r := t.replay(s)
	switch {
	case !t.ran(test):
		return missing, "there is no " + test
	case r == nil && t.failed():
		return fails, t.crash()
	case r == nil:
		return missing, test + " makes no search of that name"
	case r.Fails && r.Drift != "":
		return fails, "the run was not the same: " + r.Drift
	case r.Fails || t.failed():
		return fails, t.crash()
	case r.Drift == "":
		return passes, ""
	}
	return drifted, r.Drift
}

// replay returns how the trace went, or nil if no test has replayed it.
func (t *attempt) replay(s *saved) *report.Replay {
	for _, search := range t.searches {
		for i, r := range search.Replays {
			if search.Test == s.trace.Test && r.File == s.abs {
				return &search.Replays[i]
			}
		}
	}
	return nil
}

// toJSON returns v as indented text.
func toJSON(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "\t")
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // there is nothing in it that has no JSON
	}
	return b.Bytes()
}
