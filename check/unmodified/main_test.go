package unmodified_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check/internal/patch"
)

// TestMain is also the -toolexec of the builds that tests make: it patches package
// testing.
func TestMain(m *testing.M) {
	if os.Getenv("RAVEL_TOOL") == "" || len(os.Args) < 2 || strings.HasPrefix(os.Args[1], "-test.") {
		code := m.Run()
		if built != "" {
			_ = os.RemoveAll(built)
		}
		os.Exit(code)
	}
	if err := tool(os.Args[1], os.Args[2:]); err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
}

const mark = "-ravel=test"

// tool runs a tool of the toolchain; of the compiler for package testing it changes
// the arguments.
func tool(name string, args []string) error {
	if i := slices.Index(args, mark); i >= 0 {
		args = slices.Delete(args, i, i+1)
		if slices.Contains(args, "testing") && !slices.Contains(args, "-V=full") {
			var err error
			if args, err = patched(args); err != nil {
				return err
			}
		}
	}
	cmd := exec.Command(name, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return cmd.Run()
}

// patched returns the arguments with patched files.
func patched(args []string) ([]string, error) {
	dir, err := os.MkdirTemp("", "ravel")
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, a := range args {
		if strings.HasSuffix(a, ".go") {
			if files[a], err = os.ReadFile(a); err != nil {
				return nil, err
			}
		}
	}
	changed, added, err := patch.Testing("go", files)
	if err != nil {
		return nil, err
	}
	name := filepath.Join(dir, "ravel.go")
	if err := os.WriteFile(name, added, 0o666); err != nil {
		return nil, err
	}
	for i, a := range args {
		if text, ok := changed[a]; ok {
			args[i] = filepath.Join(dir, filepath.Base(a))
			text = append([]byte("//line "+a+":1\n"), text...)
			if err := os.WriteFile(args[i], text, 0o666); err != nil {
				return nil, err
			}
		}
	}
	return append(args, name), nil
}

var built string // the folder of the program

// program is the test binary of testdata/fixture, with package testing patched.
var program = sync.OnceValues(func() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "ravel")
	if err != nil {
		return "", err
	}
	built = dir
	name := filepath.Join(dir, "fixture.test")
	cmd := exec.Command("go", "test", "-c", "-o", name, "-tags=ravel", "-toolexec="+self, "-gcflags=testing="+mark, ".")
	cmd.Dir = "testdata/fixture"
	cmd.Env = append(os.Environ(), "RAVEL_TOOL=1", "GOFLAGS=-mod=mod")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return name, nil
})

// fixture runs a test of testdata/fixture and returns what it prints, without times. More
// are flags and variables of the environment; DIR is the folder.
func fixture(t *testing.T, test string, more ...string) (out string, passed bool) {
	t.Helper()
	if testing.Short() {
		t.Skip("builds a program")
	}
	name, err := program()
	require.NoError(t, err)
	args, env := []string{"-test.v", "-test.timeout=1m", "-test.run=^" + test + "$"}, []string{"RAVEL_SAVED=off"}
	for _, m := range more {
		if strings.HasPrefix(m, "-") {
			args = append(args, m)
		} else {
			env = append(env, m)
		}
	}
	cmd := exec.Command(name, args...)
	cmd.Dir = "testdata/fixture"
	for _, e := range env {
		if dir, ok := strings.CutPrefix(e, "DIR="); ok {
			cmd.Dir = dir
		}
	}
	cmd.Env = append(os.Environ(), env...)
	text, err := cmd.CombinedOutput()
	out = times.ReplaceAllString(string(text), "")
	t.Logf("%s", out)
	return out, err == nil
}

var times = regexp.MustCompile(` \(\d+\.\d+s\)`)
