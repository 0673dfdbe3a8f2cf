package rewrite

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// use says what an expression is evaluated for.
type use int

const (
	loaded    use = iota
	stored        // assigned to
	modified      // loaded and stored
	addressed     // neither
)

// namer finds the expressions of a file that load or store memory which may be
// shared, for the tables by which reports name what a race is about.
type namer struct {
	*file
	shared map[types.Object]bool // local variables that a closure or a pointer reaches
	uses   map[ast.Expr]use
	rows   []row
}

// row is a line of a table.
type row struct {
	at    token.Position
	write bool
	expr  string
	full  string // - if there is no name that is clear elsewhere
	typ   string // what the type is made of, if that is a basic one
}

// nameTables appends a call for each source file that the file's positions speak of.
func (f *file) nameTables() {
	n := namer{file: f, shared: map[types.Object]bool{}, uses: map[ast.Expr]use{}}
	n.findShared()
	ast.Inspect(f.ast, n.visit)
	slices.SortStableFunc(n.rows, func(a, b row) int { return cmp.Compare(a.at.Filename, b.at.Filename) })
	for len(n.rows) > 0 {
		name := n.rows[0].at.Filename
		var table strings.Builder
		seen := map[string]bool{}
		for len(n.rows) > 0 && n.rows[0].at.Filename == name {
			line := n.rows[0].String()
			if !seen[line] {
				table.WriteString(line)
			}
			seen[line] = true
			n.rows = n.rows[1:]
		}
		if f.FileName != nil {
			name = f.FileName(name)
		}
		f.imports[accessPath] = true
		f.text("\nvar _ = "+f.name("access")+".Names("+strconv.Quote(name)+", ", strconv.Quote(table.String())+")\n")
	}
}

func (r row) String() string {
	op := "r"
	if r.write {
		op = "w"
	}
	typ := ""
	if r.typ != "" {
		typ = " :" + r.typ
	}
	return fmt.Sprintf("%d %s %s %s%s\n", r.at.Line, op, r.expr, r.full, typ)
}

// findShared finds the variables of functions whose address is taken, or that a
// function within uses and that change: others it has a copy of.
func (n *namer) findShared() {
	captured, assigned := map[types.Object]bool{}, map[types.Object]bool{}
	var lits []*ast.FuncLit
	ast.Inspect(n.ast, func(node ast.Node) bool {
		for node != nil && len(lits) > 0 && node.Pos() >= lits[len(lits)-1].End() {
			lits = lits[:len(lits)-1]
		}
		switch node := node.(type) {
		case *ast.FuncLit:
			lits = append(lits, node)
		case *ast.Ident:
			if v, ok := n.Info.Uses[node].(*types.Var); ok && len(lits) > 0 && v.Pos() < lits[len(lits)-1].Pos() {
				captured[v] = true
			}
		case *ast.AssignStmt:
			for _, e := range node.Lhs {
				assigned[n.root(e)] = true
			}
		case *ast.RangeStmt:
			assigned[n.root(node.Key)], assigned[n.root(node.Value)] = true, true
		case *ast.IncDecStmt:
			assigned[n.root(node.X)] = true
		case ast.Expr:
			n.shared[n.addressOf(node)] = true
		}
		return true
	})
	for v := range captured {
		n.shared[v] = n.shared[v] || assigned[v]
	}
}

// addressOf returns the variable whose address an expression takes, if it does.
func (n *namer) addressOf(e ast.Expr) types.Object {
	switch e := e.(type) {
	case *ast.UnaryExpr:
		if e.Op == token.AND {
			return n.root(e.X)
		}
	case *ast.SelectorExpr:
		if sel := n.Info.Selections[e]; sel != nil && sel.Kind() == types.MethodVal && pointerMethod(sel) && !isPointer(n.typeOf(e.X)) {
			return n.root(e.X)
		}
	}
	return nil
}

// pointerMethod reports whether a method has a pointer as its receiver.
func pointerMethod(sel *types.Selection) bool {
	_, ok := sel.Obj().(*types.Func).Signature().Recv().Type().(*types.Pointer)
	return ok
}

// root returns the variable that an expression is a part of.
func (n *namer) root(e ast.Expr) types.Object {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.Ident:
			return n.Info.Uses[x]
		case *ast.SelectorExpr:
			if isPointer(n.typeOf(x.X)) {
				return nil
			}
			e = x.X
		case *ast.IndexExpr:
			if _, ok := n.typeOf(x.X).Underlying().(*types.Array); !ok {
				return nil
			}
			e = x.X
		default:
			return nil
		}
	}
}

func isPointer(t types.Type) bool {
	_, ok := t.Underlying().(*types.Pointer)
	return ok
}

// visit notes what an expression does, and what its operands are evaluated for.
func (n *namer) visit(node ast.Node) bool {
	switch s := node.(type) {
	case *ast.AssignStmt:
		for _, e := range s.Lhs {
			n.uses[e] = stored
			if s.Tok != token.ASSIGN && s.Tok != token.DEFINE {
				n.uses[e] = modified
			}
		}
	case *ast.IncDecStmt:
		n.uses[s.X] = modified
	case *ast.RangeStmt:
		for _, e := range []ast.Expr{s.Key, s.Value} {
			if e != nil {
				n.uses[e] = stored
			}
		}
		if coreIs[*types.Map](n.typeOf(s.X)) {
			n.row(s.X, loaded)
		}
	case *ast.ValueSpec:
		for _, id := range s.Names {
			n.uses[id] = addressed
			if len(s.Values) > 0 {
				n.uses[id] = stored
			}
		}
	case *ast.ImportSpec, *ast.Field, *ast.BranchStmt:
		return false
	case ast.Expr:
		return n.expr(s)
	}
	return true
}

func (n *namer) expr(e ast.Expr) bool {
	tv := n.Info.Types[e]
	if tv.IsType() || tv.Value != nil || n.counter(e) {
		return false
	}
	u := n.uses[e]
	if u != addressed && n.memory(e) {
		n.row(e, u)
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		n.uses[e.X] = u
	case *ast.UnaryExpr:
		if e.Op == token.AND {
			n.uses[e.X] = addressed
		}
	case *ast.SelectorExpr:
		return n.selected(e)
	case *ast.IndexExpr:
		n.part(e.X)
	case *ast.SliceExpr:
		n.part(e.X)
	case *ast.CallExpr:
		n.builtins(e)
	case *ast.KeyValueExpr:
		if id, ok := e.Key.(*ast.Ident); ok {
			if v, ok := n.Info.Uses[id].(*types.Var); ok && v.IsField() {
				n.uses[id] = addressed
			}
		}
	}
	return true
}

// selected visits what a selector selects from: a struct of which only the
// field is accessed, or the receiver of a method with a pointer.
func (n *namer) selected(e *ast.SelectorExpr) bool {
	sel := n.Info.Selections[e]
	if sel == nil {
		return false
	}
	if !isPointer(n.typeOf(e.X)) && (sel.Kind() == types.FieldVal || sel.Kind() == types.MethodVal && pointerMethod(sel)) {
		n.uses[e.X] = addressed
	}
	ast.Inspect(e.X, n.visit)
	return false
}

// part notes that only a part of an array is accessed.
func (n *namer) part(e ast.Expr) {
	if _, ok := n.typeOf(e).Underlying().(*types.Array); ok {
		n.uses[e] = addressed
	}
}

// counter reports whether an expression is a counter that go tool cover inserted.
func (n *namer) counter(e ast.Expr) bool {
	obj := n.root(e)
	if id, ok := e.(*ast.Ident); ok {
		obj = n.Info.ObjectOf(id)
	}
	return obj != nil && strings.HasPrefix(obj.Name(), "goCover_")
}

// builtins notes the accesses of maps by predeclared functions.
func (n *namer) builtins(call *ast.CallExpr) {
	name := n.builtin(call.Fun)
	if len(call.Args) == 0 || !coreIs[*types.Map](n.firstType(call)) {
		return
	}
	switch name {
	case "delete", "clear":
		n.row(call.Args[0], stored)
	case "len":
		n.row(call.Args[0], loaded)
	}
}

// memory reports whether an expression is a place in memory that may be shared.
func (n *namer) memory(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		v, ok := n.Info.ObjectOf(e).(*types.Var)
		return ok && e.Name != "_" && (n.shared[v] || v.Parent() == n.Types.Scope())
	case *ast.SelectorExpr:
		sel := n.Info.Selections[e]
		if sel == nil {
			_, ok := n.Info.Uses[e.Sel].(*types.Var)
			return ok
		}
		return sel.Kind() == types.FieldVal && (sel.Indirect() || n.memory(e.X))
	case *ast.IndexExpr:
		switch n.typeOf(e.X).Underlying().(type) {
		case *types.Slice, *types.Pointer, *types.Map:
			return true
		case *types.Array:
			return n.memory(e.X)
		}
		return coreIs[*types.Map](n.typeOf(e.X)) && n.Info.Types[e.X].IsValue()
	case *ast.StarExpr:
		return true
	}
	return false
}

const longest = 80 // bytes of an expression that a report can show

func (n *namer) row(e ast.Expr, u use) {
	text := types.ExprString(e)
	if len(text) > longest || strings.ContainsAny(text, "\n\r") {
		return
	}
	r := row{at: n.Fset.Position(e.Pos()), expr: text, full: cmp.Or(n.full(e), "-"), typ: basic(n.typeOf(e))}
	if u != stored {
		n.rows = append(n.rows, r)
	}
	if u != loaded {
		r.write = true
		n.rows = append(n.rows, r)
	}
}

// full returns a name that is clear elsewhere, empty if there is none.
func (n *namer) full(e ast.Expr) string {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if v, ok := n.Info.ObjectOf(e).(*types.Var); ok && v.Parent() == n.Types.Scope() {
			return n.Types.Name() + "." + e.Name
		}
	case *ast.SelectorExpr:
		sel := n.Info.Selections[e]
		if sel == nil {
			return types.ExprString(e)
		}
		t := sel.Recv()
		for _, i := range sel.Index()[:len(sel.Index())-1] {
			t = deref(t).Underlying().(*types.Struct).Field(i).Type()
		}
		if named, ok := deref(t).(*types.Named); ok {
			return named.Obj().Name() + "." + e.Sel.Name
		}
	case *ast.IndexExpr:
		if x := n.full(e.X); x != "" {
			return x + "[…]"
		}
	}
	return ""
}

// basic returns the basic type that a type is made of, or nothing. A type parameter may
// stand for any.
func basic(t types.Type) string {
	if b, ok := t.Underlying().(*types.Basic); ok && b.Info()&(types.IsBoolean|types.IsInteger|types.IsFloat|types.IsString) != 0 {
		return b.Name()
	}
	return ""
}
