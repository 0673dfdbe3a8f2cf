package report_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check/report"
)

type traceEvent struct {
	Name  string
	Phase string `json:"ph"`
	TS    float64
	Dur   float64
	PID   int
	TID   int
	ID    string
	Args  map[string]any
}

// checkPerfetto checks that a trace has a thread a task, a slice a step and both ends
// of each edge within the slices, and returns the events.
func checkPerfetto(t *testing.T, r *report.Report) []traceEvent {
	t.Helper()
	var trace struct{ TraceEvents []traceEvent }
	require.NoError(t, json.Unmarshal(r.Perfetto(), &trace))
	count := map[string]int{}
	for _, e := range trace.TraceEvents {
		count[e.Phase]++
		if e.Name == "thread_name" {
			count["thread"]++
		}
	}
	tasks, steps, edges := len(r.Failing.Tasks), len(r.Failing.Steps), len(r.Failing.Edges)
	if r.Passing != nil {
		tasks, steps, edges = tasks+len(r.Passing.Tasks), steps+len(r.Passing.Steps), edges+len(r.Passing.Edges)
	}
	got := []int{count["thread"], count["X"], count["s"], count["f"]}
	assert.Equal(t, []int{tasks, steps, edges, edges}, got, "threads, slices, begins and ends of flows")
	return trace.TraceEvents
}

func TestPerfetto(t *testing.T) {
	r := fixture(t, "lost_update")
	events := checkPerfetto(t, r)
	golden(t, "lost_update.perfetto", r.Perfetto())
	i := 0
	for _, e := range events {
		if e.Phase == "X" && e.PID == 1 {
			assert.Equal(t, float64(i), e.TS, "a step at its index")
			assert.Equal(t, 1.0, e.Dur)
			assert.Equal(t, r.Failing.Steps[i].Task+1, e.TID)
			i++
		}
	}
	checkPerfetto(t, hostile())
	checkPerfetto(t, &report.Report{})
}

type sarif struct {
	Version string
	Runs    []struct {
		Tool struct {
			Driver struct {
				Name  string
				Rules []struct{ ID, HelpURI string }
			}
		}
		Results []struct {
			RuleID    string
			RuleIndex int
			Message   struct{ Text string }
			Locations []sarifLocation
			CodeFlows []struct {
				ThreadFlows []struct {
					ID        string
					Locations []struct {
						Location       sarifLocation
						ExecutionOrder int
					}
				}
			}
			PartialFingerprints map[string]string
		}
	}
}

type sarifLocation struct {
	PhysicalLocation struct {
		ArtifactLocation struct{ URI string }
		Region           struct{ StartLine int }
	}
}

// checkSARIF checks what the standard demands of what is used of it.
func checkSARIF(t *testing.T, reports []*report.Report) sarif {
	t.Helper()
	var s sarif
	require.NoError(t, json.Unmarshal(report.SARIF(reports), &s))
	assert.Equal(t, "2.1.0", s.Version)
	require.Len(t, s.Runs, 1)
	require.Len(t, s.Runs[0].Results, len(reports))
	rules := s.Runs[0].Tool.Driver.Rules
	for _, r := range s.Runs[0].Results {
		assert.Equal(t, r.RuleID, rules[r.RuleIndex].ID)
		assert.NotEmpty(t, r.RuleID)
		assert.NotEmpty(t, r.Message.Text)
		assert.NotEmpty(t, r.PartialFingerprints["ravel/v1"])
		for _, f := range r.CodeFlows {
			assert.NotEmpty(t, f.ThreadFlows)
		}
	}
	return s
}

func TestSARIF(t *testing.T) {
	reports := []*report.Report{fixture(t, "lost_update"), fixture(t, "deadlock"), fixture(t, "wordcount"), fixture(t, "left_blocked")}
	s := checkSARIF(t, reports)
	golden(t, "sarif.golden", report.SARIF(reports))
	rules := s.Runs[0].Tool.Driver.Rules
	require.Len(t, rules, 3, "one a kind")
	assert.Equal(t, "https://github.com/ravelgo/ravel/blob/main/docs/findings.md#lost-update", rules[0].HelpURI)
	lost := s.Runs[0].Results[0]
	require.NotEmpty(t, lost.Locations)
	assert.Equal(t, "examples/findings/updates_test.go", lost.Locations[0].PhysicalLocation.ArtifactLocation.URI)
	order := 0
	for _, l := range lost.CodeFlows[0].ThreadFlows[0].Locations {
		assert.Greater(t, l.ExecutionOrder, order)
		order = l.ExecutionOrder
	}
	blocked := s.Runs[0].Results[3]
	require.Len(t, blocked.Locations, 1, "where it waits")
	assert.NotEqual(t, lost.PartialFingerprints, blocked.PartialFingerprints)
	checkSARIF(t, nil)
	checkSARIF(t, []*report.Report{hostile(), {}})
}

// The fingerprint is that of the finding, not of the lines it is at.
func TestSARIFFingerprint(t *testing.T) {
	of := func(summary string) string {
		s := checkSARIF(t, []*report.Report{{Kind: "failed assertion", Summary: summary}})
		return s.Runs[0].Results[0].PartialFingerprints["ravel/v1"]
	}
	assert.Equal(t, of("failed assertion at x.go:12: no"), of("failed assertion at x.go:345: no"))
	assert.NotEqual(t, of("failed assertion at x.go:12: no"), of("failed assertion at x.go:12: yes"))
}

type junit struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Suites   []struct {
		Name  string `xml:"name,attr"`
		Time  string `xml:"time,attr"`
		Cases []struct {
			Name    string `xml:"name,attr"`
			Class   string `xml:"classname,attr"`
			Time    string `xml:"time,attr"`
			Out     string `xml:"system-out"`
			Failure []struct {
				Message string `xml:"message,attr"`
				Type    string `xml:"type,attr"`
				Text    string `xml:",chardata"`
			} `xml:"failure"`
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

// checkJUnit checks that it is XML to its end.
func checkJUnit(t *testing.T, searches []*report.Search, reports []*report.Report) junit {
	t.Helper()
	text := report.JUnit(searches, reports)
	d := xml.NewDecoder(strings.NewReader(string(text)))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("JUnit is no XML: %v\n%s", err, text)
		}
	}
	var j junit
	require.NoError(t, xml.Unmarshal(text, &j))
	return j
}

func TestJUnit(t *testing.T) {
	lost, deadlock := fixture(t, "lost_update"), fixture(t, "deadlock")
	second := *lost
	second.Kind, second.Summary, second.Text = "data race", "another one", "text of another one"
	searches := []*report.Search{
		{Package: lost.Package, Test: lost.Test, Milliseconds: 1500, Summary: "12 schedules", Findings: []report.Found{{Kind: "lost update", Summary: lost.Summary}}},
		{Package: lost.Package, Test: "TestGood", Milliseconds: 20, Summary: "all traces"},
		{Package: "example.com/a", Test: "TestOnlyFound", Findings: []report.Found{{Kind: "panic", Summary: "no schedule shows it"}}},
	}
	reports := []*report.Report{lost, &second, deadlock}
	j := checkJUnit(t, searches, reports)
	golden(t, "junit.golden", report.JUnit(searches, reports))
	assert.Equal(t, 4, j.Tests)
	assert.Equal(t, 3, j.Failures)
	require.Len(t, j.Suites, 2)
	assert.Equal(t, "no schedule shows it", j.Suites[0].Cases[0].Failure[0].Message)
	cases := j.Suites[1].Cases
	require.Len(t, cases, 3)
	assert.Equal(t, "1.520", j.Suites[1].Time)
	assert.Equal(t, "TestFindings/lost_update", cases[1].Name)
	require.Len(t, cases[1].Failure, 1)
	assert.Equal(t, lost.Summary+"; another one", cases[1].Failure[0].Message)
	assert.Contains(t, cases[1].Failure[0].Text, lost.Text)
	assert.Empty(t, cases[2].Failure)
}

func TestJUnitHostile(t *testing.T) {
	j := checkJUnit(t, nil, nil)
	assert.Empty(t, j.Suites)
	j = checkJUnit(t, []*report.Search{{Package: nasty, Test: nasty, Summary: nasty}}, []*report.Report{hostile(), {}})
	require.Len(t, j.Suites, 2)
	assert.Contains(t, j.Suites[1].Cases[0].Failure[0].Text, "<script>")
}

// checkGitHub checks that each report is one command, and returns these.
func checkGitHub(t *testing.T, reports []*report.Report) []string {
	t.Helper()
	text := string(report.GitHub(reports))
	lines := strings.Split(text, "\n")
	require.Empty(t, lines[len(lines)-1], "it ends with a line end")
	lines = lines[:len(lines)-1]
	require.Len(t, lines, len(reports))
	for _, l := range lines {
		assert.True(t, strings.HasPrefix(l, "::error "), l)
		assert.NotContains(t, l, "\r")
	}
	return lines
}

func TestGitHub(t *testing.T) {
	lines := checkGitHub(t, []*report.Report{fixture(t, "lost_update"), {Kind: "panic"}, hostile()})
	want := "::error file=examples/findings/updates_test.go,line=14,title=lost update in TestFindings/lost_update::" +
		"lost update on balance: task 1 overwrote task 2's write%0Atask 1 read 0 at updates_test.go:14."
	assert.True(t, strings.HasPrefix(lines[0], want), lines[0])
	if diff := cmp.Diff("::error title=panic::panic", lines[1]); diff != "" {
		t.Error(diff)
	}
	head, _, _ := strings.Cut(strings.TrimPrefix(lines[2], "::error "), "::")
	assert.Equal(t, 2, strings.Count(head, ","), "three properties: %s", head)
	assert.Contains(t, lines[2], "%250A", "what looks like an escape")
	assert.Empty(t, report.GitHub(nil))
}
