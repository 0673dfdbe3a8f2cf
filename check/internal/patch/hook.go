package patch

// hookFile is the file that is added to package testing. It imports nothing that the
// package does not import anyway.
const hookFile = `package testing

import (
	"context"
	"io"
	"time"
	_ "unsafe" // for linkname
)

// ravelHook does what the methods of a T are asked to do whose test is searched.
type ravelHook interface {
	Cleanup(f func())
	Context() context.Context
	Deadline(timeout time.Duration) (time.Time, bool)
	Error(text string)
	Fail()
	FailNow()
	Failed() bool
	Helper()
	Log(text string)
	Output() io.Writer
	Parallel()
	Plainly()
	Run(name string, f func(*T)) bool
	SkipNow()
	Skipped() bool
}

// ravelNew returns a T that asks a hook: one that stands for from, or if that asks a
// hook itself one for a subtest of it. What subtests are called and which of them are to
// run is as for from.
//
//go:linkname ravelNew testing.ravelNew
var ravelNew = func(hook any, from *T, name string) *T {
	t := &T{tstate: from.tstate}
	t.name, t.level, t.ravel = name, from.level, hook.(ravelHook)
	// COPIES
	if from.ravel != nil {
		t.parent, t.level = &from.common, from.level+1
		return t
	}
	m := from.tstate.match
	t.tstate = &testState{deadline: from.tstate.deadline,
		match: &matcher{filter: m.filter, skip: m.skip, matchFunc: m.matchFunc, subNames: map[string]int32{}}}
	return t
}

func (t *T) ravelParallel() {
	if t.isParallel {
		panic("testing: t.Parallel called multiple times")
	}
	if t.denyParallel {
		panic(parallelConflict)
	}
	t.isParallel = true
	t.ravel.Parallel()
}

func (t *T) ravelRun(name string, f func(*T)) bool {
	full, ok, _ := t.tstate.match.fullName(&t.common, name)
	if !ok {
		return true
	}
	return t.ravel.Run(full, f)
}
`
