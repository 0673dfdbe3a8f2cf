package race

import (
	"iter"
	"slices"

	"github.com/ravelgo/ravel/sched"
)

// Slice is a []T that tasks share. The zero value is empty. Its header (array,
// length, capacity) is one location and each element is one; an access to an
// element reads the header. A Slice must not be copied after first use.
type Slice[T any] struct {
	obj sched.Object
	v   []T
}

const kindSlice sched.Kind = "slice"

// Len returns the number of elements. It reads the header.
func (s *Slice[T]) Len() int {
	if t := sched.Current(); t != nil {
		t.Read(&s.obj, kindSlice, -1, 0)
		if t.Recording() {
			t.Value(len(s.v))
		}
	}
	return len(s.v)
}

// At returns element i. It panics if there is none.
func (s *Slice[T]) At(i int) T {
	t := sched.Current()
	if t == nil {
		return s.v[i]
	}
	t.Read(&s.obj, kindSlice, max(i, 0), i+1)
	x := s.v[i]
	if t.Recording() {
		t.Value(x)
	}
	return x
}

// Store makes x element i. It panics if there is none. What is said of [Var.Store]
// holds for each element.
func (s *Slice[T]) Store(i int, x T) {
	t := sched.Current()
	if t == nil {
		s.v[i] = x
		return
	}
	t.Write(&s.obj, kindSlice, max(i, 0), i+1)
	s.stored(t, i, x)
}

// Set is [Slice.Store] of a value that does not depend on what the element was; see
// [Var.Set].
func (s *Slice[T]) Set(i int, x T) {
	t := sched.Current()
	if t == nil {
		s.v[i] = x
		return
	}
	t.Set(&s.obj, kindSlice, max(i, 0), i+1)
	s.stored(t, i, x)
}

func (s *Slice[T]) stored(t *sched.Task, i int, x T) {
	s.v[i] = x
	if t.Recording() {
		t.Value(x)
	}
}

// Append appends xs: s = append(s, xs...). It reads the header and then writes
// it; two tasks that append at once can lose elements.
func (s *Slice[T]) Append(xs ...T) {
	t := sched.Current()
	if t == nil {
		s.v = append(s.v, xs...)
		return
	}
	t.Read(&s.obj, kindSlice, -1, 0)
	old := s.v
	if t.Recording() {
		t.Value(old)
	}
	t.Write(&s.obj, kindSlice, -1, 0)
	s.v = append(old, xs...)
	if t.Recording() {
		t.Value(s.v)
	}
}

// Snapshot returns a copy. It reads the header and all elements in one
// operation.
func (s *Slice[T]) Snapshot() []T {
	if t := sched.Current(); t != nil {
		t.ReadAll(&s.obj, kindSlice)
		if t.Recording() {
			t.Value(s.v)
		}
	}
	return slices.Clone(s.v)
}

// All returns the elements with their indexes. Each is read when it is
// reached; the length is that at the start.
func (s *Slice[T]) All() iter.Seq2[int, T] {
	return func(yield func(int, T) bool) {
		for i := range s.Len() {
			if !yield(i, s.At(i)) {
				return
			}
		}
	}
}
