package rewrite

import (
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// forward is a method that a type of the package has from a field that it
// embeds. It becomes a method of its own, so that calls through interfaces and
// by reflection reach the twin.
type forward struct {
	fn      *types.Func
	twin    string
	path    string // the embedded fields
	address bool   // the last of them is no pointer
	value   bool   // the method is one of the type, not only of pointers to it
	at      token.Pos
}

// planForwards finds the methods to forward.
func (u *unit) planForwards() {
	u.forwards = map[*types.TypeName][]forward{}
	scope := u.Types.Scope()
	for _, name := range scope.Names() {
		if obj, ok := scope.Lookup(name).(*types.TypeName); ok && !obj.IsAlias() {
			u.planType(obj)
		}
	}
	u.dropClashes()
	u.nameLocals()
}

// planType plans the methods of one type. One that it has through another type of
// the package is forwarded there.
func (u *unit) planType(obj *types.TypeName) {
	named := obj.Type().(*types.Named)
	st, ok := named.Underlying().(*types.Struct)
	if !ok {
		return
	}
	for f := range u.promoted(named) {
		first, _ := deref(st.Field(f.index[0]).Type()).(*types.Named)
		if len(f.index) > 2 && first != nil && first.Obj().Parent() == u.Types.Scope() {
			continue
		}
		if f.value && st.NumFields() > 1 {
			u.refuseForward(named, f, "a method of the type itself would copy its other fields")
			continue
		}
		if f.hidden != "" {
			u.refuseForward(named, f, "it goes through the field "+f.hidden+" of another package")
			continue
		}
		u.forwards[obj] = append(u.forwards[obj], f.forward)
	}
}

// promotion is a method that a struct type has from an embedded field.
type promotion struct {
	forward
	index  []int
	hidden string // the name of a field on the way that may not be used
}

// promoted returns the methods with twins that a struct type has from what it embeds.
func (u *unit) promoted(t types.Type) func(yield func(promotion) bool) {
	return func(yield func(promotion) bool) {
		own := types.NewMethodSet(t)
		for sel := range types.NewMethodSet(types.NewPointer(t)).Methods() {
			if len(sel.Index()) < 2 {
				continue
			}
			fn := sel.Obj().(*types.Func)
			path, last, hidden := u.embedded(t, sel.Index())
			name, dynamic := twin(fn, last)
			if name == "" {
				continue
			}
			_, pointer := last.Underlying().(*types.Pointer)
			st := t.Underlying().(*types.Struct)
			p := promotion{index: sel.Index(), hidden: hidden, forward: forward{
				fn: fn, twin: name, path: path, address: !pointer && !dynamic,
				value: own.Lookup(fn.Pkg(), fn.Name()) != nil, at: st.Field(sel.Index()[0]).Pos(),
			}}
			if !yield(p) {
				return
			}
		}
	}
}

func deref(t types.Type) types.Type {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	return types.Unalias(t)
}

// refuseForward names a method that is not forwarded, if the package has an
// interface through which it could be called.
func (u *unit) refuseForward(t types.Type, p promotion, reason string) {
	for _, iface := range u.interfaces() {
		obj, _, _ := types.LookupFieldOrMethod(iface, false, u.Types, p.fn.Name())
		if obj != nil && types.Implements(types.NewPointer(t), iface) {
			u.refuse(p.at, "calls of "+types.TypeString(t, types.RelativeTo(u.Types))+"."+p.fn.Name()+" through an interface", reason)
			return
		}
	}
}

// interfaces returns the interface types that have one of the methods with twins.
func (u *unit) interfaces() []*types.Interface {
	if u.ifaces != nil {
		return u.ifaces
	}
	u.ifaces = []*types.Interface{}
	seen := map[*types.Interface]bool{}
	for _, tv := range u.Info.Types {
		if tv.Type == nil {
			continue
		}
		iface, ok := tv.Type.Underlying().(*types.Interface)
		if !ok || seen[iface] || iface.NumMethods() == 0 || !iface.IsMethodSet() {
			continue
		}
		seen[iface] = true
		u.ifaces = append(u.ifaces, iface)
	}
	return u.ifaces
}

// nameLocals names the struct types that cannot have methods and would need them.
func (u *unit) nameLocals() {
	for id, obj := range u.Info.Defs {
		name, ok := obj.(*types.TypeName)
		if !ok || name.Parent() == u.Types.Scope() || name.IsAlias() {
			continue
		}
		if _, ok := name.Type().Underlying().(*types.Struct); !ok {
			continue
		}
		for p := range u.promoted(name.Type()) {
			first, _ := deref(name.Type().Underlying().(*types.Struct).Field(p.index[0]).Type()).(*types.Named)
			if len(p.index) > 2 && first != nil && first.Obj().Parent() == u.Types.Scope() {
				continue
			}
			p.at = id.Pos()
			u.refuseForward(name.Type(), p, "a type that is declared in a function can have no method")
		}
	}
	slices.SortStableFunc(u.refused, func(a, b Refusal) int { return strings.Compare(a.String(), b.String()) })
}

// forwardMethods writes the methods of the types that the file declares.
func (f *file) forwardMethods() {
	scope := f.Types.Scope()
	for _, name := range scope.Names() {
		obj, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || obj.Pos() < f.ast.FileStart || obj.Pos() >= f.ast.FileEnd {
			continue
		}
		for _, m := range f.forwards[obj] {
			f.forwardMethod(obj, m)
		}
	}
}

func (f *file) forwardMethod(obj *types.TypeName, m forward) {
	sig := m.fn.Signature()
	params, names, ok := f.tuple(sig.Params(), obj.Pos())
	results, ok2 := f.types(sig.Results(), obj.Pos())
	if !ok || !ok2 {
		f.refuse(m.at, "the method "+obj.Name()+"."+m.fn.Name(), "its type cannot be written here")
		return
	}
	recv := obj.Name()
	if n := obj.Type().(*types.Named).TypeParams().Len(); n > 0 {
		var all []string
		for i := range n {
			all = append(all, f.name("T"+strconv.Itoa(i)))
		}
		recv += "[" + strings.Join(all, ", ") + "]"
	}
	if !m.value {
		recv = "*" + recv
	}
	first, ret := f.name("r")+m.path, ""
	if m.address {
		first = "&" + first
	}
	if sig.Results().Len() > 0 {
		ret = "return "
	}
	f.text("\n")
	f.textAt(m.at, "func ("+f.name("r")+" "+recv+") "+m.fn.Name()+"("+params+") ("+results+") { "+
		ret+f.std(m.twin)+"("+strings.Join(append([]string{first}, names...), ", ")+") }")
	f.text("\n")
}

// tuple returns how parameters are declared, and their names.
func (f *file) tuple(vars *types.Tuple, pos token.Pos) (text string, names []string, ok bool) {
	var all []string
	for v := range vars.Variables() {
		t, ok := f.signatureType(v.Type(), pos)
		if !ok {
			return "", nil, false
		}
		name := f.numbered(len(all))
		names, all = append(names, name), append(all, name+" "+t)
	}
	return strings.Join(all, ", "), names, true
}

// types returns how the types of parameters or results are written.
func (f *file) types(vars *types.Tuple, pos token.Pos) (string, bool) {
	var all []string
	for v := range vars.Variables() {
		t, ok := f.signatureType(v.Type(), pos)
		if !ok {
			return "", false
		}
		all = append(all, t)
	}
	return strings.Join(all, ", "), true
}

// signatureType returns how a type in the signature of a method of package sync
// or sync/atomic is written.
func (f *file) signatureType(t types.Type, pos token.Pos) (string, bool) {
	switch u := types.Unalias(t).(type) {
	case *types.Interface:
		return "interface{}", u.Empty()
	case *types.Signature:
		params, ok := f.types(u.Params(), pos)
		results, ok2 := f.types(u.Results(), pos)
		return "func(" + params + ") (" + results + ")", ok && ok2
	case *types.Named:
		if u.Obj().Pkg() != nil && u.Obj().Pkg().Path() == "sync" {
			f.imports["sync"] = true
			return f.name("sync") + "." + u.Obj().Name(), true
		}
	}
	return f.typeText(t, pos)
}

// forwarded reports whether a type on the way to a method is one that has it forwarded.
func (f *file) forwarded(sel *types.Selection) bool {
	has := func(t types.Type) bool {
		named, ok := deref(t).(*types.Named)
		return ok && slices.ContainsFunc(f.forwards[named.Origin().Obj()], func(m forward) bool {
			return m.fn.Name() == sel.Obj().Name()
		})
	}
	t := sel.Recv()
	for _, i := range sel.Index()[:len(sel.Index())-1] {
		if has(t) {
			return true
		}
		t = deref(t).Underlying().(*types.Struct).Field(i).Type()
	}
	return false
}
