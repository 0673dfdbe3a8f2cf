package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
)

func TestCountFile(t *testing.T) {
	dir := fstest.MapFS{
		"a.go":  {Data: []byte("// Package a is a test.\npackage a\n\n// F does it.\nfunc F() { /* not this */ }\n")},
		"b.go":  {Data: []byte("no Go code")},
		"c.txt": {Data: []byte("Été été, l'été; 3 x42y ü")},
		"d.txt": {Data: []byte("bin\x00ary")},
		"e.txt": {},
	}
	want := map[string]map[string]int{
		"a.go":  {"package": 1, "is": 1, "test": 1, "does": 1, "it": 1},
		"b.go":  {},
		"c.txt": {"été": 3},
		"d.txt": {},
		"e.txt": {},
	}
	for name, words := range want {
		p, err := countFile(dir, name)
		require.NoError(t, err)
		assert.Equal(t, words, p.words, name)
		assert.Equal(t, len(dir[name].Data), p.bytes)
	}
	_, err := countFile(dir, "nosuch.txt")
	assert.ErrorContains(t, err, "nosuch.txt")
}

func TestRun(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.txt"), []byte("one two two"), 0o666))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "sub"), 0o777))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "sub", "b.md"), []byte("two"), 0o666))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "c.png"), []byte("two"), 0o666))

	var out bytes.Buffer
	require.NoError(t, run(context.Background(), []string{dir}, &out, noTerminal(t)))
	for _, want := range []string{"  two                  3\n  one                  1\n", "2 files, 0.0 MB, 4 words, 2 different ones",
		"lost update on State.Files", "1 preemption", "is the same, byte for byte", "With the lock: 0 findings.\nravel: verified: all "} {
		assert.Contains(t, out.String(), want)
	}
}

func TestBadArguments(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o666))
	for want, args := range map[string][]string{
		"more than one directory": {"a", "b"},
		"no such file":            {filepath.Join(t.TempDir(), "nosuch")},
		"is not a directory":      {file},
	} {
		assert.ErrorContains(t, run(context.Background(), args, &bytes.Buffer{}, noTerminal(t)), want)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	assert.ErrorIs(t, run(ctx, []string{t.TempDir()}, &bytes.Buffer{}, noTerminal(t)), context.Canceled)
}

// The meter shows a line while items are done and clears it.
func TestMeter(t *testing.T) {
	var out strings.Builder
	state := &State{Dir: notes}
	_, err := pipeline(2, careful).Run(context.Background(), state,
		engine.RunOptions{Observers: []engine.Observer{&meter{out: &out}, observe(func(e event.Event) {
			if e.Type == event.Finish {
				out.WriteString("end")
			}
		})}})
	require.NoError(t, err)
	assert.Contains(t, out.String(), "\r0 of 5 files")
	assert.True(t, strings.HasSuffix(out.String(), "\r\x1b[Kend"))
}

type observe func(event.Event)

func (o observe) Observe(e event.Event) { o(e) }

// noTerminal returns a file to show progress in, which is not shown then.
func noTerminal(t *testing.T) *os.File {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "progress"))
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, f.Close()) })
	return f
}
