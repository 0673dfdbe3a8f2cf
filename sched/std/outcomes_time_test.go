package std_test

import (
	"context"
	"fmt"
	"time"

	"github.com/ravelgo/ravel/sched/std"
)

var timePrograms = []program{
	{name: "timer or channel",
		plain: func() string {
			ch := make(chan int)
			go func() { time.Sleep(time.Millisecond); ch <- 1 }()
			select {
			case v := <-ch:
				return fmt.Sprint(v)
			case <-time.After(time.Millisecond):
				<-ch
				return "timeout"
			}
		},
		rewritten: func() string {
			ch := make(chan int)
			std.Go(func() { std.Sleep(time.Millisecond); std.To(ch).Send(1) })
			switch c0, c1 := std.RecvCase(ch), std.RecvCase(std.After(time.Millisecond)); std.Select(c0, c1) {
			case 0:
				return fmt.Sprint(c0.V)
			default:
				std.Recv(ch)
				return "timeout"
			}
		},
		want: []string{"1", "timeout"}},
	{name: "timers stopped and reset",
		plain: func() string {
			tm := time.NewTimer(time.Hour)
			a, b := tm.Stop(), tm.Reset(time.Millisecond)
			<-tm.C
			c := tm.Stop()
			done := make(chan bool)
			f := time.AfterFunc(0, func() { done <- true })
			<-done
			return fmt.Sprint(a, b, c, f.Stop(), len(tm.C), f.C == nil, time.Tick(-1) == nil)
		},
		rewritten: func() string {
			tm := std.NewTimer(time.Hour)
			a, b := std.TimerStop(tm), std.TimerReset(tm, time.Millisecond)
			std.Recv(tm.C)
			c := std.TimerStop(tm)
			done := make(chan bool)
			f := std.AfterFunc(0, func() { std.To(done).Send(true) })
			std.Recv(done)
			return fmt.Sprint(a, b, c, std.TimerStop(f), std.Len(tm.C), f.C == nil, std.Tick(-1) == nil)
		},
		want: []string{"true false false false 0 true true"}},
	{name: "ticker",
		plain: func() string {
			tk := time.NewTicker(time.Millisecond)
			<-tk.C
			tk.Reset(2 * time.Millisecond)
			<-tk.C
			tk.Stop()
			return panicOf(func() { time.NewTicker(0) }) + panicOf(func() { tk.Reset(-1) }) + panicOf(func() { new(time.Timer).Stop() })
		},
		rewritten: func() string {
			tk := std.NewTicker(time.Millisecond)
			std.Recv(tk.C)
			std.TickerReset(tk, 2*time.Millisecond)
			std.Recv(tk.C)
			std.TickerStop(tk)
			return panicOf(func() { std.NewTicker(0) }) + panicOf(func() { std.TickerReset(tk, -1) }) + panicOf(func() { std.TimerStop(new(time.Timer)) })
		},
		want: []string{"non-positive interval for NewTickernon-positive interval for Ticker.Resettime: Stop called on uninitialized Timer"}},
	{name: "context cancelled",
		plain: func() string {
			ctx, cancel := context.WithCancelCause(context.Background())
			child, stop := context.WithTimeout(context.WithValue(ctx, key{}, 7), time.Hour)
			defer stop()
			done := make(chan string)
			context.AfterFunc(child, func() { done <- "after" })
			go cancel(fmt.Errorf("cause"))
			<-child.Done()
			return fmt.Sprint(<-done, child.Err(), context.Cause(child), child.Value(key{}), context.WithoutCancel(child).Err())
		},
		rewritten: func() string {
			ctx, cancel := std.WithCancelCause(context.Background())
			child, stop := std.WithTimeout(context.WithValue(ctx, key{}, 7), time.Hour)
			defer stop()
			done := make(chan string)
			std.ContextAfterFunc(child, func() { std.To(done).Send("after") })
			std.Go(func() { cancel(fmt.Errorf("cause")) })
			std.Recv(child.Done())
			return fmt.Sprint(std.Recv(done), child.Err(), context.Cause(child), child.Value(key{}), context.WithoutCancel(child).Err())
		},
		want: []string{"aftercontext canceled cause 7 <nil>"}},
	{name: "deadline or work",
		plain: func() string {
			ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
			defer cancel()
			work := make(chan int, 1)
			time.AfterFunc(time.Millisecond, func() { work <- 1 })
			select {
			case <-ctx.Done():
				return ctx.Err().Error()
			case <-work:
				return "done"
			}
		},
		rewritten: func() string {
			ctx, cancel := std.WithTimeout(context.Background(), time.Millisecond)
			defer cancel()
			work := make(chan int, 1)
			std.AfterFunc(time.Millisecond, func() { std.To(work).Send(1) })
			switch c0, c1 := std.RecvCase(ctx.Done()), std.RecvCase(work); std.Select(c0, c1) {
			case 0:
				return ctx.Err().Error()
			default:
				return "done"
			}
		},
		want: []string{"context deadline exceeded", "done"}},
}

type key struct{}

// copyOf copies what should not be copied.
func copyOf[T any](v *T) T { return *v }
