package patch

import (
	"bytes"
	"go/build"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// installed returns the files of package testing that are compiled here.
func installed(t *testing.T) map[string][]byte {
	pkg, err := build.Import("testing", "", 0)
	require.NoError(t, err)
	files := map[string][]byte{}
	for _, name := range pkg.GoFiles {
		text, err := os.ReadFile(filepath.Join(pkg.Dir, name))
		require.NoError(t, err)
		files[name] = text
	}
	return files
}

func TestLinesStay(t *testing.T) {
	files := installed(t)
	changed, added, err := Testing(runtime.Version(), files)
	require.NoError(t, err)
	require.Len(t, changed, 1)
	before, after := bytes.Split(files["testing.go"], []byte("\n")), bytes.Split(changed["testing.go"], []byte("\n"))
	require.Len(t, after, len(before))
	different := 0
	for i := range before {
		if !bytes.Equal(before[i], after[i]) {
			different++
			assert.Truef(t, bytes.HasPrefix(after[i], before[i]), "line %d: %s", i+1, after[i])
		}
	}
	assert.Equal(t, len(hooks), different) // each but one, and the struct
	assert.Contains(t, string(added), "t.importPath = from.importPath")
	assert.NotContains(t, string(added), "COPIES")
}

func TestOlderVersion(t *testing.T) {
	files := installed(t)
	text := strings.Replace(string(files["testing.go"]), "importPath string", "", 1)
	files["testing.go"] = []byte(text)
	_, added, err := Testing("go1.25.1", files)
	require.NoError(t, err)
	assert.NotContains(t, string(added), "importPath")
}

func TestUnknownVersion(t *testing.T) {
	for _, test := range []struct{ old, replacement, want string }{
		{"func (c *common) FailNow() {", "func (c *common) FailNow(why string) {", `package testing of go1.99 is not as ravel knows it: there are 0 of "func (c *common) FailNow()", want 1`},
		{"type testState struct {", "type testContext struct {", `there are 0 of "type testState", want 1`},
		{"	denyParallel bool", "	refuseParallel bool", "T has no field denyParallel"},
		{"func (t *T) Parallel() {", "func (t *T) Parallel() {}\nfunc (t *T) Parallel() {", `there are 2 of "func (t *T) Parallel()", want 1`},
		{"func (t *T) Parallel() {", "func (t *T) Parallel() }", "package testing of go1.99: testing.go:"},
	} {
		files := installed(t)
		require.Contains(t, string(files["testing.go"]), test.old)
		files["testing.go"] = []byte(strings.Replace(string(files["testing.go"]), test.old, test.replacement, 1))
		_, _, err := Testing("go1.99", files)
		assert.ErrorContains(t, err, test.want)
	}
}
