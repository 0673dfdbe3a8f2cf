package main

import (
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
)

type server struct {
	sync.Mutex
	name string
}

type pointing struct{ *sync.RWMutex }

type own struct{ sync.Mutex }

// Lock is the type's own.
func (o *own) Lock() { o.Mutex.Lock(); fmt.Println("own lock") }

type box[K comparable, V any] struct {
	sync.RWMutex
	m map[K]V
}

type outer struct{ server }

type field struct {
	sync.Mutex
	Unlock int
}

type everything struct {
	sync.WaitGroup
	sync.Once
	*sync.Cond
	atomic.Int32
	all struct{ sync.Map }
}

type renamed server

type locked interface {
	sync.Locker
	TryLock() bool
}

type clash struct {
	outer
	other
}

type other struct{ lockless }

type lockless struct{}

func (lockless) Lock() { fmt.Println("lockless") }

type deeper struct{ renamedOther }

type renamedOther struct{ other }

func embeds() {
	b := &box[string, int]{m: map[string]int{}}
	for _, l := range []locked{&server{}, pointing{new(sync.RWMutex)}, &pointing{new(sync.RWMutex)}, &own{}, b, &outer{}, new(renamed)} {
		l.Lock()
		fmt.Println(l.TryLock())
		l.Unlock()
		fmt.Println(reflect.TypeOf(l).NumMethod())
	}
	b.RLock()
	b.RLocker().Unlock()
	var e everything
	e.Cond = sync.NewCond(&b.RWMutex)
	e.WaitGroup.Add(1)
	e.Done()
	e.Do(func() { fmt.Println("do") })
	e.Store(4)
	e.all.Store(1, 2)
	fmt.Println(e.Load(), field{}.Unlock)
	var adder interface{ CompareAndSwap(a, b int32) bool } = &e
	fmt.Println(adder.CompareAndSwap(4, 5))
	local := struct {
		sync.Mutex
		n int
	}{}
	local.Lock()
	local.Unlock()
	(&clash{}).Lock()
	new(deeper).Lock()
	f := (*server).Lock
	s := &server{name: "s"}
	f(s)
}
