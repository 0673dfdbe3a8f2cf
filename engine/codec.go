package engine

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// Codec turns the state of a run into bytes and back, for a store. It may be used
// by several runs at once.
type Codec interface {
	// Encode returns v, a pointer to the state or a value that was emitted, as
	// bytes.
	Encode(v any) ([]byte, error)
	// Decode sets what v points to from bytes that Encode has made.
	Decode(data []byte, v any) error
}

// jsonCodec is the codec if Options have none.
type jsonCodec struct{}

func (jsonCodec) Encode(v any) ([]byte, error)    { return json.Marshal(v) }
func (jsonCodec) Decode(data []byte, v any) error { return json.Unmarshal(data, v) }

// encode calls a codec, whose panic is an error.
func encode(c Codec, v any) (data []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			data, err = nil, fmt.Errorf("engine: Codec.Encode of a %T: panic: %v", v, p)
		}
	}()
	if data, err = c.Encode(v); err != nil {
		return nil, fmt.Errorf("engine: Codec.Encode of a %T: %w", v, err)
	}
	return data, nil
}

// decode calls a codec, whose panic is an error.
func decode[V any](c Codec, data []byte) (v *V, err error) {
	defer func() {
		if p := recover(); p != nil {
			v, err = nil, fmt.Errorf("engine: Codec.Decode of a %T: panic: %v", *new(V), p)
		}
	}()
	v = new(V)
	if err := c.Decode(data, v); err != nil {
		return nil, fmt.Errorf("engine: Codec.Decode of a %T: %w", *new(V), err)
	}
	return v, nil
}

// codecName names a codec in a store.
func codecName(c Codec) string {
	if _, ok := c.(jsonCodec); ok {
		return "json"
	}
	return fmt.Sprintf("%T", c)
}

// lossy returns the paths of the fields in a type that encoding/json would lose or
// refuse: those that are unexported, and functions and channels, unless they have a
// tag json:"-".
func lossy(t reflect.Type) []string {
	w := &lossyWalk{seen: map[reflect.Type]bool{}}
	w.look(t, t.Name())
	return w.found
}

type lossyWalk struct {
	seen  map[reflect.Type]bool
	found []string
}

var (
	marshaler     = reflect.TypeFor[json.Marshaler]()
	textMarshaler = reflect.TypeFor[interface{ MarshalText() ([]byte, error) }]()
)

func (w *lossyWalk) look(t reflect.Type, path string) {
	for _, m := range []reflect.Type{marshaler, textMarshaler} {
		if t.Implements(m) || reflect.PointerTo(t).Implements(m) {
			return
		}
	}
	if w.seen[t] {
		return
	}
	w.seen[t] = true
	switch t.Kind() {
	case reflect.Func, reflect.Chan, reflect.UnsafePointer, reflect.Complex64, reflect.Complex128:
		w.found = append(w.found, fmt.Sprintf("%s is a %s", path, t.Kind()))
	case reflect.Pointer, reflect.Slice, reflect.Array:
		w.look(t.Elem(), path)
	case reflect.Map:
		w.look(t.Elem(), path+"[]")
	case reflect.Struct:
		for i := range t.NumField() {
			w.field(t.Field(i), path)
		}
	}
}

func (w *lossyWalk) field(f reflect.StructField, path string) {
	path += "." + f.Name
	switch tag, _, _ := strings.Cut(f.Tag.Get("json"), ","); {
	case tag == "-" || f.Type.Size() == 0:
	case !f.IsExported() && !(f.Anonymous && f.Type.Kind() == reflect.Struct):
		w.found = append(w.found, path+" is unexported")
	default:
		w.look(f.Type, path)
	}
}
