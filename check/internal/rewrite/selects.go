package rewrite

import (
	"go/ast"
	"go/token"
	"strconv"
	"strings"
)

// selectStmt makes a switch over the index of the case that proceeds. Its head
// has the operands, so that they are evaluated once and in order. Its last
// clause is the default one: a select always takes a case, and a switch
// without default may end a function only with a return after it.
func (f *file) selectStmt(n *ast.SelectStmt) bool {
	if len(n.Body.List) == 0 {
		f.textAt(n.Select, "for { "+f.std("Forever")+"() }")
		return true
	}
	var comms []ast.Stmt
	fn := f.std("Select")
	for _, s := range n.Body.List {
		if c := s.(*ast.CommClause); c.Comm != nil {
			comms = append(comms, c.Comm)
		} else {
			fn = f.std("TrySelect")
		}
	}
	f.textAt(n.Select, "switch ")
	var names []string
	for i := range comms {
		names = append(names, f.numbered(i))
	}
	all := strings.Join(names, ", ")
	if len(comms) > 0 {
		f.text(all, " := ")
		for i, c := range comms {
			if i > 0 {
				f.text(", ")
			}
			f.operand(c)
		}
		f.text("; ")
	}
	f.textAt(n.Select, fn+"("+all+") ")
	f.source(n.Body.Lbrace, n.Body.Lbrace+1)
	f.clauses(n)
	return true
}

// operand renders what a communication waits for.
func (f *file) operand(comm ast.Stmt) {
	if s, ok := comm.(*ast.SendStmt); ok {
		f.sendTo(s.Chan)
		f.text(".Case(")
		f.node(s.Value)
		f.text(")")
		return
	}
	recv := received(comm)
	f.textAt(recv.OpPos, f.std("RecvCase")+"(") // its line names the channel
	f.node(recv.X)
	f.text(")")
}

// received returns the receive of a communication.
func received(comm ast.Stmt) *ast.UnaryExpr {
	var e ast.Expr
	switch s := comm.(type) {
	case *ast.ExprStmt:
		e = s.X
	case *ast.AssignStmt:
		e = s.Rhs[0]
	}
	return ast.Unparen(e).(*ast.UnaryExpr)
}

func (f *file) clauses(n *ast.SelectStmt) {
	at, i := n.Body.Lbrace+1, 0
	for at1, s := range n.Body.List {
		c := s.(*ast.CommClause)
		f.source(at, c.Case)
		switch {
		case at1 == len(n.Body.List)-1:
			f.textAt(c.Case, "default:")
		case c.Comm == nil:
			f.textAt(c.Case, "case -1:")
		default:
			f.textAt(c.Case, "case "+strconv.Itoa(i)+":")
		}
		if assign, ok := c.Comm.(*ast.AssignStmt); ok {
			f.take(assign, f.numbered(i))
		}
		if c.Comm != nil {
			i++
		}
		at = c.End()
		list(f, c.Colon+1, c.Body, at)
	}
	f.source(at, n.Body.End())
}

// take assigns what a case received.
func (f *file) take(n *ast.AssignStmt, name string) {
	f.text(" ")
	for i, e := range n.Lhs {
		if i > 0 {
			f.text(", ")
		}
		if n.Tok == token.ASSIGN {
			f.markWrite(e, write)
		}
		f.node(e)
	}
	f.text(" ", n.Tok.String(), " ", name, ".V")
	if len(n.Lhs) == 2 {
		f.text(", ", name, ".OK")
		if t := f.Info.TypeOf(n.Lhs[1]); t != nil && !isBool(t) {
			f.text(" == (1 == 1)") // an untyped bool
		}
	}
	f.text(";")
}
