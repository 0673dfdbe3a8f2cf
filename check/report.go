package check

import (
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ravelgo/ravel/check/internal/say"
	"github.com/ravelgo/ravel/sched"
)

// Sizes of a report.
const (
	width   = 80
	minLane = 12 // of a column of the table
	maxLane = 40

	maxLanes  = 4  // columns
	maxRows   = 40 // of the schedule
	endRows   = 12 // of it, if it does not end
	maxQuotes = 6  // lines of the source
)

// text explains a finding: what went wrong in one sentence, the schedule with
// a column a task, the facts, and the command that replays it. It depends on
// the run and the trace only, so that a replay prints the same.
func text(p problem, f Finding, t *T, rec *sched.Record, r *runner) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("%s", wrap(p.summary, ""))
	line("")
	if table := newTable(p, rec).String(); table != "" && !p.unseen {
		line("%s", table)
	}
	if text := inputText(t); text != "" {
		line("%s", text)
	}
	if facts := facts(p, f, t); facts != "" {
		line("%s", facts)
	}
	if text := p.advice.text(); text != "" {
		line("%s", text)
	}
	for _, n := range append(p.why, f.Trace.Notes...) {
		line("%s", wrap(n, ""))
	}
	size := fmt.Sprintf("%s, %s.", say.Plural(f.Preemptions, "preemption"), say.Plural(allTasks(rec), "task"))
	if f.File == "" {
		line("%s", size)
		return b.String()
	}
	line("%s Replay:", size)
	line("  %s", replayCommand(f, r))
	return b.String()
}

// inputText lists what was drawn.
func inputText(t *T) string {
	if t.draws == nil || len(t.draws.drawn()) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("Input:\n")
	for _, d := range t.draws.drawn() {
		b.WriteString(wrap(d.name+" = "+d.value, "  ") + "\n")
	}
	return b.String()
}

// replayCommand returns the command that replays the saved trace of a finding.
func replayCommand(f Finding, r *runner) string {
	return fmt.Sprintf("RAVEL_REPLAY=%s %s -run %s %s", say.Quote(f.File), r.command(), say.Quote(say.Pattern(f.Trace.Test)), packageOf(r.code))
}

// facts are the details of a finding, what else went wrong and what was logged.
func facts(p problem, f Finding, t *T) string {
	var b strings.Builder
	line := func(text string) { b.WriteString(text + "\n") }
	for _, d := range p.details {
		line(wrap(d, "  "))
	}
	for _, also := range f.Also {
		line(wrap("also: "+also, "  "))
	}
	if len(t.logs) > 0 {
		line("  log:")
		for _, l := range t.logs {
			line("    " + strings.ReplaceAll(l, "\n", "\n    "))
		}
	}
	return b.String()
}

// tasksIn counts the tasks that did something.
func tasksIn(rec *sched.Record) int {
	busy := map[int]bool{}
	for _, s := range rec.Steps {
		busy[s.Task] = busy[s.Task] || !s.Side && !ofTime(s)
	}
	n := 0
	for _, did := range busy {
		if did {
			n++
		}
	}
	return max(n, 1)
}

// allTasks counts the tasks.
func allTasks(rec *sched.Record) int {
	n := 0
	for _, t := range rec.Tasks {
		if !t.Timer {
			n++
		}
	}
	return n
}

// packageOf returns the import path of the package in which a function is.
func packageOf(fn any) string {
	name := runtime.FuncForPC(reflect.ValueOf(fn).Pointer()).Name()
	slash := strings.LastIndexByte(name, '/')
	pkg, _, _ := strings.Cut(name[slash+1:], ".")
	return strings.TrimSuffix(name[:slash+1]+pkg, "_test")
}

// wrap breaks a sentence into lines, and words that are longer than a line.
func wrap(text, indent string) string {
	var b strings.Builder
	b.WriteString(indent)
	column := len(indent)
	for i, word := range pieces(text, width-len(indent)-2) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case column+1+n > width:
			b.WriteString("\n" + indent + "  ")
			column = len(indent) + 2
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	return b.String()
}

// pieces returns the words of a text, those that are longer than most in parts.
func pieces(text string, most int) []string {
	var all []string
	for _, word := range strings.Fields(text) {
		if strings.Contains(word, "://") { // to be copied whole
			all = append(all, word)
			continue
		}
		for part := range slices.Chunk([]rune(word), most) {
			all = append(all, string(part))
		}
	}
	return all
}

// annotate adds to each choice of a trace, for people, what it leaves and what
// it runs.
func annotate(tr *sched.Trace, rec *sched.Record) {
	waits, runs := map[string]string{}, map[string]string{}
	for _, t := range rec.Tasks {
		waits[t.Path], runs[t.Path] = t.Name+" waits, ", t.Name+" runs"
	}
	for _, s := range rec.Steps {
		if t := rec.Tasks[s.Task]; ofTime(s) {
			waits[t.Path], runs[t.Path] = "", event(t.Name, s)
		}
	}
	for i := range tr.Deviations {
		d := &tr.Deviations[i]
		if d.Note = ""; d.Kind == sched.TaskChoice && runs[d.To] != "" {
			d.Note = waits[d.At] + runs[d.To]
		}
	}
}
