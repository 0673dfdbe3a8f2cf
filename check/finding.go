package check

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ravelgo/ravel/check/report"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

// Finding is something wrong that a search has shown, on the smallest schedule
// that it found for it.
type Finding struct {
	// Kind is what is wrong, such as "lost update" or "deadlock". Object is the
	// name of what it is about, or empty.
	Kind, Object string
	// Summary is one sentence.
	Summary string
	// Explanation has the operations with their tasks, values and locks, and what
	// would order them, if package race has found it; else it is nil.
	Explanation *race.Explanation
	// Also are the sentences of what else goes wrong in the same schedule.
	Also []string
	// Preemptions counts the switches, in that schedule, away from a task that
	// could have gone on.
	Preemptions int
	// Fewest is set if no schedule with fewer preemptions shows it, for the same
	// random numbers.
	Fewest bool
	// Run is the number of the run that first showed it, from 1 as the search counts
	// them; 0 for what a saved trace shows.
	Run int
	// Trace replays it.
	Trace *sched.Trace
	// File is where the trace was saved; empty if it was not.
	File string
	// Report is the whole explanation, as a test prints it.
	Report string
	// Data is the same for pages and programs, and more; nil if no schedule shows
	// the finding.
	Data *report.Report
}

// problem is something wrong in one recorded run.
type problem struct {
	kind, object string
	summary      string
	details      []string
	key          string    // equal in all schedules that show the same
	sign         string    // what of the key a run shows that is not recorded
	sites        string    // of the operations, in a recorded run
	rank         int       // which one to report first
	first        sched.Pos // of the operations, the first one in the source
	advice       advice
	unseen       bool // it is about no operation
	explanation  *race.Explanation
	tasks        []int    // involved
	steps        []int    // operations involved, by number
	why          []string // sentences about its causes
	marks        []int    // operations that these are about
	blocked      []sched.Wait
	end          ending   // of a task that ends the run
	lacking      []string // names of objects that tasks wait for, though no cycle keeps them
	passing      recorded // the nearest schedule that does not show it, if it is known
	parts        int      // the operation in which they differ
}

// ending is how a task ends the run, for the table.
type ending struct {
	task int
	text string
	pos  sched.Pos
}

// problems lists what is wrong in a run: r of body run t, with what the tracker
// found.
func problems(t *T, r *sched.Result, found []race.Finding) []problem {
	var all []problem
	for _, f := range found {
		all = append(all, raceProblem(f, r.Record))
	}
	if p, ok := endProblem(r); ok {
		all = append(all, p)
	}
	for i, f := range t.failures {
		if i == 0 {
			all = append(all, problem{kind: "failed assertion", summary: "failed assertion" + at(f.pos) + ": " + firstLine(f.text),
				details: strings.Split(withoutTrace(f.text), "\n"), key: "failure " + f.pos.String(), rank: rankFailure,
				advice: advice{why: "The test fails in this schedule, and production has such schedules too.", page: "failed-assertion"}})
		}
	}
	if t.violation != nil {
		all = append(all, t.violation.problem(r.Record))
	}
	for i := range all {
		if t.test != nil {
			all[i].ofOrdinary(r.End)
		}
		if all[i].sign == "" {
			all[i].sign = all[i].key
		}
	}
	return all
}

// explain adds the causes to a problem, and, if it is about no operations itself,
// theirs and their tasks.
func (p *problem) explain(a *causes, rec *sched.Record) {
	p.why = a.explain()
	p.passing, p.parts = a.passing, a.parts
	if len(p.steps) > 0 {
		return
	}
	for _, c := range a.least {
		p.marks = append(p.marks, c.FirstAt)
		p.tasks = append(p.tasks, rec.Operation(c.FirstAt).Task, c.ThenTask)
		if c.ThenAt > 0 {
			p.marks = append(p.marks, c.ThenAt)
		}
	}
}

func at(p sched.Pos) string {
	if p.Line == 0 {
		return ""
	}
	return " at " + p.String()
}

// withoutTrace returns a failure of testify without where it was and what called it,
// which its position tells.
func withoutTrace(text string) string {
	head, rest, ok := strings.Cut(text, "Error Trace:")
	if !ok {
		return text
	}
	_, rest, ok = strings.Cut(rest, "Error:")
	if !ok {
		return text
	}
	return strings.TrimRight(head, " \t\n") + "Error:" + rest
}

// firstLine returns what says most in a few words: testify puts the message
// under "Error:", and what it compared after a line that ends in a colon.
func firstLine(text string) string {
	if _, after, ok := strings.Cut(text, "Error:"); ok {
		text = after
	}
	said := ""
	for line := range strings.Lines(text) {
		line = strings.Join(strings.Fields(line), " ")
		switch {
		case said == "" && line == "":
		case said == "":
			said = line
		case strings.HasSuffix(said, ":"), strings.HasPrefix(line, "actual"):
			said += " " + strings.Replace(line, " :", ":", 1)
		default:
			return said
		}
	}
	return said
}

func raceProblem(f race.Finding, rec *sched.Record) problem {
	e := f.Explain(rec)
	p := problem{kind: e.Kind, object: e.Object, summary: e.Summary, details: e.Details, key: f.Kind.String() + " on " + e.Object,
		sign: f.Kind.String(), rank: rankLostUpdate, advice: advice{why: e.Why, order: e.Fix, page: e.Page}, explanation: &e}
	switch f.Kind {
	case race.DataRace:
		p.rank = rankRace
	case race.Mutated:
		p.advice.help, p.advice.order = e.Fix, ""
	}
	for _, a := range f.Accesses {
		p.tasks = append(p.tasks, a.Task)
	}
	var sites []string
	p.unseen = len(e.Sites) == 0
	for _, s := range e.Sites {
		p.steps = append(p.steps, s.N)
		sites = append(sites, s.Pos.String())
	}
	p.sites = sorted(sites)
	if p.unseen {
		return p
	}
	p.first = slices.MinFunc(e.Sites, func(s, o race.Site) int { return inSource(s.Pos, o.Pos) }).Pos
	return p
}

// endProblem explains why a run ended, if not well.
func endProblem(r *sched.Result) (problem, bool) {
	if r.End == nil || r.End == sched.ErrCut || errors.Is(r.End, errFailNow) || errors.Is(r.End, errSkipNow) {
		return problem{}, false
	}
	unmodified := r.Record != nil && r.Record.Unmodified
	p := problem{summary: r.End.Error(), rank: rankBroken, advice: adviceOn(r.End, unmodified)}
	switch end := r.End.(type) {
	case *sched.Deadlock:
		p.ofDeadlock(end, unmodified)
	case *sched.Leak:
		p.ofLeak(end, unmodified)
	case *sched.Panic:
		p.kind, p.rank = "panic", rankPanic
		p.tasks = []int{end.ID}
		p.details = calls(end.Stack)
		p.end = ending{task: end.ID, text: "panics"}
		if len(end.Stack) > 0 {
			p.end.pos = end.Stack[0].Pos
			p.key = "panic" + at(end.Stack[0].Pos)
		}
	case *sched.StepLimit:
		p.kind = keyNoEnd
		ends := "raise Config.MaxSteps"
		if unmodified {
			ends = "it has too many operations for a search"
		}
		p.details = []string{"If the run does end, " + ends + "; if not, something must end the tasks that go round, or stop the timer that wakes them."}
	case *sched.Misuse:
		p.kind = "misuse"
	case *sched.Blocked:
		p.kind = keyBlocked
		p.details = calls(end.Stack)
	case *sched.Uncontrolled:
		p.kind = keyUncontrolled
	default:
		p.kind = "aborted"
	}
	if p.key == "" {
		p.key = p.kind
	}
	return p, true
}

func (p *problem) ofDeadlock(end *sched.Deadlock, unmodified bool) {
	p.kind, p.rank = keyDeadlock, rankDeadlock
	p.tasks = taskIDs(end.Cycle)
	if len(p.tasks) == 0 {
		p.tasks, p.lacking = taskIDs(end.Others), objects(end.Others)
	}
	p.blocked = append(slices.Clone(end.Cycle), end.Others...)
	p.sites = sorted(places(end.Cycle))
	p.details = append(waits(p.blocked), strays(end.Strays, unmodified)...)
	p.summary = deadlockSummary(end)
}

func (p *problem) ofLeak(end *sched.Leak, unmodified bool) {
	p.kind, p.rank = "tasks left blocked", rankDeadlock
	p.tasks, p.lacking = append(taskIDs(end.Blocked), 0), objects(end.Blocked)
	p.blocked = end.Blocked
	p.sites = sorted(places(end.Blocked))
	p.details = append(waits(end.Blocked), strays(end.Strays, unmodified)...)
	for i, w := range end.Blocked[:min(len(end.Blocked), maxWaits)] {
		if w.Started.Line > 0 {
			p.details[i] += " It was started" + at(w.Started) + "."
		}
	}
	p.summary = "tasks left blocked: " + end.Blocked[0].String()
}

// calls returns the frames of a stack in words.
func calls(stack []sched.Frame) []string {
	var all []string
	for _, f := range stack {
		all = append(all, f.Func[strings.LastIndexByte(f.Func, '/')+1:]+at(f.Pos))
	}
	return all
}

// sorted joins texts in their order.
func sorted(texts []string) string {
	slices.Sort(texts)
	return strings.Join(texts, " ")
}

func places(waits []sched.Wait) []string {
	var all []string
	for _, w := range waits {
		all = append(all, w.Pos.String())
	}
	return all
}

func taskIDs(waits []sched.Wait) []int {
	var ids []int
	for _, w := range waits {
		ids = append(ids, w.ID)
	}
	return ids
}

func objects(waits []sched.Wait) []string {
	var names []string
	for _, w := range waits {
		names = append(names, w.Object)
	}
	return names
}

// maxWaits is how many waiting tasks a report lists.
const maxWaits = 8

func waits(all []sched.Wait) []string {
	var lines []string
	for _, w := range all[:min(len(all), maxWaits)] {
		lines = append(lines, w.String()+".")
	}
	if more := len(all) - maxWaits; more > 0 {
		lines = append(lines, fmt.Sprintf("%d more tasks wait.", more))
	}
	return lines
}

// strays says what goroutines that are no tasks may have to do with it.
func strays(started []sched.Pos, unmodified bool) []string {
	var lines []string
	instead := "start it by sched.Go"
	if unmodified {
		instead = "have the package that starts it brought under control too: ravel test -with PACKAGE"
	}
	for _, p := range started {
		lines = append(lines, "A goroutine started"+at(p)+" still runs. If it was to wake a task, "+instead+".")
	}
	return lines
}

func deadlockSummary(d *sched.Deadlock) string {
	names := func(waits []sched.Wait) []string {
		var all []string
		for _, w := range waits {
			all = append(all, w.Task)
		}
		return all
	}
	switch cycle := names(d.Cycle); len(cycle) {
	case 0:
		return "deadlock: " + list(names(d.Others)) + " can never go on"
	case 1:
		return "deadlock: " + cycle[0] + " waits for a lock that it holds itself"
	default:
		return "deadlock: " + list(cycle) + " wait for each other"
	}
}

// list joins names with commas and "and"; of many it gives the first few.
func list(names []string) string {
	if more := len(names) - maxWaits; more > 0 {
		names = append(slices.Clone(names[:maxWaits]), fmt.Sprintf("%d more", more))
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// coarseKeys identifies what is wrong in a run that was not recorded, well
// enough to know whether it is worth a second look.
func coarseKeys(t *T, r *sched.Result, found []race.Finding) []string {
	keys := endKeys(t, r)
	for _, f := range found {
		keys = append(keys, fmt.Sprint(f.Kind, f.Object, f.Loc, f.Item, f.Pattern))
	}
	return keys
}

// signs returns those of the problems of a run that was not recorded.
func signs(t *T, r *sched.Result, found []race.Finding) []string {
	all := endKeys(t, r)
	for _, f := range found {
		all = append(all, f.Kind.String())
	}
	return all
}

// endKeys are the keys of what is not a race.
func endKeys(t *T, r *sched.Result) []string {
	var keys []string
	if p, ok := endProblem(r); ok {
		keys = append(keys, p.key)
	}
	if len(t.failures) > 0 {
		keys = append(keys, "failure "+t.failures[0].pos.String())
	}
	if t.violation != nil {
		keys = append(keys, t.violation.problem(nil).key)
	}
	return keys
}
