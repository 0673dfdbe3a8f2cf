package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// core returns the one underlying type of all types that t may stand for: its
// own, or for a type parameter what its constraint has. It is nil if there are several.
func core(t types.Type) types.Type {
	p, ok := types.Unalias(t).(*types.TypeParam)
	if !ok {
		return t.Underlying()
	}
	var one types.Type
	for _, term := range terms(p.Constraint()) {
		u := term.Underlying()
		if one != nil && !types.Identical(one, u) {
			if _, ok := u.(*types.Chan); !ok {
				return nil
			}
			if _, ok := one.(*types.Chan); !ok {
				return nil
			}
		}
		one = u
	}
	return one
}

// terms returns the types that a constraint lists, none if it does not.
func terms(constraint types.Type) []types.Type {
	iface, ok := constraint.Underlying().(*types.Interface)
	if !ok {
		return []types.Type{constraint}
	}
	for i := range iface.NumEmbeddeds() {
		var all []types.Type
		switch e := iface.EmbeddedType(i).(type) {
		case *types.Union:
			for j := range e.Len() {
				all = append(all, terms(e.Term(j).Type())...)
			}
		default:
			all = terms(e)
		}
		if len(all) > 0 {
			return all
		}
	}
	return nil
}

func coreIs[T types.Type](t types.Type) bool {
	_, ok := core(t).(T)
	return ok
}

// typeText returns how a type is written at a position, if it can be.
func (f *file) typeText(t types.Type, pos token.Pos) (string, bool) {
	scope := f.Types.Scope().Innermost(pos)
	if scope == nil {
		return "", false
	}
	sees := func(name string, obj types.Object) bool {
		_, found := scope.LookupParent(name, pos)
		return found == obj
	}
	switch t := t.(type) {
	case *types.Basic:
		return t.Name(), sees(t.Name(), types.Universe.Lookup(t.Name()))
	case *types.Pointer:
		elem, ok := f.typeText(t.Elem(), pos)
		return "*" + elem, ok
	case *types.Alias:
		return f.typeText(types.Unalias(t), pos)
	case *types.TypeParam:
		return t.Obj().Name(), sees(t.Obj().Name(), t.Obj())
	case *types.Named:
		if t.TypeArgs().Len() > 0 {
			return "", false
		}
		return f.namedText(t.Obj(), sees)
	}
	return "", false
}

func (f *file) namedText(obj *types.TypeName, sees func(string, types.Object) bool) (string, bool) {
	if obj.Pkg() == nil || obj.Pkg() == f.Types {
		return obj.Name(), sees(obj.Name(), obj)
	}
	for _, spec := range f.ast.Imports {
		name := f.pkgName(spec)
		if name != nil && name.Imported() == obj.Pkg() && obj.Exported() {
			switch name.Name() {
			case ".":
				return obj.Name(), sees(obj.Name(), obj)
			case "_":
			default:
				return name.Name() + "." + obj.Name(), sees(name.Name(), name)
			}
		}
	}
	return "", false
}

// pkgName returns what an import declares.
func (f *file) pkgName(spec *ast.ImportSpec) *types.PkgName {
	var obj types.Object
	if spec.Name != nil {
		obj = f.Info.Defs[spec.Name]
		if obj == nil {
			obj = f.Info.Implicits[spec]
		}
	} else {
		obj = f.Info.Implicits[spec]
	}
	name, _ := obj.(*types.PkgName)
	return name
}

// untyped reports whether the type of an expression that is no constant comes
// from where it stands: a comparison or a shift of a constant.
func (f *file) untyped(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.BinaryExpr:
		switch e.Op {
		case token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ:
			return true
		case token.SHL, token.SHR:
			return f.Info.Types[e.X].Value != nil || f.untyped(e.X)
		}
		return (f.Info.Types[e.X].Value != nil || f.untyped(e.X)) && (f.Info.Types[e.Y].Value != nil || f.untyped(e.Y))
	case *ast.UnaryExpr:
		return e.Op != token.ARROW && e.Op != token.AND && f.untyped(e.X)
	}
	return false
}

// conversion returns the type that must be said of an expression when a
// variable is declared with it, empty for none, and whether that can be done.
func (f *file) conversion(e ast.Expr) (text string, ok bool) {
	t := f.typeOf(e)
	if !f.untyped(e) || types.Identical(t, types.Typ[types.Bool]) {
		return "", true
	}
	if b, ok := t.(*types.Basic); ok && b.Info()&types.IsUntyped != 0 {
		return "", true
	}
	return f.typeText(t, e.Pos())
}

// convertible reports whether variables can be declared with all expressions.
func (f *file) convertible(all []ast.Expr) bool {
	for _, e := range all {
		if _, ok := f.conversion(e); !ok {
			return false
		}
	}
	return true
}

// converted renders an expression, with its type said if it comes from where
// the expression stands.
func (f *file) converted(e ast.Expr) {
	text, _ := f.conversion(e)
	if text == "" {
		f.node(e)
		return
	}
	f.text("(", text, ")(")
	f.node(e)
	f.text(")")
}

// isBool reports whether t is the predeclared bool, or takes it.
func isBool(t types.Type) bool {
	if _, ok := t.Underlying().(*types.Interface); ok {
		return true
	}
	return types.Identical(t, types.Typ[types.Bool]) || strings.HasPrefix(t.String(), "untyped")
}
