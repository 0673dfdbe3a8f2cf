package main

import (
	"errors"
	"fmt"
)

type numbers chan int

type yes bool

type holder struct{ in, out chan any }

func one[T any](v T) chan T {
	ch := make(chan T, 4)
	ch <- v
	return ch
}

var global, globalOK = <-one("global")

func chans() {
	n := make(numbers, 3)
	n <- 1
	n <- 2
	n <- <-n + 10
	fmt.Println(len(n), cap(n), <-n, <-n)

	fmt.Println(global, globalOK)
	if v, ok := <-one(3); ok && v > <-one(2) {
		fmt.Println("if", v)
	}
	switch v := <-one("s"); v {
	case <-one("s"):
		fmt.Println("switch", v)
	}
	for x := <-one(0); x < <-one(3); x = <-one(x + 1) {
		fmt.Print(x, " ")
	}
	fmt.Println(first(one(7)))

	var e chan error = make(chan error, 1)
	e <- errors.New("concrete")
	fmt.Println(<-e)
	e <- nil
	fmt.Println(<-e == nil)
	h := holder{in: make(chan any, 2)}
	h.out = h.in
	h.in <- 5
	switch x := (<-h.out).(type) {
	case int:
		fmt.Println("int", x)
	}
	f := make(chan func(int) int, 1)
	f <- func(x int) int { return x * 2 }
	fmt.Println((<-f)(21))
	p := make(chan *holder, 1)
	p <- &h
	(<-p).in <- "through"
	fmt.Println(<-h.out)
	bytes := make(chan byte, 1)
	bytes <- 1 << 3
	fmt.Println(<-bytes)

	close(n)
	v, ok := <-n
	fmt.Println(v, ok)
	var w, wok = (<-n)
	fmt.Println(w, wok)
	var b yes
	v, b = <-n
	fmt.Println(v, b)
	var i interface{}
	_, i = <-n
	fmt.Println(i)
	ints := []int{1, 2, 3}
	ints[<-one(1)] = <-one(20)
	ints[<-one(0)], ok = <-one(30)
	fmt.Println(ints, ok, []int{<-one(1), 2}, map[string]int{"a": <-one(2)}["a"])

	var sendOnly chan<- int = n
	var recvOnly <-chan int = one(1)
	fmt.Println(len(sendOnly), cap(sendOnly), len(recvOnly), <-recvOnly)
	for _, bad := range []func(){func() { close(n) }, func() { n <- 1 }, func() { close(sendOnly) }} {
		func() {
			defer func() { fmt.Println(recover()) }()
			bad()
		}()
	}
	cc := make(chan chan int, 1)
	cc <- one(4)
	fmt.Println(<-<-cc)
	func() {
		d := make(chan int)
		defer fmt.Println("deferred")
		defer close(d)
		go func() { d <- 1 }()
		<-d
	}()
	fmt.Println(-<-one(3), !<-one(false), <-one(1.5)*2, // a comment
		<-one(2) /* another */, <-one(3))
}

func first(ch <-chan int) (int, error) { return <-ch, nil }
