package rewrite

import (
	"go/ast"
	"go/types"
	"strconv"
	"strings"
)

// method is a method that has a twin.
type method struct {
	sel     *types.Selection
	twin    string
	dynamic bool   // of an interface or a type parameter
	path    string // the embedded fields on the way to the receiver
	address bool   // the receiver is a variable, of which the twin wants the address
}

func (m method) atomic() bool { return strings.HasPrefix(m.twin, "Atomic") }

// method returns what a selector selects, if that has a twin.
func (f *file) method(n *ast.SelectorExpr) (method, bool) {
	sel := f.Info.Selections[n]
	if sel == nil || sel.Kind() == types.FieldVal {
		return method{}, false
	}
	fn := sel.Obj().(*types.Func)
	path, t, hidden := f.embedded(sel.Recv(), sel.Index())
	name, dynamic := twin(fn, t)
	if name == "" {
		return method{}, false
	}
	if hidden != "" {
		f.refuse(n.Sel.Pos(), types.ExprString(n), "it goes through the field "+hidden+" of another package")
		return method{}, false
	}
	_, pointer := t.Underlying().(*types.Pointer)
	return method{sel, name, dynamic, path, !pointer && !dynamic}, true
}

// embedded returns the fields that an index goes through, the type of the last
// and the name of one that this package may not use.
func (u *unit) embedded(t types.Type, index []int) (path string, last types.Type, hidden string) {
	for _, i := range index[:len(index)-1] {
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		field := t.Underlying().(*types.Struct).Field(i)
		if !field.Exported() && field.Pkg() != u.Types {
			hidden = field.Name()
		}
		path += "." + field.Name()
		t = field.Type()
	}
	return path, t, hidden
}

// receiver renders the receiver of a method as its twin wants it.
func (f *file) receiver(n *ast.SelectorExpr, m method) {
	if m.address {
		f.text("&")
	}
	f.node(n.X)
	if m.path != "" {
		f.text(m.path)
	}
}

func (f *file) selector(n *ast.SelectorExpr) bool {
	if f.function(n, n.Sel) {
		return true
	}
	m, ok := f.method(n)
	if !ok {
		return false
	}
	if m.sel.Kind() == types.MethodExpr {
		return f.methodExpr(n, m)
	}
	switch sig := m.sel.Obj().(*types.Func).Signature(); {
	case m.dynamic, m.atomic():
		f.text(f.std("Bind"+m.twin), "(")
	default:
		f.text(f.std(shape(sig)), "(", f.std(m.twin), ", ")
	}
	f.receiver(n, m)
	f.text(")")
	return true
}

// shape returns the name of the helper that binds the receiver of a twin, by
// the number of parameters and results.
func shape(sig *types.Signature) string {
	name := "Bind" + strconv.Itoa(sig.Params().Len())
	if n := sig.Results().Len(); n > 0 {
		name += "R" + strconv.Itoa(n)
	}
	return name
}

// methodExpr renders a method expression, T.M or (*T).M.
func (f *file) methodExpr(n *ast.SelectorExpr, m method) bool {
	sig := m.sel.Obj().(*types.Func).Signature()
	switch {
	case m.path == "" && m.atomic():
		f.text(f.std("Expr"+m.twin), "((")
		f.node(n.X)
		f.text(")(nil))")
	case m.path == "" && !m.dynamic:
		f.dropAll(n.X)
		f.text(f.std(m.twin))
	case f.forwarded(m.sel):
		return false
	case sig.Params().Len() == 0 && sig.Results().Len() == 0 && !m.atomic():
		f.text("func(", f.name("r"), " ")
		f.node(n.X)
		f.text(") { ", f.std(m.twin), "(")
		if m.address {
			f.text("&")
		}
		f.text(f.name("r")+m.path, ") }")
	default:
		f.refuse(n.Sel.Pos(), types.ExprString(n), "a method expression of a promoted method or an interface, with results or parameters")
		return false
	}
	return true
}

// function renders the use of a package-level function that has a twin.
func (f *file) function(n ast.Expr, id *ast.Ident) bool {
	fn, ok := f.Info.Uses[id].(*types.Func)
	if !ok || fn.Pkg() == nil || fn.Pkg() == f.Types || fn.Signature().Recv() != nil || ofCoverage(n) {
		return false
	}
	path := fn.Pkg().Path()
	if path == "sync/atomic" {
		f.imports[atomicPath] = true
		f.textAt(id.Pos(), f.prefix+"atomic."+fn.Name())
	} else if name := functions[path][fn.Name()]; name != "" {
		f.textAt(id.Pos(), f.std(name))
	} else {
		return false
	}
	f.dropAll(n)
	for _, spec := range f.ast.Imports {
		if name := f.pkgName(spec); name != nil && name.Name() == "." && name.Imported() == fn.Pkg() {
			f.dropped[name] = true
		}
	}
	return true
}

// ofCoverage reports whether an expression is what go tool cover inserted.
func ofCoverage(e ast.Expr) bool {
	sel, ok := e.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	id, ok := sel.X.(*ast.Ident)
	return ok && id.Name == "_cover_atomic_"
}

// dropAll notes that the imports which an expression uses lost a use.
func (f *file) dropAll(e ast.Expr) {
	ast.Inspect(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if name, ok := f.Info.Uses[id].(*types.PkgName); ok {
				f.dropped[name] = true
			}
		}
		return true
	})
}
