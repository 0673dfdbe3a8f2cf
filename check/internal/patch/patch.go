// Package patch changes the standard package testing so that a *testing.T can be
// handed to a test whose runs are searched: each method of such a T asks a hook first.
//
// Statements are put after the opening brace of the methods, on its line: line numbers
// stay what they were, and so do the depths of stacks, by which package testing finds
// out who called it.
package patch

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// hooks is what comes first in a function, by its header. A header that is not found
// exactly once is an error: what the function does may have changed too.
var hooks = map[string]string{
	"func (c *common) log(s string)":                      "if c.ravel != nil { c.ravel.Log(s); return }",
	"func (c *common) Error(args ...any)":                 "if c.ravel != nil { c.ravel.Error(fmt.Sprintln(args...)); return }",
	"func (c *common) Errorf(format string, args ...any)": "if c.ravel != nil { c.ravel.Error(fmt.Sprintf(format, args...)); return }",
	"func (c *common) Fatal(args ...any)":                 "if c.ravel != nil { c.ravel.Error(fmt.Sprintln(args...)); c.ravel.FailNow(); return }",
	"func (c *common) Fatalf(format string, args ...any)": "if c.ravel != nil { c.ravel.Error(fmt.Sprintf(format, args...)); c.ravel.FailNow(); return }",
	"func (c *common) Fail()":                             "if c.ravel != nil { c.ravel.Fail(); return }",
	"func (c *common) FailNow()":                          "if c.ravel != nil { c.ravel.FailNow(); return }",
	"func (c *common) Failed() bool":                      "if c.ravel != nil { return c.ravel.Failed() }",
	"func (c *common) SkipNow()":                          "if c.ravel != nil { c.ravel.SkipNow(); return }",
	"func (c *common) Skipped() bool":                     "if c.ravel != nil { return c.ravel.Skipped() }",
	"func (c *common) Helper()":                           "if c.ravel != nil { c.ravel.Helper(); return }",
	"func (c *common) Cleanup(f func())":                  "if c.ravel != nil { c.ravel.Cleanup(f); return }",
	"func (c *common) Context() context.Context":          "if c.ravel != nil { return c.ravel.Context() }",
	"func (c *common) Output() io.Writer":                 "if c.ravel != nil { return c.ravel.Output() }",

	"func (t *T) Parallel()":                                                                "if t.ravel != nil { t.ravelParallel(); return }",
	"func (t *T) Run(name string, f func(t *T)) bool":                                       "if t.ravel != nil { return t.ravelRun(name, f) }",
	"func (t *T) Deadline() (deadline time.Time, ok bool)":                                  "if t.ravel != nil { return t.ravel.Deadline(*timeout) }",
	"func testingSynctestTest(t *T, f func(*T)) (ok bool)":                                  "if t.ravel != nil { t.ravel.Plainly(); return false }",
	"func (m *matcher) fullName(c *common, subname string) (name string, ok, partial bool)": "",
}

// fields are those of the structs that the added file uses.
var fields = map[string][]string{
	"common":    {"name", "level", "parent", "isParallel"},
	"T":         {"common", "denyParallel", "tstate"},
	"testState": {"match", "deadline"},
	"matcher":   {"filter", "skip", "matchFunc", "subNames"},
}

// later are fields of common that older versions do not have.
var later = []string{"modulePath", "importPath"}

// Testing returns the sources of package testing that have to be changed, by the names
// under which files has them, and that of a file to add. An error says what is not as
// expected in that version of Go, such as go1.26.8.
//
// The added file has what package check/unmodified looks up by linkname:
//
//	var ravelNew func(hook any, from *T, name string) *T
func Testing(version string, files map[string][]byte) (changed map[string][]byte, added []byte, err error) {
	p := &patcher{fset: token.NewFileSet(), texts: map[string][]insertion{}, seen: map[string]int{}, has: map[string]bool{}}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := p.file(name, files[name]); err != nil {
			return nil, nil, fmt.Errorf("package testing of %s: %w", version, err)
		}
	}
	if err := p.missing(); err != nil {
		return nil, nil, fmt.Errorf("package testing of %s is not as ravel knows it: %w", version, err)
	}
	changed = map[string][]byte{}
	for name, texts := range p.texts {
		changed[name] = insert(files[name], texts)
	}
	return changed, p.added(), nil
}

// patcher collects what is to be inserted.
type patcher struct {
	fset  *token.FileSet
	texts map[string][]insertion // by file
	seen  map[string]int         // headers, and structs as "type common"
	has   map[string]bool        // fields, as "common.name"
}

// insertion is a text and where it goes.
type insertion struct {
	offset int
	text   string
}

// file looks through a file.
func (p *patcher) file(name string, source []byte) error {
	f, err := parser.ParseFile(p.fset, name, source, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			p.function(name, d)
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if s, ok := s.(*ast.TypeSpec); ok {
					p.structure(name, s)
				}
			}
		}
	}
	return nil
}

func (p *patcher) function(file string, d *ast.FuncDecl) {
	h := header(d)
	text, ok := hooks[h]
	if !ok || d.Body == nil {
		return
	}
	p.seen[h]++
	if text != "" {
		p.after(file, d.Body.Lbrace, " "+text+";")
	}
}

// structure notes the fields of a struct, and adds the hook to those of T.
func (p *patcher) structure(file string, s *ast.TypeSpec) {
	st, ok := s.Type.(*ast.StructType)
	if !ok || fields[s.Name.Name] == nil {
		return
	}
	p.seen["type "+s.Name.Name]++
	for _, f := range st.Fields.List {
		if len(f.Names) == 0 {
			p.has[s.Name.Name+"."+types.ExprString(f.Type)] = true
		}
		for _, n := range f.Names {
			p.has[s.Name.Name+"."+n.Name] = true
		}
	}
	if s.Name.Name == "common" {
		p.after(file, st.Fields.Opening, " ravel ravelHook;")
	}
}

// after has a text inserted after a brace.
func (p *patcher) after(file string, brace token.Pos, text string) {
	p.texts[file] = append(p.texts[file], insertion{p.fset.Position(brace).Offset + 1, text})
}

// missing says what was not found exactly once.
func (p *patcher) missing() error {
	var errs []error
	count := func(what string) {
		if n := p.seen[what]; n != 1 {
			errs = append(errs, fmt.Errorf("there are %d of %q, want 1", n, what))
		}
	}
	for _, h := range slices.Sorted(maps.Keys(hooks)) {
		count(h)
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		count("type " + name)
		for _, f := range fields[name] {
			if !p.has[name+"."+f] {
				errs = append(errs, fmt.Errorf("%s has no field %s", name, f))
			}
		}
	}
	return errors.Join(errs...)
}

// added returns the file to add.
func (p *patcher) added() []byte {
	var copies strings.Builder
	for _, f := range later {
		if p.has["common."+f] {
			fmt.Fprintf(&copies, "\tt.%s = from.%s\n", f, f)
		}
	}
	return []byte(strings.Replace(hookFile, "\t// COPIES\n", copies.String(), 1))
}

// header returns the first line of a function.
func header(d *ast.FuncDecl) string {
	recv := ""
	if d.Recv != nil && len(d.Recv.List) == 1 {
		f := d.Recv.List[0]
		name := ""
		if len(f.Names) == 1 {
			name = f.Names[0].Name + " "
		}
		recv = "(" + name + types.ExprString(f.Type) + ") "
	}
	return "func " + recv + d.Name.Name + strings.TrimPrefix(types.ExprString(d.Type), "func")
}

// insert returns a source with some texts in it.
func insert(source []byte, texts []insertion) []byte {
	slices.SortFunc(texts, func(a, b insertion) int { return a.offset - b.offset })
	var b bytes.Buffer
	from := 0
	for _, t := range texts {
		b.Write(source[from:t.offset])
		b.WriteString(t.text)
		from = t.offset
	}
	b.Write(source[from:])
	return b.Bytes()
}
