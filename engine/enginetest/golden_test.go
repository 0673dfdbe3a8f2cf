package enginetest_test

import (
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/enginetest"
)

func TestGolden(t *testing.T) {
	enginetest.Record(t, order(), &state{}, engine.RunOptions{}).Golden("order")
}

// A file that is not there is written when that is asked for; then it is compared.
func TestGoldenUpdate(t *testing.T) {
	t.Chdir(t.TempDir())
	f := &fake{}
	p := lonely(func(context.Context, *state) error { return errors.New("two\nlines") })
	r := enginetest.Record(f, p, &state{}, engine.RunOptions{})
	r.Golden("sub/a")
	f.says(t, "there is no file testdata/sub/a.golden; run the test with RAVEL_UPDATE=1", "The run is:\n  START\n  S(a)\n  X(a)")

	t.Setenv("RAVEL_UPDATE", "1")
	r.Golden("sub/a")
	text, err := os.ReadFile(filepath.Join("testdata", "sub", "a.golden"))
	require.NoError(t, err)
	assert.Equal(t, "START\nS(a)\nX(a)\nFINISH=failed\n  step a: two\\nlines\n", string(text))

	t.Setenv("RAVEL_UPDATE", "")
	f.told = nil
	r.Golden("sub/a")
	assert.Empty(t, f.told)
	require.NoError(t, os.WriteFile("testdata/sub/a.golden", []byte("START\r\nS(a)\r\nX(a)\r\nFINISH=failed\r\n  step a: two\\nlines\r\n"), 0o644))
	r.Golden("sub/a")
	assert.Empty(t, f.told, "as git may check it out")

	require.NoError(t, os.WriteFile("testdata/sub/a.golden", nil, 0o644))
	require.NoError(t, flag.Set("update", "true"))
	defer func() { *update = false }()
	r.Golden("sub/a")
	again, err := os.ReadFile(filepath.Join("testdata", "sub", "a.golden"))
	require.NoError(t, err)
	assert.Equal(t, text, again)
}

// update is what many packages of tests have.
var update = flag.Bool("update", false, "rewrite the golden files")

// The lines that differ are shown, and some around them.
func TestGoldenDiffers(t *testing.T) {
	for _, c := range []struct{ name, file, says string }{
		{"other", "START\nS(a)\nE(a)\nFINISH=success\n", "  START\n  S(a)\n- E(a)\n- FINISH=success\n+ X(a)\n+ FINISH=failed\n+   step a: bad\nIf"},
		{"fewer", "START\nS(a)\nFINISH=failed\n  step a: bad\n", "  START\n  S(a)\n+ X(a)\n  FINISH=failed\n    step a: bad\nIf"},
		{"more", "START\nS(a)\nX(a)\nX(a)\nFINISH=failed\n  step a: bad\n", "  S(a)\n  X(a)\n- X(a)\n  FINISH=failed\n    step a: bad\nIf"},
		{"empty", "", "- \n+ START\n+ S(a)\n+ X(a)\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			require.NoError(t, os.Mkdir("testdata", 0o755))
			require.NoError(t, os.WriteFile("testdata/a.golden", []byte(c.file), 0o644))
			f := &fake{}
			p := lonely(func(context.Context, *state) error { return errBad })
			enginetest.Record(f, p, &state{}, engine.RunOptions{}).Golden("a")
			f.says(t, "the run differs from testdata/a.golden:\n"+c.says, "If it is right now, run the test with RAVEL_UPDATE=1")
		})
	}
}
