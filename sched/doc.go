// Package sched is a scheduler for concurrent programs that can be told what to
// do, with the primitives that programs under it use in place of those of
// packages sync, sync/atomic, time and context, of channels and of the go
// statement.
//
// Outside a simulation each of them is the standard one after a predicted
// branch: a [Mutex] is a sync.Mutex, [Go] is the go statement, [Now] is
// time.Now. In a simulation they are operations of a program that one
// goroutine at a time runs, in an order that a [Strategy] chooses. The same
// choices give the same run, operation for operation, in every process.
//
// Most tests want package check, which searches schedules and explains what it
// finds. This package is what it is made of:
//
//	sim := sched.NewSim(sched.Config{})
//	defer sim.Close()
//	all := strategy.DFS() // every schedule there is
//	for all.Next() {
//		r := sim.Run(all, 1, func() {
//			var mu sched.Mutex
//			...
//		})
//		if r.End != nil { // a Deadlock, a Panic, ...
//			t.Fatal(r.End)
//		}
//	}
//
// # From the standard library
//
// Names and method sets are the standard ones, and so is what they do, misuse
// included. What differs:
//
//	go f()                  sched.Go(f), or GoNamed to name it in reports
//	make(chan T, n)         sched.NewChan[T](n)
//	c <- v                  c.Send(v)
//	v, ok := <-c            v, ok := c.Recv()
//	for v := range c        for v := range c.All()
//	close(c), len(c)        c.Close(), c.Len()
//	select { ... }          switch sched.Select(a.Receiving(&v, nil), b.Sending(w))
//	select with default     switch sched.TrySelect(...), which is -1 by default
//	<-ctx.Done()            sched.Done(ctx).Recv(), or a case of Select
//	context.AfterFunc       sched.AfterDone
//	runtime.Gosched         sched.Yield
//	errgroup.WithContext    sched.NewGroup
//	semaphore.NewWeighted   sched.NewSemaphore
//	math/rand/v2            sched.Rand
//
// Package sched/atomic is sync/atomic. What tasks share as plain data goes into
// the types of package race, so that accesses are seen, or the code that accesses it
// is compiled so that it tells: see package race/access.
//
// # Schedules
//
// A task announces each operation before it does it, and stops there: that is
// a scheduling point. When all tasks have stopped, the strategy chooses one of
// those whose operation can happen. The task does it and goes on, undisturbed,
// to its next point. An operation that cannot happen, such as locking a mutex
// that is locked, waits without being tried again and again.
//
// Starting a task is no scheduling point: the new one runs up to its first
// operation at once, with nothing in between that others could see. The end of
// a task is none either. A program has therefore exactly as many schedules as
// its operations can be ordered. An access of plain memory is an operation where
// [Config].Memory says so. This program has two schedules:
//
//	sched.Go(func() { a.Lock() })
//	sched.Go(func() { b.Lock() })
//
// Besides the order of tasks, the strategy chooses the case that a [Select]
// takes, whom a task meets on an unbuffered channel, and the order of timers
// that are due together; with [Config].AnyWaiter also whom a [Cond] wakes.
//
// # Time
//
// A simulation has a clock of its own. It starts at midnight UTC 2000-01-01 and
// moves only when no task can go on: then to the next instant at which a
// sleeping task, a timer or a deadline is due. A month of sleep costs what its
// events cost:
//
//	start := sched.Now()
//	sched.Sleep(30 * 24 * time.Hour) // returns at once
//	sched.Since(start)               // 720h0m0s
//
// Computing takes no time. A program whose timeouts matter when it is slow is
// tested with [Config].AnyTime: then that the clock goes on is a choice at any
// time, so that a timeout may win over work that could have been done first.
//
// # Ends
//
// [Result].End is nil when all tasks have ended. Otherwise it is a [*Deadlock],
// a [*Leak] (the first task has returned, others wait for ever), a [*Panic],
// a [*StepLimit] (a livelock), a [*Misuse] (what would end the process), a
// [*Blocked] or an [*Uncontrolled]. Whatever the end, every task is unwound: its
// deferred calls have run when [Sim.Run] returns, no goroutine is left, and the
// Sim can be used again.
//
// # What it does not control
//
// A simulation knows what goes through this package. A task that blocks on a
// real mutex, channel or file keeps all others waiting, as only one runs; after
// [Config].BlockedAfter by the wall clock the run ends with a [*Blocked] that
// says where and what to use instead. A goroutine started with a plain go
// statement that uses this package ends the run with an [*Uncontrolled].
//
// The order of map iteration, addresses, time.Now and unseeded random numbers
// differ from run to run. If such a thing reaches an operation, runs cannot be
// repeated: [SelfCheck] finds the first operation that differs and names
// what in the code above it may be the cause.
//
// # Objects
//
// The zero value of a primitive works, and one that was made outside a
// simulation may be used inside. Who has locked it, counted on it or waits at
// it begins anew with each run: a mutex that one run left locked is free in the
// next. What holds data keeps it, as any variable does: the buffer of a [Chan],
// a [Map], an atomic value. Make those in the body.
package sched
