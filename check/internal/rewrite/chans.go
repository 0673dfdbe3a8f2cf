package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
)

func (f *file) send(n *ast.SendStmt) bool {
	f.sendTo(n.Chan)
	f.text(".Send(")
	f.node(n.Value)
	f.text(")")
	return true
}

func (f *file) sendTo(ch ast.Expr) {
	f.text(f.std("To"), "(")
	f.node(ch)
	f.text(")")
}

func (f *file) receive(n *ast.UnaryExpr) bool {
	if n.Op != token.ARROW {
		return false
	}
	fn := "Recv"
	if ok := f.pairs[n]; ok != nil {
		fn += "2"
		if !isBool(ok) {
			text, known := f.typeText(ok, n.Pos())
			if !known {
				f.refuse(n.Pos(), types.ExprString(n), "the type of its second result cannot be written here")
				return false
			}
			fn += "As[" + text + "]"
		}
	}
	f.text(f.std(fn), "(")
	f.node(n.X)
	f.text(")")
	return true
}

// markPair notes that one expression gives two values, the second to a place of type ok.
func (f *file) markPair(e ast.Expr, ok types.Type) {
	if ok == nil {
		ok = types.Typ[types.Bool]
	}
	f.pairs[ast.Unparen(e)] = ok
}

func (f *file) markSpec(n *ast.ValueSpec) {
	if len(n.Names) == 2 && len(n.Values) == 1 {
		var t types.Type
		if n.Type != nil {
			t = f.typeOf(n.Type)
		}
		f.markPair(n.Values[0], t)
	}
}

func (f *file) rangeStmt(n *ast.RangeStmt) bool {
	switch t := f.typeOf(n.X); {
	case coreIs[*types.Chan](t):
		f.rangeOver(n, "Chan")
	case coreIs[*types.Map](t):
		f.rangeOver(n, "Map")
	default:
		if n.Tok == token.ASSIGN {
			f.markWrite(n.Key, write)
			f.markWrite(n.Value, write)
		}
		return false
	}
	return true
}

// rangeOver makes a for statement with a condition. Its variables, declared
// in its head, are one or one for each iteration just as those of the range are.
func (f *file) rangeOver(n *ast.RangeStmt, kind string) {
	var names []string
	var assigned []ast.Expr // the targets of names, if the range does not declare them
	fn, next := f.std("Range"+kind), "Next"
	switch key, value := used(n.Key), used(n.Value); {
	case key == nil && value == nil:
		fn, next = fn+"0", "Next0"
	case value == nil && kind == "Map":
		fn, next = fn+"Keys", "NextKey"
		assigned = []ast.Expr{key}
	case value == nil:
		assigned = []ast.Expr{key}
	default:
		assigned = []ast.Expr{key, value}
	}
	f.source(n.For, n.For+token.Pos(len("for")))
	f.text(" ")
	for i, e := range assigned {
		if n.Tok == token.DEFINE && e != nil {
			f.source(e.Pos(), e.End())
			names = append(names, e.(*ast.Ident).Name)
		} else {
			names = append(names, f.numbered(i))
			f.text(names[i])
		}
		f.text(", ")
	}
	f.text(f.name("it"), " := ")
	f.textAt(n.Range, fn+"(")
	f.node(n.X)
	f.text("); ")
	f.textAt(n.For, f.name("it")+"."+next+"(")
	for i, name := range names {
		if i > 0 {
			f.text(", ")
		}
		f.text("&" + name)
	}
	f.text("); ")
	f.source(n.Body.Lbrace, n.Body.Lbrace+1)
	if n.Tok == token.ASSIGN {
		f.assignNames(assigned, names)
	}
	list(f, n.Body.Lbrace+1, n.Body.List, n.Body.End())
}

// used returns e, nil if it is the blank identifier.
func used(e ast.Expr) ast.Expr {
	if id, ok := e.(*ast.Ident); ok && id.Name == "_" {
		return nil
	}
	return e
}

// assignNames assigns variables to the targets of a range.
func (f *file) assignNames(targets []ast.Expr, names []string) {
	var values []string
	for i, e := range targets {
		if e == nil {
			continue
		}
		if len(values) > 0 {
			f.text(", ")
		}
		f.markWrite(e, write)
		f.node(e)
		values = append(values, names[i])
	}
	for i, v := range values {
		if i == 0 {
			f.text(" = ", v)
		} else {
			f.text(", ", v)
		}
	}
	if len(values) > 0 {
		f.text(";")
	}
}
