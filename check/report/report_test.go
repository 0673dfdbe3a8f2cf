package report_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check/report"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// fixture returns a report of testdata: what package check wrote of an example.
func fixture(t testing.TB, name string) *report.Report {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	require.NoError(t, err)
	r, err := report.Parse(text)
	require.NoError(t, err)
	return r
}

// golden compares text with a file of testdata.
func golden(t *testing.T, name string, text []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(file, text, 0o666))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	if diff := cmp.Diff(string(want), string(text)); diff != "" {
		t.Errorf("%s differs, run with -update if that is right (-want +got):\n%s", file, diff)
	}
}

// nasty is what a name may contain at worst.
const nasty = "</script><script>window.hurt=1</script><!--<img src=x onerror=window.hurt=1>\"'&`\n\t\u2028\u202e\u0001]]>%0A::error::,:"

// hostile returns a report with nasty text wherever there is text.
func hostile() *report.Report {
	lines := []string{nasty, nasty}
	s := report.Schedule{
		Tasks:   []report.Task{{Name: nasty, Path: nasty}, {Name: "\u05d0\u05d1\u05d2", Path: "b"}},
		Objects: []report.Object{{Name: nasty, Kind: nasty}},
		Waits:   []report.Wait{{Task: 1, Text: nasty, Object: nasty, File: nasty, Line: 3}},
		Edges:   []report.Edge{{From: 0, To: 1, Kind: report.Conflict}},
		End:     nasty,
	}
	for i := range 2 {
		s.Steps = append(s.Steps, report.Step{N: i + 1, Task: i, Op: nasty, Object: 0, Loc: -1, Peer: -1, Text: nasty, Value: nasty,
			File: nasty, Line: 2, Held: []int{0}, Clock: []int{i, i}, About: i == 1, Preempts: i == 1})
	}
	passing := s
	return &report.Report{Version: report.Version, Package: nasty, Test: nasty, Kind: nasty, Object: nasty, Summary: nasty,
		Details: lines, Also: lines, Why: nasty, Order: nasty, Help: nasty, Page: "javascript:window.hurt=1", Causes: lines, Notes: lines,
		Input: []report.Draw{{Name: nasty, Value: nasty}}, Log: lines, Replay: nasty, File: nasty, Trace: nasty, Text: nasty,
		Failing: s, Passing: &passing, Parts: 2, Sources: []report.Source{{File: nasty, Path: nasty, First: 1, Lines: lines}}}
}

// long returns a report with n steps of two tasks, of which two matter.
func long(n int) *report.Report {
	r := &report.Report{Version: report.Version, Kind: "lost update", Summary: "a long one"}
	s := &r.Failing
	s.Tasks = []report.Task{{Name: "a", Path: "a"}, {Name: "b", Path: "b"}}
	s.Objects = []report.Object{{Name: "x", Kind: "var"}}
	for i := range n {
		s.Steps = append(s.Steps, report.Step{N: i + 1, Task: i % 2, Op: "write", Loc: -1, Peer: -1, Text: fmt.Sprintf("write x = %d", i),
			Value: fmt.Sprint(i), File: "x.go", Line: 1, Preempts: i > 0, About: i == n/2 || i == n/2+1})
		if i > 0 {
			s.Edges = append(s.Edges, report.Edge{From: i - 1, To: i, Kind: report.Conflict})
		}
	}
	return r
}

func TestParse(t *testing.T) {
	for name, r := range map[string]*report.Report{
		"lost update": fixture(t, "lost_update"), "deadlock": fixture(t, "deadlock"), "wordcount": fixture(t, "wordcount"),
		"hostile": hostile(), "long": long(100), "empty": {Version: report.Version},
	} {
		t.Run(name, func(t *testing.T) {
			again, err := report.Parse(r.Bytes())
			require.NoError(t, err)
			if diff := cmp.Diff(r, again); diff != "" {
				t.Errorf("Parse(Bytes()) differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseMalformed(t *testing.T) {
	step := func(fields string) string {
		return `{"version":1,"failing":{"tasks":[{"name":"a"}],"objects":[],"steps":[{"task":0,"object":-1,"peer":-1` + fields + `}]}}`
	}
	for _, c := range []struct{ name, text, want string }{
		{"nothing", ``, "EOF"},
		{"no JSON", `{`, "unexpected EOF"},
		{"other type", `[]`, "cannot unmarshal array"},
		{"fraction", `{"version":1.5}`, "cannot unmarshal number"},
		{"no version", `{}`, "version 0, want 1"},
		{"later version", `{"version":2}`, "version 2, want 1"},
		{"more", `{"version":1}{}`, "more after the end"},
		{"task", step(`,"task":1`), "failing: step 0: task 1 of 1"},
		{"negative task", step(`,"task":-1`), "task -1 of 1"},
		{"object", step(`,"object":0`), "object 0 of 0"},
		{"peer", step(`,"peer":7`), "peer 7 of 1"},
		{"held", step(`,"held":[0]`), "held object 0 of 0"},
		{"clock", step(`,"clock":[1,2]`), "clock"},
		{"negative clock", step(`,"clock":[-1]`), "clock"},
		{"edge", `{"version":1,"failing":{"edges":[{"from":0,"to":0,"kind":"conflict"}]}}`, "edge 0: step 0 of 0"},
		{"kind of edge", strings.Replace(step(""), `"steps"`, `"edges":[{"kind":"x"}],"steps"`, 1), `edge 0: kind "x"`},
		{"wait", `{"version":1,"failing":{"waits":[{"task":0}]}}`, "wait 0: task 0 of 0"},
		{"passing", `{"version":1,"passing":{"waits":[{"task":0}]}}`, "passing: wait 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := report.Parse([]byte(c.text))
			assert.ErrorContains(t, err, c.want)
			assert.Nil(t, r)
		})
	}
	_, err := report.Parse([]byte(step("")))
	assert.NoError(t, err, "the one that the others break")
	_, err = report.ParseSearch([]byte(`{"version":3}`))
	assert.ErrorContains(t, err, "version 3, want 1")
}

// Whatever parses has all formats. FuzzReport in the folder fuzz goes on from there.
func TestFormats(t *testing.T) {
	texts := [][]byte{hostile().Bytes(), []byte(`{"version":1}`),
		[]byte(`{"version":1,"kind":"\ud800","failing":{"tasks":null,"steps":[]},"passing":{},"parts":-4}`)}
	for _, name := range []string{"lost_update", "deadlock", "left_blocked"} {
		texts = append(texts, fixture(t, name).Bytes())
	}
	for _, text := range texts {
		r, err := report.Parse(text)
		require.NoError(t, err)
		checkPage(t, r)
		checkPerfetto(t, r)
		checkSARIF(t, []*report.Report{r})
		checkJUnit(t, nil, []*report.Report{r})
		checkGitHub(t, []*report.Report{r})
	}
}
