package race

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// Leak is a path by which what a value leads to can be changed after the value
// was copied or handed over: whoever has the copy changes the original too.
type Leak struct {
	// Path is written as in Go, from the name of the type, or from "state" if it
	// has none:
	//
	//	State.Config       a field; of an embedded field the name of its type
	//	State.Items[]      any element of a slice or an array
	//	State.Config[key]  any value of a map
	//	key(State.Config)  any key of a map
	//	*State.P           what a pointer leads to; State.P.Name if it is a struct
	Path string
	// Kind is slice, map, pointer, chan, func or interface.
	Kind string
	// Why says what is shared.
	Why string
}

// String returns "State.Config: map, entries are shared".
func (l Leak) String() string { return fmt.Sprintf("%s: %s, %s", l.Path, l.Kind, l.Why) }

// maxLeaks is how many leaks are listed.
const maxLeaks = 1000

// Leaks returns the leaks of a type in the order of declaration, each before
// those behind it, up to a thousand. It looks into fields, exported or not, into
// what slices, arrays and maps hold and pointers lead to, not into the messages
// of channels; a type is not looked into again inside itself. A [Var], [Slice] or
// [Map] counts as the data it holds, [sched.Chan] as a chan. Blank fields and
// arrays of length zero hold nothing.
//
// No leaks are basic types, strings, arrays and structs of these, and
//
//   - what never changes: [time.Time], [unique.Handle], Addr, AddrPort and Prefix
//     of net/netip, [reflect.Type], and pointers to [time.Location] and to
//     [regexp.Regexp];
//   - what is made to be shared: the types of sync, sync/atomic, context, sched
//     and sched/atomic, and pointers to these and slices of these.
func Leaks(t reflect.Type) []Leak { return leaksOf(t, leaks{}) }

// Writable returns the paths of a value that whoever has a pointer to it can write
// without a lock: every field of a basic type, and the leaks of [Leaks] that are in
// the value itself, but for channels.
func Writable(t reflect.Type) []Leak { return leaksOf(t, leaks{fields: true}) }

func leaksOf(t reflect.Type, l leaks) []Leak {
	if t != nil {
		l.visit(t, TypeName(t))
	}
	return l.found
}

// leaks collects the leaks of a type.
type leaks struct {
	fields bool // that can be assigned to count too, and channels do not
	found  []Leak
	within []reflect.Type // the types that are being looked into
}

func (l *leaks) visit(t reflect.Type, path string) {
	n := natureOf(t)
	if len(l.found) == maxLeaks {
		return
	}
	kind, why := leakOf(t, n)
	if l.fields {
		kind, why = assignable(t, n, kind, why)
	}
	if kind != "" {
		l.found = append(l.found, Leak{path, kind, why})
	}
	if n == shareable || n == constant || n == opaque {
		return
	}
	if slices.Contains(l.within, t) {
		return
	}
	l.within = append(l.within, t)
	l.inside(t, n, path)
	l.within = l.within[:len(l.within)-1]
}

// inside visits what values of t hold or lead to.
func (l *leaks) inside(t reflect.Type, n nature, path string) {
	switch {
	case n == cell:
		l.visit(t.Field(valueField).Type, path)
	case n == channel:
	case t.Kind() == reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); f.Name != "_" {
				l.visit(f.Type, operand(path)+"."+f.Name)
			}
		}
	case t.Kind() == reflect.Array && t.Len() == 0:
	case l.fields && t.Kind() != reflect.Array:
	case t.Kind() == reflect.Array, t.Kind() == reflect.Slice:
		l.visit(t.Elem(), operand(path)+"[]")
	case t.Kind() == reflect.Map:
		l.visit(t.Key(), "key("+path+")")
		l.visit(t.Elem(), operand(path)+"[key]")
	case t.Kind() == reflect.Pointer:
		l.visit(t.Elem(), targetPath(t.Elem(), path))
	}
}

// leakOf returns the kind of leak that a value of t is in itself, or nothing.
func leakOf(t reflect.Type, n nature) (kind, why string) {
	switch n {
	case shareable, constant, opaque:
		return "", ""
	case channel:
		return "chan", "its buffer is shared"
	}
	switch t.Kind() {
	case reflect.Slice:
		if natureOf(t.Elem()) != shareable {
			return "slice", "elements are shared"
		}
	case reflect.Pointer:
		if e := natureOf(t.Elem()); e != shareable && e != opaque {
			return "pointer", "what it points to is shared"
		}
	case reflect.Map:
		return "map", "entries are shared"
	case reflect.Chan:
		return "chan", "its buffer is shared"
	case reflect.Func:
		return "func", "variables it captured are shared"
	case reflect.Interface:
		return "interface", "what it holds may be shared"
	case reflect.UnsafePointer:
		return "pointer", "unsafe, what it points to is shared"
	}
	return "", ""
}

// assignable returns what of a value of t can be written: the leak that it is, if it
// is no channel, or the value itself, if it has no parts.
func assignable(t reflect.Type, n nature, kind, why string) (string, string) {
	switch k := t.Kind(); {
	case kind == "chan", n == shareable, n == cell:
		return "", ""
	case kind != "", n != constant && (k == reflect.Struct || k == reflect.Array):
		return kind, why
	}
	return TypeName(t), "it can be assigned to"
}

// targetPath returns the path of what the pointer at a path leads to.
func targetPath(elem reflect.Type, path string) string {
	if k := elem.Kind(); k == reflect.Array || k == reflect.Struct && natureOf(elem) == ordinary {
		return path // Go follows the pointer by itself
	}
	return "*" + path
}

// operand returns a path as what an index or a selector can follow.
func operand(path string) string {
	if strings.HasPrefix(path, "*") {
		return "(" + path + ")"
	}
	return path
}

// qualifiers is what names of type arguments have beside the name: the package,
// and the number of a type that a function declares.
var qualifiers = regexp.MustCompile(`[\w.~/-]*[./]|·\d+`)

// TypeName returns the name that the paths of leaks in t, or in what t points to,
// begin with: that of the type, without packages, or "state" if it has none.
func TypeName(t reflect.Type) string {
	for t.Kind() == reflect.Pointer && t.Name() == "" {
		t = t.Elem()
	}
	if t.Name() == "" {
		return "state"
	}
	return qualifiers.ReplaceAllString(t.Name(), "")
}

// nature is what is known of a type.
type nature uint8

const (
	ordinary  nature = iota
	shareable        // made to be shared
	constant         // its values never change
	opaque           // likewise, nor does what pointers to it lead to
	cell             // a Var, Slice or Map
	channel          // a sched.Chan
)

const (
	modulePath = "github.com/ravelgo/ravel"
	// valueField is the field of a Var, Slice or Map that holds the data.
	valueField = 1
)

// constants are the types of the standard library whose values never change, and
// those that are used by pointers that nobody writes to.
var constants = map[string]nature{
	"time.Time":          constant,
	"time.Location":      opaque,
	"net/netip.Addr":     constant,
	"net/netip.AddrPort": constant,
	"net/netip.Prefix":   constant,
	"reflect.Type":       constant,
	"reflect.rtype":      opaque,
	"regexp.Regexp":      opaque,
	"unique.Handle":      constant,
}

func natureOf(t reflect.Type) nature {
	pkg := t.PkgPath()
	switch pkg {
	case "sync", "sync/atomic", "context", modulePath + "/sched/atomic":
		return shareable
	case modulePath + "/sched":
		if generic(t) == "Chan" {
			return channel
		}
		return shareable
	case modulePath + "/race":
		switch generic(t) {
		case "Var", "Slice", "Map":
			return cell
		}
	case "time", "net/netip", "reflect", "regexp", "unique":
		return constants[pkg+"."+generic(t)]
	}
	return ordinary
}

// generic returns the name of t without type arguments.
func generic(t reflect.Type) string {
	name, _, _ := strings.Cut(t.Name(), "[")
	return name
}
