package main

import (
	"flag"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
)

var update = flag.Bool("update", false, "write the report into the README")

const readme = "../../README.md"

var reportBlock = regexp.MustCompile("(?s)<!-- report -->\n```\n.*?```\n")

// The README shows the report that the example prints.
func TestReadmeReport(t *testing.T) {
	text, err := os.ReadFile(readme)
	require.NoError(t, err)
	report := check.Config{Runs: 1000}.Search("wordcount", counting(careless)).Findings[0].Report
	block := "<!-- report -->\n```\n" + report + "```\n"
	if *update {
		require.NoError(t, os.WriteFile(readme, reportBlock.ReplaceAllLiteral(text, []byte(block)), 0o666))
	}
	assert.True(t, strings.Contains(string(text), block), "it does not; run this test with -update")
}

var goBlock = regexp.MustCompile("(?s)```go\n(.*?)```")

// The Go code in the documents is code of the examples, which is compiled.
func TestSnippets(t *testing.T) {
	documents, err := filepath.Glob("../../docs/*.md")
	require.NoError(t, err)
	var code strings.Builder
	require.NoError(t, filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".go" {
			return err
		}
		text, err := os.ReadFile(name)
		code.Write(text)
		return err
	}))
	for _, document := range append(documents, readme) {
		text, err := os.ReadFile(document)
		require.NoError(t, err)
		for _, block := range goBlock.FindAllStringSubmatch(string(text), -1) {
			assert.True(t, strings.Contains(code.String(), block[1]), "%s: no example has\n%s", document, block[1])
		}
	}
}

// Each example that is a program is in the table of docs/engine.md.
func TestExamplesAreListed(t *testing.T) {
	text, err := os.ReadFile("../../docs/engine.md")
	require.NoError(t, err)
	for _, pattern := range []string{"../*/main.go", "../sqlite/*/main.go"} {
		programs, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, programs)
		for _, program := range programs {
			dir := filepath.ToSlash(filepath.Dir(program))
			assert.Contains(t, string(text), "["+path.Base(dir)+"](../examples/"+strings.TrimPrefix(dir, "../")+")")
		}
	}
}
