package access

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"sync"

	"github.com/ravelgo/ravel/sched"
)

// sources caches what the source files say that have no table.
var sources sync.Map // file name -> []row

// sourceRows returns what the source of a file, which has no table, says of its
// loads and stores: nothing if there is no source. Without types variables that no
// one shares are among them.
func sourceRows(file string) []row {
	rows, known := sources.Load(file)
	if !known {
		var r reader
		r.fset = token.NewFileSet()
		if f, err := parser.ParseFile(r.fset, file, nil, parser.SkipObjectResolution); err == nil {
			ast.Inspect(f, r.visit)
		}
		rows, _ = sources.LoadOrStore(file, sorted(r.rows))
	}
	return rows.([]row)
}

// reader collects the loads and stores of a file.
type reader struct {
	fset *token.FileSet
	rows []row
}

func (r *reader) add(x ast.Expr, write bool) {
	name := sched.Name{Expr: types.ExprString(x)}
	r.rows = append(r.rows, row{line: r.fset.Position(x.Pos()).Line, write: write, name: name})
}

// visit looks at a node and reports whether to look at what is in it.
func (r *reader) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		r.assign(n)
		return false
	case *ast.IncDecStmt:
		r.add(n.X, false)
		r.add(n.X, true)
		return false
	case *ast.SelectorExpr, *ast.IndexExpr, *ast.StarExpr:
		r.add(n.(ast.Expr), false)
		return false
	case *ast.Ident:
		if n.Name != "nil" && n.Name != "true" && n.Name != "false" {
			r.add(n, false)
		}
	case *ast.UnaryExpr:
		if _, literal := n.X.(*ast.CompositeLit); n.Op == token.AND && !literal {
			return false // only its address
		}
	case *ast.CallExpr:
		if f, ok := n.Fun.(*ast.FuncLit); ok {
			ast.Inspect(f, r.visit)
		}
		for _, arg := range n.Args {
			ast.Inspect(arg, r.visit)
		}
		return false
	case *ast.FuncDecl:
		if n.Body != nil {
			ast.Inspect(n.Body, r.visit)
		}
		return false
	case *ast.FuncType, *ast.GenDecl, *ast.LabeledStmt, *ast.BranchStmt:
		_, decl := n.(*ast.GenDecl)
		return decl && n.(*ast.GenDecl).Tok == token.VAR
	}
	return true
}

// assign collects what an assignment reads, and then what it writes.
func (r *reader) assign(n *ast.AssignStmt) {
	for _, x := range n.Rhs {
		ast.Inspect(x, r.visit)
	}
	for _, x := range n.Lhs {
		if id, ok := x.(*ast.Ident); ok && id.Name == "_" {
			continue
		}
		if n.Tok != token.ASSIGN && n.Tok != token.DEFINE {
			r.add(x, false)
		}
		r.add(x, true)
	}
}

// likely returns those of the names of a line that are selectors, elements or
// pointed-to values, if there are any: the others may be of local variables.
func likely(names []sched.Name) []sched.Name {
	var found []sched.Name
	for _, n := range names {
		if !token.IsIdentifier(n.Expr) {
			found = append(found, n)
		}
	}
	if len(found) == 0 {
		return names
	}
	return found
}
