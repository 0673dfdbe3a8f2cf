package rewrite_test

import (
	"errors"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check/internal/rewrite"
)

// exports are the files with the exported types of the packages that tests import.
var exports = sync.OnceValues(func() (map[string]string, error) {
	out, err := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}",
		"net/http", "net/rpc", "log/slog", "go/doc", "database/sql", "text/template", "encoding/json", "embed", "math/rand", "go/types", "testing", "os/exec",
		"github.com/ravelgo/ravel/sched/std", "github.com/ravelgo/ravel/sched/atomic").Output()
	files := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		files[path] = file
	}
	return files, err
})

// importing returns an importer of what was compiled.
func importing(t testing.TB, fset *token.FileSet) types.Importer {
	t.Helper()
	files, err := exports()
	require.NoError(t, err)
	compiled := importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
		if files[path] == "" {
			path = "vendor/" + path
		}
		return os.Open(files[path])
	})
	return importFunc(func(path string) (*types.Package, error) {
		if path == "github.com/ravelgo/ravel/race/access" {
			return accessPackage, nil
		}
		if path == "example.com/dep" {
			return dependency(fset, compiled)
		}
		return compiled.Import(path)
	})
}

// dependency is a package with a type that embeds a mutex where no other package sees it.
func dependency(fset *token.FileSet, compiled types.Importer) (*types.Package, error) {
	f, err := parser.ParseFile(fset, "/dep/dep.go", `package dep
import "sync"
type D struct { inner }
type inner struct { sync.Mutex }
`, 0)
	if err != nil {
		return nil, err
	}
	return (&types.Config{Importer: compiled}).Check("example.com/dep", fset, []*ast.File{f}, nil)
}

type importFunc func(path string) (*types.Package, error)

func (f importFunc) Import(path string) (*types.Package, error) { return f(path) }

// accessPackage has the function of package access that rewritten files call.
var accessPackage = func() *types.Package {
	p := types.NewPackage("github.com/ravelgo/ravel/race/access", "access")
	text, number := types.Typ[types.String], types.Typ[types.Int]
	p.Scope().Insert(types.NewFunc(token.NoPos, p, "Names", types.NewSignatureType(nil, nil, nil,
		types.NewTuple(types.NewVar(token.NoPos, p, "file", text), types.NewVar(token.NoPos, p, "table", text)),
		types.NewTuple(types.NewVar(token.NoPos, p, "", number)), false)))
	p.MarkComplete()
	return p
}()

// source is a file of a test.
type source struct{ name, text string }

// load typechecks files as one package with a language version.
func load(t testing.TB, version string, files ...source) (rewrite.Package, error) {
	t.Helper()
	p := rewrite.Package{Fset: token.NewFileSet(), Info: rewrite.NewInfo()}
	for _, s := range files {
		f, err := parser.ParseFile(p.Fset, s.name, s.text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return p, err
		}
		p.Files = append(p.Files, f)
		p.Sources = append(p.Sources, []byte(s.text))
	}
	conf := types.Config{Importer: importing(t, p.Fset), GoVersion: version, Sizes: types.SizesFor("gc", "amd64")}
	var err error
	p.Types, err = conf.Check("example.com/user", p.Fset, p.Files, p.Info)
	return p, err
}

// rewritten rewrites files and returns the new ones. It fails the test if these are
// not a package, or say another place of a token than the files do.
func rewritten(t testing.TB, version string, files ...source) (texts []source, refused []rewrite.Refusal) {
	t.Helper()
	p, err := load(t, version, files...)
	require.NoError(t, err)
	sources, refused, err := p.Rewrite()
	require.NoError(t, err)
	again, refusedAgain, err := p.Rewrite()
	require.NoError(t, err)
	require.True(t, reflect.DeepEqual(sources, again), "a second time the text differs")
	require.Equal(t, refused, refusedAgain)
	for i, f := range files {
		if sources[i] != nil {
			f.text = string(sources[i])
		}
		texts = append(texts, f)
	}
	if len(refused) > 0 && !refused[0].Pos.IsValid() {
		return texts, refused // the whole package
	}
	q, err := load(t, version, texts...)
	if err != nil {
		var bad types.Error
		if errors.As(err, &bad) {
			line, at := bad.Fset.PositionFor(bad.Pos, false).Line, bad.Fset.PositionFor(bad.Pos, false).Filename
			for _, f := range texts {
				if f.name == at {
					t.Log(strings.Split(f.text, "\n")[line-1])
				}
			}
		}
		require.NoError(t, err)
	}
	for i := range files {
		requirePlaces(t, p, q, i)
	}
	requireNothingLeft(t, q, refused)
	return texts, refused
}

// place is an identifier and where it stands.
type place struct {
	name string
	at   token.Position
}

// places returns the identifiers of file i that must stay.
func places(p rewrite.Package, i int) []place {
	var all []place
	ast.Inspect(p.Files[i], func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && !mayGo(p, id) {
			at := p.Fset.Position(id.Pos())
			at.Offset = 0
			all = append(all, place{id.Name, at})
		}
		return true
	})
	return all
}

// mayGo reports whether a rewriting may take an identifier away.
func mayGo(p rewrite.Package, id *ast.Ident) bool {
	controlled := " sync sync/atomic time context runtime math/rand math/rand/v2 "
	switch obj := p.Info.Uses[id].(type) {
	case *types.PkgName:
		return strings.Contains(controlled, " "+obj.Imported().Path()+" ")
	case *types.Builtin:
		return strings.Contains(" close copy len delete ", " "+obj.Name()+" ")
	case *types.TypeName: // of a method expression
		return obj.Pkg() != nil && obj.Pkg().Path() == "sync"
	case *types.Func:
		return obj.Pkg() != nil && strings.Contains(controlled, " "+obj.Pkg().Path()+" ") || strings.HasSuffix(obj.Name(), "ock")
	}
	return id.Name == "_"
}

// requirePlaces fails if an identifier of file i of p is not at its place in q,
// without having been replaced.
func requirePlaces(t testing.TB, p, q rewrite.Package, i int) {
	t.Helper()
	there := map[place]int{}
	for _, at := range places(q, i) {
		there[at]++
	}
	gone := 0
	for _, at := range places(p, i) {
		if there[at] == 0 {
			gone++
			if gone < 5 {
				t.Errorf("%s is not at %s any more", at.name, at.at)
			}
		}
	}
	if gone > 0 {
		t.Logf("%d identifiers of %s moved", gone, p.Fset.Position(p.Files[i].Pos()).Filename)
	}
}
