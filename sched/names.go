package sched

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
	"unsafe"
)

// Describe makes the reports of a recorded run name the shared objects that
// value, a pointer to a struct, leads to: the field Hits of a State becomes
// State.Hits. Otherwise, and outside a simulation, it does nothing.
func Describe(value any) {
	t := Current()
	if t == nil || t.sim.rec == nil {
		return
	}
	if v := reflect.ValueOf(value); v.Kind() == reflect.Pointer && !v.IsNil() {
		name := v.Type().Elem().Name()
		if name == "" {
			name = "state"
		}
		t.sim.rec.roots = append(t.sim.rec.roots, root{name, v})
	}
}

// Named makes the reports of a recorded run call value by a name, and returns
// it. It may be a Chan or a pointer to any other object of this package, or a
// pointer to a struct, whose fields are called name.field then. Otherwise, and
// outside a simulation, it does nothing.
func Named[T any](name string, value T) T {
	if t := Current(); t != nil && t.sim.rec != nil {
		t.sim.rec.roots = append(t.sim.rec.roots, root{name, reflect.ValueOf(value)})
	}
	return value
}

// root is a value in which objects are looked for, to name them.
type root struct {
	name  string
	value reflect.Value
}

// objectNames names the objects of the run: by their place in a described
// value, by the expression in the source, else by kind and number.
func (r *recorder) objectNames() []string { return r.number(r.baseNames()) }

// baseNames names them without telling namesakes apart.
func (r *recorder) baseNames() []string {
	names := make([]string, r.sim.nobjects)
	for i := range names {
		names[i] = r.fieldName(r.sim.objects[i].key)
		for n := 0; names[i] == "" && i < len(r.uses) && n < len(r.uses[i]); n++ {
			names[i] = r.uses[i][n]
		}
		if names[i] == "" {
			names[i] = r.kindName(i)
		}
	}
	return names
}

// kindName names an object that nothing else names. Plain memory is numbered like
// namesakes.
func (r *recorder) kindName(i int) string {
	if o := r.sim.objects[i]; !o.plain {
		return kindName(o)
	}
	return string(r.sim.objects[i].kind)
}

// number tells namesakes apart. Plain memory may have the name of an element: there
// the number is no index.
func (r *recorder) number(bases []string) []string {
	names := number(slices.Clone(bases))
	for i, n := range names {
		if tail, ok := strings.CutPrefix(n, bases[i]+"["); ok && r.sim.objects[i].plain {
			names[i] = bases[i] + "#" + strings.TrimSuffix(tail, "]")
		}
	}
	return names
}

// fieldName returns the path of an object in the described values.
func (r *recorder) fieldName(o *Object) string {
	for _, root := range r.roots {
		f := finder{addr: uintptr(unsafe.Pointer(o)), seen: map[visit]bool{}}
		if path := f.find(root.value, root.name); path != "" {
			return path
		}
	}
	return ""
}

// finder looks for an address in a value.
type finder struct {
	addr uintptr
	seen map[visit]bool
}

type visit struct {
	addr uintptr
	typ  reflect.Type
}

// maxElements is how many elements of a slice or array are looked at.
const maxElements = 256

func (f *finder) find(v reflect.Value, path string) string {
	switch v.Kind() {
	case reflect.Pointer:
		at := visit{v.Pointer(), v.Type()}
		if v.IsNil() || f.seen[at] {
			return ""
		}
		f.seen[at] = true
		return f.find(v.Elem(), path)
	case reflect.Interface:
		return f.find(v.Elem(), path)
	case reflect.Slice, reflect.Array:
		for i := range min(v.Len(), maxElements) {
			if p := f.find(v.Index(i), path+"["+itoa(i)+"]"); p != "" {
				return p
			}
		}
	case reflect.Struct:
		return f.findField(v, path)
	}
	return ""
}

func (f *finder) findField(v reflect.Value, path string) string {
	t := v.Type()
	if t.PkgPath() == modulePath+"/sched" || t.PkgPath() == modulePath+"/race" {
		if c := v.FieldByName("C"); c.IsValid() && f.find(c, "C") != "" {
			return path + ".C" // of a timer
		}
		if strings.HasPrefix(t.Name(), "Guarded[") {
			if p := f.find(v.FieldByName("v"), path); p != "" {
				return p
			}
		}
		if f.within(v) {
			return path
		}
		return "" // what is inside is not the user's
	}
	for i := range t.NumField() {
		if p := f.find(v.Field(i), path+"."+t.Field(i).Name); p != "" {
			return p
		}
	}
	return ""
}

// within reports whether a struct of ours holds the address, or points to what
// does.
func (f *finder) within(v reflect.Value) bool {
	if v.CanAddr() && f.addr >= v.UnsafeAddr() && f.addr < v.UnsafeAddr()+v.Type().Size() {
		return true
	}
	for i := range v.NumField() {
		switch e := v.Field(i); {
		case e.Kind() == reflect.Struct && f.within(e):
			return true
		case e.Kind() == reflect.Pointer && f.addr >= e.Pointer() && f.addr < e.Pointer()+e.Type().Elem().Size():
			return true
		}
	}
	return false
}

// expressionOf returns what the source calls the object of an operation: the
// receiver of the method call that led to it, if the line has just one, or the
// variable whose address a function got.
func expressionOf(pcs []uintptr) string {
	called, f := userCall(pcs)
	if f.Func == "" || called == "" {
		return ""
	}
	line, method := f.called(called).Source(), shortName(called)
	if packageOf(called) == rewrites {
		return writtenAs(called).object(line)
	}
	if literal.ReplaceAllString(called, "") == packageOf(called)+"."+method {
		return address(line, method)
	}
	name := receiver(line, method)
	if ctx, ok := strings.CutPrefix(name, "sched.Done("); ok {
		return strings.TrimSuffix(ctx, ")")
	}
	return name
}

// receiver returns x if a line calls x.method, once or always on the same x.
func receiver(line, method string) string {
	found := ""
	for rest := line; ; {
		i := strings.Index(rest, "."+method+"(")
		if i < 0 {
			return found
		}
		x := lastOperand(rest[:i])
		if found != "" && found != x {
			return ""
		}
		found, rest = x, rest[i+1:]
	}
}

// address returns x if a line calls the function once, with &x first.
func address(line, function string) string {
	_, rest, ok := strings.Cut(line, "."+function+"(&")
	if !ok || strings.Contains(rest, "."+function+"(") {
		return ""
	}
	return firstArgument(rest)
}

// firstArgument returns the first of the arguments that a piece of source code begins
// with.
func firstArgument(code string) string {
	depth := 0
	for i, c := range code {
		switch {
		case c == '(' || c == '[':
			depth++
		case depth == 0 && (c == ',' || c == ')'):
			return code[:i]
		case c == ')' || c == ']':
			depth--
		}
	}
	return ""
}

// lastOperand returns the operand that a piece of source code ends in.
func lastOperand(code string) string {
	depth, i := 0, len(code)
scan:
	for ; i > 0; i-- {
		switch c := code[i-1]; {
		case c == ')' || c == ']':
			depth++
		case c == '(' || c == '[':
			if depth == 0 {
				break scan
			}
			depth--
		case depth > 0 || c == '.' || c == '_' || c >= utf8.RuneSelf || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
		default:
			break scan
		}
	}
	return code[i:]
}

// sources caches the files that reports quote.
var sources sync.Map // file name -> []string

// sourceLines returns the lines of a source file, as far as there is one.
func sourceLines(file string) []string {
	lines, ok := sources.Load(file)
	if !ok {
		text, _ := os.ReadFile(file)
		lines, _ = sources.LoadOrStore(file, strings.Split(string(text), "\n"))
	}
	return lines.([]string)
}
