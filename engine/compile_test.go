package engine_test

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// build compiles a folder of testdata and returns what the compiler says.
func build(t *testing.T, name string) (string, error) {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("the go command is not installed")
	}
	out, err := exec.Command("go", "build", "-o", t.TempDir(), "./testdata/nocompile/"+name).CombinedOutput()
	return string(out), err
}

func TestSeedS20ReturningDataDoesNotCompile(t *testing.T) {
	out, err := build(t, "data")
	require.Error(t, err)
	assert.Contains(t, out, "cannot use cached (variable of type string) as error value in return statement")
}

func TestSeedS21WorkerResultsDoNotCompile(t *testing.T) {
	out, err := build(t, "worker")
	require.Error(t, err)
	assert.Contains(t, out, "cannot use fetch")
	assert.Contains(t, out, "error value in struct literal")
}

// What the others should have done compiles, so that they fail for no other
// reason.
func TestRightFormCompiles(t *testing.T) {
	out, err := build(t, "fine")
	assert.NoError(t, err, out)
}
