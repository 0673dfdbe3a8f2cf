package check

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"

	"github.com/ravelgo/ravel/check/internal/ordinary"
	"github.com/ravelgo/ravel/sched"
)

// T is what the body of a check gets in place of a *testing.T, a new one each
// run. Testify and rapid accept it. Its methods may be called by any task.
// FailNow, SkipNow and what calls them end the run: every task is unwound.
type T struct {
	name string

	mu       sync.Mutex // guards the fields below
	ctx      context.Context
	stop     context.CancelFunc
	failures []failure
	logs     []string
	skipped  bool
	cleanups []func()

	violation *violation // of an invariant, after the run
	input     input
	test      *ordinary.Test // as in Config
	detailed  bool           // whether to keep what is drawn
	draws     drawing        // what the body draws from, or nil
	overrun   bool           // it has drawn more than there was
}

// failure is one call of Error or Fail.
type failure struct {
	text string
	pos  sched.Pos
}

var (
	errFailNow = errors.New("check: FailNow")
	errSkipNow = errors.New("check: SkipNow")
)

func newT(name string) *T { return &T{name: name} }

// run calls body in the first task of a simulation.
func (t *T) run(body func(*T)) {
	defer t.cleanUp()
	defer t.cancel()
	body(t)
}

// cancel ends the context, if there is one.
func (t *T) cancel() {
	t.mu.Lock()
	stop := t.stop
	t.mu.Unlock()
	if stop != nil {
		stop()
	}
}

func (t *T) cleanUp() {
	if t.draws != nil {
		t.mu.Lock()
		t.cleanups = append(t.cleanups, t.draws.cleanups()...)
		t.mu.Unlock()
	}
	for {
		t.mu.Lock()
		n := len(t.cleanups)
		if n == 0 {
			t.mu.Unlock()
			return
		}
		fn := t.cleanups[n-1]
		t.cleanups = t.cleanups[:n-1]
		t.mu.Unlock()
		fn()
	}
}

// Name returns the name of the test.
func (t *T) Name() string { return t.name }

// Helper does nothing; it is there for libraries that call it.
func (t *T) Helper() {}

// Context returns a context that is cancelled when the body returns.
func (t *T) Context() context.Context {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ctx == nil {
		t.ctx, t.stop = sched.WithCancel(context.Background())
	}
	return t.ctx
}

// Cleanup makes fn run when the body has returned, last added first, in the
// run's first task.
func (t *T) Cleanup(fn func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cleanups = append(t.cleanups, fn)
}

// Log keeps a line, which is shown if the run fails.
func (t *T) Log(args ...any) { t.log(fmt.Sprintln(args...)) }

// Logf is [T.Log] with a format.
func (t *T) Logf(format string, args ...any) { t.log(fmt.Sprintf(format, args...)) }

func (t *T) log(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.logs = append(t.logs, strings.TrimSpace(text))
}

// Fail marks the run as failed and goes on.
func (t *T) Fail() { t.fail("failed") }

// Error marks the run as failed for a reason and goes on.
func (t *T) Error(args ...any) { t.fail(fmt.Sprintln(args...)) }

// Errorf is [T.Error] with a format.
func (t *T) Errorf(format string, args ...any) { t.fail(fmt.Sprintf(format, args...)) }

// FailNow marks the run as failed and ends it. It does not return.
func (t *T) FailNow() {
	if !t.Failed() {
		t.fail("failed")
	}
	sched.Abort(errFailNow)
}

// Fatal is [T.Error] and [T.FailNow].
func (t *T) Fatal(args ...any) {
	t.fail(fmt.Sprintln(args...))
	t.FailNow()
}

// Fatalf is [T.Errorf] and [T.FailNow].
func (t *T) Fatalf(format string, args ...any) {
	t.fail(fmt.Sprintf(format, args...))
	t.FailNow()
}

// Failed reports whether the run is marked as failed.
func (t *T) Failed() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.failures) > 0
}

// SkipNow ends the run; it counts as passed unless it has failed before. It
// does not return.
func (t *T) SkipNow() {
	t.mu.Lock()
	t.skipped = true
	t.mu.Unlock()
	sched.Abort(errSkipNow)
}

// Skip is [T.Log] and [T.SkipNow].
func (t *T) Skip(args ...any) {
	t.Log(args...)
	t.SkipNow()
}

// Skipf is [T.Logf] and [T.SkipNow].
func (t *T) Skipf(format string, args ...any) {
	t.Logf(format, args...)
	t.SkipNow()
}

// Skipped reports whether the run was ended by SkipNow.
func (t *T) Skipped() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.skipped
}

func (t *T) fail(text string) {
	f := failure{text: strings.TrimSpace(text), pos: failurePos()}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failures = append(t.failures, f)
}

// failurePos returns where an assertion was made: the innermost call that is
// neither in this package nor in an assertion library.
func failurePos() sched.Pos {
	var pcs [32]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		f, more := frames.Next()
		if !inLibrary(f.Function, f.File) {
			return sched.Pos{File: f.File, Line: f.Line}
		}
		if !more {
			return sched.Pos{}
		}
	}
}

// inLibrary reports whether a function is one of this package or of an assertion
// library.
func inLibrary(function, file string) bool {
	return strings.HasPrefix(function, "github.com/stretchr/testify/") ||
		strings.HasPrefix(function, "pgregory.net/rapid.") ||
		strings.HasPrefix(function, "github.com/ravelgo/ravel/check.") && !strings.HasSuffix(file, "_test.go")
}
