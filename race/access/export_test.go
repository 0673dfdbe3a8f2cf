//go:build !race && (amd64 || arm64)

package access

import "unsafe"

// HookWrite is what the compiler calls before it stores a variable.
//
//go:noinline
func HookWrite(p unsafe.Pointer) { racewrite(p) }
