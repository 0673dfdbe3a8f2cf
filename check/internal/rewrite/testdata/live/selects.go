package main

import (
	"context"
	"fmt"
	"time"
)

var order []string

func note[T any](name string, v T) T {
	order = append(order, name)
	return v
}

func selects() {
	a, b := make(chan int, 1), make(chan string, 1)
	var none chan int
	a <- 1
	select {
	case v := <-a:
		fmt.Println("a", v)
	case s, ok := <-b:
		fmt.Println("b", s, ok)
	case none <- 1:
		fmt.Println("never")
	}
	x := []int{0, 0}
	a <- 5
	select {
	case x[note("index", 1)] = <-note("a", a):
	case note("b", b) <- note("value", "s"):
		<-b
	}
	select {
	default:
		fmt.Println("first")
	case <-none:
	}
	select {
	case <-none:
	default:
		fmt.Println("middle")
	case none <- note("sent", 1):
	}
	close(a)
	var ok yes
	for len(a) > 0 {
		<-a
	}
	select {
	case x[0], ok = (<-a):
		fmt.Println("closed", ok)
	case <-none:
	}
	fmt.Println(order[0], order[1], order[2], x[0])
	for i := 0; ; i++ {
		select {
		case <-a:
			if i < 2 {
				continue
			}
			break
		}
		if i > 1 {
			break
		}
	}
label:
	for {
		select {
		case <-a:
			select {
			case <-none:
			default:
				break label
			}
		}
	}
here:
	select {
	case <-a:
		break here
	case <-none:
		goto end
	}
	fmt.Println(returns(a), returns(none), waits())
end:
	f := func() int {
		select {
		case v, ok := <-func() chan int {
			select {
			case <-a:
			}
			return a
		}():
			_ = ok
			return v
		}
	}
	fmt.Println(f())
	select {
	case b <- "both":
		go func() { b <- <-b + "!" }()
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	select {
	case <-ctx.Done():
		fmt.Println(ctx.Err())
	case <-time.After(time.Minute):
	}
	m := map[string]int{}
	c := make(chan int, 1)
	c <- 8
	select {
	case m["k"] = <-c:
	}
	fmt.Println(m)
	select {
	case e := <-func() chan error { c := make(chan error, 1); c <- nil; return c }():
		fmt.Println(e)
	}
}

func returns(ch chan int) string {
	select {
	case <-ch:
		return "closed"
	default:
		if ch == nil {
			return "nil"
		}
		panic("neither")
	}
}

func waits() int {
	done := make(chan int)
	go func() {
		defer close(done)
		select {
		case done <- 3: // the value
		}
	}()
	select {
	case v := <-done:
		return v
	}
}

func forever() int {
	select {}
}
