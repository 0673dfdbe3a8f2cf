package atomic

import (
	"sync/atomic"
	"unsafe"

	"github.com/ravelgo/ravel/sched"
)

// LoadPointer returns *addr.
func LoadPointer(addr *unsafe.Pointer) unsafe.Pointer {
	if t := sched.Current(); t != nil {
		t.AtomicLoad(at(t, addr))
		return note(t, atomic.LoadPointer(addr))
	}
	return atomic.LoadPointer(addr)
}

// StorePointer sets *addr.
func StorePointer(addr *unsafe.Pointer, v unsafe.Pointer) {
	if t := sched.Current(); t != nil {
		t.AtomicStore(at(t, addr))
		note(t, v)
	}
	atomic.StorePointer(addr, v)
}

// SwapPointer sets *addr and returns the old value.
func SwapPointer(addr *unsafe.Pointer, v unsafe.Pointer) (old unsafe.Pointer) {
	if t := sched.Current(); t != nil {
		return modify(t, at(t, addr), func() unsafe.Pointer { return atomic.SwapPointer(addr, v) })
	}
	return atomic.SwapPointer(addr, v)
}

// CompareAndSwapPointer sets *addr to v if it is old and reports whether it was.
func CompareAndSwapPointer(addr *unsafe.Pointer, old, v unsafe.Pointer) (swapped bool) {
	if t := sched.Current(); t != nil {
		return attempt(t, at(t, addr), func() bool { return atomic.CompareAndSwapPointer(addr, old, v) })
	}
	return atomic.CompareAndSwapPointer(addr, old, v)
}
