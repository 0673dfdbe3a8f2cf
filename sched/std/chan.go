package std

import (
	"unsafe"

	"github.com/ravelgo/ravel/sched"
)

// sender and receiver return the Chan of which a channel is one end.
func sender[T any](t *sched.Task, ch chan<- T) sched.Chan[T] {
	return sched.ChanOf(t, *(*chan T)(unsafe.Pointer(&ch)))
}

func receiver[T any](t *sched.Task, ch <-chan T) sched.Chan[T] {
	return sched.ChanOf(t, *(*chan T)(unsafe.Pointer(&ch)))
}

// Sender is the sending end of a channel. It makes v of Send(v) assignable to T, as
// in a send statement.
type Sender[T any] struct{ ch chan<- T }

// To returns the sending end of ch.
func To[T any](ch chan<- T) Sender[T] { return Sender[T]{ch} }

// Send is the statement ch <- v.
func (s Sender[T]) Send(v T) {
	if t := sched.Current(); t != nil {
		sender(t, s.ch).Send(v)
		return
	}
	s.ch <- v
}

// Recv is the expression <-ch.
func Recv[T any](ch <-chan T) T {
	if t := sched.Current(); t != nil {
		v, _ := receiver(t, ch).Recv()
		return v
	}
	return <-ch
}

// Recv2 is the expression <-ch with two results.
func Recv2[T any](ch <-chan T) (T, bool) {
	if t := sched.Current(); t != nil {
		return receiver(t, ch).Recv()
	}
	v, ok := <-ch
	return v, ok
}

// Close is close(ch).
func Close[T any](ch chan<- T) {
	if t := sched.Current(); t != nil {
		sender(t, ch).Close()
		return
	}
	close(ch)
}

// Len is len(ch).
func Len[T any](ch <-chan T) int {
	if t := sched.Current(); t != nil {
		return receiver(t, ch).Len()
	}
	return len(ch)
}

// LenSend is [Len] of a channel that can only be sent to.
func LenSend[T any](ch chan<- T) int {
	if t := sched.Current(); t != nil {
		return sender(t, ch).Len()
	}
	return len(ch)
}

// ChanIter is a range over a channel.
type ChanIter[T any] struct{ ch <-chan T }

// RangeChan begins the statement for v := range ch. The value that it returns is
// the zero one; it declares v.
func RangeChan[T any](ch <-chan T) (T, *ChanIter[T]) {
	var v T
	return v, &ChanIter[T]{ch}
}

// RangeChan0 begins the statement for range ch.
func RangeChan0[T any](ch <-chan T) *ChanIter[T] { return &ChanIter[T]{ch} }

// Next receives the next value into *v and reports whether there is one.
func (it *ChanIter[T]) Next(v *T) bool {
	got, ok := Recv2(it.ch)
	if ok {
		*v = got
	}
	return ok
}

// Next0 is Next without the value.
func (it *ChanIter[T]) Next0() bool {
	_, ok := Recv2(it.ch)
	return ok
}
