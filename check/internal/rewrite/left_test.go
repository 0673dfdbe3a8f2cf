package rewrite_test

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"github.com/ravelgo/ravel/check/internal/rewrite"
)

// requireNothingLeft fails if a rewritten package still has an operation of its
// own, where none was refused.
func requireNothingLeft(t testing.TB, p rewrite.Package, refused []rewrite.Refusal) {
	t.Helper()
	known := map[token.Position]bool{}
	for _, r := range refused {
		known[token.Position{Filename: r.Pos.Filename, Line: r.Pos.Line}] = true
	}
	for _, f := range p.Files {
		ast.Inspect(f, func(n ast.Node) bool {
			if e, ok := n.(ast.Expr); ok && p.Info.Types[e].Value != nil {
				return false // nothing is evaluated
			}
			what := left(p, n)
			if what == "" {
				return true
			}
			at := p.Fset.Position(n.Pos())
			if !known[token.Position{Filename: at.Filename, Line: at.Line}] {
				t.Errorf("%s: a %s is left", at, what)
			}
			return true
		})
	}
}

// left returns what operation a node is, if one that should have been replaced.
func left(p rewrite.Package, n ast.Node) string {
	switch n := n.(type) {
	case *ast.GoStmt, *ast.SendStmt, *ast.SelectStmt:
		return "statement"
	case *ast.UnaryExpr:
		if n.Op == token.ARROW {
			return "receive"
		}
	case *ast.RangeStmt:
		switch p.Info.TypeOf(n.X).Underlying().(type) {
		case *types.Chan, *types.Map:
			return "range"
		}
	case *ast.IndexExpr:
		if tv := p.Info.Types[n.X]; tv.IsValue() && !ravels(n.X) {
			if _, ok := tv.Type.Underlying().(*types.Map); ok {
				return "map element"
			}
		}
	case *ast.Ident:
		return leftName(p, n)
	}
	return ""
}

// ravels reports whether an expression is a call of package std.
func ravels(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	return ok && strings.HasPrefix(types.ExprString(call.Fun), "ravel__.")
}

func leftName(p rewrite.Package, id *ast.Ident) string {
	fn, ok := p.Info.Uses[id].(*types.Func)
	if !ok {
		if b, ok := p.Info.Uses[id].(*types.Builtin); ok && (b.Name() == "close" || b.Name() == "copy") {
			return b.Name()
		}
		return ""
	}
	if fn.Pkg() == nil {
		return ""
	}
	method := fn.Signature().Recv() != nil
	switch fn.Pkg().Path() {
	case "sync":
		if method {
			return "method " + id.Name
		}
	case "sync/atomic":
		return "use of " + id.Name
	case "time":
		if id.Name == "Sleep" || id.Name == "Now" || method && (id.Name == "Reset" || id.Name == "Stop") {
			return "use of " + id.Name
		}
	case "math/rand", "math/rand/v2":
		if !method && !strings.HasPrefix(id.Name, "New") {
			return "use of " + id.Name
		}
	case "context":
		if !method && strings.HasPrefix(id.Name, "With") && !strings.HasPrefix(id.Name, "WithValue") && id.Name != "WithoutCancel" {
			return "use of " + id.Name
		}
	}
	return ""
}
