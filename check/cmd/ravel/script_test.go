package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"ravel": main})
}

// The scripts run the command in copies of one module, whose traces were found
// beforehand. Nothing is downloaded.
func TestScripts(t *testing.T) {
	tiny := newModule(t)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars, tiny.env...)
			return os.CopyFS(env.WorkDir, os.DirFS(tiny.dir))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"code": code},
	})
}

// code runs a program that must end with an exit code: code 2 ravel show x.
func code(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	if neg || err != nil {
		ts.Fatalf("usage: code N program arguments")
	}
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// tinyModule is a module with checks, and the environment to work with it.
type tinyModule struct {
	dir string
	env []string
}

// newModule unpacks testdata/module.txtar and runs the tests of its package bank, so
// that there are saved traces.
func newModule(t *testing.T) tinyModule {
	t.Helper()
	dir := t.TempDir()
	files, err := txtar.ParseFile("testdata/module.txtar")
	require.NoError(t, err)
	require.NoError(t, txtar.Write(files, dir))
	root, err := filepath.Abs("../../..")
	require.NoError(t, err)
	mod, err := os.OpenFile(filepath.Join(dir, "go.mod"), os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = mod.WriteString("\nreplace github.com/ravelgo/ravel => " + root + "\n")
	require.NoError(t, errors.Join(err, mod.Close()))
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.sum"), sum, 0o666))
	m := tinyModule{dir, []string{"GOFLAGS=-mod=mod", "GOPROXY=off", "GOTOOLCHAIN=local", "GOWORK=off", "NO_COLOR=1"}}
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "CGO_ENABLED"} {
		value, err := exec.Command("go", "env", name).Output()
		require.NoError(t, err)
		m.env = append(m.env, name+"="+string(value[:len(value)-1]))
	}
	test := exec.Command("go", "test", "-count=1", "./bank")
	test.Dir, test.Env = dir, append(append(os.Environ(), m.env...), plain...)
	out, err := test.CombinedOutput()
	require.Error(t, err, "the checks of bank must fail:\n%s", out)
	for name, test := range map[string]string{"TRACE": "TestDeposit", "SUBTRACE": "TestEach_two_words"} {
		found, err := filepath.Glob(filepath.Join(dir, "bank/testdata/ravel", test, "*.trace"))
		require.NoError(t, err)
		require.Len(t, found, 1, "traces of %s:\n%s", test, out)
		rel, err := filepath.Rel(dir, found[0])
		require.NoError(t, err)
		m.env = append(m.env, name+"="+filepath.ToSlash(rel))
	}
	return m
}
