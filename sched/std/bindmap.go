package std

// MapRef is a map of which an element is read or deleted after the evaluation of its key.
type MapRef[K comparable, V any] struct{ m map[K]V }

// MapOf returns a reference to m.
func MapOf[M ~map[K]V, K comparable, V any](m M) MapRef[K, V] { return MapRef[K, V]{m} }

// At is m[k].
func (r MapRef[K, V]) At(k K) V { return MapRead(r.m)[k] }

// At2 is m[k] with whether it is there.
func (r MapRef[K, V]) At2(k K) (V, bool) {
	v, ok := MapRead(r.m)[k]
	return v, ok
}

// Delete is delete(m, k).
func (r MapRef[K, V]) Delete(k K) { delete(MapWrite(r.m), k) }
