//go:build race || !(amd64 || arm64)

package access

import "unsafe"

// Hooked reports whether the accesses of code compiled for it arrive in this
// build.
func Hooked() bool { return false }

// Map says that the caller is about to read a map, or to change it.
func Map(ptr unsafe.Pointer, write bool) {}

// Read says that the caller is about to read so many bytes at ptr.
func Read(ptr unsafe.Pointer, size uintptr) {}

// Write is [Read] for writing.
func Write(ptr unsafe.Pointer, size uintptr) {}

// order returns the number, from 0, of a call among those of its line, and how many
// there are: here there are no calls.
func order(pc uintptr, write bool) (nth, of int) { return 0, 1 }
