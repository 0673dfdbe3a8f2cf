package std

import (
	"reflect"
	"slices"
	"unsafe"

	"github.com/ravelgo/ravel/sched"
)

// MapIter is a range over a map. Outside a simulation it is the map's own. In one it
// visits the keys that the map has at the beginning, in an order that is drawn,
// unless they are deleted before their turn, and then some of those that it has got
// since.
type MapIter[K comparable, V any] struct {
	// Outside a simulation: the iterator, else nil; and what it is at.
	std            *reflect.MapIter
	key            K
	value          V
	keyOf, valueOf reflect.Value // the two

	// In one:
	m       map[K]V
	all     []K // visited so far, and to visit
	keys    []K // to visit
	visited int
	odd     []V // the values of keys that are not equal to themselves, in order
}

// RangeMap begins the statement for k, v := range m. The key and the value that it
// returns are zero; they declare k and v.
func RangeMap[M ~map[K]V, K comparable, V any](m M) (K, V, *MapIter[K, V]) {
	var k K
	var v V
	return k, v, rangeMap(map[K]V(m))
}

// RangeMapKeys begins the statement for k := range m.
func RangeMapKeys[M ~map[K]V, K comparable, V any](m M) (K, *MapIter[K, V]) {
	var k K
	return k, rangeMap(map[K]V(m))
}

// RangeMap0 begins the statement for range m.
func RangeMap0[M ~map[K]V, K comparable, V any](m M) *MapIter[K, V] { return rangeMap(map[K]V(m)) }

func rangeMap[K comparable, V any](m map[K]V) *MapIter[K, V] {
	t := sched.Current()
	if t == nil {
		it := &MapIter[K, V]{std: reflect.ValueOf(m).MapRange()}
		it.keyOf, it.valueOf = reflect.ValueOf(&it.key).Elem(), reflect.ValueOf(&it.value).Elem()
		return it
	}
	it := &MapIter[K, V]{m: m, keys: make([]K, 0, len(m))}
	for k := range m {
		if k == k {
			it.keys = append(it.keys, k)
		}
	}
	sortKeys(t, it.keys)
	for k, v := range m {
		if k != k {
			it.keys, it.odd = append(it.keys, k), append(it.odd, v)
		}
	}
	if len(it.keys) > 1 {
		d := dice(sched.Rand().Uint64())
		shuffle(it.keys, &d)
	}
	it.all = it.keys
	return it
}

func shuffle[K any](keys []K, d *dice) {
	for i := len(keys) - 1; i > 0; i-- {
		j := d.below(i + 1)
		keys[i], keys[j] = keys[j], keys[i]
	}
}

// addNew adds keys to visit that the map did not have at the beginning: any of them,
// as the language has it.
func (it *MapIter[K, V]) addNew() {
	if len(it.m) <= it.visited {
		return
	}
	known := make(map[K]bool, len(it.all))
	for _, k := range it.all {
		known[k] = true
	}
	var added []K
	for k := range it.m {
		if k == k && !known[k] {
			added = append(added, k)
		}
	}
	t := sched.Current()
	if len(added) == 0 || t == nil {
		return
	}
	sortKeys(t, added)
	d := dice(sched.Rand().Uint64())
	shuffle(added, &d)
	it.keys = added[:d.below(len(added)+1)]
	it.all = append(it.all[:len(it.all):len(it.all)], it.keys...)
}

// dice makes many random numbers of one that was drawn (SplitMix64, Steele et al.,
// OOPSLA 2014).
type dice uint64

func (d *dice) below(n int) int {
	*d += 0x9e3779b97f4a7c15
	z := uint64(*d)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return int((z ^ z>>31) % uint64(n))
}

// sortKeys sorts the keys in an order that is the same in every run of the same
// schedule, as far as there is one; see the comment of the package.
func sortKeys[K comparable](t *sched.Task, keys []K) {
	if len(keys) < 2 {
		return
	}
	switch reflect.TypeFor[K]().Kind() {
	case reflect.Pointer, reflect.Chan, reflect.UnsafePointer, reflect.Interface:
		slices.SortFunc(keys, func(a, b K) int { return compareAddresses(t, any(a), any(b)) })
	}
	sched.SortKeys(keys)
}

// compareAddresses compares what keys that may be pointers point to.
func compareAddresses(t *sched.Task, a, b any) int {
	p, q := address(a), address(b)
	return t.CompareUse(p, q)
}

// address returns what a pointer or channel refers to; nil for any other value.
func address(v any) unsafe.Pointer {
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.Pointer, reflect.Chan, reflect.UnsafePointer:
		return r.UnsafePointer()
	}
	return nil
}

// next takes the next key that is in the map, and its value.
func (it *MapIter[K, V]) next() (k K, v V, ok bool) {
	for {
		if len(it.keys) == 0 {
			it.addNew()
		}
		if len(it.keys) == 0 {
			return k, v, false
		}
		k, it.keys = it.keys[0], it.keys[1:]
		it.visited++
		if k != k {
			v, it.odd = it.odd[0], it.odd[1:]
			return k, v, true
		}
		if v, ok = it.m[k]; ok {
			return k, v, true
		}
	}
}

// Next sets *k and *v to the next key and its value, and reports whether there is
// one.
func (it *MapIter[K, V]) Next(k *K, v *V) bool {
	if it.std != nil {
		if !it.std.Next() {
			return false
		}
		it.keyOf.SetIterKey(it.std)
		it.valueOf.SetIterValue(it.std)
		*k, *v = it.key, it.value
		return true
	}
	key, value, ok := it.next()
	if ok {
		*k, *v = key, value
	}
	return ok
}

// NextKey is Next without the value.
func (it *MapIter[K, V]) NextKey(k *K) bool {
	if it.std != nil {
		if !it.std.Next() {
			return false
		}
		it.keyOf.SetIterKey(it.std)
		*k = it.key
		return true
	}
	key, _, ok := it.next()
	if ok {
		*k = key
	}
	return ok
}

// Next0 is Next without key and value.
func (it *MapIter[K, V]) Next0() bool {
	if it.std != nil {
		return it.std.Next()
	}
	_, _, ok := it.next()
	return ok
}
