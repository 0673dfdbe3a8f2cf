package rewrite_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// live returns the files of testdata/live, by the names that they are built under.
func live(t *testing.T) (files []source) {
	t.Helper()
	names, err := filepath.Glob("testdata/live/*.go*")
	require.NoError(t, err)
	for _, name := range names {
		name, err = filepath.Abs(name)
		require.NoError(t, err)
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		files = append(files, source{strings.TrimSuffix(name, ".txt"), string(text)})
	}
	return files
}

// run builds files in place of those of testdata/live, and returns what they print.
func run(t *testing.T, files []source) string {
	t.Helper()
	dir := t.TempDir()
	replace := map[string]string{}
	for _, f := range files {
		replace[f.name] = filepath.Join(dir, filepath.Base(f.name))
		require.NoError(t, os.WriteFile(replace[f.name], []byte(f.text), 0o600))
	}
	// Tables of names are somebody else's here.
	access, err := filepath.Abs("../../../race/access/names.go")
	require.NoError(t, err)
	if _, err := os.Stat(access); os.IsNotExist(err) {
		replace[access] = filepath.Join(dir, "names.go")
		text := "package access\n\nfunc Names(file, table string) int { return 0 }\n"
		require.NoError(t, os.WriteFile(replace[access], []byte(text), 0o600))
	}
	overlay := filepath.Join(dir, "overlay.json")
	text, err := json.Marshal(map[string]any{"Replace": replace})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(overlay, text, 0o600))
	program := filepath.Join(dir, "live")
	out, err := exec.Command("go", "build", "-overlay", overlay, "-o", program, "./testdata/live").CombinedOutput()
	require.NoError(t, err, string(out))
	out, err = exec.Command(program).CombinedOutput()
	require.NoError(t, err, string(out))
	return string(out)
}

// A rewritten program does what the plain one does, and names the same lines.
func TestLive(t *testing.T) {
	plain := live(t)
	texts, refused := rewritten(t, "go1.26", plain...)
	require.Len(t, refused, 1)
	assert.Contains(t, refused[0].String(), "embeds.go:11:7: calls of server.Lock through an interface: a method of its own would hide")
	want := run(t, plain)
	assert.Equal(t, want, run(t, texts))
	for i, f := range texts {
		if filepath.Base(f.name) == "main.go" {
			texts[i].text = strings.Replace(f.text, "func main() { all() }", simulated, 1)
			texts[i].text = strings.Replace(texts[i].text, `import "fmt"`, simulation, 1)
		}
	}
	assert.Equal(t, want, run(t, texts), "in a simulation")
}

// A main function that does the work in a simulation, and what it imports.
const (
	simulated = `func main() {
	r := sched.NewSim(sched.Config{}).Run(strategy.RoundRobin(), 1, all)
	if r.End != nil {
		fmt.Println(r.End)
	}
}`
	simulation = `import (
	"fmt"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)`
)
