package recipes

import (
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
)

// silent checks that nothing is found in 10,000 schedules, or in all there are; in
// 500 if the tests are to be quick.
func silent(t *testing.T, cfg check.Config, body func(*check.T)) *check.Result {
	t.Helper()
	cfg.Runs = 10_000
	if testing.Short() {
		cfg.Runs = 500
	}
	r := cfg.Search(t.Name(), body)
	for _, f := range r.Findings {
		t.Errorf("\n%s", f.Report)
	}
	assert.Empty(t, r.Possible)
	t.Log(r)
	return r
}

// finds checks that a search with the default settings, but for what cfg says, finds one
// thing, of that kind, and returns it.
func finds(t *testing.T, cfg check.Config, kind string, body func(*check.T)) check.Finding {
	t.Helper()
	r := cfg.Search(t.Name(), body)
	require.NotEmpty(t, r.Findings)
	for _, f := range r.Findings {
		t.Logf("\n%s", f.Report)
	}
	assert.Equal(t, kind, r.Findings[0].Kind)
	require.Len(t, r.Findings, 1)
	return r.Findings[0]
}

var update = flag.Bool("update", false, "write the samples into the document")

const document = "../../docs/recipes.md"

// samples are the findings of which the document shows the beginning.
var samples = map[string]struct {
	cfg  check.Config
	body func(*check.T)
}{
	"loadsTwice":    {body: loadsTwice},
	"leavesWorkers": {body: leavesWorkers},
	"passTogether":  {body: passTogether},
	"carelessSell":  {body: selling(carelessSell)},
	"carelessWithin": {
		cfg:  check.Config{AnyTime: true},
		body: asking(carelessWithin[string]),
	},
	"carelessMerge": {body: cancelling(carelessMerge)},
}

var sampleBlock = regexp.MustCompile("(?s)<!-- report (\\w+) -->\n```\n(.*?)```\n")

// The document shows what is printed: of each report the sentence and the table.
func TestSamples(t *testing.T) {
	text, err := os.ReadFile(document)
	require.NoError(t, err)
	shown := 0
	now := sampleBlock.ReplaceAllStringFunc(string(text), func(block string) string {
		shown++
		name := sampleBlock.FindStringSubmatch(block)[1]
		s, ok := samples[name]
		require.True(t, ok, name)
		parts := strings.SplitN(s.cfg.Search(name, s.body).Findings[0].Report, "\n\n", 3)
		return "<!-- report " + name + " -->\n```\n" + parts[0] + "\n\n" + parts[1] + "\n```\n"
	})
	assert.Equal(t, len(samples), shown)
	if *update {
		require.NoError(t, os.WriteFile(document, []byte(now), 0o666))
		return
	}
	assert.True(t, string(text) == now, "it shows something else; run this test with -update")
}
