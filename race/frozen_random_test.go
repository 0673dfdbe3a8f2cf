package race

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"sort"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ravelgo/ravel/sched"
)

// inner holds something of each kind, exported and not; outer has it behind all
// that a path can lead through.
type inner struct {
	Flag   bool
	rate   float32
	point  complex64
	name   string
	bytes  []byte
	tags   [2]string
	at     time.Time
	any    any
	number any
	fn     func()
	ch     chan int
	nobody *inner
}

type base struct{ inner }

type outer struct {
	base
	Byvalue inner
	list    []inner
	pointer **inner
	byName  map[string]inner
	deep    map[[2]int8]map[bool][]*inner
	dynamic any
	array   [2][]map[string]*int
	cell    Var[[]int]
	cells   Slice[*int]
	table   Map[string, inner]
}

func newInner() inner {
	return inner{rate: 1, point: 1i, name: "n", at: time.Unix(1, 0), nobody: &inner{}, bytes: []byte("ab"), tags: [2]string{"", "b"}, any: []any{int8(1), "s", &base{}},
		number: 5, fn: func() {}, ch: make(chan int, 1)}
}

func newOuter() *outer {
	in, n := newInner(), 1
	p := &in
	o := &outer{base{newInner()}, newInner(), []inner{newInner(), newInner()}, &p,
		map[string]inner{"a": newInner(), "b": newInner()},
		map[[2]int8]map[bool][]*inner{{1, 2}: {true: {p, nil}, false: {}}, {}: nil},
		newInner(), [2][]map[string]*int{{nil, {"x": &n, "y": new(int)}}, {}}, Var[[]int]{}, Slice[*int]{}, Map[string, inner]{}}
	o.deep[[2]int8{1, 2}][true][0] = &inner{any: "not p again: values are trees here"}
	o.cell.v, o.cells.v, o.table.v = []int{1}, []*int{new(int)}, map[string]inner{"t": newInner()}
	return o
}

// S28: whatever is changed in a value, at any depth, is noticed.
func TestSeedS28(t *testing.T) {
	s := struct {
		UserID int
		Config map[string]int
		Items  []int
		P      *int
		C      chan int
		F      func()
	}{1, map[string]int{"k": 1}, []int{1}, new(int), make(chan int, 1), func() {}}
	assert.Equal(t, 11, testSites(t, reflect.ValueOf(&s).Elem()))
	n := testSites(t, reflect.ValueOf(newOuter()).Elem())
	assert.Greater(t, n, 200)
}

// The same for random values of random types.
func TestSeedS28Random(t *testing.T) {
	for depth := 1; depth <= 4; depth++ {
		rapid.Check(t, func(t *rapid.T) {
			testSites(t, drawValue(t, drawType(t, depth)))
		})
	}
}

var (
	basicTypes = []reflect.Type{reflect.TypeFor[bool](), reflect.TypeFor[int](), reflect.TypeFor[int8](),
		reflect.TypeFor[uint16](), reflect.TypeFor[uint64](), reflect.TypeFor[float32](), reflect.TypeFor[float64](),
		reflect.TypeFor[complex128](), reflect.TypeFor[string](), reflect.TypeFor[byte](), reflect.TypeFor[time.Duration]()}
	keyTypes = []reflect.Type{reflect.TypeFor[bool](), reflect.TypeFor[int8](), reflect.TypeFor[uint64](),
		reflect.TypeFor[key](), reflect.TypeFor[[2]int8](), reflect.TypeFor[struct {
			A int8
			B key
		}]()}
)

// key is a short string.
type key string

// drawType draws a type that is depth types deep at most.
func drawType(t *rapid.T, depth int) reflect.Type {
	if depth == 0 {
		return rapid.SampledFrom(basicTypes).Draw(t, "basic")
	}
	switch rapid.IntRange(0, 8).Draw(t, "kind") { // the smaller the likelier
	case 8:
		return reflect.SliceOf(drawType(t, depth-1))
	case 1:
		return reflect.PointerTo(drawType(t, depth-1))
	case 2:
		return reflect.MapOf(rapid.SampledFrom(keyTypes).Draw(t, "key"), drawType(t, depth-1))
	case 3:
		return reflect.ArrayOf(rapid.IntRange(0, 3).Draw(t, "len"), drawType(t, depth-1))
	case 4:
		return reflect.TypeFor[any]()
	case 5:
		return reflect.TypeFor[chan int]()
	case 7:
		return rapid.SampledFrom(basicTypes).Draw(t, "basic")
	}
	var fields []reflect.StructField
	for i := range 4 - rapid.IntRange(0, 4).Draw(t, "missing") {
		f := reflect.StructField{Name: string(rune('A' + i)), Type: drawType(t, depth-1)}
		if rapid.Bool().Draw(t, "unexported") {
			f.Name, f.PkgPath = string(rune('a'+i)), "example.com/p"
		}
		fields = append(fields, f)
	}
	return reflect.StructOf(fields)
}

// drawValue draws a value of a type.
func drawValue(t *rapid.T, typ reflect.Type) reflect.Value {
	v := reflect.New(typ).Elem()
	switch typ.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			open(v.Field(i)).Set(drawValue(t, typ.Field(i).Type))
		}
		return v
	case reflect.Array:
		for i := range v.Len() {
			v.Index(i).Set(drawValue(t, typ.Elem()))
		}
		return v
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface, reflect.Chan:
		if rapid.IntRange(0, 4).Draw(t, "nil") == 4 {
			return v
		}
	}
	n := 0
	switch typ.Kind() {
	case reflect.Slice, reflect.Map, reflect.Chan:
		n = 3 - rapid.IntRange(0, 3).Draw(t, "missing")
	}
	switch typ.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(typ.Elem()))
		v.Elem().Set(drawValue(t, typ.Elem()))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(typ, n, n))
		for i := range n {
			v.Index(i).Set(drawValue(t, typ.Elem()))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(typ))
		for range n {
			v.SetMapIndex(drawValue(t, typ.Key()), drawValue(t, typ.Elem()))
		}
	case reflect.Interface:
		v.Set(drawValue(t, drawType(t, rapid.IntRange(0, 2).Draw(t, "depth"))))
	case reflect.Chan:
		v.Set(reflect.MakeChan(typ, n))
	default:
		drawBasic(t, v)
	}
	return v
}

func drawBasic(t *rapid.T, v reflect.Value) {
	switch {
	case v.Type() == reflect.TypeFor[key]():
		v.SetString(rapid.StringMatching("[a-z]{0,4}").Draw(t, "key"))
	case v.Kind() == reflect.String:
		v.SetString(rapid.StringN(0, 300, -1).Draw(t, "string"))
	case v.CanInt():
		v.SetInt(rapid.Int64().Draw(t, "int"))
	case v.CanUint():
		v.SetUint(rapid.Uint64().Draw(t, "uint"))
	case v.CanFloat():
		v.SetFloat(rapid.Float64().Draw(t, "float"))
	case v.CanComplex():
		v.SetComplex(complex(rapid.Float64Range(-9, 9).Draw(t, "re"), rapid.Float64().Draw(t, "im")))
	default:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	}
}

// site is a way to change a value.
type site struct {
	path   string // of the value that changes
	whole  bool   // what it leads to comes or goes too
	change func()
}

// sites returns the ways to change the value v at a path and those it leads to.
// It must be addressable, and done is to be called after a change of it.
func sites(v reflect.Value, path string, done func()) []site {
	v = open(v)
	set := func(x any) site {
		return site{path, false, func() { v.Set(reflect.ValueOf(x).Convert(v.Type())); done() }}
	}
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		return []site{set(v.Interface().(time.Time).Add(1))}
	case v.Kind() == reflect.Bool:
		return []site{set(!v.Bool())}
	case v.CanInt():
		return []site{set(v.Int() ^ 1)}
	case v.CanUint():
		return []site{set(v.Uint() ^ 1)}
	case v.CanFloat():
		return []site{set(map[bool]float64{true: 1, false: 0}[v.Float() == 0])}
	case v.CanComplex():
		return []site{set(v.Complex() + 1)}
	case v.Kind() == reflect.String:
		return []site{set(v.String() + "x")}
	case natureOf(v.Type()) == cell:
		return sites(v.Field(valueField), path, done)
	case v.Kind() == reflect.Struct:
		return fieldSites(v, path, done)
	case v.Kind() == reflect.Array:
		return elementSites(v, path, done)
	case v.Kind() == reflect.Interface && !v.IsNil():
		return dynamicSites(v, path, done)
	case v.Kind() == reflect.Chan && v.Cap() > v.Len():
		return []site{{path, false, func() { v.Send(reflect.Zero(v.Type().Elem())) }}}
	}
	if v.IsNil() {
		return nil
	}
	all := []site{{path, true, func() { v.SetZero(); done() }}}
	switch v.Kind() {
	case reflect.Pointer:
		return append(all, sites(v.Elem(), targetPath(v.Type().Elem(), path), done)...)
	case reflect.Slice:
		grow := func() { v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem()))); done() }
		all = append(all, site{fmt.Sprintf("%s[%d]", operand(path), v.Len()), true, grow})
		return append(all, elementSites(v, path, done)...)
	case reflect.Map:
		return append(all, entrySites(v, path)...)
	}
	return all
}

func fieldSites(v reflect.Value, path string, done func()) (all []site) {
	for i := range v.NumField() {
		all = append(all, sites(v.Field(i), operand(path)+"."+v.Type().Field(i).Name, done)...)
	}
	return all
}

func elementSites(v reflect.Value, path string, done func()) (all []site) {
	for i := range v.Len() {
		all = append(all, sites(v.Index(i), fmt.Sprintf("%s[%d]", operand(path), i), done)...)
	}
	return all
}

func dynamicSites(v reflect.Value, path string, done func()) []site {
	inner := addressable(reflect.ValueOf(v.Interface()))
	if !isBasic(inner.Kind()) {
		path = fmt.Sprintf("%s.(%s)", operand(path), inner.Type())
	}
	return sites(inner, path, func() { v.Set(inner); done() })
}

func entrySites(m reflect.Value, path string) (all []site) {
	for _, k := range m.MapKeys() {
		at := operand(path) + "[" + sched.FormatValue(k.Interface()) + "]"
		value := addressable(m.MapIndex(k))
		all = append(all, site{at, true, func() { m.SetMapIndex(k, reflect.Value{}) }})
		all = append(all, sites(value, at, func() { m.SetMapIndex(k, value) })...)
	}
	return all
}

// clone returns an equal value without common memory. Values are trees.
func clone(v reflect.Value) reflect.Value {
	v = open(addressable(v))
	c := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.Struct:
		c.Set(v)
		for i := range v.NumField() {
			open(c.Field(i)).Set(clone(v.Field(i)))
		}
		return c
	case reflect.Array:
		for i := range v.Len() {
			c.Index(i).Set(clone(v.Index(i)))
		}
		return c
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface, reflect.Chan:
		if v.IsNil() {
			return c
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		c.Set(reflect.New(v.Type().Elem()))
		c.Elem().Set(clone(v.Elem()))
	case reflect.Slice:
		c.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()+1))
		for i := range v.Len() {
			c.Index(i).Set(clone(v.Index(i)))
		}
	case reflect.Map:
		c.Set(reflect.MakeMap(v.Type()))
		keys := v.MapKeys()
		sort.Slice(keys, func(i, j int) bool { return rand.IntN(2) == 0 }) // any order
		for _, k := range keys {
			c.SetMapIndex(k, clone(v.MapIndex(k)))
		}
	case reflect.Interface:
		c.Set(clone(v.Elem()))
	case reflect.Chan:
		c.Set(reflect.MakeChan(reflect.ChanOf(reflect.BothDir, v.Type().Elem()), v.Cap()).Convert(v.Type()))
	default:
		c.Set(v)
	}
	return c
}

// testSites changes a value in all ways, one after the other. Each is noticed,
// and told by its path alone.
func testSites(t require.TestingT, v reflect.Value) int {
	n := len(sites(clone(v), "s", func() {}))
	want, before := fingerprint(v), leaves("s", v)
	for i := range n {
		c := clone(v)
		require.Equal(t, want, fingerprint(c), "of %#v", c)
		if i%16 == 0 { // for time
			require.Equal(t, before, leaves("s", c))
			require.True(t, equal(v, c))
		}
		s := sites(c, "s", func() {})[i]
		s.change()
		found := changes(before, leaves("s", c))
		require.NotEqual(t, want, fingerprint(c), "%s of %#v", s.path, v)
		require.False(t, equal(v, c), "%s of %#v", s.path, v)
		if !s.whole {
			require.Equal(t, []string{s.path}, pathsOf(found))
			continue
		}
		require.NotEmpty(t, found, s.path)
		for _, f := range found {
			require.Contains(t, f.Path, s.path)
		}
	}
	return n
}

// equal reports whether a library for comparing values thinks so too. It compares
// the lengths of channels.
func equal(a, b reflect.Value) bool {
	all := cmp.Exporter(func(reflect.Type) bool { return true })
	of := func(kind reflect.Kind) func(cmp.Path) bool {
		return func(p cmp.Path) bool { t := p.Last().Type(); return t != nil && t.Kind() == kind }
	}
	chans := cmp.FilterPath(of(reflect.Chan), cmp.Transformer("length", chanLen))
	funcs := cmp.FilterPath(of(reflect.Func), cmp.Transformer("nil", func(f any) bool { return reflect.ValueOf(f).IsNil() }))
	return cmp.Equal(a.Interface(), b.Interface(), all, chans, funcs, cmpopts.EquateNaNs())
}

func chanLen(c any) int {
	if reflect.ValueOf(c).IsNil() {
		return -1
	}
	return reflect.ValueOf(c).Len()
}
