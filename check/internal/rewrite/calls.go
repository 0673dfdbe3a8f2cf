package rewrite

import (
	"go/ast"
	"go/types"
)

func (f *file) call(n *ast.CallExpr) bool {
	if name := f.builtin(n.Fun); name != "" {
		return f.callBuiltin(n, name)
	}
	fun, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	m, ok := f.method(fun)
	if !ok || m.sel.Kind() != types.MethodVal || !f.sayable(m, n.Args) {
		return false
	}
	f.text(f.std(m.twin), "(")
	f.receiver(fun, m)
	if len(n.Args) > 0 {
		f.text(", ")
		from := n.Lparen + 1
		for i, arg := range n.Args {
			f.source(from, arg.Pos())
			f.argument(m, i, arg)
			from = arg.End()
		}
		f.source(from, n.End())
		return true
	}
	f.source(n.Rparen, n.Rparen+1)
	return true
}

// argument renders an argument of a method. The twins of the atomic types are
// generic: a constant, or a value for an interface, must have its type said.
func (f *file) argument(m method, i int, arg ast.Expr) {
	t := f.said(m, i, arg)
	if t == "" {
		f.node(arg)
		return
	}
	f.text(t, "(")
	f.node(arg)
	f.text(")")
}

// said returns the type that must be said of an argument, empty for none.
func (f *file) said(m method, i int, arg ast.Expr) string {
	params := m.sel.Obj().(*types.Func).Signature().Params()
	if i >= params.Len() || !m.atomic() {
		return ""
	}
	switch t := types.Unalias(params.At(i).Type()).(type) {
	case *types.Interface:
		return "interface{}"
	case *types.Basic:
		if f.untyped(arg) || f.Info.Types[arg].Value != nil {
			return t.Name()
		}
	}
	return ""
}

// sayable reports whether the types that must be said can be, and refuses the
// call otherwise.
func (f *file) sayable(m method, args []ast.Expr) bool {
	for i, arg := range args {
		name := f.said(m, i, arg)
		if obj := types.Universe.Lookup(name); obj != nil {
			if _, ok := f.typeText(obj.Type(), arg.Pos()); !ok {
				f.refuse(arg.Pos(), types.ExprString(arg), "the name "+name+" means something else here")
				return false
			}
		}
	}
	return true
}

// builtin returns the name of the predeclared function that an expression is,
// empty if it is none.
func (f *file) builtin(e ast.Expr) string {
	if id, ok := ast.Unparen(e).(*ast.Ident); ok {
		if b, ok := f.Info.Uses[id].(*types.Builtin); ok {
			return b.Name()
		}
	}
	return ""
}

func (f *file) callBuiltin(n *ast.CallExpr, name string) bool {
	switch first := f.firstType(n); name {
	case "close":
		f.text(f.std("Close"))
		list(f, n.Lparen, n.Args, n.End())
	case "copy":
		f.text(f.std(f.copier(n)))
		f.source(n.Lparen, n.Args[0].Pos())
		f.node(n.Args[0])
		f.source(n.Args[0].End(), n.Args[1].Pos())
		f.copied(n.Args[1])
		f.source(n.Args[1].End(), n.End())
	case "len":
		switch c := core(first).(type) {
		case *types.Chan:
			f.text(f.std(lenOf(c)))
			list(f, n.Lparen, n.Args, n.End())
		case *types.Map:
			f.mapFirst(n, read)
		default:
			return false
		}
	case "delete":
		if f.calls(n.Args[1]) {
			f.mapRef(n.Args[0])
			f.text(".Delete(")
			list(f, n.Args[1].Pos(), n.Args[1:], n.End())
			return true
		}
		f.mapFirst(n, write)
	case "clear":
		if !coreIs[*types.Map](first) {
			return false
		}
		f.mapFirst(n, write)
	default:
		return false
	}
	return true
}

func (f *file) firstType(n *ast.CallExpr) types.Type {
	if len(n.Args) == 0 {
		return types.Typ[types.Invalid]
	}
	return f.typeOf(n.Args[0])
}

func lenOf(c *types.Chan) string {
	if c.Dir() == types.SendOnly {
		return "LenSend"
	}
	return "Len"
}

// mapFirst copies a call, with an access of the map that is its first argument.
func (f *file) mapFirst(n *ast.CallExpr, a access) {
	f.source(n.Pos(), n.Args[0].Pos())
	f.mapExpr(n.Args[0], a)
	list(f, n.Args[0].End(), n.Args[1:], n.End())
}

// copier returns the twin of copy for the source of a call.
func (f *file) copier(n *ast.CallExpr) string {
	if b, ok := core(f.typeOf(n.Args[1])).(*types.Basic); ok && b.Info()&types.IsString != 0 {
		return "CopyString"
	}
	return "Copy"
}

// copied renders the source of a copy. A type parameter that is a string or
// bytes is made bytes.
func (f *file) copied(e ast.Expr) {
	if core(f.typeOf(e)) != nil {
		f.node(e)
		return
	}
	f.text("[]byte(")
	f.node(e)
	f.text(")")
}
