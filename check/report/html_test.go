package report_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check/report"
)

const dataTag = `<script type="application/json" id="data">`

// checkPage checks that a page is whole and has r in it, and returns it.
func checkPage(t *testing.T, r *report.Report) string {
	t.Helper()
	page := string(r.HTML())
	assert.Equal(t, 2, strings.Count(page, "<script"), "scripts that begin")
	assert.Equal(t, 2, strings.Count(page, "</script"), "scripts that end")
	assert.False(t, strings.Contains(page, "<!--"), "a comment")
	_, after, found := strings.Cut(page, dataTag)
	require.True(t, found)
	data, _, _ := strings.Cut(after, "</script>")
	again, err := report.Parse([]byte(data))
	require.NoError(t, err)
	if diff := cmp.Diff(r, again); diff != "" {
		t.Errorf("the page has another report (-want +got):\n%s", diff)
	}
	return page
}

func TestHTML(t *testing.T) {
	page := checkPage(t, fixture(t, "lost_update"))
	assert.Contains(t, page, "<title>lost update on balance: task 1 overwrote task 2&#39;s write</title>")
	assert.Contains(t, page, "lost update on balance", "the text, for who has no JavaScript")
	assert.Regexp(t, `default-src 'none'; script-src 'sha256-[^']+'`, page)
	for _, outside := range regexp.MustCompile(`(?:src|href)="[^"]*"|url\([^)]*\)|@import`).FindAllString(page, -1) {
		assert.Regexp(t, "^(href=\"(data:,|#schedule)\"|url\\(#\\$\\{view.id\\}-\\$\\{a.kind\\}\\))$", outside)
	}
}

func TestHTMLHostile(t *testing.T) {
	page := checkPage(t, hostile())
	_, data, _ := strings.Cut(page, dataTag)
	for _, markup := range []string{"<script>window.hurt", "<img"} {
		assert.False(t, strings.Contains(page, markup), markup)
	}
	assert.False(t, strings.Contains(data, "\u2028"), "a line end of JavaScript")
}

// A value that looks like a place to fill in is shown as it is.
func TestHTMLPlaceholders(t *testing.T) {
	r := &report.Report{Version: report.Version, Summary: "{{script}} {{data}}", Text: "{{style}}"}
	page := string(r.HTML())
	assert.Contains(t, page, "<title>{{script}} {{data}}</title>")
	assert.Contains(t, page, "<pre>{{style}}</pre>")
	assert.Equal(t, 2, strings.Count(page, "<script"))
}

func TestHTMLSizes(t *testing.T) {
	checkPage(t, &report.Report{Version: report.Version})
	r := long(10_000)
	page := checkPage(t, r)
	var compact bytes.Buffer
	require.NoError(t, json.Compact(&compact, r.Bytes()))
	assert.Less(t, len(page), compact.Len()+100_000)
}
