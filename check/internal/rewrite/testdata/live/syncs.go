package main

import (
	"fmt"
	"sync"
	"time"
)

type inner struct {
	sync.RWMutex
	count int
}

type deep struct{ *inner }

type store struct {
	mu sync.Mutex
	sync.Once
	*sync.Cond
	deep
	locks map[string]*sync.Mutex
	many  [2]sync.Mutex
	wg    sync.WaitGroup
}

func (s *store) lock() *sync.Mutex { return &s.mu }

type myLocker interface {
	Lock()
	Unlock()
}

type tryLocker interface {
	myLocker
	TryLock() bool
}

// counting has a Lock that is no mutex's.
type counting struct{ locks int }

func (c *counting) Lock()   { c.locks++ }
func (c *counting) Unlock() { c.locks += 100 }

type oddLock interface{ Lock(int) error }

type odder struct{}

func (odder) Lock(n int) error { return fmt.Errorf("odd %d", n) }

func with(l sync.Locker, f func()) {
	l.Lock()
	defer l.Unlock()
	f()
}

func syncs() {
	s := &store{deep: deep{&inner{}}, locks: map[string]*sync.Mutex{"a": {}}}
	s.Cond = sync.NewCond(&s.mu)
	s.mu.Lock()
	s.mu.Unlock()
	(s.mu).Lock()
	(*s).mu.Unlock()
	s.lock().Lock()
	fmt.Println(s.mu.TryLock())
	s.lock().
		Unlock()
	s.RLock()
	s.deep.inner.RLock()
	fmt.Println(s.TryLock(), s.TryRLock())
	s.RUnlock()
	s.RUnlock()
	s.RWMutex.RUnlock()
	s.locks["a"].Lock()
	s.locks["a"].Unlock()
	s.many[len(s.locks)].Lock()
	s.many[1].Unlock()
	s.Do(func() { fmt.Println("once") })
	s.Do(func() { fmt.Println("twice") })
	l := s.RLocker()
	l.Lock()
	with(l, func() { fmt.Println("read") })
	l.Unlock()
	with(&s.mu, func() { fmt.Println("locked", s.mu.TryLock()) })
	with(s.inner, func() { fmt.Println("inner", s.TryLock()) })
	with(s, func() { fmt.Println("store", s.TryLock()) })
	c := &counting{}
	with(c, func() {})
	var my myLocker = c
	my.Lock()
	var try tryLocker = &s.mu
	fmt.Println(c.locks, try.TryLock(), s.mu.TryLock())
	try.Unlock()
	var o oddLock = odder{}
	fmt.Println(o.Lock(3))
	s.L.Lock()
	s.L.Unlock()
	ready := false
	go func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		ready = true
		s.Broadcast()
		s.Cond.Signal()
	}()
	s.mu.Lock()
	for !ready {
		s.Wait()
	}
	s.mu.Unlock()
	s.wg.Add(1)
	s.wg.Go(func() { s.wg.Done() })
	s.wg.Wait()
	var m sync.Map
	m.Store("k", 1)
	v, ok := m.Load("k")
	fmt.Println(v, ok)
	v, loaded := m.LoadOrStore("k", 2)
	fmt.Println(v, loaded, m.CompareAndSwap("k", 1, 3), m.CompareAndDelete("k", 1))
	m.Range(func(k, v any) bool { fmt.Println(k, v); return true })
	m.Swap("k", 5)
	m.LoadAndDelete("k")
	m.Delete("x")
	m.Clear()
	pool := sync.Pool{New: func() any { return "new" }}
	fmt.Println(pool.Get())
	pool.Put("used")
	three := sync.OnceValue(func() int { fmt.Println("computed"); return 3 })
	fmt.Println(three(), three())
	sync.OnceFunc(func() { fmt.Println("f") })()
	pair := sync.OnceValues(func() (int, error) { return 1, nil })
	fmt.Println(pair())
	t := time.NewTimer(time.Hour)
	fmt.Println(t.Stop(), t.Reset(time.Hour), t.Stop())
	func() {
		sync := counting{}
		sync.Lock()
		fmt.Println(sync.locks)
	}()
	defer func() { fmt.Println("nil locker:", recover() != nil) }()
	var none sync.Locker
	none.Lock()
}
