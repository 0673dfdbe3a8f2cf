package std

import (
	"unsafe"

	"github.com/ravelgo/ravel/race/access"
)

// MapRead reports a read of m, and returns m.
func MapRead[M ~map[K]V, K comparable, V any](m M) M {
	access.Map(*(*unsafe.Pointer)(unsafe.Pointer(&m)), false)
	return m
}

// MapWrite reports a write to m, and returns m.
func MapWrite[M ~map[K]V, K comparable, V any](m M) M {
	access.Map(*(*unsafe.Pointer)(unsafe.Pointer(&m)), true)
	return m
}

// Copy is copy(dst, src). It reports what is read and what is written.
func Copy[D ~[]T, S ~[]T, T any](dst D, src S) int {
	if n := min(len(dst), len(src)); n > 0 {
		size := uintptr(n) * unsafe.Sizeof(dst[0])
		access.Read(unsafe.Pointer(unsafe.SliceData(src)), size)
		access.Write(unsafe.Pointer(unsafe.SliceData(dst)), size)
	}
	return copy(dst, src)
}

// CopyString is copy(dst, src) of a string.
func CopyString[D ~[]byte, S ~string](dst D, src S) int {
	if n := min(len(dst), len(src)); n > 0 {
		access.Write(unsafe.Pointer(unsafe.SliceData(dst)), uintptr(n))
	}
	return copy(dst, src)
}
