package toolexec

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
)

// wrapTests makes each test that the main package of a test binary lists the body
// of a search.
func (t *tool) wrapTests() error {
	c, err := load(t.config)
	if err != nil {
		return err
	}
	if _, err := t.provide(c); err != nil {
		return err
	}
	first := t.files()
	sources := make([][]byte, len(t.args)-first)
	for i, name := range t.args[first:] {
		if filepath.Base(name) != "_testmain.go" {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if sources[i], err = wrapped(text, c.ID); err != nil {
			return err
		}
	}
	return t.replace(sources)
}

// wrapped returns the source of the main package of a test with
//
//	{"TestX", _test.TestX} as {"TestX", ravel__.Test("TestX", _test.TestX)}
//
// and with id, which makes its archive another one when ravel's are.
func wrapped(source []byte, id string) ([]byte, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "_testmain.go", source, 0)
	if err != nil {
		return nil, err
	}
	offset := func(p token.Pos) int { return fset.Position(p).Offset }
	var out bytes.Buffer
	at := 0
	insert := func(p token.Pos, text string) {
		out.Write(source[at:offset(p)])
		out.WriteString(text)
		at = offset(p)
	}
	insert(f.Name.End(), "\n\nimport ravel__ \"github.com/ravelgo/ravel/check/unmodified\"\n")
	list := testList(f)
	if list == nil {
		return nil, fmt.Errorf("the main package of a test that the go command writes has no variable tests of a known form")
	}
	for _, e := range list.Elts {
		test, ok := e.(*ast.CompositeLit)
		if !ok || len(test.Elts) != 2 {
			return nil, fmt.Errorf("the main package of a test that the go command writes lists its tests in an unknown form")
		}
		name := source[offset(test.Elts[0].Pos()):offset(test.Elts[0].End())]
		insert(test.Elts[1].Pos(), "ravel__.Test("+string(name)+", ")
		insert(test.Elts[1].End(), ")")
	}
	out.Write(source[at:])
	fmt.Fprintf(&out, "\nvar _ = ravel__.Built(%q)\n", id)
	return out.Bytes(), nil
}

// testList returns the value of the variable tests.
func testList(f *ast.File) *ast.CompositeLit {
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		for _, s := range g.Specs {
			v := s.(*ast.ValueSpec)
			if v.Names[0].Name == "tests" && len(v.Values) == 1 {
				list, _ := v.Values[0].(*ast.CompositeLit)
				return list
			}
		}
	}
	return nil
}
