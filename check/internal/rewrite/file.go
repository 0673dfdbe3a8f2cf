package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"sort"
	"strconv"
)

// file renders one file. Each method that renders a node appends its new text
// to the output and reports whether it did; what none renders is copied, with
// its children rendered.
type file struct {
	*unit
	output
	ast     *ast.File
	src     []byte
	imports map[string]bool           // the paths that the new text calls
	dropped map[*types.PkgName]bool   // imports of which a use has gone
	pairs   map[ast.Expr]types.Type   // yields a value and a bool, which is of that type
	writes  map[*ast.IndexExpr]access // accesses of maps that are not reads
	inits   map[ast.Stmt]bool         // where no block may stand
}

func newFile(u *unit, f *ast.File, src []byte) *file {
	return &file{
		unit: u, ast: f, src: src,
		imports: map[string]bool{}, dropped: map[*types.PkgName]bool{}, pairs: map[ast.Expr]types.Type{},
		writes: map[*ast.IndexExpr]access{}, inits: map[ast.Stmt]bool{},
	}
}

// changed reports whether the new text differs from the source.
func (f *file) changed() bool { return len(f.pieces) > 1 }

func (f *file) render() {
	start, end := f.ast.FileStart, f.ast.FileStart+token.Pos(len(f.src))
	head := f.ast.Name.End()
	f.source(start, head)
	importAt := len(f.pieces)
	at := head
	for _, d := range f.ast.Decls {
		f.source(at, d.Pos())
		f.node(d)
		at = d.End()
	}
	f.source(at, end)
	f.appendices()
	f.insertImports(importAt, head)
}

func (f *file) print() []byte {
	p := printer{fset: f.Fset, src: f.src, base: f.ast.FileStart}
	return p.print(f.pieces)
}

// node renders a node.
func (f *file) node(n ast.Node) {
	if e, ok := n.(ast.Expr); ok && f.Info.Types[e].Value != nil {
		// A constant, which a call within would no longer be.
		f.source(e.Pos(), e.End())
		return
	}
	if !f.rewrite(n) {
		f.copy(n)
	}
}

func (f *file) rewrite(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.GoStmt:
		return f.goStmt(n)
	case *ast.DeferStmt:
		return f.deferStmt(n)
	case *ast.SendStmt:
		return f.send(n)
	case *ast.SelectStmt:
		return f.selectStmt(n)
	case *ast.RangeStmt:
		return f.rangeStmt(n)
	case *ast.AssignStmt:
		return f.assign(n)
	case *ast.IncDecStmt:
		f.markWrite(n.X, update)
	case *ast.ValueSpec:
		f.markSpec(n)
	case *ast.IfStmt:
		f.inits[n.Init] = true
	case *ast.SwitchStmt:
		f.inits[n.Init] = true
	case *ast.TypeSwitchStmt:
		f.inits[n.Init], f.inits[n.Assign] = true, true
	case *ast.ForStmt:
		f.inits[n.Init], f.inits[n.Post] = true, true
	case ast.Expr:
		return f.expr(n)
	}
	return false
}

func (f *file) expr(n ast.Expr) bool {
	switch n := n.(type) {
	case *ast.UnaryExpr:
		return f.receive(n)
	case *ast.CallExpr:
		return f.call(n)
	case *ast.SelectorExpr:
		if !f.selector(n) {
			f.node(n.X)
			f.source(n.X.End(), n.End()) // what is selected is no name of the scope
		}
		return true
	case *ast.IndexExpr:
		return f.index(n)
	case *ast.Ident:
		return f.function(n, n)
	}
	return false
}

// copy copies a node and renders its children.
func (f *file) copy(n ast.Node) {
	at := n.Pos()
	for _, c := range children(n) {
		f.source(at, c.Pos())
		f.node(c)
		at = c.End()
	}
	f.source(at, n.End())
}

// list copies from a position to another and renders the nodes in between.
func list[N ast.Node](f *file, from token.Pos, nodes []N, to token.Pos) {
	for _, n := range nodes {
		f.source(from, n.Pos())
		f.node(n)
		from = n.End()
	}
	f.source(from, to)
}

// children returns the nodes right below one, in the order of the source.
func children(n ast.Node) []ast.Node {
	var nodes []ast.Node
	ast.Inspect(n, func(c ast.Node) bool {
		switch c := c.(type) {
		case nil, *ast.CommentGroup:
			return false
		case *ast.FuncType:
			if _, ok := n.(*ast.FuncDecl); ok {
				return true // its range has the receiver and the name in it
			}
		default:
			if c == n {
				return true
			}
		}
		if c != n {
			nodes = append(nodes, c)
		}
		return c == n
	})
	sort.SliceStable(nodes, func(i, j int) bool { return nodes[i].Pos() < nodes[j].Pos() })
	return nodes
}

// name returns a name that the package does not have.
func (f *file) name(s string) string { return f.prefix + s }

func (f *file) numbered(i int) string { return f.prefix + strconv.Itoa(i) }

// std returns the text of a name of package std.
func (f *file) std(name string) string {
	f.imports[stdPath] = true
	return f.prefix + "." + name
}

// typeOf returns the type of an expression, never nil.
func (f *file) typeOf(e ast.Expr) types.Type {
	if t := f.Info.TypeOf(e); t != nil {
		return t
	}
	return types.Typ[types.Invalid]
}
