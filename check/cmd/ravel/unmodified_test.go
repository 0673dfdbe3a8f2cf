package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"
)

// The scripts run ravel test in modules that do not know ravel.
func TestUnmodified(t *testing.T) {
	if testing.Short() {
		t.Skip("builds ravel's archives and some modules")
	}
	root, err := filepath.Abs("../../..")
	require.NoError(t, err)
	vars := []string{"GOPROXY=off", "GOTOOLCHAIN=local", "GOWORK=", "GOFLAGS=", "NO_COLOR=1", "RAVEL_RUNS=100", "ROOT=" + root}
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "CGO_ENABLED"} {
		value, err := exec.Command("go", "env", name).Output()
		require.NoError(t, err)
		vars = append(vars, name+"="+strings.TrimSpace(string(value)))
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/unmodified",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			home := filepath.Join(env.WorkDir, ".home")
			env.Vars = append(append(env.Vars, vars...), "HOME="+home, "XDG_CACHE_HOME="+home)
			return os.Mkdir(home, 0o777)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"code": code, "printed": printed, "goflags": goflagsOf},
	})
}

// printed runs the last command that the last program has printed in order to replay a
// schedule; it must fail as code does: printed 1.
func printed(ts *testscript.TestScript, neg bool, args []string) {
	all := regexp.MustCompile(`(?m)^ *RAVEL_REPLAY=(\S+) (.*)$`).FindAllStringSubmatch(ts.ReadFile("stdout"), -1)
	if neg || len(args) != 1 || len(all) == 0 {
		ts.Fatalf("no command that replays is printed")
	}
	last := all[len(all)-1]
	ts.Setenv("RAVEL_REPLAY", last[1])
	words := strings.Fields(strings.ReplaceAll(last[2], "'", ""))
	code(ts, false, append(args, words...))
	ts.Setenv("RAVEL_REPLAY", "")
}

// goflagsOf sets GOFLAGS to what the last program has printed.
func goflagsOf(ts *testscript.TestScript, neg bool, args []string) {
	ts.Setenv("GOFLAGS", strings.TrimSpace(ts.ReadFile("stdout")))
}
