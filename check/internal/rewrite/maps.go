package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
)

// access says what is done with a map.
type access int

const (
	read access = iota
	write
	update // a read, then a write
)

// markWrite notes that an expression, if it is an element of a map, is assigned to.
func (f *file) markWrite(e ast.Expr, a access) {
	if e == nil {
		return
	}
	if n, ok := ast.Unparen(e).(*ast.IndexExpr); ok && f.isMap(n) {
		f.writes[n] = a
	}
}

// isMap reports whether an index expression is of a map.
func (f *file) isMap(n *ast.IndexExpr) bool {
	tv := f.Info.Types[n.X]
	return tv.IsValue() && coreIs[*types.Map](tv.Type)
}

// mapExpr renders a map with the report of an access.
func (f *file) mapExpr(e ast.Expr, a access) {
	closing := ")"
	if a != read {
		f.text(f.std("MapWrite"), "(")
		closing = "))"
	}
	if a != write {
		f.text(f.std("MapRead"), "(")
	} else {
		closing = ")"
	}
	if a == read {
		closing = ")"
	}
	f.node(e)
	f.text(closing)
}

// mapRef renders a map for an operation that follows the evaluation of its operands.
func (f *file) mapRef(e ast.Expr) {
	f.text(f.std("MapOf"), "(")
	f.node(e)
	f.text(")")
}

func (f *file) index(n *ast.IndexExpr) bool {
	if !f.isMap(n) {
		return false
	}
	ok := f.pairs[n]
	if a := f.writes[n]; a != read || !f.calls(n.Index) || ok != nil && !isBool(ok) {
		f.mapExpr(n.X, a)
		f.source(n.X.End(), n.Index.Pos())
		f.node(n.Index)
		f.source(n.Index.End(), n.End())
		return true
	}
	f.mapRef(n.X)
	if ok != nil {
		f.text(".At2(")
	} else {
		f.text(".At(")
	}
	f.node(n.Index)
	f.text(")")
	return true
}

// calls reports whether evaluating an expression may run other code, so that
// it matters what is reported before.
func (f *file) calls(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		case *ast.CallExpr:
			tv := f.Info.Types[n.Fun]
			found = found || !tv.IsType() && !tv.IsBuiltin()
		}
		return !found
	})
	return found
}

func (f *file) assign(n *ast.AssignStmt) bool {
	if len(n.Lhs) == 2 && len(n.Rhs) == 1 {
		f.markPair(n.Rhs[0], f.Info.TypeOf(n.Lhs[1]))
	}
	a := write
	if n.Tok != token.ASSIGN && n.Tok != token.DEFINE {
		a = update
	}
	for _, e := range n.Lhs {
		f.markWrite(e, a)
	}
	return f.hoist(n)
}

// hoist renders an assignment to elements of maps whose values come from
// calls: a write that is reported before them would seem to come before what
// they wait for.
func (f *file) hoist(n *ast.AssignStmt) bool {
	if f.inits[n] || !f.hoistable(n) || !f.convertible(n.Rhs) {
		return false
	}
	names := make([]string, len(n.Lhs)) // of the values, empty for one that stays where it is
	for i := range n.Lhs {
		if len(n.Rhs) == 1 || !f.still(n.Rhs[i]) {
			names[i] = f.numbered(i)
		}
	}
	f.textAt(n.Pos(), "{ ")
	f.each(names, func(i int) { f.text(names[i]) })
	f.text(" := ")
	f.each(names[:len(n.Rhs)], func(i int) { f.converted(n.Rhs[i]) })
	f.text("; ")
	list(f, n.Pos(), n.Lhs, n.TokPos)
	f.text(n.Tok.String(), " ")
	for i, name := range names {
		if i > 0 {
			f.text(", ")
		}
		if name == "" {
			f.node(n.Rhs[i])
		} else {
			f.text(name)
		}
	}
	f.text(" }")
	return true
}

// each renders what names that are not empty stand for, with commas between.
func (f *file) each(names []string, render func(int)) {
	first := true
	for i, name := range names {
		if name == "" {
			continue
		}
		if !first {
			f.text(", ")
		}
		first = false
		render(i)
	}
}

// still reports whether an expression is a constant or nil, of which a variable
// would have another type.
func (f *file) still(e ast.Expr) bool {
	tv := f.Info.Types[e]
	return tv.Value != nil || tv.IsNil()
}

// hoistable reports whether some value of an assignment comes from a call and
// some target is an element of a map, all found without a call.
func (f *file) hoistable(n *ast.AssignStmt) bool {
	elements, calls := false, false
	for _, e := range n.Lhs {
		if f.calls(e) {
			return false
		}
		if x, ok := ast.Unparen(e).(*ast.IndexExpr); ok && f.isMap(x) {
			elements = true
		}
	}
	for _, e := range n.Rhs {
		if fn, ok := ast.Unparen(e).(*ast.Ident); ok && f.static(fn) {
			return false
		}
		calls = calls || f.calls(e)
	}
	return elements && calls
}
