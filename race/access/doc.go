// Package access tells the simulation of the plain memory accesses of ordinary
// code: loads and stores of variables, fields and elements that are no type of this
// module.
//
// Such code must be compiled with the race pass of the compiler, alone and without
// the rest of a race build:
//
//	go test -gcflags=example.com/bank=-race ./...
//
// The compiler then puts a call in front of each access of memory that may be
// shared. A race build has a detector behind these calls; in an ordinary build this
// package has: they do nothing but look whether they are in a simulation. There an
// access is an operation if its place in the program is one where tasks have met
// before, and is otherwise only noted; see [sched.Memory].
//
// With -race, where the detector of Go is behind the calls, and on processors other
// than amd64 and arm64, the package does nothing.
package access
