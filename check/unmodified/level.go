package unmodified

import (
	"context"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/ravelgo/ravel/sched"
)

// level is a test, or a subtest of it, in a run: what is asked by the methods of its T.
// The order in which it ends is that of package testing: its function, its parallel
// subtests, its context, its cleanups.
type level struct {
	*run
	t      *testing.T
	name   string
	parent *level // nil for the test

	failed, skipped bool
	returned        bool // its function, or it has skipped itself
	cleaning, done  bool
	cleanups        []func()
	ctx             context.Context
	cancel          context.CancelFunc

	lines []string // of the log of a first run
	subs  []*level // subtests of a first run

	signal   sched.Chan[struct{}] // of a subtest: it waits or has ended
	parallel []*level             // subtests that wait for the function to return
	release  sched.Chan[struct{}] // closed when it has; there is one if any waits
}

// execute runs a function as this level.
func (l *level) execute(f func(*testing.T)) {
	defer l.end()
	f(l.t)
	l.returned = true
}

// end is what comes after the function.
func (l *level) end() {
	defer l.ended()
	defer l.cleanUp()
	if over() || l.test.Plain != "" {
		return
	}
	if !l.returned {
		if exiting() {
			l.Error("test executed panic(nil) or runtime.Goexit")
			l.check.FailNow()
		}
		return // it panics, which ends the run
	}
	if len(l.parallel) > 0 {
		l.release.Close()
		for _, sub := range l.parallel {
			sub.signal.Recv()
		}
	}
}

// ended tells whoever waits that the level is done.
func (l *level) ended() {
	l.mu.Lock()
	l.done = true
	l.mu.Unlock()
	if l.parent != nil && l.returned && !over() {
		l.signal.Send(struct{}{})
	}
}

// over reports whether the run has ended.
func over() bool {
	task := sched.Current()
	return task == nil || task.Over()
}

// exiting reports whether the deferred function that calls it runs because of
// runtime.Goexit, and not of a panic.
func exiting() bool {
	var pcs [8]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	for {
		f, more := frames.Next()
		switch {
		case f.Function == "runtime.Goexit":
			return true
		case f.Function == "runtime.gopanic" || !more:
			return false
		}
	}
}

// cleanUp cancels the context and calls the cleanups. One that panics or ends its
// goroutine does not keep the others from running.
func (l *level) cleanUp() {
	defer func() {
		l.mu.Lock()
		more := len(l.cleanups) > 0
		l.mu.Unlock()
		if more {
			l.cleanUp()
		}
		l.cleaning = false
	}()
	l.cleaning = true
	if l.cancel != nil {
		l.cancel()
	}
	for {
		l.mu.Lock()
		n := len(l.cleanups)
		if n == 0 {
			l.mu.Unlock()
			return
		}
		f := l.cleanups[n-1]
		l.cleanups = l.cleanups[:n-1]
		l.mu.Unlock()
		f()
	}
}

// Run runs a subtest in a task of its own and waits until it has ended, or waits for
// the function of its parent to return.
func (l *level) Run(name string, f func(*testing.T)) bool {
	if l.cleaning {
		panic("testing: t.Run called during t.Cleanup")
	}
	sub := &level{run: l.run, name: name, parent: l, signal: sched.NewChan[struct{}](2)}
	sub.t = newT(sub, l.t, name)
	sched.Named("end of "+sub.base(), sub.signal)
	l.mu.Lock()
	l.alone++
	if l.first {
		l.subs = append(l.subs, sub)
	}
	l.mu.Unlock()
	sched.GoInTurn(sub.base(), func() { sub.execute(f) })
	sub.signal.Recv()
	return !sub.Failed()
}

// base returns the last element of the name.
func (l *level) base() string { return l.name[strings.LastIndexByte(l.name, '/')+1:] }

// tell shows how the level went as package testing shows tests.
func (l *level) tell(t *testing.T) {
	for _, line := range l.lines {
		_, _ = io.WriteString(t.Output(), strings.ReplaceAll(line, "\n", "\n    ")+"\n")
	}
	for _, sub := range l.subs {
		t.Run(strings.TrimPrefix(sub.name, l.name+"/"), sub.tell)
	}
	if l.failed {
		t.Fail()
	}
	if l.skipped {
		t.SkipNow()
	}
}

// Parallel lets the parent go on, and waits until its function has returned. A test
// itself has nothing to wait for: searches have the process for themselves, one after
// the other.
func (l *level) Parallel() {
	p := l.parent
	if p == nil {
		return
	}
	sched.Current().Together()
	l.mu.Lock()
	l.alone--
	p.parallel = append(p.parallel, l)
	if len(p.parallel) == 1 {
		p.release = sched.NewChan[struct{}](0)
	}
	l.mu.Unlock()
	l.signal.Send(struct{}{})
	sched.Named("return of "+p.base(), p.release).Recv()
}
