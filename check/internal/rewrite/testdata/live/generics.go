package main

import (
	"fmt"
	"sync"
)

func drain[C ~chan T, T any](c C) (all []T) {
	c <- *new(T)
	close(c)
	for v := range c {
		all = append(all, v)
	}
	v, ok := <-c
	_, _ = v, ok
	fmt.Println(len(c), cap(c))
	return all
}

func guarded[L sync.Locker](l L, f func()) {
	l.Lock()
	defer l.Unlock()
	f()
}

func pointed[T any, P interface {
	*T
	sync.Locker
}](f func()) {
	var v T
	P(&v).Lock()
	p := P(&v)
	un := p.Unlock
	un()
	f()
}

func count[M ~map[K]V, K comparable, V any](m M, k K, v V) int {
	m[k] = v
	_ = m[k]
	for k, v := range m {
		m[k] = v
	}
	for k := range m {
		delete(m, k)
	}
	n := len(m)
	clear(m)
	return n
}

func bytesOf[S ~string | ~[]byte](dst []byte, s S) int { return copy(dst, s) }

func merge[T any](in ...<-chan T) <-chan T {
	out := make(chan T)
	var wg sync.WaitGroup
	wg.Add(len(in))
	for _, c := range in {
		go func(c <-chan T) {
			defer wg.Done()
			for v := range c {
				select {
				case out <- v:
				}
			}
		}(c)
	}
	go func() { wg.Wait(); close(out) }()
	return out
}

type queue[T any] struct {
	sync.Mutex
	items []T
	ch    chan T
}

func (q *queue[T]) push(v T) {
	q.Lock()
	defer q.Unlock()
	q.items = append(q.items, v)
	select {
	case q.ch <- v:
	default:
	}
}

func direction[C interface{ chan int | <-chan int }](c C) int { return <-c }

func generics() {
	fmt.Println(drain(make(numbers, 2)))
	var mu sync.Mutex
	guarded(&mu, func() { fmt.Println(mu.TryLock()) })
	guarded[sync.Locker](&mu, func() {})
	pointed[sync.Mutex](func() { fmt.Println("pointed") })
	fmt.Println(count(map[string]int{}, "a", 1), bytesOf(make([]byte, 3), "ab"))
	n := 0
	for v := range merge[int](three(), three()) {
		n += v
	}
	q := queue[string]{ch: make(chan string, 1)}
	q.push("x")
	fmt.Println(n, <-q.ch, direction(one(3)))
}
