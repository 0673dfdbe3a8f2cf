// Package start goes through docs/start.md: it makes the module that the document
// makes, types its commands, and compares what they print.
package start

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write what is printed into the document")

const document = "../../docs/start.md"

// sample is a block of the document, with the name of what it shows.
var sample = regexp.MustCompile("(?s)<!-- sample (\\w+) -->\n```\n.*?```\n")

func TestStart(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a module of its own, three times")
	}
	text, err := os.ReadFile(document)
	require.NoError(t, err)
	printed := walk(t, t.TempDir())
	now := sample.ReplaceAllStringFunc(string(text), func(block string) string {
		name := sample.FindStringSubmatch(block)[1]
		require.Contains(t, printed, name)
		return "<!-- sample " + name + " -->\n```\n" + printed[name] + "```\n"
	})
	if *update {
		require.NoError(t, os.WriteFile(document, []byte(now), 0o666))
		return
	}
	replay := printed["report"][strings.LastIndex(printed["report"], "  RAVEL_REPLAY"):]
	assert.Contains(t, string(text), "\n\n  "+replay+"\n", "the command")
	assert.True(t, speed.ReplaceAllString(string(text), "") == speed.ReplaceAllString(now, ""),
		"it shows something else; run this test with -update")
}

// speed is what differs from machine to machine.
var speed = regexp.MustCompile(`\d+ schedules/s|\d+\.\d+s`)

// walk does in a folder what the document says and returns what is printed.
func walk(t *testing.T, dir string) map[string]string {
	t.Helper()
	newModule(t, dir)
	copyFile(t, "broken/visits.go", dir)
	copyFile(t, "fixed/visits_test.go", dir)
	printed := map[string]string{"failed": run(t, dir)}
	printed["report"] = report(printed["failed"])
	traces, err := filepath.Glob(filepath.Join(dir, "testdata/ravel/TestVisits/*.trace"))
	require.NoError(t, err)
	require.Len(t, traces, 2)

	replay := strings.Fields(printed["report"][strings.LastIndex(printed["report"], "RAVEL_REPLAY"):])
	_, trace, _ := strings.Cut(replay[0], "=")
	content, err := os.ReadFile(filepath.Join(dir, trace))
	require.NoError(t, err)
	printed["trace"] = string(content)
	t.Setenv("RAVEL_REPLAY", trace)
	assert.Equal(t, printed["report"], report(run(t, dir)), "the replay")
	require.NoError(t, os.Unsetenv("RAVEL_REPLAY"))

	copyFile(t, "fixed/visits.go", dir)
	copyFile(t, "fixed/config_test.go", dir)
	printed["passed"] = firstLine(t, `verified`, run(t, dir, "-v", "-run", "^TestVisits$"))
	printed["traces"] = firstLine(t, `nothing goes wrong any more`, run(t, dir, "-v", "-run", "^TestVisits$"))
	printed["many"] = firstLine(t, `ravel:`, run(t, dir, "-v", "-run", "^TestManyVisits$"))
	copyFile(t, "broken/visits.go", dir)
	again := run(t, dir, "-run", "^TestVisits$")
	assert.Contains(t, again, printed["trace"][strings.Index(printed["trace"], "lost"):strings.Index(printed["trace"], "\nseed")])
	return printed
}

// newModule makes a module that uses this one as it is.
func newModule(t *testing.T, dir string) {
	t.Helper()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	own := strings.Replace(string(mod), "module github.com/ravelgo/ravel\n", "module example.com/visits\n", 1) +
		"\nrequire github.com/ravelgo/ravel v0.0.0\n\nreplace github.com/ravelgo/ravel => " + root + "\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte(own), 0o666))
	copyFile(t, filepath.Join(root, "go.sum"), dir)
}

func copyFile(t *testing.T, name, dir string) {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.Base(name)), text, 0o666))
}

// run types go test in a folder and returns what it prints.
func run(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"test"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off")
	out, err := cmd.CombinedOutput()
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		t.Fatal(err)
	}
	return string(out)
}

// report returns the first report in what go test prints.
func report(out string) string {
	_, rest, _ := strings.Cut(out, ": \n")
	var lines []string
	for line := range strings.Lines(rest) {
		text, ok := strings.CutPrefix(line, "        ")
		if !ok {
			break
		}
		lines = append(lines, text)
	}
	return strings.Join(lines, "")
}

// firstLine returns the first line of a text that contains some words, wrapped.
func firstLine(t *testing.T, words, text string) string {
	t.Helper()
	for line := range strings.Lines(text) {
		if strings.Contains(line, words) {
			return wrapped(strings.TrimSpace(line))
		}
	}
	t.Fatalf("no line with %q in:\n%s", words, text)
	return ""
}

// wrapped breaks a line after 80 columns.
func wrapped(line string) string {
	var b strings.Builder
	column := 0
	for word := range strings.FieldsSeq(line) {
		switch {
		case column == 0:
		case column+1+len(word) > 80:
			b.WriteString("\n  ")
			column = 2
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += len(word)
	}
	return b.String() + "\n"
}
