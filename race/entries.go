package race

import (
	"cmp"
	"reflect"
	"slices"

	"github.com/ravelgo/ravel/sched"
)

// entries takes in what a map holds.
func (w *walk) entries(m reflect.Value, path string) {
	switch {
	case w.mode == listing:
		w.listEntries(inOrder(w.pairs(m)), path)
	case w.mode == hashing && mapRefers(m.Type()):
		for _, p := range w.pairs(m) { // they number the targets, in this order
			w.value(p.key, "")
			w.value(p.value, "")
		}
	default:
		w.addEntries(m)
	}
}

// mapRefers reports whether the entries of maps of type t hold references to be
// followed.
func mapRefers(t reflect.Type) bool {
	return refers(reflect.Zero(t.Key())) || refers(reflect.Zero(t.Elem()))
}

// addEntries takes in entries by a sum that does not depend on their order.
func (w *walk) addEntries(m reflect.Value) {
	before, total := w.sum, uint64(0)
	key, value := reflect.New(m.Type().Key()).Elem(), reflect.New(m.Type().Elem()).Elem()
	for it := m.MapRange(); it.Next(); total += w.sum {
		key.SetIterKey(it)
		value.SetIterValue(it)
		w.sum = 0
		w.value(key, "")
		w.value(value, "")
	}
	w.sum = before
	w.word(total)
}

func (w *walk) listEntries(pairs []pair, path string) {
	for _, p := range pairs {
		text, known := w.keyText(p.key)
		element := operand(path) + "[" + text + "]"
		if !known && refers(p.key) {
			w.value(p.key, "key("+element+")")
		}
		w.value(p.value, element)
	}
}

// keyText returns a short text for a key: of a pointer to a place that is known
// the path to it.
func (w *walk) keyText(k reflect.Value) (text string, known bool) {
	for k.Kind() == reflect.Interface && !k.IsNil() {
		k = k.Elem()
	}
	if k.Kind() == reflect.Pointer {
		if i, ok := w.find(place{k.UnsafePointer(), 0, k.Type()}); ok {
			return w.target(i).path, true
		}
	}
	if isBasic(k.Kind()) {
		return basicText(k), false
	}
	return sched.FormatValue(k.Interface()), false
}

// pair is an entry of a map.
type pair struct {
	key, value reflect.Value
	near       uint64 // a sum of what the entry leads to in a few steps
	exact      uint64 // pairs for which this is the same too cannot be told apart
}

// peekHops is how many references are followed to tell entries apart.
const peekHops = 2

// pairs returns the entries of a map in an order that is the same for any map
// with these entries, and in any process unless they cannot be told apart by
// what they lead to in a few steps.
func (w *walk) pairs(m reflect.Value) []pair {
	pairs := make([]pair, 0, m.Len())
	for it := m.MapRange(); it.Next(); {
		p := pair{key: reflect.New(m.Type().Key()).Elem(), value: reflect.New(m.Type().Elem()).Elem()}
		p.key.SetIterKey(it)
		p.value.SetIterValue(it)
		p.near, p.exact = w.sumOf(p, peeking), w.sumOf(p, telling)
		pairs = append(pairs, p)
	}
	slices.SortFunc(pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(a.near, b.near), cmp.Compare(a.exact, b.exact))
	})
	return pairs
}

// sumOf returns a sum of an entry and leaves w as it is.
func (w *walk) sumOf(p pair, m mode) uint64 {
	u := *w
	u.mode, u.hops, u.sum = m, peekHops, 0
	u.value(p.key, "")
	u.value(p.value, "")
	return u.sum
}

// inOrder returns the pairs in the order of [sched.SortKeys], those whose keys
// are not equal to themselves, NaNs, at the end.
func inOrder(pairs []pair) []pair {
	keys, place := make([]any, len(pairs)), make(map[any]int, len(pairs))
	for i, p := range pairs {
		keys[i] = p.key.Interface()
		place[keys[i]] = i
	}
	sorted := make([]pair, 0, len(pairs))
	var last []pair
	for i, p := range pairs {
		if _, ok := place[keys[i]]; !ok {
			last = append(last, p)
		}
	}
	sched.SortKeys(keys)
	for _, k := range keys {
		if i, ok := place[k]; ok {
			sorted = append(sorted, pairs[i])
		}
	}
	return append(sorted, last...)
}
