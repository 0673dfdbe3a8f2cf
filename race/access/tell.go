//go:build !race && (amd64 || arm64)

package access

import (
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/ravelgo/ravel/sched"
)

// These are for functions of this module that generated code calls, and that access
// memory for it: the place is where their first caller is that is not of the module.

// Map says that the caller is about to read a map, or to change it. ptr is what the
// map is: the word that a variable of a map type holds.
//
//go:noinline
func Map(ptr unsafe.Pointer, write bool) {
	if sched.Simulated() && ptr != nil {
		tellOf(sched.Access{Addr: ptr, Size: 1, Write: write, Map: true}, callerPC())
	}
}

// Read says that the caller is about to read so many bytes at ptr. The size is 1 for
// a single variable whose type has no parts.
//
//go:noinline
func Read(ptr unsafe.Pointer, size uintptr) {
	if sched.Simulated() && size > 0 {
		tellOf(sched.Access{Addr: ptr, Size: size}, callerPC())
	}
}

// Write is [Read] for writing.
//
//go:noinline
func Write(ptr unsafe.Pointer, size uintptr) {
	if sched.Simulated() && size > 0 {
		tellOf(sched.Access{Addr: ptr, Size: size, Write: true}, callerPC())
	}
}

// tellOf hands on an access by the caller of its caller, which returns to ret.
func tellOf(a sched.Access, ret uintptr) {
	slot := &places[ret>>2%uintptr(len(places))]
	if p := slot.Load(); p != nil && p.ret == ret {
		a.PC = p.pc
		tell(a)
		return
	}
	var pcs [8]uintptr
	for _, pc := range pcs[:runtime.Callers(3, pcs[:])] {
		if isMachinery(pc) {
			continue
		}
		if entryOf(pc) == entryOf(ret) { // the caller is part of the code that is looked for
			slot.Store(&place{ret, pc})
		}
		a.PC = pc
		tell(a)
		return
	}
}

// place is the place of an access in code that functions of this module have become
// part of: it follows from where they return to. To look at the stack takes longer
// than all else.
type place struct{ ret, pc uintptr }

// places are those found last.
var places [1024]atomic.Pointer[place]

// entryOf returns where the function begins that has the code which a call returns to.
func entryOf(ret uintptr) uintptr {
	f := runtime.FuncForPC(ret - 1)
	if f == nil {
		return 0
	}
	return f.Entry()
}

// machinery caches which return addresses are in code of this module.
var machinery sync.Map // uintptr -> bool

func isMachinery(pc uintptr) bool {
	is, known := machinery.Load(pc)
	if !known {
		is, _ = machinery.LoadOrStore(pc, sched.IsMachinery(pc))
	}
	return is.(bool)
}
