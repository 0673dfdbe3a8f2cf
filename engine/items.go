package engine

import (
	"context"
	"iter"
)

// Items is where a map gets its items: see [Slice] and [Seq]. The zero value is
// none, which is a mistake.
type Items[S, T any] struct {
	slice func(ctx context.Context, s *S) ([]T, error)
	seq   func(ctx context.Context, s *S) iter.Seq[T]
}

// Slice returns items from a slice, which fn returns when the map starts. An
// error fails the map; [Skip] skips it, with what follows, and [Stop] stops the
// run. Other control values are ErrControl.
func Slice[S, T any](fn func(ctx context.Context, s *S) ([]T, error)) Items[S, T] {
	return Items[S, T]{slice: fn}
}

// Seq returns items from an iterator, which fn returns when the map starts. It
// runs in the map's own task, and an item is taken only when one of the map's
// items may start or is about to.
func Seq[S, T any](fn func(ctx context.Context, s *S) iter.Seq[T]) Items[S, T] {
	return Items[S, T]{seq: fn}
}
