package main

import (
	"fmt"
	"os"
	"sync"
)

type worker struct {
	n    int
	wg   *sync.WaitGroup
	call func(int)
}

func (w worker) value(out *int)        { *out = w.n; w.wg.Done() }
func (w *worker) pointer(by int)       { w.n += by; w.wg.Done() }
func (w *worker) result() (int, error) { w.wg.Done(); return 0, nil }

type doer interface{ pointer(int) }

func generic[T any](out *T, v T, wg *sync.WaitGroup) { *out = v; wg.Done() }

func two() (int, string) { return 2, "two" }

func gos() {
	var wg sync.WaitGroup
	out := make(chan string, 20)
	send := func(args ...any) { out <- fmt.Sprint(args...) }
	get := func(n int) {
		for range n {
			fmt.Print(<-out, ";")
		}
		fmt.Println()
	}
	for i := 0; i < 2; i++ {
		go func(i int) { out <- fmt.Sprint(i) }(i)
		get(1)
	}
	go send()
	get(1)
	go send("a", 1, nil, 2.5)
	get(1)
	go send([]any{"x", "y"}...)
	get(1)
	go send(two())
	get(1)
	var f32 float32
	var i8 int8
	w := worker{wg: &wg, n: 1}
	n, done := 0, make(chan int)
	wg.Add(8)
	go w.value(&n)
	w.n = 100
	f := func() int { defer wg.Done(); return 1 }
	go f()
	go w.result()
	go generic(&f32, 3, &wg)
	go generic[int8](&i8, 1<<3, &wg)
	go wg.Done()
	go close(done)
	<-done
	go (&w).pointer(1)
	var d doer = &w
	go d.pointer(2)
	wg.Add(0)
	wg.Wait()
	fmt.Println(n, f32, i8)
	n = 1
	w.call = func(x int) { out <- fmt.Sprint("field", x) }
	go w.call(1 << uint(n+1))
	w.call = nil
	get(1)
	go shifted(1<<n, n == 1, out)
	get(1)
labelled:
	go func() { out <- "labelled" }()
	get(1)
	if n > 5 {
		goto labelled
	}
	select {
	default:
		go func() (int, string) { out <- "select"; return two() }()
	}
	get(1)
	m := map[string]int{"a": 1, "b": 2}
	func() {
		defer delete(m, "a")
		defer clear(map[int]int{})
		fmt.Println(len(m))
	}()
	fmt.Println(len(m))
	go print("")
	go fmt.Fprint(os.Stderr)
	go copy([]int{1}, []int{2})
	var mu sync.Mutex
	mu.Lock()
	go mu.Unlock()
	mu.Lock()
	wg.Add(1)
	go wg.Done()
	wg.Wait()
	func() {
		defer mu.Unlock()
		defer func(n int) { fmt.Println("deferred", n, recover()) }(n)
		n = 50
		panic("p")
	}()
	go takes(nil, 'x', out)
	get(1)
	go func() {
		defer close(out)
	}()
	for range out {
	}
}

type flag bool

func shifted(x int64, b flag, out chan string) { out <- fmt.Sprint(x, b) }

func takes(err error, r rune, out chan<- string) { out <- fmt.Sprint(err, r) }
