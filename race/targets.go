package race

import (
	"reflect"
	"unsafe"
)

// target is what a reference leads to.
type target struct {
	place
	ref  reflect.Value // a pointer, slice or map
	path string        // of ref
}

// place is where a reference leads to.
type place struct {
	address unsafe.Pointer
	len     int
	typ     reflect.Type
}

// reference takes in a pointer, slice or map.
func (w *walk) reference(v reflect.Value, path string) {
	if v.IsNil() {
		w.state(path, 0, "nil")
		return
	}
	length := 0
	if v.Kind() == reflect.Pointer {
		elem := v.Type().Elem()
		switch n := natureOf(elem); {
		case n == opaque:
			w.opaque(v, path)
			return
		case n == shareable || elem.Size() == 0:
			w.state(path, 1, "not nil")
			return
		}
	} else {
		length = v.Len()
		w.word(uint64(length) + 1)
		if length == 0 || v.Kind() == reflect.Slice && !refers(v) || v.Kind() == reflect.Map && !mapRefers(v.Type()) {
			w.leaf(path, "not nil")
			w.content(v, path)
			return
		}
	}
	w.follow(target{place{v.UnsafePointer(), length, v.Type()}, v, path})
}

// follow takes in where a reference leads to, and notes it for later if that is
// new.
func (w *walk) follow(n target) {
	i, known := w.find(n.place)
	switch {
	case w.mode == telling:
		w.word(uint64(uintptr(n.address)))
	case known && w.mode == listing:
		w.leaf(n.path, "same as "+w.target(i).path)
	case known:
		w.word(uint64(i) + 1)
	case w.mode == peeking:
		if w.hops > 0 {
			w.hops--
			w.content(n.ref, "")
			w.hops++
		}
	default:
		w.state(n.path, uint64(w.count)+1, "not nil")
		w.note(n)
	}
}

// target returns a target by its number.
func (w *walk) target(i int) *target {
	if i < len(w.room) {
		return &w.room[i]
	}
	return &w.more[i-len(w.room)]
}

// note adds a target.
func (w *walk) note(n target) {
	i := w.count
	w.count++
	if i < len(w.room) {
		w.room[i] = n
		return
	}
	if w.index == nil {
		w.index = make(map[place]int, 4*len(w.room))
		for i := range w.room {
			w.index[w.room[i].place] = i
		}
	}
	w.more = append(w.more, n)
	w.index[n.place] = i
}

// find returns the number of the target at a place.
func (w *walk) find(p place) (i int, ok bool) {
	if w.index != nil {
		i, ok = w.index[p]
		return i, ok
	}
	for i := range w.count {
		if w.room[i].place == p {
			return i, true
		}
	}
	return 0, false
}

// content takes in what a reference that is not nil leads to.
func (w *walk) content(v reflect.Value, path string) {
	switch v.Kind() {
	case reflect.Slice:
		w.elements(v, path)
	case reflect.Map:
		w.entries(open(v), path)
	default:
		if w.mode == listing {
			path = targetPath(v.Type().Elem(), path)
		}
		w.value(v.Elem(), path)
	}
}

// refers reports whether values of the type of v hold references to be followed.
func refers(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Interface:
		return true
	case reflect.Slice:
		elem := v.Type().Elem()
		return !isBasic(elem.Kind()) && elem.Size() > 0
	case reflect.Array:
		return v.Len() > 0 && refers(v.Index(0))
	case reflect.Struct:
		if n := natureOf(v.Type()); n == shareable || n == constant || n == opaque || n == channel {
			return false
		}
		for i := range v.NumField() {
			if refers(v.Field(i)) {
				return true
			}
		}
	}
	return false
}

func isBasic(k reflect.Kind) bool {
	return reflect.Bool <= k && k <= reflect.Complex128 || k == reflect.String
}
