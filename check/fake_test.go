package check_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// fakeTB is a test that may fail without failing the one that runs it.
type fakeTB struct {
	testing.TB
	name string

	mu     sync.Mutex
	errors []string
	logs   []string
	fatal  bool
}

// fatal ends a fake test, where a real one ends its goroutine.
type fatal struct{}

// runFake calls test with a fake test of the given name.
func runFake(t testing.TB, name string, test func(t testing.TB)) *fakeTB {
	f := &fakeTB{TB: t, name: name}
	func() {
		defer func() {
			if v := recover(); v != nil && v != (fatal{}) {
				panic(v)
			}
		}()
		test(f)
	}()
	return f
}

func (f *fakeTB) Name() string { return f.name }
func (f *fakeTB) Helper()      {}

func (f *fakeTB) Errorf(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.errors = append(f.errors, fmt.Sprintf(format, args...))
}

func (f *fakeTB) Fatalf(format string, args ...any) {
	f.Errorf(format, args...)
	f.fatal = true
	panic(fatal{})
}

func (f *fakeTB) Logf(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.logs = append(f.logs, fmt.Sprintf(format, args...))
}

func (f *fakeTB) Log(args ...any) { f.Logf("%s", strings.TrimSpace(fmt.Sprintln(args...))) }

func (f *fakeTB) Failed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.errors) > 0
}

// failures returns all that the test has failed with.
func (f *fakeTB) failures() string { return strings.Join(f.errors, "\n") }

func (f *fakeTB) output() string { return strings.Join(f.logs, "\n") }
