package check_test

import (
	"encoding/json"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

// losesDeposits is a body with a lost update that the pasted test replays.
func losesDeposits(*check.T) {
	var balance race.Var[int]
	for range 2 {
		sched.GoNamed("deposit", func() { balance.Update(inc) })
	}
}

// The source of a regression test is formatted, and with the body of the test in it
// it compiles, fails, and says why.
func TestRegression(t *testing.T) {
	f := check.Config{}.Search("TestBank/it's here", losesDeposits).Findings[0]
	source := f.Regression()
	assert.Contains(t, source, "// lost update on balance: ")
	assert.Contains(t, source, "func TestBankItSHereLostUpdate(t *testing.T) {")
	assert.Contains(t, source, "// The body of TestBank/it's here.")

	source = "package check_test\n\nimport (\n\t\"testing\"\n\n\t\"github.com/ravelgo/ravel/check\"\n\t\"github.com/ravelgo/ravel/sched\"\n)\n\n" + source
	formatted, err := format.Source([]byte(source))
	require.NoError(t, err)
	assert.Equal(t, string(formatted), source)
	if testing.Short() {
		return
	}

	dir := t.TempDir()
	file := filepath.Join(dir, "pasted_test.go")
	pasted := strings.Replace(source, "// The body of TestBank/it's here.", "losesDeposits(t)", 1)
	require.NoError(t, os.WriteFile(file, []byte(pasted), 0o666))
	here, err := filepath.Abs("pasted_test.go")
	require.NoError(t, err)
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{here: file}})
	require.NoError(t, err)
	overlayFile := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(overlayFile, overlay, 0o666))
	out, err := exec.Command("go", "test", "-overlay", overlayFile, "-run", "^TestBankItSHereLostUpdate$", ".").CombinedOutput()
	require.Error(t, err, "%s", out)
	assert.Contains(t, string(out), "lost update on balance: deposit[0] overwrote deposit[1]'s write")
	assert.NotContains(t, string(out), "the run is another one")
}
