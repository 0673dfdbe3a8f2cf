package main

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// FuzzFile gives the commands that read a file one of any content.
func FuzzFile(f *testing.F) {
	f.Add([]byte("ravel trace 2\ntest TestX\nstep main lock mu\nat main.0 write n #2 run main.1\n"))
	f.Add([]byte(`{"version": 1, "kind": "deadlock", "trace": "ravel trace 2\ntest X", "failing": {"steps": [{"task": 0}]}}`))
	f.Add([]byte(`{"version": 1, "kind": "deadlock", "failing": {"tasks": [{"name": "a", "path": "main"}], "steps": [{"object": -1, "peer": -1}]}}`))
	f.Add([]byte("\x00\xff"))
	f.Fuzz(func(t *testing.T, content []byte) {
		t.Setenv("PATH", "") // no go command: nothing is run
		name := filepath.Join(t.TempDir(), "x")
		require.NoError(t, os.WriteFile(name, content, 0o666))
		for _, args := range [][]string{{"diff", name, name}, {"show", name}, {"show", "--html", "-", name}, {"replay", name, "."},
			{"show", "--perfetto", "-", name}, {"export", "--format", "sarif", name}, {"export", "--format", "junit", name}} {
			assert.Contains(t, []int{0, codeUsage, codeGo}, run(args, io.Discard, io.Discard), "%v", args)
		}
	})
}

// Any arguments lead to an exit code. Without a go command none of them does harm.
func TestArguments(t *testing.T) {
	t.Setenv("PATH", "")
	t.Chdir(t.TempDir())
	words := []string{"replay", "show", "diff", "list", "prune", "soak", "shard", "export", "doctor", "version", "help", "completion",
		"-run", "--run=", "-run=TestX", "--", "-", "", "-i", "-n", "3", "-3", "--html", "x", ".", "..", "./...", "--json", "--for", "1ms",
		"--format", "sarif", "-o", "--seed", "--jobs", "0", "18446744073709551616", "-h", "--help", "-race", "--dry-run", "--no-run", "bash", "\x00", "__complete"}
	rapid.Check(t, func(t *rapid.T) {
		args := rapid.SliceOfN(rapid.SampledFrom(words), 0, 6).Draw(t, "arguments")
		assert.Contains(t, []int{0, codeFound, codeUsage, codeGo}, run(args, io.Discard, io.Discard), "%q", args)
	})
}
