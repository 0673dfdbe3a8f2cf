package toolexec

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/ravelgo/ravel/check/internal/patch"
)

// patchTesting gives the compiler a package testing whose tests can be controlled.
func (t *tool) patchTesting() error {
	first := t.files()
	files := map[string][]byte{}
	for _, name := range t.args[first:] {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		files[name] = text
	}
	changed, added, err := patch.Testing(runtime.Version(), files)
	if err != nil {
		return err
	}
	sources := make([][]byte, len(t.args)-first)
	for i, name := range t.args[first:] {
		if text := changed[name]; text != nil {
			path, err := filepath.Abs(name)
			if err != nil {
				return err
			}
			sources[i] = append(fmt.Appendf(nil, "//line %s:1:1\n", path), text...)
		}
	}
	if err := t.replace(sources); err != nil {
		return err
	}
	out, _ := t.value("-o")
	name := filepath.Join(filepath.Dir(out), "ravel_hook.go")
	t.args = append(t.args, name)
	return os.WriteFile(name, added, 0o666)
}
