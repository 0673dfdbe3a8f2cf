package fuzz

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/check/report"
	"github.com/ravelgo/ravel/sched"
)

// FuzzReport reads text as a report and as a search: it is refused with an error, or
// every format can be made of it, well formed.
func FuzzReport(f *testing.F) {
	samples, err := filepath.Glob("../check/report/testdata/*.json")
	require.NoError(f, err)
	for _, name := range samples {
		text, err := os.ReadFile(name)
		require.NoError(f, err)
		f.Add(text)
	}
	f.Add([]byte(`{"version":1,"failing":{"tasks":[{"name":"main","path":"main"}],"objects":[],"steps":[{"n":1,"object":-1,"peer":-1}]}}`))
	f.Add([]byte(`{"version":2}`))
	f.Add([]byte(`{"version":1,"kind":"\ud800","failing":{"tasks":null,"steps":[]},"passing":{},"parts":-4}`))
	f.Add([]byte(`{"version":1,"package":"a/b","test":"TestX","seed":18446744073709551615,"milliseconds":-1,"summary":"]]>\u0000",` +
		`"findings":[{"kind":"<race>","summary":"a\tb\u0008","name":"x"}],"replays":[{"file":"x","drift":"y"}],"possible":[""]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		searches := []*report.Search{{Version: report.Version, Package: "p", Test: "T"}}
		if s, err := report.ParseSearch(text); err == nil {
			again, err := report.ParseSearch(s.Bytes())
			require.NoError(t, err)
			require.Equal(t, string(s.Bytes()), string(again.Bytes()))
			searches = append(searches, s)
			wellFormed(t, report.JUnit(searches, nil))
		}
		if r, err := report.Parse(text); err == nil {
			hasFormats(t, r, searches)
		} else {
			assert.True(t, strings.HasPrefix(err.Error(), "report: "), "%v", err)
		}
	})
}

// hasFormats checks that a report can be read again, and all formats of it.
func hasFormats(t *testing.T, r *report.Report, searches []*report.Search) {
	t.Helper()
	again, err := report.Parse(r.Bytes())
	require.NoError(t, err)
	require.Equal(t, string(r.Bytes()), string(again.Bytes()))
	all := []*report.Report{r, again}
	assert.True(t, json.Valid(r.Perfetto()))
	assert.True(t, json.Valid(report.SARIF(all)))
	wellFormed(t, report.JUnit(searches, all))
	for _, line := range strings.Split(strings.TrimSuffix(string(report.GitHub(all)), "\n"), "\n") {
		assert.True(t, strings.HasPrefix(line, "::error "), "%q", line)
	}
	page := r.HTML()
	assert.True(t, bytes.HasSuffix(bytes.TrimSpace(page), []byte("</html>")))
	assert.Equal(t, bytes.Count((&report.Report{}).HTML(), []byte("<script")), bytes.Count(page, []byte("<script")),
		"what is in a report makes no script")
}

func wellFormed(t *testing.T, text []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(text))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// What a search finds in random programs has all formats, and its trace replays it.
func TestReportsOfPrograms(t *testing.T) {
	programs := 100
	if testing.Short() {
		programs = 20
	}
	r := rand.New(rand.NewPCG(4, 4))
	found := 0
	for range programs {
		code := make([]byte, 4+r.IntN(20))
		for i := range code {
			if r.IntN(5) > 0 { // else the next task begins
				code[i] = byte(r.IntN(256))
			}
		}
		body := func(*check.T) { program(code) }
		result := check.Config{Runs: 5, Workers: 1, MaxSteps: 500}.Search("TestReportsOfPrograms", body)
		for _, f := range result.Findings {
			if f.Data == nil {
				continue
			}
			found++
			hasFormats(t, f.Data, nil)
			tr, err := sched.ParseTrace([]byte(f.Data.Trace))
			require.NoError(t, err)
			again, err := check.Config{MaxSteps: 500}.Replay(tr, body)
			require.NoError(t, err, "program %v", code)
			assert.Equal(t, f.Summary, again.Summary, "program %v", code)
			if t.Failed() {
				return
			}
		}
	}
	t.Logf("%d reports of %d programs", found, programs)
	assert.Greater(t, found, programs/10)
}
