package toolexec

import (
	"cmp"
	"fmt"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"go/version"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/ravelgo/ravel/check/internal/rewrite"
)

// compile changes what the compiler is given of a chosen package.
func (t *tool) compile() error {
	if err := t.expand(); err != nil {
		return err
	}
	if !t.chosen() {
		return nil
	}
	path, _ := t.value("-p")
	switch {
	case path == "testing":
		return t.patchTesting()
	case path == "main" && strings.HasSuffix(os.Getenv("TOOLEXEC_IMPORTPATH"), ".test"):
		return t.wrapTests()
	}
	return t.rewrite(path)
}

// chosen reports whether the package is to be changed, and takes away the flag that
// says so.
func (t *tool) chosen() bool {
	chosen := false
	kept := t.args[:0]
	for _, a := range t.args {
		if strings.HasPrefix(a, Flag) {
			chosen = true
			continue
		}
		kept = append(kept, a)
	}
	t.args = kept
	return chosen
}

// rewrite rewrites the files of a package. One that has errors, or that comes from
// cgo, is left as it is: the compiler tells its errors.
func (t *tool) rewrite(path string) error {
	c, err := load(t.config)
	if err != nil {
		return err
	}
	t.raise()
	p, err := t.parse()
	if err != nil || p == nil {
		return nil
	}
	cfg, err := t.provide(c)
	if err != nil {
		return err
	}
	if p.Types, err = t.check(path, cfg, p); err != nil {
		return nil
	}
	sources, refused, err := p.Rewrite()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, r := range refused {
		fmt.Fprintf(os.Stderr, "%v: not controlled: %s: %s\n", r.Pos, r.Construct, r.Reason)
	}
	if err := t.replace(sources); err != nil {
		return err
	}
	t.args = append([]string{"-race"}, t.args...)
	return nil
}

// generic is the version of the language that rewritten files need.
const generic = "go1.18"

// raise lets the package use type parameters. Nothing else that has a meaning in an
// older version of the language has another one in this.
func (t *tool) raise() {
	for i, a := range t.args {
		if v, ok := strings.CutPrefix(a, "-lang="); ok && version.Compare(v, generic) < 0 {
			t.args[i] = "-lang=" + generic
		}
	}
}

// parse reads the files of the package; nothing if it comes from cgo.
func (t *tool) parse() (*rewrite.Package, error) {
	p := &rewrite.Package{Fset: token.NewFileSet(), Info: rewrite.NewInfo(), FileName: t.fileName}
	for _, name := range t.args[t.files():] {
		if filepath.Base(name) == "_cgo_gotypes.go" {
			return nil, nil
		}
		name, err := filepath.Abs(name)
		if err != nil {
			return nil, err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		f, err := parser.ParseFile(p.Fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		p.Files, p.Sources = append(p.Files, f), append(p.Sources, text)
	}
	return p, nil
}

// fileName returns what the compiler, told to trim names, calls a file in the program.
func (t *tool) fileName(name string) string {
	trims, _ := t.value("-trimpath")
	for _, trim := range strings.Split(trims, ";") {
		prefix, by, _ := strings.Cut(trim, "=>")
		rest, ok := strings.CutPrefix(name, prefix)
		switch {
		case !ok || rest != "" && rest[0] != '/' && rest[0] != filepath.Separator:
		case by == "":
			return strings.TrimLeft(rest, `/\`)
		default:
			return by + rest
		}
	}
	return name
}

// check finds the types of the package, with those that it imports from their
// archives.
func (t *tool) check(path string, cfg *importcfg, p *rewrite.Package) (*types.Package, error) {
	conf := types.Config{
		Importer:  importer.ForCompiler(p.Fset, "gc", cfg.open),
		Sizes:     types.SizesFor("gc", cmp.Or(os.Getenv("GOARCH"), runtime.GOARCH)),
		GoVersion: t.language(),
	}
	return conf.Check(path, p.Fset, p.Files, p.Info)
}

// language returns the version of the language that the package is written in.
func (t *tool) language() string {
	for _, a := range t.args {
		if v, ok := strings.CutPrefix(a, "-lang="); ok {
			return v
		}
	}
	return ""
}

// replace gives the compiler other sources in place of those that are not nil.
func (t *tool) replace(sources [][]byte) error {
	out, _ := t.value("-o")
	first := t.files()
	for i, text := range sources {
		if text == nil {
			continue
		}
		name := filepath.Join(filepath.Dir(out), fmt.Sprintf("ravel%d_%s", i, filepath.Base(t.args[first+i])))
		if err := os.WriteFile(name, text, 0o666); err != nil {
			return err
		}
		t.args[first+i] = name
	}
	return nil
}
