package sched

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A call of package std is found in the source that was rewritten, and so is the object
// of the operation.
func TestWrittenAs(t *testing.T) {
	for _, c := range []struct{ function, line, want string }{
		{"MutexLock", "	s.mu.Lock()", "s.mu"},
		{"MutexLock", "	s.Lock() // embedded", "s"},
		{"MutexUnlock", "	defer s.mu[i+1].Unlock()", "s.mu[i+1]"},
		{"MutexTryLock", "	if mu.TryLock() {", "mu"},
		{"RWMutexRLock", "	c.rw.RLock(); defer c.rw.RUnlock()", "c.rw"},
		{"LockerLock", "	c.L.Lock()", "c.L"},
		{"WaitGroupAdd", "	wg.Add(1)", "wg"},
		{"WaitGroupGo", "	p.wg.Go(func() {", "p.wg"},
		{"OnceDo", "	o.once.Do(func() { ch <- 1 })", "o.once"},
		{"CondWait", "		c.Wait()", "c"},
		{"MapLoadOrStore", "	v, _ := cache.LoadOrStore(k, v)", "cache"},
		{"PoolGet", "	b := bufs.Get().(*buffer)", "bufs"},
		{"AtomicAdd[...]", "	s.n.Add(1)", "s.n"},
		{"TimerStop", "	t.timer.Stop()", "t.timer"},
		{"Recv[...]", "	v := <-ch", "ch"},
		{"Recv[...]", "	return <-s.done[i]", "s.done[i]"},
		{"Recv[...]", "	<-ctx.Done()", "ctx"},
		{"Recv[...]", "	<-time.After(d)", "time.After(d)"},
		{"Recv2[...]", "	if v, ok := <-ch; ok {", "ch"},
		{"Recv[...]", "	f(<-a, <-b)", ""},
		{"Recv[...]", "	a <- <-b", "b"},
		{"Sender[...].Send", "	a <- <-b", "a"},
		{"Sender[...].Send", "	go func(c chan<- int) { c <- 1 }(ch) // <-x", "c"},
		{"Recv[...]", "	go func(c <-chan int) { use(<-c) }(ch)", "c"},
		{"RecvCase[...]", "	case v, ok := <-a.out():", "a.out()"},
		{"RecvCase[...]", "	case <-quit:", "quit"},
		{"Sender[...].Case", "	case out <- v:", "out"},
		{"(*ChanIter[...]).Next", "	for v := range s.jobs {", "s.jobs"},
		{"(*ChanIter[...]).Next0", "	for range ch {", "ch"},
		{"Close[...]", "	close(p.done)", "p.done"},
		{"Close[...]", "	close(a); close(b)", ""},
		{"Len[...]", "	for len(ch) > 0 && n == len(ch) {", "ch"},
		{"Select", "	select {", ""},
		{"Go", "	go s.run()", ""},
		{"Sleep", "	time.Sleep(d)", ""},
	} {
		w := writtenAs(rewrites + "." + c.function)
		assert.Equal(t, c.want, w.object(c.line), "%s in %s", c.function, c.line)
		assert.Contains(t, c.line, w.call, "%s in %s", c.function, c.line)
	}
	assert.Equal(t, ".AfterFunc(", writtenAs(rewrites+".ContextAfterFunc").call)
	assert.Equal(t, ".NewTimer(", writtenAs(rewrites+".NewTimer").call)
	assert.Equal(t, ".Once(", writtenAs(rewrites+".Once").call, "no method")
}

// Rewritten code is suspected of what is not controlled in it, and of nothing else.
func TestSuspectsUnmodified(t *testing.T) {
	lines := []string{"	for k := range m { go f(time.Now(), rand.Intn(3)) }", "	h := maphash.String(seed, s)", "	var m map[int]int"}
	count := func(line int, unmodified bool) int { return len(suspectsIn(lines, Pos{Line: line}, unmodified)) }
	assert.Equal(t, 3, count(1, false))
	assert.Zero(t, count(1, true))
	assert.Equal(t, 1, count(2, true))
}

// What blocks is named by its package, and what to do depends on whose that is.
func TestAdviceUnmodified(t *testing.T) {
	in := func(function, file string) goroutine {
		g := goroutine{state: "chan receive"}
		frames := []Frame{{Func: "runtime.chanrecv1", Pos: Pos{File: goroot + "runtime/chan.go"}}, {Func: "sync.(*WaitGroup).Wait", Pos: Pos{File: goroot + "sync/waitgroup.go"}},
			{Func: function, Pos: Pos{File: file}}}
		g.within, g.stack = blockedIn(frames), frames[2:]
		return g
	}
	assert.Equal(t, "what package bank/db waits for is not controlled; ravel test -with bank/db brings it under control", adviceUnmodified(in("bank/db.(*Pool).Get", "/x/db.go")))
	assert.Contains(t, adviceUnmodified(in("net/http.(*Client).do", goroot+"net/http/client.go")), "what package net/http waits for is not controlled: leave it out")
	assert.Equal(t, "what it waits for there is not controlled", adviceUnmodified(in("bank.TestPay", "/x/bank_test.go")))
	assert.Contains(t, adviceUnmodified(goroutine{state: "running"}), "runtime.Gosched")
	assert.Contains(t, adviceUnmodified(goroutine{state: "IO wait"}), "input and output")
	assert.Equal(t, "bank/db", starter("goroutine 7 [running]:\n...\ncreated by bank/db.Open.func1 in goroutine 3\n\t/x/db.go:7 +0x1"))
	assert.Empty(t, starter("goroutine 1 [running]:"))
	assert.Equal(t, Frame{}, blockedIn(nil))
}
