package main

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

var sleep = time.Sleep

type api struct {
	now  func() time.Time
	lock func()
}

func values() {
	var mu sync.Mutex
	f, g := mu.Lock, mu.Unlock
	f()
	fmt.Println(mu.TryLock())
	g()
	a := api{now: time.Now, lock: mu.Lock}
	a.lock()
	try := mu.TryLock
	fmt.Println(try(), a.now().IsZero())
	sleep(1)
	unlock := (*sync.Mutex).Unlock
	unlock(&mu)
	(*sync.Mutex).Lock(&mu)
	mu.Unlock()
	var l sync.Locker = &mu
	lf := l.Lock
	lf()
	sync.Locker.Unlock(&mu)
	unlocks := sync.Locker.Lock
	unlocks(l)
	defer mu.Unlock()
	var wg sync.WaitGroup
	add, wait := wg.Add, wg.Wait
	add(1)
	go wg.Done()
	wait()
	var m sync.Map
	load, store, cas := m.Load, m.Store, m.CompareAndSwap
	store(1, 2)
	fmt.Println(load(1))
	fmt.Println(cas(1, 2, 3))
	swap, los := m.Swap, (*sync.Map).LoadOrStore
	fmt.Println(swap(1, 4))
	fmt.Println(los(&m, 1, 5))
	var n atomic.Int32
	inc, get, set, swp := n.Add, n.Load, n.Store, n.CompareAndSwap
	set(4)
	fmt.Println(inc(1), get(), swp(5, 6), (*atomic.Int32).Add(&n, 2), n.Or(1))
	ptr := (*atomic.Pointer[int]).Load
	var p atomic.Pointer[int]
	fmt.Println(ptr(&p) == nil)
	once := (&sync.Once{}).Do
	once(func() { fmt.Println("once") })
	once(func() { fmt.Println("once") })
	for _, fn := range []func(){mu.Unlock, mu.Lock} {
		fn()
	}
	e := struct {
		sync.Mutex
		*sync.WaitGroup
	}{}
	el := e.Lock
	el()
	fmt.Println(e.TryLock())
	defer func() { fmt.Println(recover() != nil) }()
	var none sync.Locker
	_ = none.Lock
	fmt.Println("not here")
}
