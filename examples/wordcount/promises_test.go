package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	promiseRow  = regexp.MustCompile(`^\| (\S.*\S) \| (.*) \|$`)
	promiseTest = regexp.MustCompile(`^\[((?:Test|Fuzz|Example)\w*)(/[^\]]+)?\]\((\S+_test\.go)\)$`)
)

// Every promise of docs/engine.md names tests that are where it says.
func TestPromisesHaveTests(t *testing.T) {
	text, err := os.ReadFile("../../docs/engine.md")
	require.NoError(t, err)
	_, section, found := strings.Cut(string(text), "\n## What the engine promises, and the tests of it\n")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n## ")
	files, rows := map[string]string{}, map[string]bool{}
	for line := range strings.Lines(section) {
		line = strings.TrimSuffix(line, "\n")
		if !strings.HasPrefix(line, "|") || line == "| Promise | Tests |" || line == "|---|---|" {
			continue
		}
		row := promiseRow.FindStringSubmatch(line)
		require.NotNil(t, row, "a row that is none: %s", line)
		assert.False(t, rows[row[1]], "a promise twice: %s", row[1])
		rows[row[1]] = true
		for link := range strings.SplitSeq(row[2], ", ") {
			named := promiseTest.FindStringSubmatch(link)
			require.NotNil(t, named, "%q is no test, of: %s", link, row[1])
			assert.True(t, strings.Contains(testFile(t, files, named[3]), "\nfunc "+named[1]+"("), "%s has no %s, of: %s", named[3], named[1], row[1])
			if sub := strings.TrimPrefix(named[2], "/"); sub != "" {
				assert.True(t, strings.Contains(files[named[3]], `"`+sub+`"`), "%s has no %q, of: %s", named[3], sub, row[1])
			}
		}
	}
	assert.GreaterOrEqual(t, len(rows), 150)
}

// testFile reads a file that docs link to, once.
func testFile(t *testing.T, files map[string]string, name string) string {
	t.Helper()
	if files[name] == "" {
		text, err := os.ReadFile(filepath.Join("../../docs", name))
		require.NoError(t, err)
		files[name] = string(text)
	}
	return files[name]
}
