//go:build !race && (amd64 || arm64)

package access

import (
	"reflect"
	"runtime"
	"slices"
	"unsafe"
)

// A line may have several loads, or stores. The table has them in the order of the
// source, and the code in the order in which they happen, which is nearly always the
// same. So the place of a call among those of its line tells which it is.

// order returns the number, from 0, of a call among those of its line that load, or
// store, and how many there are. Inlined code has them more than once.
func order(pc uintptr, write bool) (nth, of int) {
	at, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	f := runtime.FuncForPC(pc - 1)
	if f == nil {
		return 0, 1
	}
	targets := targetsOf(write)
	for ret := f.Entry() + callSize; of < maxCalls; ret += step {
		if g := runtime.FuncForPC(ret - 1); g == nil || g.Entry() != f.Entry() {
			break
		}
		if !slices.Contains(targets, target(ret)) {
			continue
		}
		if there, _ := runtime.CallersFrames([]uintptr{ret}).Next(); there.File != at.File || there.Line != at.Line || there.Function != at.Function {
			continue
		}
		if ret < pc {
			nth++
		}
		of++
	}
	return nth, max(of, 1)
}

// maxCalls is how many calls of a line are counted.
const maxCalls = 256

// targetsOf returns the entries of the functions that the compiler calls for a load
// or a store.
func targetsOf(write bool) []uintptr {
	if write {
		return []uintptr{reflect.ValueOf(racewrite).Pointer(), reflect.ValueOf(racewriterange).Pointer()}
	}
	return []uintptr{reflect.ValueOf(raceread).Pointer(), reflect.ValueOf(racereadrange).Pointer()}
}

// word returns the four bytes of code at an address.
func word(pc uintptr) int32 {
	return *(*int32)(*(*unsafe.Pointer)(unsafe.Pointer(&pc)))
}
