package main

import (
	"fmt"
	"sort"
)

func three() chan int {
	ch := make(chan int, 3)
	for i := range 3 {
		ch <- i
	}
	close(ch)
	return ch
}

func ranges() {
	var fs []func() int
	for v := range three() {
		fs = append(fs, func() int { v++; return v })
	}
	for _, f := range fs {
		fmt.Print(f(), f(), " ")
	}
	for v := range three() {
		v += 10
		defer func() { fmt.Println("deferred", v) }()
	}
	n := 0
	for range three() {
		n++
	}
	for _ = range three() {
		n++
	}
	var x any
	for x = range three() {
		fmt.Print(x, ";")
	}
	a, i := make([]int, 3), 0
	next := func() int { i++; return i - 1 }
	for a[next()] = range three() {
	}
	fmt.Println(n, x, a)
outer:
	for v := range three() {
		for w := range three() {
			switch {
			case w == 1:
				continue outer
			case v == 2:
				break outer
			}
			fmt.Print(v, w, " ")
		}
	}
	fmt.Println()
	m := map[string]int{"a": 1, "b": 2, "c": 3}
	var keys []string
	sum := 0
	for k, v := range m {
		keys = append(keys, k)
		sum += v
	}
	for k := range m {
		keys = append(keys, k)
	}
	for _, v := range m {
		sum += v
	}
	for range m {
		sum++
	}
	var k string
	var v any
	for k, v = range m {
		sum += v.(int) + m[k]
	}
	for k = range m {
		keys = append(keys, k)
	}
	other := map[string]int{}
	for other["key"+k], _ = range map[int]int{4: 5} {
	}
	for _, other["v"] = range m {
		break
	}
	for k, _ := range m {
		if k == "a" {
			continue
		}
		delete(m, k)
	}
	sort.Strings(keys)
	fmt.Println(keys, sum, len(other), other["v"] > 0, m)
	var ms []func() string
	for k, v := range map[string]int{"x": 1} {
		ms = append(ms, func() string { return fmt.Sprint(k, v) })
	}
	fmt.Println(ms[0]())
	for k, v := range (map[int]string)(nil) {
		fmt.Println(k, v)
	}
	type set map[string]struct{}
	for s := range (set{"only": {}}) {
		fmt.Println(s)
	}
}
