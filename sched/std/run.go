package std

import (
	"runtime"

	"github.com/ravelgo/ravel/sched"
)

// Go is the go statement: it calls fn, which is the call with its operands
// evaluated, in a goroutine or task of its own.
func Go(fn func()) {
	if t := sched.Current(); t != nil {
		t.Unmodified()
		sched.Go(fn)
		return
	}
	go fn()
}

// Forever is a select statement without cases.
func Forever() {
	if sched.Current() != nil {
		sched.Select()
	}
	select {}
}

// Gosched is [runtime.Gosched].
func Gosched() {
	if sched.Current() != nil {
		sched.Yield()
		return
	}
	runtime.Gosched()
}
