package atomic

import (
	"sync/atomic"

	"github.com/ravelgo/ravel/sched"
)

// LoadInt32 returns *addr.
func LoadInt32(addr *int32) int32 {
	if t := sched.Current(); t != nil {
		t.AtomicLoad(at(t, addr))
		return note(t, atomic.LoadInt32(addr))
	}
	return atomic.LoadInt32(addr)
}

// StoreInt32 sets *addr.
func StoreInt32(addr *int32, v int32) {
	if t := sched.Current(); t != nil {
		t.AtomicStore(at(t, addr))
		note(t, v)
	}
	atomic.StoreInt32(addr, v)
}

// SwapInt32 sets *addr and returns the old value.
func SwapInt32(addr *int32, v int32) (old int32) {
	if t := sched.Current(); t != nil {
		return modify(t, at(t, addr), func() int32 { return atomic.SwapInt32(addr, v) })
	}
	return atomic.SwapInt32(addr, v)
}

// CompareAndSwapInt32 sets *addr to v if it is old and reports whether it was.
func CompareAndSwapInt32(addr *int32, old, v int32) (swapped bool) {
	if t := sched.Current(); t != nil {
		return attempt(t, at(t, addr), func() bool { return atomic.CompareAndSwapInt32(addr, old, v) })
	}
	return atomic.CompareAndSwapInt32(addr, old, v)
}

// AddInt32 adds delta to *addr and returns the new value.
func AddInt32(addr *int32, delta int32) int32 {
	if t := sched.Current(); t != nil {
		return modify(t, at(t, addr), func() int32 { return atomic.AddInt32(addr, delta) })
	}
	return atomic.AddInt32(addr, delta)
}

// AndInt32 sets *addr to its bitwise AND with mask and returns the old value.
func AndInt32(addr *int32, mask int32) (old int32) {
	if t := sched.Current(); t != nil {
		return modify(t, at(t, addr), func() int32 { return atomic.AndInt32(addr, mask) })
	}
	return atomic.AndInt32(addr, mask)
}

// OrInt32 sets *addr to its bitwise OR with mask and returns the old value.
func OrInt32(addr *int32, mask int32) (old int32) {
	if t := sched.Current(); t != nil {
		return modify(t, at(t, addr), func() int32 { return atomic.OrInt32(addr, mask) })
	}
	return atomic.OrInt32(addr, mask)
}

// LoadInt64 returns *addr.
func LoadInt64(addr *int64) int64 {
	if t := sched.Current(); t != nil {
		t.AtomicLoad(at(t, addr))
		return note(t, atomic.LoadInt64(addr))
	}
	return atomic.LoadInt64(addr)
}

// StoreInt64 sets *addr.
func StoreInt64(addr *int64, v int64) {
	if t := sched.Current(); t != nil {
		t.AtomicStore(at(t, addr))
		note(t, v)
	}
	atomic.StoreInt64(addr, v)
}

// SwapInt64 sets *addr and returns the old value.
func SwapInt64(addr *int64, v int64) (old int64) {
	if t := sched.Current(); t != nil {
		return modify(t, at(t, addr), func() int64 { return atomic.SwapInt64(addr, v) })
	}
	return atomic.SwapInt64(addr, v)
}

// CompareAndSwapInt64 sets *addr to v if it is old and reports whether it was.
func CompareAndSwapInt64(addr *int64, old, v int64) (swapped bool) {
	if t := sched.Current(); t != nil {
		return attempt(t, at(t, addr), func() bool { return atomic.CompareAndSwapInt64(addr, old, v) })
	}
	return atomic.CompareAndSwapInt64(addr, old, v)
}

// AddInt64 adds delta to *addr and returns the new value.
func AddInt64(addr *int64, delta int64) int64 {
	if t := sched.Current(); t != nil {
		return modify(t, at(t, addr), func() int64 { return atomic.AddInt64(addr, delta) })
	}
	return atomic.AddInt64(addr, delta)
}

// AndInt64 sets *addr to its bitwise AND with mask and returns the old value.
func AndInt64(addr *int64, mask int64) (old int64) {
	if t := sched.Current(); t != nil {
		return modify(t, at(t, addr), func() int64 { return atomic.AndInt64(addr, mask) })
	}
	return atomic.AndInt64(addr, mask)
}

// OrInt64 sets *addr to its bitwise OR with mask and returns the old value.
func OrInt64(addr *int64, mask int64) (old int64) {
	if t := sched.Current(); t != nil {
		return modify(t, at(t, addr), func() int64 { return atomic.OrInt64(addr, mask) })
	}
	return atomic.OrInt64(addr, mask)
}
