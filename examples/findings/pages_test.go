package findings

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/race"
)

const document = "../../docs/findings.md"

var (
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	link    = regexp.MustCompile(`\]\(#([a-z-]+)\)`)
	// pageName is what reports are given to link to.
	pageName = regexp.MustCompile(`(?:page(?::| =) "|findings\.md#)([a-z-]+)`)
)

// Each heading that a report, or the document itself, can link to is there.
func TestPages(t *testing.T) {
	text, err := os.ReadFile(document)
	require.NoError(t, err)
	linked := pages(t)
	assert.Greater(t, len(linked), 15)
	for _, l := range link.FindAllStringSubmatch(string(text), -1) {
		linked = append(linked, l[1])
	}
	for _, page := range linked {
		assert.Contains(t, anchors(t), page)
	}
}

// anchors returns what links can lead to.
func anchors(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(document)
	require.NoError(t, err)
	var all []string
	for _, h := range heading.FindAllStringSubmatch(string(text), -1) {
		all = append(all, anchor(h[1]))
	}
	return all
}

// pages returns the names that reports link to.
func pages(t *testing.T) []string {
	t.Helper()
	var all []string
	for kind := race.DataRace; kind <= race.Mutated; kind++ {
		all = append(all, anchor(kind.String()))
	}
	sources, err := filepath.Glob("../../check/*.go")
	require.NoError(t, err)
	for _, source := range sources {
		if strings.HasSuffix(source, "_test.go") {
			continue
		}
		code, err := os.ReadFile(source)
		require.NoError(t, err)
		for _, name := range pageName.FindAllStringSubmatch(string(code), -1) {
			all = append(all, name[1])
		}
	}
	return all
}

// anchor returns the name that GitHub gives to a heading of words.
func anchor(heading string) string { return strings.ReplaceAll(strings.ToLower(heading), " ", "-") }
