package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check/internal/ordinary"
)

// What a report prints is what the user has typed, with the flags that a replay needs.
func TestCommand(t *testing.T) {
	run, err := parseTest([]string{"-with", "a,b", "-v", "-tags", "x y", "-run", "TestX", "-mod=vendor", "./..."})
	require.NoError(t, err)
	assert.Equal(t, "ravel test -with a,b -tags 'x y' -mod=vendor", run.command("ravel"))
	for self, want := range map[string]string{
		"./bin/ravel":                          "./bin/ravel",
		"ravel.exe":                            "ravel",
		"/home/me/.cache/go-build/ab/cd/ravel": "go tool ravel",
		filepath.Join(os.TempDir(), "go-build1/b001/exe/ravel"): "go run github.com/ravelgo/ravel/check/cmd/ravel",
	} {
		assert.Equal(t, want+" test", (&testRun{}).command(self), self)
	}
}

// A trace says with which flags its test is built, and not where the command was.
func TestNotedCommand(t *testing.T) {
	t.Setenv("RAVEL_COMMAND", "/tmp/ravel test -tags 'x y' -mod=vendor")
	command, ok := ordinary.NotedCommand([]string{"other", ordinary.Note()})
	require.True(t, ok)
	assert.Equal(t, "ravel test -tags 'x y' -mod=vendor", command)
	assert.Equal(t, []string{"-tags", "x y", "-mod=vendor"}, fields(" -tags 'x y' -mod=vendor"))
	_, ok = ordinary.NotedCommand([]string{"other"})
	assert.False(t, ok)
}
