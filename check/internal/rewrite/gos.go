package rewrite

import (
	"go/ast"
	"go/types"
)

func (f *file) goStmt(n *ast.GoStmt) bool {
	sig, _ := f.typeOf(n.Call.Fun).Underlying().(*types.Signature)
	if f.builtin(n.Call.Fun) == "" && len(n.Call.Args) == 0 && sig != nil && sig.Params().Len() == 0 && sig.Results().Len() == 0 {
		f.textAt(n.Go, f.std("Go")+"(")
		f.node(n.Call.Fun)
		f.text(")")
		return true
	}
	if !f.convertible(n.Call.Args) {
		f.refuse(n.Go, types.ExprString(n.Call), "the type of an argument cannot be written here")
		return false
	}
	c := f.capture(n.Call)
	if len(c.names) > 0 {
		f.textAt(n.Go, "{ ")
	}
	f.captured(c)
	f.textAt(n.Go, f.std("Go")+"(func() { ")
	f.later(c)
	f.text(" })")
	if len(c.names) > 0 {
		f.text(" }")
	}
	return true
}

// deferStmt defers accesses of maps together with what makes them. What else
// may be deferred is a call already.
func (f *file) deferStmt(n *ast.DeferStmt) bool {
	switch f.builtin(n.Call.Fun) {
	case "delete", "clear":
	default:
		return false
	}
	if !f.convertible(n.Call.Args) {
		return false
	}
	c := f.capture(n.Call)
	f.textAt(n.Defer, "{ ")
	f.captured(c)
	f.textAt(n.Defer, "defer func() { ")
	f.later(c)
	f.text(" }() }")
	return true
}

// later is a call whose function and arguments are evaluated before it is made.
type laterCall struct {
	call   *ast.CallExpr
	fun    bool     // the function is a value that is kept
	spread bool     // the arguments are the results of one call
	names  []string // of all that is kept
	args   []string // the name of each argument, empty for one that is written where it is used
}

func (f *file) capture(call *ast.CallExpr) laterCall {
	c := laterCall{call: call, fun: !f.static(call.Fun)}
	if c.fun {
		c.names = append(c.names, f.name("f"))
	}
	if len(call.Args) == 1 {
		if t, ok := f.typeOf(call.Args[0]).(*types.Tuple); ok {
			c.spread = true
			for i := range t.Len() {
				c.args = append(c.args, f.numbered(i))
			}
			c.names = append(c.names, c.args...)
			return c
		}
	}
	for i, arg := range call.Args {
		name := ""
		if !f.still(arg) && !f.static(arg) {
			name = f.numbered(i)
			c.names = append(c.names, name)
		}
		c.args = append(c.args, name)
	}
	return c
}

// static reports whether an expression is a declared or predeclared function,
// of which there is nothing to evaluate.
func (f *file) static(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		switch obj := f.Info.Uses[e].(type) {
		case *types.Builtin:
			return true
		case *types.Func:
			return obj.Signature().Recv() == nil
		}
	case *ast.SelectorExpr:
		if id, ok := e.X.(*ast.Ident); ok {
			if _, ok := f.Info.Uses[id].(*types.PkgName); ok {
				return f.static(e.Sel)
			}
		}
	case *ast.IndexExpr:
		return f.static(e.X)
	case *ast.IndexListExpr:
		return f.static(e.X)
	}
	return false
}

// captured renders the evaluation of what is kept.
func (f *file) captured(c laterCall) {
	if len(c.names) == 0 {
		return
	}
	names := c.names
	if c.spread && c.fun {
		f.text(names[0], " := ")
		f.node(c.call.Fun)
		f.text("; ")
		names = names[1:]
	}
	f.each(names, func(i int) { f.text(names[i]) })
	f.text(" := ")
	if c.spread {
		f.node(c.call.Args[0])
		f.text("; ")
		return
	}
	if c.fun {
		f.node(c.call.Fun)
		if len(names) > 1 {
			f.text(", ")
		}
	}
	f.each(c.args, func(i int) { f.converted(c.call.Args[i]) })
	f.text("; ")
}

// later renders the call.
func (f *file) later(c laterCall) {
	switch name := f.builtin(c.call.Fun); {
	case c.fun:
		f.text(f.name("f"), "(")
	case name == "close":
		f.text(f.std("Close"), "(")
	case name == "copy":
		f.text(f.std(f.copier(c.call)), "(")
	case name == "delete", name == "clear" && coreIs[*types.Map](f.firstType(c.call)):
		f.node(c.call.Fun)
		f.text("(", f.std("MapWrite"), "(", c.args[0], ")")
		for _, arg := range c.call.Args[1:] {
			f.text(", ")
			f.laterArg(c.args[1], arg)
		}
		f.text(")")
		return
	default:
		f.node(c.call.Fun)
		f.text("(")
	}
	for i, name := range c.args {
		if i > 0 {
			f.text(", ")
		}
		if name == "" {
			f.node(c.call.Args[i])
		} else {
			f.text(name)
		}
	}
	if c.call.Ellipsis.IsValid() {
		f.text("...")
	}
	f.text(")")
}

func (f *file) laterArg(name string, arg ast.Expr) {
	if name != "" {
		f.text(name)
		return
	}
	f.node(arg)
}
