package engine

import (
	"context"
	"iter"
)

// Items is where a map gets its items: see [Slice], [Seq] and [Seq2]. The zero
// value is none, which is a mistake.
type Items[S, T any] struct {
	// open returns the items and how many there are, or -1.
	open func(ctx context.Context, s *S) (seq iter.Seq2[T, error], count int, err error)
}

// Slice returns items from a slice, which fn returns when the map starts. An
// error fails the map; [Skip] skips it, with what follows, and [Stop] stops the
// run. Other control values are ErrControl.
func Slice[S, T any](fn func(ctx context.Context, s *S) ([]T, error)) Items[S, T] {
	if fn == nil {
		return Items[S, T]{}
	}
	return Items[S, T]{open: func(ctx context.Context, s *S) (iter.Seq2[T, error], int, error) {
		items, err := fn(ctx, s)
		return func(yield func(T, error) bool) {
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
			}
		}, len(items), err
	}}
}

// Seq returns items from an iterator, which fn returns when the map starts. It
// runs in the map's own task, and an item is taken only when one of the map's
// items may start or is about to.
func Seq[S, T any](fn func(ctx context.Context, s *S) iter.Seq[T]) Items[S, T] {
	if fn == nil {
		return Items[S, T]{}
	}
	return Seq2(func(ctx context.Context, s *S) iter.Seq2[T, error] {
		seq := fn(ctx, s)
		if seq == nil {
			return nil
		}
		return func(yield func(T, error) bool) {
			for item := range seq {
				if !yield(item, nil) {
					return
				}
			}
		}
	})
}

// Seq2 is [Seq] for an iterator that can fail: an error that it yields in place of
// an item ends the items, and means what one of [Slice] does. Items that it has
// yielded before have been taken.
func Seq2[S, T any](fn func(ctx context.Context, s *S) iter.Seq2[T, error]) Items[S, T] {
	if fn == nil {
		return Items[S, T]{}
	}
	return Items[S, T]{open: func(ctx context.Context, s *S) (iter.Seq2[T, error], int, error) {
		return fn(ctx, s), -1, nil
	}}
}
