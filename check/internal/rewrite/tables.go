package rewrite

import (
	"go/types"
	"strings"
)

// functions are the package-level functions that have a twin, by import path
// and name, with its name in package std. Those of sync/atomic have theirs in
// package sched/atomic, under their own names.
var functions = map[string]map[string]string{
	"sync": same("OnceFunc OnceValue OnceValues"),
	"time": same("Sleep Now Since Until After Tick NewTimer NewTicker AfterFunc"),
	"context": with(same("WithCancel WithCancelCause WithDeadline WithDeadlineCause WithTimeout WithTimeoutCause"),
		"AfterFunc", "ContextAfterFunc"),
	"runtime": same("Gosched"),
	"math/rand": with(prefixed("Rand().", "ExpFloat64 Float32 Float64 Int Int31 Int31n Int63 Int63n Intn NormFloat64 Perm Read Shuffle Uint32 Uint64"),
		"Seed", "RandSeed"),
	"math/rand/v2": with(prefixed("RandV2().", "ExpFloat64 Float32 Float64 Int Int32 Int32N Int64 Int64N IntN NormFloat64 Perm Shuffle Uint Uint32 Uint32N Uint64 Uint64N UintN"),
		"N", "RandN"),
}

// methods are the methods that have a twin, by import path and type.
var methods = map[string]map[string]string{
	"sync.Mutex":     prefixed("Mutex", "Lock Unlock TryLock"),
	"sync.RWMutex":   prefixed("RWMutex", "Lock Unlock RLock RUnlock TryLock TryRLock RLocker"),
	"sync.WaitGroup": prefixed("WaitGroup", "Add Done Wait Go"),
	"sync.Once":      prefixed("Once", "Do"),
	"sync.Cond":      prefixed("Cond", "Wait Signal Broadcast"),
	"sync.Map": prefixed("Map", "Load Store LoadOrStore LoadAndDelete Delete Swap CompareAndSwap CompareAndDelete "+
		"Range Clear"),
	"sync.Pool":   prefixed("Pool", "Get Put"),
	"time.Timer":  prefixed("Timer", "Stop Reset"),
	"time.Ticker": prefixed("Ticker", "Stop Reset"),

	"sync/atomic.Int32":   atomics,
	"sync/atomic.Int64":   atomics,
	"sync/atomic.Uint32":  atomics,
	"sync/atomic.Uint64":  atomics,
	"sync/atomic.Uintptr": atomics,
	"sync/atomic.Bool":    atomics,
	"sync/atomic.Pointer": atomics,
	"sync/atomic.Value":   atomics,
}

var atomics = prefixed("Atomic", "Load Store Add Swap CompareAndSwap And Or")

// lockers are the methods that have a twin on any interface, with the result
// that they must have.
var lockers = map[string]string{
	"Lock": "", "Unlock": "", "RLock": "", "RUnlock": "", "TryLock": "bool", "TryRLock": "bool",
}

// keepers are what a file refers to so that an import stays in use.
var keepers = map[string]string{
	"sync": "Mutex", "sync/atomic": "Int32", "time": "Duration", "context": "Context", "runtime": "Error",
	"math/rand": "Source", "math/rand/v2": "Source",
}

func same(names string) map[string]string { return prefixed("", names) }

func prefixed(prefix, names string) map[string]string {
	m := map[string]string{}
	for name := range strings.FieldsSeq(names) {
		m[name] = prefix + name
	}
	return m
}

func with(m map[string]string, name, twin string) map[string]string {
	m[name] = twin
	return m
}

// twin returns the name in package std of what does the work of a method, and
// whether the method is one of an interface or a type parameter.
func twin(m *types.Func, recv types.Type) (name string, dynamic bool) {
	if p, ok := types.Unalias(recv).(*types.Pointer); ok {
		recv = p.Elem()
	}
	if types.IsInterface(recv) {
		want, ok := lockers[m.Name()]
		sig := m.Signature()
		if !ok || sig.Params().Len() > 0 || resultsText(sig) != want {
			return "", false
		}
		return "Locker" + m.Name(), true
	}
	named, ok := types.Unalias(recv).(*types.Named)
	if !ok || named.Obj().Pkg() == nil {
		return "", false
	}
	return methods[named.Obj().Pkg().Path()+"."+named.Obj().Name()][m.Name()], false
}

// resultsText returns the types of the results.
func resultsText(sig *types.Signature) string {
	var all []string
	for v := range sig.Results().Variables() {
		all = append(all, v.Type().String())
	}
	return strings.Join(all, ", ")
}
