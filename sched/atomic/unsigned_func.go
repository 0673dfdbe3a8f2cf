package atomic

import (
	"sync/atomic"

	"github.com/ravelgo/ravel/sched"
)

// LoadUint32 returns *addr.
func LoadUint32(addr *uint32) uint32 {
	if t := sched.Current(); t != nil {
		t.AtomicLoad(at(t, addr))
		return note(t, atomic.LoadUint32(addr))
	}
	return atomic.LoadUint32(addr)
}

// StoreUint32 sets *addr.
func StoreUint32(addr *uint32, v uint32) {
	if t := sched.Current(); t != nil {
		t.AtomicStore(at(t, addr))
		note(t, v)
	}
	atomic.StoreUint32(addr, v)
}

// SwapUint32 sets *addr and returns the old value.
func SwapUint32(addr *uint32, v uint32) (old uint32) {
	if t := sched.Current(); t != nil {
		return modify(t, at(t, addr), func() uint32 { return atomic.SwapUint32(addr, v) })
	}
	return atomic.SwapUint32(addr, v)
}

// CompareAndSwapUint32 sets *addr to v if it is old and reports whether it was.
func CompareAndSwapUint32(addr *uint32, old, v uint32) (swapped bool) {
	if t := sched.Current(); t != nil {
		return attempt(t, at(t, addr), func() bool { return atomic.CompareAndSwapUint32(addr, old, v) })
	}
	return atomic.CompareAndSwapUint32(addr, old, v)
}

// AddUint32 adds delta to *addr and returns the new value.
func AddUint32(addr *uint32, delta uint32) uint32 {
	if t := sched.Current(); t != nil {
		return modify(t, at(t, addr), func() uint32 { return atomic.AddUint32(addr, delta) })
	}
	return atomic.AddUint32(addr, delta)
}

// AndUint32 sets *addr to its bitwise AND with mask and returns the old value.
func AndUint32(addr *uint32, mask uint32) (old uint32) {
	if t := sched.Current(); t != nil {
		return modify(t, at(t, addr), func() uint32 { return atomic.AndUint32(addr, mask) })
	}
	return atomic.AndUint32(addr, mask)
}

// OrUint32 sets *addr to its bitwise OR with mask and returns the old value.
func OrUint32(addr *uint32, mask uint32) (old uint32) {
	if t := sched.Current(); t != nil {
		return modify(t, at(t, addr), func() uint32 { return atomic.OrUint32(addr, mask) })
	}
	return atomic.OrUint32(addr, mask)
}

// LoadUint64 returns *addr.
func LoadUint64(addr *uint64) uint64 {
	if t := sched.Current(); t != nil {
		t.AtomicLoad(at(t, addr))
		return note(t, atomic.LoadUint64(addr))
	}
	return atomic.LoadUint64(addr)
}

// StoreUint64 sets *addr.
func StoreUint64(addr *uint64, v uint64) {
	if t := sched.Current(); t != nil {
		t.AtomicStore(at(t, addr))
		note(t, v)
	}
	atomic.StoreUint64(addr, v)
}

// SwapUint64 sets *addr and returns the old value.
func SwapUint64(addr *uint64, v uint64) (old uint64) {
	if t := sched.Current(); t != nil {
		return modify(t, at(t, addr), func() uint64 { return atomic.SwapUint64(addr, v) })
	}
	return atomic.SwapUint64(addr, v)
}

// CompareAndSwapUint64 sets *addr to v if it is old and reports whether it was.
func CompareAndSwapUint64(addr *uint64, old, v uint64) (swapped bool) {
	if t := sched.Current(); t != nil {
		return attempt(t, at(t, addr), func() bool { return atomic.CompareAndSwapUint64(addr, old, v) })
	}
	return atomic.CompareAndSwapUint64(addr, old, v)
}

// AddUint64 adds delta to *addr and returns the new value.
func AddUint64(addr *uint64, delta uint64) uint64 {
	if t := sched.Current(); t != nil {
		return modify(t, at(t, addr), func() uint64 { return atomic.AddUint64(addr, delta) })
	}
	return atomic.AddUint64(addr, delta)
}

// AndUint64 sets *addr to its bitwise AND with mask and returns the old value.
func AndUint64(addr *uint64, mask uint64) (old uint64) {
	if t := sched.Current(); t != nil {
		return modify(t, at(t, addr), func() uint64 { return atomic.AndUint64(addr, mask) })
	}
	return atomic.AndUint64(addr, mask)
}

// OrUint64 sets *addr to its bitwise OR with mask and returns the old value.
func OrUint64(addr *uint64, mask uint64) (old uint64) {
	if t := sched.Current(); t != nil {
		return modify(t, at(t, addr), func() uint64 { return atomic.OrUint64(addr, mask) })
	}
	return atomic.OrUint64(addr, mask)
}

// LoadUintptr returns *addr.
func LoadUintptr(addr *uintptr) uintptr {
	if t := sched.Current(); t != nil {
		t.AtomicLoad(at(t, addr))
		return note(t, atomic.LoadUintptr(addr))
	}
	return atomic.LoadUintptr(addr)
}

// StoreUintptr sets *addr.
func StoreUintptr(addr *uintptr, v uintptr) {
	if t := sched.Current(); t != nil {
		t.AtomicStore(at(t, addr))
		note(t, v)
	}
	atomic.StoreUintptr(addr, v)
}

// SwapUintptr sets *addr and returns the old value.
func SwapUintptr(addr *uintptr, v uintptr) (old uintptr) {
	if t := sched.Current(); t != nil {
		return modify(t, at(t, addr), func() uintptr { return atomic.SwapUintptr(addr, v) })
	}
	return atomic.SwapUintptr(addr, v)
}

// CompareAndSwapUintptr sets *addr to v if it is old and reports whether it was.
func CompareAndSwapUintptr(addr *uintptr, old, v uintptr) (swapped bool) {
	if t := sched.Current(); t != nil {
		return attempt(t, at(t, addr), func() bool { return atomic.CompareAndSwapUintptr(addr, old, v) })
	}
	return atomic.CompareAndSwapUintptr(addr, old, v)
}

// AddUintptr adds delta to *addr and returns the new value.
func AddUintptr(addr *uintptr, delta uintptr) uintptr {
	if t := sched.Current(); t != nil {
		return modify(t, at(t, addr), func() uintptr { return atomic.AddUintptr(addr, delta) })
	}
	return atomic.AddUintptr(addr, delta)
}

// AndUintptr sets *addr to its bitwise AND with mask and returns the old value.
func AndUintptr(addr *uintptr, mask uintptr) (old uintptr) {
	if t := sched.Current(); t != nil {
		return modify(t, at(t, addr), func() uintptr { return atomic.AndUintptr(addr, mask) })
	}
	return atomic.AndUintptr(addr, mask)
}

// OrUintptr sets *addr to its bitwise OR with mask and returns the old value.
func OrUintptr(addr *uintptr, mask uintptr) (old uintptr) {
	if t := sched.Current(); t != nil {
		return modify(t, at(t, addr), func() uintptr { return atomic.OrUintptr(addr, mask) })
	}
	return atomic.OrUintptr(addr, mask)
}
