package rewrite_test

import (
	"go/build"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Packages of the standard library stay packages, and their tokens where they were.
func TestCorpus(t *testing.T) {
	paths := []string{"net/http", "database/sql", "text/template", "encoding/json", "context", "os/exec", "go/types", "log/slog", "sync/atomic",
		"net/rpc", "net/textproto", "go/parser", "encoding/gob", "testing", "io", "bufio", "time", "expvar", "net/http/httputil", "go/doc"}
	if testing.Short() {
		paths = []string{"net/http", "database/sql"}
	}
	for _, path := range paths {
		t.Run(path, func(t *testing.T) {
			_, refused := rewritten(t, "go1.26", corpus(t, path)...)
			for _, r := range refused {
				t.Log(r)
			}
		})
	}
}

// The counters that go tool cover inserts are no operations of the program.
func TestCovered(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "f.go")
	text := "package p\n\nfunc f(ch chan int) int {\n\tif <-ch > 1 {\n\t\treturn 1\n\t}\n\treturn <-ch\n}\n"
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	for _, mode := range []string{"set", "atomic"} {
		out, err := exec.Command("go", "tool", "cover", "-mode="+mode, "-var=goCover_x", name).Output()
		require.NoError(t, err)
		p, err := load(t, "go1.22", source{"/work/f.cover.go", string(out)})
		require.NoError(t, err)
		sources, refused, err := p.Rewrite()
		require.NoError(t, err)
		assert.Empty(t, refused)
		covered := string(sources[0])
		assert.Contains(t, covered, "if ravel__.Recv(")
		assert.NotContains(t, covered, "ravel__atomic")
		assert.NotContains(t, covered, "ravel__access", "a counter has a name")
		assert.Equal(t, 1, strings.Count(covered, "//line "), covered)
	}
}

func corpus(t *testing.T, path string) []source {
	p, err := build.Import(path, "", 0)
	require.NoError(t, err)
	var files []source
	for _, name := range append(p.GoFiles, p.CgoFiles...) {
		name = filepath.Join(p.Dir, name)
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		files = append(files, source{name, string(text)})
	}
	return files
}
