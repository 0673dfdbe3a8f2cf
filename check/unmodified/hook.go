package unmodified

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/ravelgo/ravel/check/internal/ordinary"
	"github.com/ravelgo/ravel/sched"
)

// Fail marks the level and those above it as failed.
func (l *level) Fail() { l.fail("failed") }

// Error is Fail for a reason.
//
// Goleak counts the goroutines that serve the tasks of a simulation: what it says is not
// listened to. A run tells itself which tasks are left blocked.
func (l *level) Error(text string) {
	if l.calledBy("go.uber.org/goleak.") {
		return
	}
	if i := dump.FindStringIndex(text); i != nil { // of the goroutine that serves the task
		text = text[:i[0]]
	}
	if l.first {
		l.keep(l.caller(), text)
	}
	l.fail(text)
}

// dump is the beginning of what debug.Stack returns.
var dump = regexp.MustCompile(`(?m)^goroutine \d+ \[running\]:$`)

func (l *level) fail(text string) {
	pos := l.caller()
	if late := l.markFailed(); late != nil {
		panic("Fail in goroutine after " + late.name + " has completed")
	}
	l.check.Fails(ordinary.Failure{Text: text, Pos: pos})
}

// markFailed marks the level and those above it as failed, unless one is done: it
// returns that.
func (l *level) markFailed() (late *level) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for at := l; at != nil; at = at.parent {
		if at.done {
			return at
		}
		at.failed = true
	}
	return nil
}

// Failed reports whether the level is marked as failed.
func (l *level) Failed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failed
}

// FailNow ends the run. Any task may call it. In a first run, which may be the only
// one, it ends a subtest, and others go on.
func (l *level) FailNow() {
	if !l.Failed() {
		l.fail("failed")
	}
	if l.first && l.parent != nil && !over() {
		l.returned = true
		runtime.Goexit()
	}
	l.check.FailNow()
}

// SkipNow ends the run if it is that of the test, else the subtest.
func (l *level) SkipNow() {
	l.mu.Lock()
	l.skipped, l.returned = true, true
	l.mu.Unlock()
	if l.parent == nil {
		l.check.SkipNow()
	}
	runtime.Goexit()
}

// Skipped reports whether the level has skipped itself.
func (l *level) Skipped() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.skipped
}

// Helper notes that assertions are not made in the caller, but where it is called.
func (l *level) Helper() {
	var pc [1]uintptr
	if runtime.Callers(3, pc[:]) == 0 { // of runtime.Callers, this method and that of T
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.helpers[pc[0]] = true
}

// Cleanup keeps a function for the end.
func (l *level) Cleanup(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cleanups = append(l.cleanups, f)
}

// Context returns a context that is cancelled before the cleanups.
func (l *level) Context() context.Context {
	ctx, cancel := sched.WithCancel(context.Background())
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ctx == nil {
		l.ctx, l.cancel = ctx, cancel
	}
	return l.ctx
}

// Deadline returns the end of the timeout of the test binary as if it had begun with
// the run, in the time of the run.
func (l *level) Deadline(timeout time.Duration) (time.Time, bool) {
	if timeout == 0 {
		return time.Time{}, false
	}
	return l.began.Add(timeout), true
}

// Log keeps a line, with the place where it is logged.
func (l *level) Log(text string) {
	l.check.Log(l.keep(l.caller(), text))
}

// keep adds a line to the log of the level, or of the innermost one above it that is
// not done. It returns the line.
func (l *level) keep(pos sched.Pos, text string) string {
	text = strings.TrimSuffix(text, "\n")
	line := fmt.Sprintf("%s:%d: %s", filepath.Base(pos.File), pos.Line, text)
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l
	for at.done {
		if at = at.parent; at == nil {
			panic("Log in goroutine after " + l.name + " has completed: " + text)
		}
	}
	if l.first {
		at.lines = append(at.lines, line)
	}
	return line
}

// Output returns a writer that logs.
func (l *level) Output() io.Writer { return output{l} }

// output logs what is written to it.
type output struct{ *level }

func (o output) Write(p []byte) (int, error) {
	text := strings.TrimSuffix(string(p), "\n")
	o.check.Log(text)
	if o.first {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.lines = append(o.lines, text)
	}
	return len(p), nil
}

// Plainly is called in a bubble of package synctest, which has a time of its own.
func (l *level) Plainly() { l.test.Plain = "it runs in a bubble of testing/synctest" }

// caller returns the place that an assertion or a line of the log is about: the
// innermost call that is in no library and in no function that has called Helper.
func (l *level) caller() sched.Pos {
	l.mu.Lock()
	defer l.mu.Unlock()
	helpers := map[string]bool{}
	for pc := range l.helpers {
		f, _ := runtime.CallersFrames([]uintptr{pc}).Next()
		helpers[f.Function] = true
	}
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	var outermost sched.Pos // of the helpers
	for {
		f, more := frames.Next()
		switch pos := (sched.Pos{File: f.File, Line: f.Line}); {
		case machinery(f) && outermost.Line > 0:
			return outermost // the function of the test is a helper itself
		case machinery(f), strings.HasPrefix(f.Function, "github.com/stretchr/testify/"):
		case !helpers[f.Function]:
			return pos
		default:
			outermost = pos
		}
		if !more {
			return outermost
		}
	}
}

// calledBy reports whether the innermost call outside the machinery is of a function
// with that prefix.
func (l *level) calledBy(prefix string) bool {
	var pcs [16]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	for {
		f, more := frames.Next()
		if !machinery(f) || !more {
			return strings.HasPrefix(f.Function, prefix)
		}
	}
}

// machinery reports whether a function is one of package testing or of this package.
func machinery(f runtime.Frame) bool {
	return strings.HasPrefix(f.Function, "testing.") || strings.HasPrefix(f.Function, "runtime.") ||
		strings.HasPrefix(f.Function, "github.com/ravelgo/ravel/check/unmodified.") && !strings.HasSuffix(f.File, "_test.go")
}
