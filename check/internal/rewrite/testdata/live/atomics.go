package main

import (
	"fmt"
	"sync/atomic"
	"unsafe"
)

type counters struct {
	atomic.Int64
	hits  atomic.Uint32
	flag  atomic.Bool
	any   atomic.Value
	ptr   atomic.Pointer[counters]
	plain int64
	up    uintptr
	raw   unsafe.Pointer
}

func atomics() {
	c := &counters{}
	c.Store(3)
	c.Add(-1)
	fmt.Println(c.Load(), c.Int64.Add(1<<40), c.CompareAndSwap(1, 2), c.And(0xff), c.Or(16))
	c.hits.Add(^uint32(0))
	s := 3
	c.hits.Store(1 << s)
	fmt.Println(c.hits.Swap(9), c.hits.Load())
	c.flag.Store(true)
	c.flag.Store(s == 3)
	fmt.Println(c.flag.CompareAndSwap(true, false), c.flag.Load(), c.flag.Swap(!c.flag.Load()))
	c.any.Store("text")
	c.any.Store("more")
	fmt.Println(c.any.Load().(string), c.any.Swap("third"), c.any.CompareAndSwap("third", "x"))
	c.ptr.Store(nil)
	c.ptr.Store(c)
	c.ptr.Load().hits.Store(77)
	fmt.Println(c.hits.Load(), c.ptr.CompareAndSwap(c, nil), c.ptr.Load() == nil)
	atomic.AddInt64(&c.plain, 4)
	atomic.StoreUintptr(&c.up, 5)
	add := atomic.AddInt64
	fmt.Println(add(&c.plain, 1), atomic.LoadInt64(&c.plain), atomic.CompareAndSwapUintptr(&c.up, 5, 6), c.up)
	atomic.StorePointer(&c.raw, unsafe.Pointer(c))
	fmt.Println(atomic.LoadPointer(&c.raw) == unsafe.Pointer(c), atomic.OrInt64(&c.plain, 2))
	all := map[string]*atomic.Int32{"a": {}}
	all["a"].Add(2)
	fmt.Println(all["a"].Load())
	go c.Add(1)
	defer c.Store(0)
}
