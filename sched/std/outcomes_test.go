package std_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/schedtest"
	"github.com/ravelgo/ravel/sched/std"
)

// program is a small one, as a user writes it and as it is rewritten. What it returns
// says what happened.
type program struct {
	name      string
	plain     func() string
	rewritten func() string
	want      []string // all that can happen
}

// What a program can do is found in simulations, all of it and nothing else, and
// rewritten code does on goroutines what the code that the user wrote does.
func TestOutcomes(t *testing.T) {
	for _, p := range slices.Concat(chanPrograms, syncPrograms, timePrograms) {
		t.Run(p.name, func(t *testing.T) {
			got, outcome := map[string]bool{}, ""
			schedtest.Explore(t, sched.Config{}, func() { outcome = p.rewritten() }, func(r *sched.Result) {
				assert.NoError(t, r.End)
				got[outcome] = true
			})
			assert.Equal(t, p.want, slices.Sorted(maps.Keys(got)))
			for range 20 {
				assert.Contains(t, p.want, p.plain(), "plain")
				assert.Contains(t, p.want, p.rewritten(), "rewritten, on goroutines")
			}
		})
	}
}

// panicOf reports the panic of what it calls.
func panicOf(f func()) (text string) {
	defer func() {
		if v := recover(); v != nil {
			text = fmt.Sprint(v)
		}
	}()
	f()
	return "fine"
}

var chanPrograms = []program{
	{name: "two senders",
		plain: func() string {
			ch := make(chan int)
			go func() { ch <- 1 }()
			go func() { ch <- 2 }()
			return fmt.Sprint(<-ch, <-ch)
		},
		rewritten: func() string {
			ch := make(chan int)
			std.Go(func() { std.To(ch).Send(1) })
			std.Go(func() { std.To(ch).Send(2) })
			return fmt.Sprint(std.Recv(ch), std.Recv(ch))
		},
		want: []string{"1 2", "2 1"}},
	{name: "two cases ready",
		plain: func() string {
			a, b := make(chan int, 1), make(chan string, 1)
			a <- 1
			b <- "x"
			select {
			case v, ok := <-a:
				return fmt.Sprint(v, ok)
			case v := <-b:
				return v
			}
		},
		rewritten: func() string {
			a, b := make(chan int, 1), make(chan string, 1)
			std.To(a).Send(1)
			std.To(b).Send("x")
			switch c0, c1 := std.RecvCase(a), std.RecvCase(b); std.Select(c0, c1) {
			case 0:
				return fmt.Sprint(c0.V, c0.OK)
			default:
				return c1.V
			}
		},
		want: []string{"1 true", "x"}},
	{name: "send or receive",
		plain: func() string {
			ch := make(chan int, 2)
			ch <- 1
			select {
			case v := <-ch:
				return fmt.Sprint("received ", v, len(ch))
			case ch <- 2:
				return fmt.Sprint("sent ", len(ch))
			}
		},
		rewritten: func() string {
			ch := make(chan int, 2)
			std.To(ch).Send(1)
			switch c0, c1 := std.RecvCase(ch), std.To(ch).Case(2); std.Select(c0, c1) {
			case 0:
				return fmt.Sprint("received ", c0.V, std.Len(ch))
			default:
				return fmt.Sprint("sent ", std.LenSend(ch))
			}
		},
		want: []string{"received 1 0", "sent 2"}},
	{name: "default",
		plain: func() string {
			ch, done := make(chan int), make(chan bool)
			go func() {
				select {
				case ch <- 1:
				default:
				}
				close(done)
			}()
			select {
			case v := <-ch:
				return fmt.Sprint(v)
			case <-done:
				return "missed"
			}
		},
		rewritten: func() string {
			ch, done := make(chan int), make(chan bool)
			std.Go(func() {
				std.TrySelect(std.To(ch).Case(1))
				std.Close(done)
			})
			switch c0, c1 := std.RecvCase(ch), std.RecvCase(done); std.Select(c0, c1) {
			case 0:
				return fmt.Sprint(c0.V)
			default:
				return "missed"
			}
		},
		want: []string{"1", "missed"}},
	{name: "nil and closed channels",
		plain: func() string {
			var none chan int
			shut := make(chan int)
			close(shut)
			v, ok := <-shut
			select {
			case <-none:
			case none <- 1:
			case v2, ok2 := <-shut:
				return fmt.Sprint(v, ok, v2, ok2, len(none))
			}
			return ""
		},
		rewritten: func() string {
			var none chan int
			shut := make(chan int)
			std.Close(shut)
			v, ok := std.Recv2(shut)
			switch c0, c1, c2 := std.RecvCase(none), std.To(none).Case(1), std.RecvCase(shut); std.Select(c0, c1, c2) {
			case 2:
				return fmt.Sprint(v, ok, c2.V, c2.OK, std.Len(none))
			}
			return ""
		},
		want: []string{"0 false 0 false 0"}},
	{name: "misuse panics",
		plain: func() string {
			ch := make(chan int, 1)
			close(ch)
			return fmt.Sprint(panicOf(func() { ch <- 1 }), ", ", panicOf(func() { close(ch) }), ", ", panicOf(func() { close((chan int)(nil)) }),
				", ", panicOf(func() {
					select {
					case ch <- 1:
					default:
					}
				}))
		},
		rewritten: func() string {
			ch := make(chan int, 1)
			std.Close(ch)
			return fmt.Sprint(panicOf(func() { std.To(ch).Send(1) }), ", ", panicOf(func() { std.Close(ch) }), ", ", panicOf(func() { std.Close((chan int)(nil)) }),
				", ", panicOf(func() { std.TrySelect(std.To(ch).Case(1)) }))
		},
		want: []string{"send on closed channel, close of closed channel, close of nil channel, send on closed channel"}},
	{name: "range",
		plain: func() string {
			ch := make(queue, 2)
			var got []any
			go func() { ch.fill(); close(ch) }()
			for v := range ch {
				got = append(got, v)
			}
			for range ch {
				got = append(got, "never")
			}
			return fmt.Sprint(got)
		},
		rewritten: func() string {
			ch := make(queue, 2)
			var got []any
			std.Go(func() {
				for _, v := range []any{1, "x", nil} {
					std.To(ch).Send(v)
				}
				std.Close(ch)
			})
			for v, it := std.RangeChan(ch); it.Next(&v); {
				got = append(got, v)
			}
			for it := std.RangeChan0(ch); it.Next0(); {
				got = append(got, "never")
			}
			return fmt.Sprint(got)
		},
		want: []string{"[1 x <nil>]"}},
}

// queue is a channel with a name.
type queue chan any

func (q queue) fill() {
	for _, v := range []any{1, "x", nil} {
		q <- v
	}
}
