//go:build !race && (amd64 || arm64)

package access

import (
	"unsafe"

	"github.com/ravelgo/ravel/sched"
)

// Hooked reports whether the accesses of code compiled for it arrive in this
// build.
func Hooked() bool { return true }

// The functions that the compiler calls. None may be inlined: callerPC finds where
// the access is by their frame. They run before anything is initialised, and on any
// goroutine. None may grow the stack before it has looked at the address: that of a
// field of a nil pointer, whose access is about to panic, is no pointer to the runtime,
// which ends the process if it finds one when it moves the stack.

// nilPage is where the addresses of variables begin.
const nilPage = 4096

//go:linkname raceread runtime.raceread
//go:noinline
//go:nosplit
func raceread(addr unsafe.Pointer) {
	if sched.Simulated() && uintptr(addr) >= nilPage {
		tell(sched.Access{Addr: addr, Size: 1, PC: callerPC()})
	}
}

//go:linkname racewrite runtime.racewrite
//go:noinline
//go:nosplit
func racewrite(addr unsafe.Pointer) {
	if sched.Simulated() && uintptr(addr) >= nilPage {
		tell(sched.Access{Addr: addr, Size: 1, PC: callerPC(), Write: true})
	}
}

//go:linkname racereadrange runtime.racereadrange
//go:noinline
//go:nosplit
func racereadrange(addr unsafe.Pointer, size uintptr) {
	if sched.Simulated() && uintptr(addr) >= nilPage {
		tell(sched.Access{Addr: addr, Size: size, PC: callerPC()})
	}
}

//go:linkname racewriterange runtime.racewriterange
//go:noinline
//go:nosplit
func racewriterange(addr unsafe.Pointer, size uintptr) {
	if sched.Simulated() && uintptr(addr) >= nilPage {
		tell(sched.Access{Addr: addr, Size: size, PC: callerPC(), Write: true})
	}
}

//go:linkname racefuncenter runtime.racefuncenter
//go:nosplit
func racefuncenter(uintptr) {
	if !arrived.Load() {
		arrived.Store(true)
	}
}

//go:linkname racefuncexit runtime.racefuncexit
//go:nosplit
func racefuncexit() {}

// tell hands on an access.
func tell(a sched.Access) {
	if !arrived.Load() {
		arrived.Store(true)
	}
	sched.Reach(a)
}

// callerPC returns the return address of the function that calls it: where the code
// is that has called a hook. It must be called by a hook itself.
func callerPC() uintptr
