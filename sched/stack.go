package sched

import (
	"reflect"
	"regexp"
	"runtime"
	"strings"
)

const modulePath = "github.com/ravelgo/ravel"

// packageOf returns the import path of the package of a function, by its name.
func packageOf(function string) string {
	slash := strings.LastIndexByte(function, '/')
	if dot := strings.IndexByte(function[slash+1:], '.'); dot >= 0 {
		return function[:slash+1+dot]
	}
	return function
}

// isStandard reports whether a frame is of the standard library.
func isStandard(f Frame) bool {
	if goroot != "" {
		return strings.HasPrefix(f.Pos.File, goroot)
	}
	first, _, _ := strings.Cut(f.Func, "/") // built with -trimpath
	return !strings.Contains(strings.SplitN(first, ".", 2)[0], ".") && !strings.HasPrefix(f.Func, "main.")
}

// goroot is where the sources of the standard library were when the program
// was built, with a slash at the end; empty if it was built with -trimpath.
var goroot = func() string {
	file, _ := runtime.FuncForPC(reflect.ValueOf(strings.Contains).Pointer()).FileLine(0)
	return strings.TrimSuffix(file, "strings/strings.go")
}()

func isTest(file string) bool { return strings.HasSuffix(file, "_test.go") }

// isOurs reports whether a frame belongs to the machinery, so that a user
// would not look for it. It goes by the file: a function literal that was inlined has
// the name of the function that it is in.
func isOurs(f Frame) bool {
	if isTest(f.Pos.File) {
		return false
	}
	folder, ok := strings.CutPrefix(f.Pos.File[:strings.LastIndexByte(f.Pos.File, '/')+1], moduleRoot)
	if !ok {
		return false
	}
	switch folder {
	case "sched/", "sched/atomic/", "sched/strategy/", "sched/schedtest/", "race/", "engine/", "check/":
		return true
	}
	return false
}

// moduleRoot is where the sources of this module were when the program was built,
// with a slash at the end.
var moduleRoot = func() string {
	file, _ := runtime.FuncForPC(reflect.ValueOf(packageOf).Pointer()).FileLine(0)
	return strings.TrimSuffix(file, "sched/stack.go")
}()

// userFrames returns the frames of a user's code and of the libraries that it
// called, without the machinery and the runtime. In a stack that ends in the
// standard library the call into it comes first.
func userFrames(frames []Frame) []Frame {
	var kept []Frame
	for _, f := range frames {
		switch pkg := packageOf(f.Func); {
		case isOurs(f), pkg == "iter", pkg == "runtime", pkg == "panic":
		case isStandard(f) && len(kept) == 0:
		default:
			kept = append(kept, f)
		}
	}
	return kept
}

// stack is the innermost frames of a stack, as program counters.
type stack [16]uintptr

// bottom is the function below which the stack is not the task's: what the
// goroutine did for other tasks before.
const bottom = modulePath + "/sched.(*Task).once"

// frames resolves program counters, down to the first function of the task.
func frames(pcs []uintptr) []Frame {
	var all []Frame
	if len(pcs) == 0 {
		return nil
	}
	it := runtime.CallersFrames(pcs)
	for {
		f, more := it.Next()
		if f.Function == bottom {
			return all
		}
		frame := Frame{Func: f.Function, Pos: Pos{File: f.File, Line: f.Line}}
		if f.Func != nil { // else it was inlined, and defers nothing
			_, frame.start = f.Func.FileLine(f.Entry)
		}
		all = append(all, frame)
		if !more {
			return all
		}
	}
}

// position returns the place in a user's code that a stack is about.
func position(pcs []uintptr) Pos {
	called, f := userCall(pcs)
	return f.called(called)
}

// userCall returns the innermost frame of a user's code, and the function of the
// machinery that it called.
func userCall(pcs []uintptr) (called string, user Frame) {
	for _, f := range frames(pcs) {
		switch {
		case isOurs(f):
			called = f.Func
		case packageOf(f.Func) != "runtime":
			return called, f
		}
	}
	return called, Frame{}
}

// called returns where a frame calls a function. That is its line, but for a deferred
// call, which the compiler puts at the return or at the end of the function, as it
// was built: there it is the line of the defer statement, or if there are several of
// that function the first line of the function.
func (f Frame) called(function string) Pos {
	name := shortName(function)
	call := "." + name + "("
	if name != lastName(function) { // a function literal that was returned
		call = "()"
	}
	if line := f.Pos.Source(); line == "" || strings.Contains(line, call) {
		return f.Pos
	}
	var found []int
	for n := f.start; n > 0 && n <= f.Pos.Line; n++ {
		line := strings.TrimSpace(Pos{f.Pos.File, n}.Source())
		if strings.HasPrefix(line, "defer ") && strings.Contains(line, call) {
			found = append(found, n)
		}
	}
	switch len(found) {
	case 0:
		return f.Pos
	case 1:
		return Pos{f.Pos.File, found[0]}
	}
	return Pos{f.Pos.File, f.start}
}

// shortName returns the name of a function or method alone, or that of the function
// in which a function literal is.
func shortName(function string) string {
	return lastName(literal.ReplaceAllString(function, ""))
}

func lastName(function string) string { return function[strings.LastIndexByte(function, '.')+1:] }

// literal is what the name of a function literal has more than that of the function
// that it is in.
var literal = regexp.MustCompile(`(\.func\d+|\.\d+|-range\d+)+$`)

// panicStack returns where the panic that is being recovered happened.
func panicStack() []Frame {
	var pcs [64]uintptr
	return userFrames(frames(pcs[:runtime.Callers(4, pcs[:])]))
}
