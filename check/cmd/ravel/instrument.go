package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/ravelgo/ravel/check/internal/toolexec"
)

// builder finds out how to build tests of which packages are instrumented.
type builder struct {
	app   *app
	t     *testRun
	self  string // this program
	patch string // stands for what it does to package testing
	cache string // where configurations are kept

	deps   map[string]*dependency
	chosen []string // paths of the packages to instrument
}

// dependency is a package that the tests are made of, as go list describes it.
type dependency struct {
	ImportPath string
	Standard   bool
	CgoFiles   []string
	Module     *struct {
		Path string
		Main bool
	}
	Error *struct{ Err string }
}

func newBuilder(a *app, t *testRun) (*builder, error) {
	self, err := program()
	if err != nil {
		return nil, err
	}
	patch, err := fileHash(self)
	if err != nil {
		return nil, err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	return &builder{app: a, t: t, self: self, patch: patch, cache: filepath.Join(cache, "ravel")}, nil
}

// program returns where this program is, by the name that it was called by: one with
// another name may be another program in the same file.
func program() (string, error) {
	name, err := exec.LookPath(os.Args[0])
	if err != nil {
		return os.Executable()
	}
	return filepath.Abs(name)
}

func fileHash(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", h.Sum(nil))[:16], nil
}

// patching returns the flags by which package testing is patched, and all else that
// is built goes through this program.
func (b *builder) patching(file string) []string {
	var words []string
	for _, w := range []string{b.self, "toolexec", file} {
		if strings.ContainsAny(w, " \t'\"") {
			w = "'" + w + "'"
		}
		words = append(words, w)
	}
	return []string{"-toolexec=" + strings.Join(words, " "), "-gcflags=testing=" + toolexec.Flag + b.patch}
}

// ours are the folders of ravel's own packages that are not to be controlled: they
// are what controls.
var ours = []string{"/sched", "/race", "/check", "/engine"}

func isOurs(path string) bool {
	return slices.ContainsFunc(ours, func(folder string) bool {
		rest, ok := strings.CutPrefix(path, module+folder)
		return ok && (rest == "" || rest[0] == '/')
	})
}

// choose finds the packages to instrument: those of the main modules and of
// golang.org/x/sync that the tests are made of, and those that the user names.
func (b *builder) choose() error {
	args := append([]string{"list", "-e", "-deps", "-test", "-json=ImportPath,Standard,CgoFiles,Module,Error"}, b.t.build...)
	all, err := list[*dependency](b.app, goTool(b.t.dir, append(args, b.t.packages...)...))
	if err != nil {
		return err
	}
	b.deps = map[string]*dependency{}
	for _, d := range all {
		d.ImportPath, _, _ = strings.Cut(d.ImportPath, " ")
		if d.Module == nil || d.Standard || isOurs(d.ImportPath) && d.Module.Path == module {
			b.deps[d.ImportPath] = d
			continue
		}
		b.deps[d.ImportPath] = d
		if d.Module.Main || strings.HasPrefix(d.ImportPath, "golang.org/x/sync/") {
			b.add(d)
		}
	}
	if len(b.t.with) > 0 {
		return b.addWith()
	}
	return nil
}

// add chooses a package, unless it uses cgo.
func (b *builder) add(d *dependency) {
	path := strings.TrimSuffix(strings.TrimSuffix(d.ImportPath, ".test"), "_test")
	switch {
	case slices.Contains(b.chosen, path):
	case len(d.CgoFiles) > 0:
		b.app.tell("%s uses cgo: it is left as it is, and what it does is not controlled", path)
	default:
		b.chosen = append(b.chosen, path)
	}
}

// addWith chooses the packages that -with names.
func (b *builder) addWith() error {
	args := append([]string{"list", "-json=ImportPath,Standard,CgoFiles,Module"}, b.t.build...)
	all, err := list[*dependency](b.app, goTool(b.t.dir, append(append(args, "--"), b.t.with...)...))
	if err != nil {
		return err
	}
	used := 0
	for _, d := range all {
		switch {
		case d.Standard:
			return fmt.Errorf("test: -with %s: packages of the standard library are not rewritten; what they do to goroutines and clocks is under control where your packages call it", d.ImportPath)
		case isOurs(d.ImportPath):
			return fmt.Errorf("test: -with %s: that is what controls", d.ImportPath)
		case b.deps[d.ImportPath] != nil:
			used++
			b.add(d)
		}
	}
	if used == 0 {
		return fmt.Errorf("test: -with %s: the tests use none of it", strings.Join(b.t.with, ","))
	}
	return nil
}

// entries are the packages that rewritten code and the main packages of tests import.
var entries = []string{module + "/check/unmodified", module + "/sched/std", module + "/sched/atomic", module + "/race/access"}

// config builds ravel's archives, as the tests need them.
func (b *builder) config() (toolexec.Config, error) {
	none, err := toolexec.Config{}.Save(b.cache)
	if err != nil {
		return toolexec.Config{}, err
	}
	p := goTool(b.t.dir, slices.Concat([]string{"list", "-export", "-deps", "-json=ImportPath,Export"}, b.patching(none))...)
	if err := b.place(&p); err != nil {
		return toolexec.Config{}, err
	}
	p.args = append(p.args, entries...)
	type archive struct{ ImportPath, Export string }
	all, err := list[archive](b.app, p)
	if err != nil {
		return toolexec.Config{}, fmt.Errorf("ravel's own packages: %w", err)
	}
	c := toolexec.Config{Archives: map[string]string{}}
	for _, a := range all {
		if a.Export != "" {
			c.Archives[a.ImportPath] = a.Export
		}
	}
	h := sha256.New()
	fmt.Fprintln(h, b.patch)
	for _, path := range slices.Sorted(maps.Keys(c.Archives)) {
		fmt.Fprintln(h, path, c.Archives[path])
	}
	c.ID = fmt.Sprintf("%x", h.Sum(nil))[:16]
	return c, nil
}

// place says where and how ravel's packages are built: in the user's module, if that
// has them among its dependencies, for there they must be the same; else from the
// sources that this program was built from.
func (b *builder) place(p *process) error {
	inside := slices.ContainsFunc(slices.Collect(maps.Values(b.deps)), func(d *dependency) bool {
		return d.Module != nil && d.Module.Path == module
	})
	flags, tags := b.t.archiveFlags(inside)
	if b.deps[module+"/check"] == nil {
		tags = append(tags, "ravel")
	}
	p.args = append(append(p.args, flags...), "-tags="+strings.Join(tags, ","))
	if inside {
		return nil
	}
	dir, err := b.app.sources()
	if err != nil {
		return err
	}
	p.dir, p.env = dir, []string{"GOWORK=off", "GOFLAGS=" + withoutModFlags(os.Getenv("GOFLAGS"))}
	return nil
}

// archiveFlags returns those flags of the build that ravel's archives depend on too;
// where they are built inside the user's module also those that say how it is read.
func (t *testRun) archiveFlags(inside bool) (flags, tags []string) {
	for i := 0; i < len(t.build); i++ {
		arg := t.build[i]
		name, value, given := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		if !given && !slices.Contains(booleans, name) {
			i++
			value = t.build[i]
			arg += "=" + value
		}
		switch {
		case name == "tags":
			tags = strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })
		case inside || name == "msan" || name == "asan" || name == "trimpath" || name == "asmflags":
			flags = append(flags, arg)
		}
	}
	return flags, tags
}

// withoutModFlags takes from GOFLAGS what is about the user's module.
func withoutModFlags(text string) string {
	return strings.Join(slices.DeleteFunc(strings.Fields(text), func(f string) bool {
		name, _, _ := strings.Cut(strings.TrimLeft(f, "-"), "=")
		return name == "mod" || name == "modfile" || name == "overlay"
	}), " ")
}

// sources returns the folder of the sources that this program was built from.
func (a *app) sources() (string, error) {
	if v := ravelVersion(); v != "(devel)" && v != "(unknown)" && !strings.Contains(v, "+dirty") {
		type found struct{ Dir string }
		all, err := list[found](a, process{args: []string{"go", "mod", "download", "-json", module + "@" + v}, env: []string{"GOWORK=off"}})
		if err == nil && len(all) == 1 && all[0].Dir != "" {
			return all[0].Dir, nil
		}
	}
	_, file, _, _ := runtime.Caller(0)
	dir := filepath.Dir(filepath.Dir(filepath.Dir(filepath.Dir(file))))
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
		return "", fmt.Errorf("the sources of %s that this program was built from are not found; %s", module,
			"add it to the module: go get -tool "+module+"/check/cmd/ravel")
	}
	return dir, nil
}
