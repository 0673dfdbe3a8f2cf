//go:build amd64 || arm64

package sched

// getg returns the identity of the calling goroutine. It is compared, never
// dereferenced. Written in assembly, as nothing else tells two goroutines with
// the same label apart in a nanosecond.
//
//go:noescape
func getg() *byte
