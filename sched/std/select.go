package std

import (
	"math/rand/v2"
	"reflect"

	"github.com/ravelgo/ravel/sched"
)

// Case is a case of a [Select]: what [RecvCase] or [Sender.Case] returns.
type Case interface {
	// in returns the case for the run of t.
	in(t *sched.Task) sched.Case
	// wait does the case outside a simulation, try only if that is possible at once.
	wait()
	try() bool
	// reflected returns the case for reflect.Select, took takes what it received.
	reflected() reflect.SelectCase
	took(v reflect.Value, ok bool)
}

// SendCase is the case ch <- v of a select statement.
type SendCase[T any] struct {
	ch   chan<- T
	v    T
	name string // what the source calls ch, in a recorded run
}

// Case returns the case that sends v.
func (s Sender[T]) Case(v T) *SendCase[T] {
	c := &SendCase[T]{ch: s.ch, v: v}
	if t := sched.Current(); t != nil {
		c.name = t.Expression()
	}
	return c
}

func (c *SendCase[T]) in(t *sched.Task) sched.Case {
	ch := sender(t, c.ch)
	sched.NameChan(t, ch, c.name)
	return ch.Sending(c.v)
}

func (c *SendCase[T]) wait() { c.ch <- c.v }

func (c *SendCase[T]) try() bool {
	select {
	case c.ch <- c.v:
		return true
	default:
		return false
	}
}

func (c *SendCase[T]) reflected() reflect.SelectCase {
	return reflect.SelectCase{Dir: reflect.SelectSend, Chan: reflect.ValueOf(c.ch), Send: reflect.ValueOf(&c.v).Elem()}
}

func (c *SendCase[T]) took(reflect.Value, bool) {}

// Received is the case v, ok := <-ch of a select statement.
type Received[T any] struct {
	// V and OK are what was received, once the case was chosen.
	V  T
	OK bool

	ch   <-chan T
	name string
}

// RecvCase returns the case that receives from ch.
func RecvCase[T any](ch <-chan T) *Received[T] {
	c := &Received[T]{ch: ch}
	if t := sched.Current(); t != nil {
		c.name = t.Expression()
	}
	return c
}

func (c *Received[T]) in(t *sched.Task) sched.Case {
	ch := receiver(t, c.ch)
	sched.NameChan(t, ch, c.name)
	return ch.Receiving(&c.V, &c.OK)
}

func (c *Received[T]) wait() { c.V, c.OK = <-c.ch }

func (c *Received[T]) try() bool {
	select {
	case c.V, c.OK = <-c.ch:
		return true
	default:
		return false
	}
}

func (c *Received[T]) reflected() reflect.SelectCase {
	return reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(c.ch)}
}

func (c *Received[T]) took(v reflect.Value, ok bool) {
	reflect.ValueOf(&c.V).Elem().Set(v)
	c.OK = ok
}

// Select waits until one of the cases can be done, does it, and returns its number.
func Select(cases ...Case) int {
	if t := sched.Current(); t != nil {
		return sched.Select(simulated(t, cases)...)
	}
	switch len(cases) {
	case 0:
		select {}
	case 1:
		cases[0].wait()
		return 0
	}
	if i := TrySelect(cases...); i >= 0 {
		return i
	}
	std := make([]reflect.SelectCase, len(cases))
	for i, c := range cases {
		std[i] = c.reflected()
	}
	i, v, ok := reflect.Select(std)
	if v.IsValid() {
		cases[i].took(v, ok)
	}
	return i
}

// TrySelect is Select with a default, for which it returns -1.
func TrySelect(cases ...Case) int {
	if t := sched.Current(); t != nil {
		return sched.TrySelect(simulated(t, cases)...)
	}
	n := len(cases)
	if n == 0 {
		return -1
	}
	start := 0
	if n > 1 {
		start = rand.IntN(n)
	}
	for k := range n {
		if i := (start + k) % n; cases[i].try() {
			return i
		}
	}
	return -1
}

func simulated(t *sched.Task, cases []Case) []sched.Case {
	all := make([]sched.Case, len(cases))
	for i, c := range cases {
		all[i] = c.in(t)
	}
	return all
}
