package report

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/sched"
)

func counts(t *check.T) {
	var s Totals
	_, err := Counting("one", "three").Run(t.Context(), &s, engine.RunOptions{})
	require.NoError(t, err)
	require.Equal(t, 8, s.Runes.Load())
}

func transfers(*check.T) {
	ann := sched.Named("ann", &Account{})
	bob := sched.Named("bob", &Account{})
	var wg sched.WaitGroup
	there := func() { Transfer(ann, bob, 10) }
	back := func() { Transfer(bob, ann, 20) }
	wg.Go(there)
	wg.Go(back)
	wg.Wait()
}

// failing is a test that keeps what it fails with.
type failing struct {
	testing.TB
	name string
	text strings.Builder
}

func (f *failing) Name() string                      { return f.name }
func (f *failing) Errorf(format string, args ...any) { fmt.Fprintf(&f.text, format, args...) }
func (f *failing) Log(...any)                        {}

var update = flag.Bool("update", false, "write the samples into the document")

var sampleBlock = regexp.MustCompile("(?s)<!-- (report|trace) (\\w+) -->\n```\n.*?```\n")

// quotation is a line of code in the text that quotes a sample.
var quotation = regexp.MustCompile(`(?m)^    (.*(?:Totals\.|totals\.go|/count\[).*)$`)

// The document shows what is printed, and the trace that is saved.
func TestSamples(t *testing.T) {
	document, err := filepath.Abs("../../docs/report.md")
	require.NoError(t, err)
	text, err := os.ReadFile(document)
	require.NoError(t, err)
	t.Chdir(t.TempDir())
	printed := map[string]string{}
	for name, body := range map[string]func(*check.T){"TestCounts": counts, "TestTransfers": transfers} {
		f := &failing{TB: t, name: name}
		check.Run(f, body)
		printed["report "+name] = strings.TrimPrefix(f.text.String(), "\n")
		traces, err := filepath.Glob("testdata/ravel/" + name + "/*.trace")
		require.NoError(t, err)
		require.Len(t, traces, 1, "one finding")
		trace, err := os.ReadFile(traces[0])
		require.NoError(t, err)
		printed["trace "+name] = string(trace)
	}
	now := sampleBlock.ReplaceAllStringFunc(string(text), func(block string) string {
		name := sampleBlock.FindStringSubmatch(block)[1:]
		sample := strings.Join(name, " ")
		return "<!-- " + sample + " -->\n```\n" + printed[sample] + "```\n"
	})
	var all strings.Builder
	for _, p := range printed {
		all.WriteString(p)
	}
	for _, quoted := range quotation.FindAllStringSubmatch(sampleBlock.ReplaceAllString(string(text), ""), -1) {
		assert.Contains(t, all.String(), quoted[1])
	}
	if *update {
		require.NoError(t, os.WriteFile(document, []byte(now), 0o666))
		return
	}
	assert.True(t, string(text) == now, "it shows something else; run this test with -update")
}
