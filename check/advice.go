package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ravelgo/ravel/sched"
)

// advice says what a finding means and what to do.
type advice struct {
	why   string
	order string // what would order the operations it is about
	help  string // or what else to do
	page  string // the heading in docs/findings.md
}

// pages is where findings are explained.
const pages = "https://github.com/ravelgo/ravel/blob/main/docs/findings.md#"

// text returns the advice as lines of a report.
func (a advice) text() string {
	var b strings.Builder
	if a.why != "" {
		b.WriteString(wrap("Why this is a problem: "+a.why, "") + "\n")
	}
	if a.order != "" {
		b.WriteString(wrap("What would order them: "+a.order, "") + "\n")
	}
	if a.help != "" {
		b.WriteString(wrap("What would help: "+a.help, "") + "\n")
	}
	if a.page != "" {
		b.WriteString("More: " + pages + a.page + "\n")
	}
	return b.String()
}

// adviceOn returns the advice on how a run ended, to those who use package sched, or to
// those whose code is unmodified and uses the standard library.
func adviceOn(end error, unmodified bool) advice {
	switch end := end.(type) {
	case *sched.Deadlock:
		return adviceOnDeadlock(end)
	case *sched.Leak:
		who, how := "tasks", "sched.Select with sched.Done(ctx)"
		if unmodified {
			who, how = "goroutines", "a select with a case <-ctx.Done()"
		}
		return advice{why: "These " + who + " never end: in production what they hold stays in memory, and there are more of them with each call.", help: "See that what they wait for always comes, or let them wait for the end of a context too (" + how + ").", page: "tasks-left-blocked"}
	case *sched.Panic:
		return advice{why: "A panic in a goroutine ends the whole process.", help: "The stack above says where it comes from; the schedule, why it comes there only sometimes.", page: "panic"}
	case *sched.StepLimit:
		return advice{why: "A run that does not end cannot be told from one that waits for something that never comes.", page: "no-end"}
	case *sched.Misuse:
		return advice{why: "In production this ends the process, or is undefined.", page: "misuse"}
	case *sched.Blocked:
		who := "the task"
		if unmodified {
			who = "a goroutine"
		}
		a := advice{why: "While " + who + " waits for something that the scheduler does not know, nothing else in the simulation can go on.", help: "Use the type of package sched in its place.", page: "blocked-outside-the-scheduler"}
		if end.Package != "" {
			a.help = sentence(end.Advice)
		}
		return a
	case *sched.Uncontrolled:
		a := advice{why: "What it does happens at a moment that no schedule decides, so a finding could not be replayed.",
			help: "Start it by sched.Go.", page: "uncontrolled-goroutine"}
		if end.Package != "" {
			a.help = "Have package " + end.Package + " brought under control too, by ravel test -with " + end.Package + ", or leave it out of what the test does."
			return a
		}
		if strings.HasSuffix(end.Started.File, "sync/waitgroup.go") {
			a.help = "Use sched.WaitGroup in place of sync.WaitGroup."
		}
		return a
	}
	return advice{}
}

// sentence makes a sentence of a clause.
func sentence(clause string) string {
	if clause == "" {
		return ""
	}
	return strings.ToUpper(clause[:1]) + clause[1:] + "."
}

// adviceOnDeadlock names the order in which to take the locks of a cycle.
func adviceOnDeadlock(d *sched.Deadlock) advice {
	a := advice{why: "Nobody can ever go on: the program hangs.", help: "See that what they wait for always comes, on every path, also after an error or when nobody asks any more.", page: "deadlock"}
	var locks []string
	for _, w := range d.Cycle {
		if !strings.Contains(w.Op.String(), "lock") {
			return a
		}
		if !slices.Contains(locks, w.Object) {
			locks = append(locks, w.Object)
		}
	}
	switch len(locks) {
	case 0:
	case 1:
		a.help = fmt.Sprintf("Unlock %s before it is locked again; a defer right after the Lock does so on every path.", locks[0])
	default:
		slices.Sort(locks)
		a.why += " It is a lock-order inversion: each of them holds one of the locks and wants another one."
		a.help = fmt.Sprintf("Take these locks in one order everywhere, such as %s, or hold one lock around all of it.", strings.Join(locks, " before "))
		a.page = "lock-order-inversion"
	}
	return a
}
