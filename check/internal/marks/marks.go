// Package marks makes anything that a program sees count as coverage for Go's fuzzer.
//
// When go test fuzzes, the compiler gives every function a counter, and an input that
// makes a counter reach a new power of two is kept and changed further. Here are
// functions that do nothing: to call the one that belongs to a number tells the
// fuzzer that the input has shown that number.
package marks

//go:generate go run ./gen

// Hit counts a number. Numbers that are equal modulo 4096 share a counter.
func Hit(n uint64) { table[n%uint64(len(table))]() }
