package fuzz

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// verdict is what assertions get in place of a *testing.T on a goroutine that is not
// that of the test. It is used by one goroutine.
type verdict struct {
	text     strings.Builder
	cleanups []func()
}

// Errorf notes what is wrong.
func (v *verdict) Errorf(format string, args ...any) { fmt.Fprintf(&v.text, format+"\n", args...) }

// FailNow ends the goroutine.
func (v *verdict) FailNow() { runtime.Goexit() }

// Cleanup makes fn run at the end, the last added first.
func (v *verdict) Cleanup(fn func()) { v.cleanups = append(v.cleanups, fn) }

func (v *verdict) finish() {
	if p := recover(); p != nil {
		v.Errorf("panic: %v\n%s", p, debug.Stack())
	}
	for len(v.cleanups) > 0 {
		last := len(v.cleanups) - 1
		fn := v.cleanups[last]
		v.cleanups = v.cleanups[:last]
		fn()
	}
}

// judge calls body on a goroutine of its own and returns what is wrong.
func judge(body func(v *verdict)) string {
	v, done := &verdict{}, make(chan struct{})
	go func() {
		defer close(done)
		defer v.finish()
		body(v)
	}()
	<-done
	return v.text.String()
}

// apart calls body on a goroutine of its own and fails t with what is wrong. libFuzzer
// calls a target on a goroutine that is locked to its thread, on which a simulation
// cannot switch tasks, and its T knows no end of a test: what is to be cleaned up must
// not be left to it.
func apart(t *testing.T, body func(v *verdict)) {
	t.Helper()
	if text := judge(body); text != "" {
		t.Fatal(text)
	}
}

// What goes wrong apart is told, however it ends.
func TestApart(t *testing.T) {
	for name, body := range map[string]func(v *verdict){
		"error":   func(v *verdict) { v.Errorf("oh") },
		"failnow": func(v *verdict) { v.Errorf("oh"); v.FailNow() },
		"panic":   func(v *verdict) { panic("oh") },
	} {
		t.Run(name, func(t *testing.T) {
			cleaned := false
			text := judge(func(v *verdict) {
				v.Cleanup(func() { cleaned = true })
				body(v)
			})
			assert.Contains(t, text, "oh")
			assert.True(t, cleaned)
		})
	}
}
