package race

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"github.com/ravelgo/ravel/sched"
)

// walk goes through a value and all it leads to, references last: so it needs no
// deep stack, and the first path to a place is a short one.
type walk struct {
	mode   mode
	sum    uint64
	leaves []leaf
	hops   int // how many references a peek may follow from here

	// The targets, in the order in which they were met: what references lead to.
	// Those that have room in the walk itself need no memory.
	room  [8]target
	more  []target
	count int
	index map[place]int // of all targets, once there are more
}

// mode is what a walk is for.
type mode uint8

const (
	hashing mode = iota // a sum of everything
	listing             // the leaves
	peeking             // a sum of what is near; the targets stay as they are
	telling             // a sum of what is there, addresses included, to tell it apart
)

func (w *walk) all(v reflect.Value, path string) {
	if !v.IsValid() {
		w.state(path, 0, "nil")
		return
	}
	w.value(addressable(v), path)
	for i := 0; i < w.count && !w.full(); i++ {
		n := w.target(i)
		w.content(n.ref, n.path)
	}
}

// full reports whether no more is to be listed.
func (w *walk) full() bool { return len(w.leaves) > maxLeaves }

// word puts x into the sum. Sums that differ in one word differ: this is the
// finaliser of SplitMix64 (Steele et al., OOPSLA 2014), a bijection.
func (w *walk) word(x uint64) {
	z := w.sum + (x+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	w.sum = z ^ z>>31
}

func (w *walk) string(s string) {
	w.word(uint64(len(s)))
	for ; len(s) >= 8; s = s[8:] {
		w.word(uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56)
	}
	last := uint64(0)
	for i := range len(s) {
		last = last<<8 | uint64(s[i])
	}
	w.word(last)
}

// leaf lists a leaf.
func (w *walk) leaf(path, text string) {
	switch {
	case w.mode != listing || w.full():
	case len(w.leaves) == maxLeaves:
		w.leaves = append(w.leaves, leaf{"", leftOut})
	default:
		w.leaves = append(w.leaves, leaf{path, text})
	}
}

// state takes in what a value is in itself.
func (w *walk) state(path string, x uint64, text string) {
	w.word(x)
	w.leaf(path, text)
}

// value takes in a value. If it has parts or comes from an unexported field it
// is addressable.
func (w *walk) value(v reflect.Value, path string) {
	switch v.Kind() {
	case reflect.Struct:
		w.structure(v, path)
	case reflect.Array:
		w.elements(v, path)
	case reflect.Pointer, reflect.Slice, reflect.Map:
		w.reference(v, path)
	case reflect.Interface:
		w.dynamic(v, path)
	case reflect.Chan:
		w.channel(v, false, path)
	case reflect.Func, reflect.UnsafePointer:
		if v.IsNil() {
			w.state(path, 0, "nil")
			return
		}
		w.state(path, 1, "not nil")
	default:
		w.basic(v)
		if w.mode == listing {
			w.leaf(path, basicText(v))
		}
	}
}

func (w *walk) basic(v reflect.Value) {
	switch {
	case v.Kind() == reflect.String:
		w.string(v.String())
	case v.CanInt():
		w.word(uint64(v.Int()))
	case v.CanUint():
		w.word(v.Uint())
	case v.CanFloat():
		w.float(v.Float())
	case v.CanComplex():
		w.float(real(v.Complex()))
		w.float(imag(v.Complex()))
	case v.Bool():
		w.word(1)
	default:
		w.word(0)
	}
}

func (w *walk) float(f float64) {
	if math.IsNaN(f) {
		f = math.NaN() // there are many
	}
	w.word(math.Float64bits(f))
}

func (w *walk) structure(v reflect.Value, path string) {
	switch natureOf(v.Type()) {
	case shareable:
		w.leaf(path, "{}")
	case constant:
		w.constant(v, path)
	case opaque:
		w.opaque(open(v).Addr(), path)
	case cell:
		w.value(v.Field(valueField), path)
	case channel:
		w.schedChan(v, path)
	default:
		w.fields(v, path)
	}
}

func (w *walk) fields(v reflect.Value, path string) {
	listed := len(w.leaves)
	for i := range v.NumField() {
		field := path
		if w.mode == listing {
			field = operand(path) + "." + v.Type().Field(i).Name
		}
		w.value(v.Field(i), field)
	}
	if len(w.leaves) == listed {
		w.leaf(path, "{}")
	}
}

// constant takes in a value whose fields are not all it is, or not all of it.
func (w *walk) constant(v reflect.Value, path string) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		t := (*time.Time)(unsafe.Pointer(v.UnsafeAddr()))
		w.word(uint64(t.Unix()))
		w.word(uint64(t.Nanosecond()))
		w.string(t.Location().String())
		if w.mode == listing {
			w.leaf(path, t.Format(time.RFC3339Nano)+" "+t.Location().String())
		}
	case generic(v.Type()) == "Handle":
		if p := v.Field(0); p.IsNil() {
			w.state(path, 0, "nil")
		} else {
			w.value(p.Elem(), path) // that others have the same pointer says nothing
		}
	case w.mode == listing:
		w.opaque(open(v).Addr(), path)
	default:
		w.fields(v, path)
	}
}

// opaque takes in what a pointer leads to by the text it has.
func (w *walk) opaque(p reflect.Value, path string) {
	text := open(p).Interface().(fmt.Stringer).String()
	w.string(text)
	w.leaf(path, text)
}

// elements takes in the elements of an array or a slice.
func (w *walk) elements(v reflect.Value, path string) {
	elem := v.Type().Elem()
	if w.mode == listing && v.Len() == 0 && v.Kind() == reflect.Array {
		w.leaf(path, "[]")
	}
	if w.mode != listing && elem.Kind() == reflect.Uint8 {
		b := v.Bytes()
		w.string(unsafe.String(unsafe.SliceData(b), len(b)))
		return
	}
	if w.mode != listing && elem.Size() == 0 {
		return // there may be very many
	}
	for i := 0; i < v.Len() && !w.full(); i++ {
		element := path
		if w.mode == listing {
			element = operand(path) + "[" + strconv.Itoa(i) + "]"
		}
		w.value(v.Index(i), element)
	}
}

// dynamic takes in an interface.
func (w *walk) dynamic(v reflect.Value, path string) {
	switch {
	case natureOf(v.Type()) == shareable:
		w.leaf(path, "{}")
		return
	case v.IsNil():
		w.state(path, 0, "nil")
		return
	}
	v = open(v).Elem()
	t := v.Type()
	named := t
	for named.Name() == "" && named.Kind() == reflect.Pointer {
		named = named.Elem()
	}
	w.string(named.PkgPath())
	w.string(t.String())
	if w.mode != listing {
		w.value(addressable(v), "")
	} else if isBasic(t.Kind()) {
		w.leaf(path, t.String()+"("+basicText(v)+")")
	} else {
		w.leaf(path, t.String())
		w.value(addressable(v), operand(path)+".("+t.String()+")")
	}
}

// schedChan takes in a sched.Chan.
func (w *walk) schedChan(v reflect.Value, path string) {
	c := v.FieldByName("c")
	switch {
	case c.IsNil():
		w.state(path, 0, "nil")
	case !c.Elem().FieldByName("tick").IsNil():
		w.state(path, 1, "of a timer") // the clock sends to it
	default:
		w.channel(c.Elem().FieldByName("std"), c.Elem().FieldByName("shut").Bool(), path)
	}
}

func (w *walk) channel(v reflect.Value, closed bool, path string) {
	if v.IsNil() {
		w.state(path, 0, "nil")
		return
	}
	state := ""
	w.word(uint64(v.Len()) + 1)
	w.word(uint64(v.Cap()))
	if closed {
		state = ", closed"
		w.word(1)
	}
	if w.mode == listing {
		w.leaf(path, fmt.Sprintf("%d of %d buffered%s", v.Len(), v.Cap(), state))
	}
}

// basicText returns a text for a basic value, another one for each.
func basicText(v reflect.Value) string {
	switch {
	case v.CanInt():
		return sched.FormatValue(v.Int())
	case v.CanUint():
		return sched.FormatValue(v.Uint())
	case v.CanFloat():
		return sched.FormatValue(v.Float())
	case v.CanComplex():
		return sched.FormatValue(v.Complex())
	case v.Kind() == reflect.Bool:
		return sched.FormatValue(v.Bool())
	}
	text := sched.FormatValue(v.String())
	if strings.HasSuffix(text, "…") {
		var w walk
		w.string(v.String())
		text += fmt.Sprintf(" (%d bytes, hash %016x)", v.Len(), w.sum)
	}
	return text
}

// open returns v without the restrictions of unexported fields.
func open(v reflect.Value) reflect.Value {
	if v.CanInterface() {
		return v
	}
	return reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem()
}

// addressable returns v, or a copy if need be.
func addressable(v reflect.Value) reflect.Value {
	if v.CanAddr() {
		return v
	}
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	return c
}
