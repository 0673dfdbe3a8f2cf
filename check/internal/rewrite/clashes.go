package rewrite

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// dropClashes gives up forwards that would change what a selector means: a
// method of its own is one field nearer than the one that a type had before.
func (u *unit) dropClashes() {
	for again := true; again; {
		again = false
		for _, t := range u.structs() {
			for _, name := range u.forwardedNames() {
				before, after := lookup{u: u, name: name}, lookup{u: u, name: name, forwards: true}
				was, is := before.find(t), after.find(t)
				if is.path == was.path || is.holder != nil && was.path != "" && strings.HasPrefix(was.path, is.path) {
					continue
				}
				for _, holder := range after.seen {
					again = u.drop(holder, name) || again
				}
			}
		}
	}
}

// structs returns the struct types that the package writes.
func (u *unit) structs() (all []types.Type) {
	for _, f := range u.Files {
		ast.Inspect(f, func(n ast.Node) bool {
			if s, ok := n.(*ast.StructType); ok {
				if t := u.Info.TypeOf(s); t != nil {
					all = append(all, t)
				}
			}
			return true
		})
	}
	return all
}

func (u *unit) forwardedNames() (names []string) {
	for _, all := range u.forwards {
		for _, m := range all {
			names = append(names, m.fn.Name())
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// drop gives up a forward, and reports whether there was one.
func (u *unit) drop(obj *types.TypeName, name string) bool {
	i := slices.IndexFunc(u.forwards[obj], func(m forward) bool { return m.fn.Name() == name })
	if i < 0 {
		return false
	}
	m := u.forwards[obj][i]
	u.forwards[obj] = slices.Delete(u.forwards[obj], i, i+1)
	u.refuseForward(obj.Type(), promotion{forward: m}, "a method of its own would hide another of that name in a type that embeds it")
	return true
}

// lookup finds what a selector of a name means in a struct type.
type lookup struct {
	u        *unit
	name     string
	forwards bool              // with the methods that will be there
	seen     []*types.TypeName // the types found to have it forwarded
}

// found is what a selector means: the embedded fields on the way, ending in the
// name, empty if there is none or several.
type found struct {
	path   string
	holder *types.TypeName // whose forward it is
}

type place struct {
	t    types.Type
	path string
}

func (l *lookup) find(t types.Type) found {
	seen := map[types.Type]bool{}
	for level := []place{{t, ""}}; len(level) > 0; {
		var hits []found
		var next []place
		for _, at := range level {
			hit, ok := l.has(at)
			if ok {
				hits = append(hits, hit)
				continue
			}
			st, ok := at.t.Underlying().(*types.Struct)
			if !ok || seen[at.t] {
				continue
			}
			seen[at.t] = true
			for field := range st.Fields() {
				if field.Name() == l.name {
					hits = append(hits, found{path: at.path})
				} else if field.Embedded() {
					next = append(next, place{deref(field.Type()), at.path + "." + field.Name()})
				}
			}
		}
		switch len(hits) {
		case 0:
			level = next
		case 1:
			return hits[0]
		default:
			return found{}
		}
	}
	return found{}
}

// has reports whether a type has the method without embedding.
func (l *lookup) has(at place) (found, bool) {
	if iface, ok := at.t.Underlying().(*types.Interface); ok {
		obj, _, _ := types.LookupFieldOrMethod(iface, false, l.u.Types, l.name)
		return found{path: at.path + "."}, obj != nil
	}
	named, ok := at.t.(*types.Named)
	if !ok {
		return found{}, false
	}
	for m := range named.Origin().Methods() {
		if m.Name() == l.name {
			return found{path: at.path + "."}, true
		}
	}
	if l.forwards {
		obj := named.Origin().Obj()
		for _, m := range l.u.forwards[obj] {
			if m.fn.Name() == l.name {
				l.seen = append(l.seen, obj)
				return found{path: at.path + ".", holder: obj}, true
			}
		}
	}
	return found{}, false
}
