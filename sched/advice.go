package sched

import "strings"

// advice names what to use in place of what a goroutine is blocked in.
func advice(g goroutine) string {
	use := func(std, ours string) string { return "use " + ours + " in place of " + std }
	switch {
	case strings.HasPrefix(g.state, "chan send"), strings.HasPrefix(g.state, "chan receive"):
		return use("a channel", "sched.Chan")
	case g.state == "select", g.state == "select (no cases)":
		return use("select", "sched.Select")
	case strings.HasPrefix(g.state, "sync.Mutex"):
		return use("sync.Mutex", "sched.Mutex")
	case strings.HasPrefix(g.state, "sync.RWMutex"):
		return use("sync.RWMutex", "sched.RWMutex")
	case strings.HasPrefix(g.state, "sync.WaitGroup"):
		return use("sync.WaitGroup", "sched.WaitGroup")
	case g.state == "sleep":
		return use("time.Sleep", "sched.Sleep")
	case strings.HasPrefix(g.state, "run"):
		return "it computes without end, or for longer than Config.BlockedAfter allows; a loop that waits for another task needs sched.Yield"
	case g.state == "IO wait", strings.HasPrefix(g.state, "syscall"):
		return "input and output are not simulated: give the task its data"
	}
	return ""
}

// adviceUnmodified says what to do about a goroutine that is blocked in code that
// knows nothing of this package.
func adviceUnmodified(g goroutine) string {
	pkg := packageOf(g.within.Func)
	switch {
	case strings.HasPrefix(g.state, "run"):
		return "it computes without end, or for longer than Config.BlockedAfter allows; a loop that waits for another goroutine needs runtime.Gosched"
	case g.state == "IO wait", strings.HasPrefix(g.state, "syscall"):
		return "input and output are not controlled: give the code its data, or leave this test out of the search"
	case isStandard(g.within):
		return "what package " + pkg + " waits for is not controlled: leave it out of what the test does, or leave this test out of the search"
	case len(g.stack) > 0 && isTest(g.stack[0].Pos.File):
		return "what it waits for there is not controlled"
	}
	return "what package " + pkg + " waits for is not controlled; ravel test -with " + pkg + " brings it under control"
}

// blockedIn returns the innermost of some frames that is not of the runtime or of a
// primitive of the standard library: the one that blocks.
func blockedIn(frames []Frame) Frame {
	for _, f := range frames {
		switch pkg := packageOf(f.Func); {
		case pkg == "runtime", pkg == "sync", pkg == "time", pkg == "reflect", pkg == "context":
		case strings.HasPrefix(pkg, "internal/"), isOurs(f):
		default:
			return f
		}
	}
	return Frame{}
}

// starter returns the package of the function whose go statement started a goroutine,
// given its dump.
func starter(body string) string {
	i := strings.LastIndex(body, "created by ")
	if i < 0 {
		return ""
	}
	name, _, _ := strings.Cut(body[i+len("created by "):], "\n")
	name, _, _ = strings.Cut(name, " in goroutine ")
	return packageOf(name)
}
