package fuzz

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check/report"
)

// FuzzReport reads text as a report: it is refused with an error, or every format can
// be made of it, well formed.
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
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := report.Parse(text)
		if err != nil {
			return
		}
		again, err := report.Parse(r.Bytes())
		require.NoError(t, err)
		require.Equal(t, string(r.Bytes()), string(again.Bytes()))
		all := []*report.Report{r}
		require.True(t, json.Valid(r.Perfetto()))
		require.True(t, json.Valid(report.SARIF(all)))
		searches := []*report.Search{{Version: report.Version, Package: r.Package, Test: r.Test}}
		wellFormed(t, report.JUnit(searches, all))
		report.GitHub(all)
		require.Contains(t, string(r.HTML()), "</html>")
	})
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
