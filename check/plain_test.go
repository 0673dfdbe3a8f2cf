package check_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Ordinary code, compiled with the race pass alone: what shares memory without a lock
// is found, and the rest is silent.
func TestPlainCode(t *testing.T) {
	needHooks(t)
	dir := t.TempDir()
	files, err := txtar.ParseFile("testdata/plain.txtar")
	require.NoError(t, err)
	require.NoError(t, txtar.Write(files, dir))
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	mod, err := os.OpenFile(filepath.Join(dir, "go.mod"), os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = mod.WriteString("\nreplace github.com/ravelgo/ravel => " + root + "\n")
	require.NoError(t, errors.Join(err, mod.Close()))
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.sum"), sum, 0o666))
	test := exec.Command("go", "test", "-v", "-count=1", "-gcflags=example.com/plain/plain=-race", "./plain")
	test.Dir = dir
	test.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOTOOLCHAIN=local", "GOWORK=off", "NO_COLOR=1")
	out, err := test.CombinedOutput()
	assert.NoError(t, err, "%s", out)
	assert.Contains(t, string(out), "--- PASS: TestSilent/unwinding", "%s", out)

}
