// Package sctbench holds small programs with known concurrency bugs, by which the
// field measures how soon a search finds them, and for each a twin without the
// bug. They are written for package sched from the descriptions of SCTBench
// (Thomson, Donaldson, Betts: Concurrency Testing Using Controlled Schedulers,
// TOPC 2016).
package sctbench

import (
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

// T is what a program reports a failed assertion to.
type T interface {
	Errorf(format string, args ...any)
}

// Program is a bug and its twin.
type Program struct {
	Name string
	// Kind is what goes wrong: "assertion", "panic" or "stuck", which is a
	// deadlock or tasks left blocked.
	Kind string
	// Always is set if it does so on every schedule.
	Always bool
	// Published are the medians of schedules to the first bug of PCT-3, POS,
	// random walk, URW and SURW that others report, or 0.
	Published [5]float64
	Bad, Good func(t T)
}

// Programs returns them all.
func Programs() []Program {
	both := func(fn func(t T, bad bool)) (bad, good func(t T)) {
		return func(t T) { fn(t, true) }, func(t T) { fn(t, false) }
	}
	var all []Program
	add := func(name, kind string, always bool, published [5]float64, fn func(t T, bad bool)) {
		bad, good := both(fn)
		all = append(all, Program{name, kind, always, published, bad, good})
	}
	add("account", "assertion", false, [5]float64{4, 3, 12, 2, 4}, account)
	add("arithmetic_prog", "assertion", true, [5]float64{}, arithmetic)
	add("circular_buffer", "assertion", false, [5]float64{8, 2, 3, 11, 3}, circularBuffer)
	add("deadlock01", "stuck", false, [5]float64{8, 2, 2, 2, 2}, deadlock)
	for n := 2; n <= 7; n++ {
		add("din_phil"+string(rune('0'+n)), "assertion", true, [5]float64{}, func(t T, bad bool) { philosophers(t, n, bad) })
	}
	add("fsbench", "panic", true, [5]float64{}, fileSystem)
	add("lazy01", "assertion", false, [5]float64{5, 4, 15, 3, 2}, lazy)
	add("phase01", "stuck", true, [5]float64{}, phase)
	add("queue", "assertion", false, [5]float64{3, 1, 1, 2, 2}, queue)
	add("reorder_3", "assertion", false, [5]float64{130, 82, 0, 12, 4}, func(t T, bad bool) { reorder(t, 2, 1, bad) })
	add("stack", "assertion", false, [5]float64{2, 1, 156, 682, 4}, stack)
	add("sync01", "stuck", true, [5]float64{}, sync01)
	add("sync02", "stuck", true, [5]float64{}, sync02)
	add("token_ring", "assertion", false, [5]float64{6, 6, 8, 10, 7}, tokenRing)
	add("twostage", "assertion", false, [5]float64{8, 12, 166, 6, 6}, twoStage)
	add("wronglock_3", "assertion", false, [5]float64{47, 5, 16, 4, 7}, func(t T, bad bool) { wrongLock(t, 3, bad) })
	return all
}

// join starts tasks and waits for them.
func join(tasks ...func()) {
	var wg sched.WaitGroup
	for _, fn := range tasks {
		wg.Go(fn)
	}
	wg.Wait()
}

func inc(v *race.Var[int], n int) { v.Store(v.Load() + n) }

func account(t T, bad bool) {
	var mu sched.Mutex
	var balance race.Var[int]
	var deposited, withdrawn race.Var[bool]
	want := -1
	if bad {
		want = -5
	}
	balance.Store(1)
	join(func() {
		mu.Lock()
		if deposited.Load() && withdrawn.Load() {
			if b := balance.Load(); b != want {
				t.Errorf("balance is %d", b)
			}
		}
		mu.Unlock()
	}, func() {
		mu.Lock()
		inc(&balance, 2)
		deposited.Store(true)
		mu.Unlock()
	}, func() {
		mu.Lock()
		inc(&balance, -4)
		withdrawn.Store(true)
		mu.Unlock()
	})
}

// store is a counter of items with conditions for none and for some.
type store struct {
	mu          sched.Mutex
	empty, full *sched.Cond
	num         race.Var[int]
}

func newStore(num int) *store {
	s := &store{}
	s.empty, s.full = sched.NewCond(&s.mu), sched.NewCond(&s.mu)
	s.num.Store(num)
	return s
}

// put waits until there is nothing.
func (s *store) put() {
	s.mu.Lock()
	for s.num.Load() > 0 {
		s.empty.Wait()
	}
	inc(&s.num, 1)
	s.mu.Unlock()
	s.full.Signal()
}

// take waits until there is something, and takes it unless told to leave it.
func (s *store) take(leave bool, also func()) {
	s.mu.Lock()
	for s.num.Load() == 0 {
		s.full.Wait()
	}
	also()
	if !leave {
		inc(&s.num, -1)
	}
	s.mu.Unlock()
	s.empty.Signal()
}

func arithmetic(t T, bad bool) {
	s := newStore(0)
	var total race.Var[int]
	var flag race.Var[bool]
	join(func() {
		for range 3 {
			s.put()
		}
	}, func() {
		for j := range 3 {
			s.take(false, func() { inc(&total, j) })
		}
		inc(&total, 3)
		flag.Store(true)
	})
	if flag.Load() && (total.Load() == 6) == bad {
		t.Errorf("total is %d", total.Load())
	}
}

// turns lets two tasks act in turn: the one whose turn it is not goes without
// if bad, else it waits.
type turns struct {
	mu   sched.Mutex
	cond *sched.Cond
	mine [2]race.Var[bool]
	bad  bool
}

func newTurns(bad bool) *turns {
	s := &turns{bad: bad}
	s.cond = sched.NewCond(&s.mu)
	s.mine[0].Store(true)
	return s
}

func (s *turns) act(i int, fn func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for !s.mine[i].Load() {
		if s.bad {
			return
		}
		s.cond.Wait()
	}
	fn()
	s.mine[i].Store(false)
	s.mine[1-i].Store(true)
	s.cond.Broadcast()
}

func circularBuffer(t T, bad bool) {
	s := newTurns(bad)
	var buffer [10]race.Var[int]
	var first, next race.Var[int]
	join(func() {
		for i := range 7 {
			s.act(0, func() {
				n := next.Load()
				buffer[n].Store(i)
				next.Store(n + 1)
			})
		}
	}, func() {
		for i := range 7 {
			s.act(1, func() {
				v := -1
				if f := first.Load(); f < next.Load() {
					v = buffer[f].Load()
					first.Store(f + 1)
				}
				if v != i {
					t.Errorf("took %d in place of %d", v, i)
				}
			})
		}
	})
}

func deadlock(_ T, bad bool) {
	var a, b sched.Mutex
	var c race.Var[int]
	first, second := &a, &b
	if bad {
		first, second = &b, &a
	}
	join(func() {
		a.Lock()
		b.Lock()
		inc(&c, 1)
		b.Unlock()
		a.Unlock()
	}, func() {
		first.Lock()
		second.Lock()
		inc(&c, -1)
		second.Unlock()
		first.Unlock()
	})
}

// pass takes a lock and lets it go.
func pass(mu *sched.Mutex) {
	mu.Lock()
	defer mu.Unlock()
}

func philosophers(t T, n int, bad bool) {
	var guard sched.Mutex
	forks := make([]sched.Mutex, n)
	var eaten race.Var[int]
	eat := func() {
		inc(&eaten, 1)
		if e := eaten.Load(); e > n || bad && e == n {
			t.Errorf("%d have eaten", e)
		}
	}
	var tasks []func()
	for i := range n {
		tasks = append(tasks, func() {
			guard.Lock()
			forks[(i+1)%n].Lock()
			pass(&forks[i])
			forks[(i+1)%n].Unlock()
			if n == 2 && bad {
				guard.Unlock()
				eat()
				return
			}
			eat()
			guard.Unlock()
		})
	}
	join(tasks...)
}

func fileSystem(_ T, bad bool) {
	const inodes, blocks = 32, 26
	locks := blocks
	if !bad {
		locks = inodes
	}
	inodeLocks := make([]sched.Mutex, locks)
	var blockLocks [blocks]sched.Mutex
	var busy [blocks]race.Var[bool]
	var inode [inodes]race.Var[int]
	var tasks []func()
	for id := range 27 {
		tasks = append(tasks, func() {
			i := id % inodes
			inodeLocks[i].Lock()
			defer inodeLocks[i].Unlock()
			if inode[i].Load() != 0 {
				return
			}
			b := 2 * i % blocks
			for range blocks / 2 {
				blockLocks[b].Lock()
				if !busy[b].Load() {
					busy[b].Store(true)
					inode[i].Store(b + 1)
					blockLocks[b].Unlock()
					return
				}
				blockLocks[b].Unlock()
				b = (b + 1) % blocks
			}
		})
	}
	join(tasks...)
}

func lazy(t T, bad bool) {
	var mu sched.Mutex
	var x race.Var[int]
	most := 3
	if bad {
		most = 2
	}
	locked := func(fn func()) func() {
		return func() {
			mu.Lock()
			fn()
			mu.Unlock()
		}
	}
	join(locked(func() { inc(&x, 1) }), locked(func() { inc(&x, 2) }), locked(func() {
		if v := x.Load(); v > most {
			t.Errorf("x is %d", v)
		}
	}))
}

func phase(_ T, bad bool) {
	var x, y sched.Mutex
	task := func() {
		pass(&x)
		x.Lock()
		pass(&y)
		pass(&y)
		if !bad {
			x.Unlock()
		}
	}
	join(task, task)
}

func queue(t T, bad bool) {
	const size = 20
	s := newTurns(bad)
	var ring [size + 1]race.Var[int]
	var stored [size]race.Var[int]
	var head, tail race.Var[int]
	next := func(i int) int {
		if i == size {
			return 1
		}
		return i + 1
	}
	enqueue := func(v int) {
		ring[tail.Load()].Store(v)
		tail.Store(next(tail.Load()))
	}
	dequeue := func() int {
		v := ring[head.Load()].Load()
		head.Store(next(head.Load()))
		return v
	}
	rounds := size - 1
	if bad {
		rounds = size
	}
	join(func() {
		s.mu.Lock()
		enqueue(0)
		stored[0].Store(0)
		s.mu.Unlock()
		v := 0
		for i := range size - 1 {
			s.act(0, func() {
				v++
				enqueue(v)
				stored[i+1].Store(v)
			})
		}
	}, func() {
		for i := range rounds {
			s.act(1, func() {
				if v := dequeue(); v != stored[i].Load() {
					t.Errorf("took %d in place of %d", v, i)
				}
			})
		}
	})
}

func reorder(t T, setters, checkers int, bad bool) {
	var mu sched.Mutex
	var a, b race.Var[int]
	locked := func(fn func()) func() {
		return func() {
			if !bad {
				mu.Lock()
				defer mu.Unlock()
			}
			fn()
		}
	}
	var tasks []func()
	for range setters {
		tasks = append(tasks, locked(func() {
			a.Store(1)
			b.Store(-1)
		}))
	}
	for range checkers {
		tasks = append(tasks, locked(func() {
			if !(a.Load() == 0 && b.Load() == 0 || a.Load() == 1 && b.Load() == -1) {
				t.Errorf("half done")
			}
		}))
	}
	join(tasks...)
}

func stack(t T, bad bool) {
	const size = 10
	var mu sched.Mutex
	var top race.Var[int]
	var array [size]race.Var[int]
	var flag race.Var[bool]
	join(func() {
		for i := range size {
			mu.Lock()
			n := top.Load()
			if n == size {
				t.Errorf("overflow")
			} else {
				array[n].Store(i)
				top.Store(n + 1)
				flag.Store(true)
			}
			mu.Unlock()
		}
	}, func() {
		for range size {
			mu.Lock()
			if flag.Load() {
				switch n := top.Load(); {
				case n > 0:
					top.Store(n - 1)
				case bad:
					t.Errorf("underflow")
				}
			}
			mu.Unlock()
		}
	})
}

func sync01(_ T, bad bool) {
	s := newStore(1)
	join(s.put, func() { s.take(bad, func() {}) })
}

func sync02(_ T, bad bool) {
	s := newStore(2)
	rounds := 3
	if bad {
		rounds = 2
	}
	join(func() {
		s.put()
		s.put()
	}, func() {
		for range rounds {
			s.take(false, func() {})
		}
	})
}

func tokenRing(t T, bad bool) {
	var guard sched.Mutex
	var x [4]race.Var[int]
	var done [4]race.Var[bool]
	x[1].Store(1)
	x[2].Store(2)
	x[3].Store(1)
	pass := func(to, from, add int) func() {
		return func() {
			guard.Lock()
			if bad || from == 3 || done[from].Load() {
				x[to].Store((x[from].Load() + add) % 4)
				done[to].Store(true)
			}
			guard.Unlock()
		}
	}
	join(pass(1, 3, 1), pass(2, 1, 0), pass(3, 2, 0), func() {
		guard.Lock()
		if done[1].Load() && done[2].Load() && done[3].Load() {
			if a, b, c := x[1].Load(), x[2].Load(), x[3].Load(); a != b || b != c {
				t.Errorf("%d, %d, %d", a, b, c)
			}
		}
		guard.Unlock()
	})
}

func twoStage(t T, bad bool) {
	var one, two sched.Mutex
	var d1, d2 race.Var[int]
	between := func() {
		if bad {
			one.Unlock()
			two.Lock()
		}
	}
	leave := func() {
		if bad {
			two.Unlock()
		} else {
			one.Unlock()
		}
	}
	join(func() {
		one.Lock()
		d1.Store(1)
		between()
		d2.Store(d1.Load() + 1)
		leave()
	}, func() {
		one.Lock()
		if d1.Load() == 0 {
			one.Unlock()
			return
		}
		seen := d1.Load()
		between()
		then := d2.Load()
		leave()
		if then != seen+1 {
			t.Errorf("%d after %d", then, seen)
		}
	})
}

func wrongLock(t T, others int, bad bool) {
	var data, thread sched.Mutex
	var v race.Var[int]
	other := &data
	if bad {
		other = &thread
	}
	tasks := []func(){func() {
		data.Lock()
		x := v.Load()
		inc(&v, 1)
		if n := v.Load(); n != x+1 {
			t.Errorf("%d after %d", n, x)
		}
		data.Unlock()
	}}
	for range others {
		tasks = append(tasks, func() {
			other.Lock()
			inc(&v, 1)
			other.Unlock()
		})
	}
	join(tasks...)
}
