package unmodified

import (
	"os"
	"sync"
	"testing"
	"time"
	_ "unsafe" // for linkname

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/check/internal/ordinary"
	"github.com/ravelgo/ravel/sched"
)

// newT returns a T for which hook answers, in place of from, or as a subtest of it if it
// has a hook itself. It is nil unless package testing is patched.
//
//go:linkname newT testing.ravelNew
var newT func(hook any, from *testing.T, name string) *testing.T

// Test returns what package testing is to run in place of the test f: a search of its
// schedules, with a T of its own for each run. The T that it is called with must be
// package testing's own.
func Test(name string, f func(*testing.T)) func(*testing.T) {
	return func(t *testing.T) {
		mode := os.Getenv("RAVEL_UNMODIFIED")
		switch {
		case mode != "" && mode != "off" && mode != "strict":
			t.Fatalf("ravel: RAVEL_UNMODIFIED is %q, want off or strict", mode)
		case mode == "off":
			f(t)
			return
		case newT == nil:
			t.Fatalf("ravel: %s cannot be searched: package testing is not built by ravel test", name)
		}
		search(t, f, mode == "strict")
	}
}

// search searches the schedules of f, or runs it if that cannot be done.
func search(t *testing.T, f func(*testing.T), strict bool) {
	p := place(t, f)
	before := takeGlobals()
	var first, last *level
	o := &ordinary.Test{Code: f, Alone: func() int { return last.alone }, Strict: strict}
	check.Config{Workers: 1}.Ordinary(p, o, func(c *check.T) {
		if last != nil {
			before.restore(last.first)
		}
		last = newRun(c, o, t, first == nil)
		if first == nil {
			first = last
		}
		last.execute(f)
	})
	if o.Only && !first.failed && !o.Skipped {
		p.Log("ravel: not searched: nothing in it is concurrent")
	}
	switch {
	case o.Plain != "":
		if strict {
			p.Errorf("ravel: %s cannot be searched: %s", t.Name(), o.Plain)
		} else {
			p.Logf("ravel: not searched, run as it is: %s", o.Plain)
		}
		f(t)
	case o.Only || o.Skipped, !t.Failed() && testing.Verbose():
		first.tell(t)
	}
}

// run is one run of a test.
type run struct {
	check *check.T
	test  *ordinary.Test
	began time.Time
	first bool // it is shown as package testing shows tests

	mu      sync.Mutex       // guards the rest, and the levels
	helpers map[uintptr]bool // functions that have called Helper
	alone   int              // subtests that ran alone
}

// newRun returns the test itself in a new run.
func newRun(c *check.T, o *ordinary.Test, t *testing.T, first bool) *level {
	r := &run{check: c, test: o, first: first, helpers: map[uintptr]bool{}, began: sched.Now()}
	root := &level{run: r, name: t.Name()}
	root.t = newT(root, t, root.name)
	return root
}
