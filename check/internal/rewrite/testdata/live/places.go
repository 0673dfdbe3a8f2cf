package main

import (
	"fmt"
	"path"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
)

// place returns where it is called.
func place() string {
	_, file, line, _ := runtime.Caller(1)
	return fmt.Sprint(path.Base(file), ":", line)
}

// frames returns the places of a stack that are in this program.
func frames() (all []string) {
	for line := range strings.Lines(string(debug.Stack())) {
		if i := strings.Index(line, "testdata/live/places.go"); i >= 0 && strings.HasPrefix(line, "\t") {
			at, _, _ := strings.Cut(line[i:], " ")
			all = append(all, path.Base(at))
		}
	}
	return all
}

func places() {
	ch := make(chan []string, 1)
	ch <- []string{
		place(),
		func() string { return place() }(),
	}
	fmt.Println(<-ch, place())
	select {
	case s := <-ch:
		fmt.Println(s)
	case ch <- []string{place(),
		place()}:
		fmt.Println(<-ch, place())
	}
	var mu sync.Mutex
	defer func() { fmt.Println(recover(), frames()) }()
	go func(
		at string,
	) {
		ch <- append(frames(),
			at)
	}(
		place(),
	)
	fmt.Println(
		<-ch,
		place())
	for m := (map[string]int{place(): 1}); ; {
		for k := range m {
			fmt.Println(k, place())
			var none map[string]map[string]int
			mu.Lock()
			defer mu.Unlock()
			none[k][place()] = 1
		}
	}
}
