// Package atomic is sync/atomic on package sched: the same types and functions,
// which are those of the standard library outside a simulation. In a simulation
// every call is a scheduling point. By the Go memory model atomic operations
// happen in one order that all tasks agree on, and a load is ordered after the
// store that it observes.
//
// The zero value of each type is ready to use, and none must be copied after
// first use. The functions work on plain variables, which a simulation tells
// apart by their addresses; the types are faster there, and cannot be used
// without atomic operations by mistake.
package atomic
