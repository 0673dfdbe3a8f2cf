package race

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ravelgo/ravel/sched"
)

// Explanation is a finding in words.
type Explanation struct {
	// Kind is the most precise word for what is wrong, such as "data race
	// (unlocked write)".
	Kind string
	// Object is the name of what it is about.
	Object string
	// Sites are the operations, in order.
	Sites []Site
	// Summary is one sentence that begins with Kind and Object; Details are
	// sentences with the facts.
	Summary string
	Details []string
	// Why says why this is a problem, Fix what would mend it: for this code, with
	// the lock and the lines, as far as the run tells.
	Why, Fix string
	// Page is the heading in docs/findings.md, as a link has it.
	Page string
}

// Site is an operation of a finding.
type Site struct {
	sched.Step
	// Task and Object are the names.
	Task, Object string
	// Locks are the names of the locks that the task held, and Reading says of each
	// whether it was only for reading.
	Locks   []string
	Reading []bool
}

// Explain puts f into words, with the record of the run that f is of.
func (f Finding) Explain(r *sched.Record) Explanation {
	w := words{f: f, r: r}
	w.sites()
	e := Explanation{Kind: f.Kind.String(), Object: f.name(r), Sites: w.at, Page: anchor(f.Kind.String())}
	e.Object = f.base(r, e.Object)
	w.object = e.Object
	switch f.Kind {
	case LostUpdate:
		w.lostUpdate(&e)
	case LateAdd:
		w.lateAdd(&e)
	case Atomicity:
		w.atomicity(&e)
	case TornSnapshot:
		w.torn(&e)
	case LockOrder:
		w.lockOrder(&e)
	case Mutated:
		w.mutated(&e)
	default:
		w.dataRace(&e)
	}
	return e
}

// anchor returns how a link leads to a heading.
func anchor(heading string) string { return strings.ReplaceAll(heading, " ", "-") }

// name names the object and, if the finding is about one, the element.
func (f Finding) name(r *sched.Record) string {
	if f.Kind == Mutated {
		return f.Change.Path
	}
	o := r.Objects[f.Object]
	if f.Loc >= 0 && o.Kind == kindSlice {
		return fmt.Sprintf("%s[%d]", o.Name, f.Loc)
	}
	return o.Name
}

// base returns name, which is that of what f is about, without the number that tells
// plain memory apart from other memory that is accessed by the same expression: to
// find the same wrong in other memory is nothing new.
func (f Finding) base(r *sched.Record, name string) string {
	if f.Object >= 0 && r.Objects[f.Object].Plain && name == r.Objects[f.Object].Name {
		return r.Objects[f.Object].Base
	}
	return name
}

// words is what the sentences about a finding are made of.
type words struct {
	f      Finding
	r      *sched.Record
	object string
	at     []Site
}

// sites looks up the operations. Those of a change of a frozen value are the last
// one of the task before it, if there is one.
func (w *words) sites() {
	for _, a := range w.f.Accesses {
		step := a.Step
		if w.f.Kind == Mutated {
			step = w.lastOf(a.Task, a.Step)
		}
		s := Site{Task: w.r.Tasks[a.Task].Name}
		if step > 0 {
			s.Step = w.r.Operation(step)
			if s.Step.Object >= 0 {
				s.Object = w.r.Objects[s.Step.Object].Name
			}
			for _, l := range s.Held {
				s.Locks = append(s.Locks, w.r.Objects[l].Name)
				s.Reading = append(s.Reading, strings.HasSuffix(w.lockedAt(s, l).Op.String(), "rlock"))
			}
		}
		w.at = append(w.at, s)
	}
}

// lastOf returns the last operation of a task among the first ones of the run, or
// 0.
func (w *words) lastOf(task, steps int) int {
	for _, s := range slices.Backward(w.r.Steps) {
		if s.Task == task && !s.Side && s.N <= steps {
			return s.N
		}
	}
	return 0
}

// nextOf returns the first operation of a task after the first ones of the run.
func (w *words) nextOf(task, steps int) sched.Step {
	for _, s := range w.r.Steps {
		if s.Task == task && !s.Side && s.N > steps {
			return s
		}
	}
	return sched.Step{}
}

func (w *words) lostUpdate(e *Explanation) {
	a := w.at
	e.Summary = fmt.Sprintf("lost update on %s: %s overwrote %s's write", w.object, a[2].Task, a[1].Task)
	e.Details = []string{
		fmt.Sprintf("%s read %s at %s.", a[0].Task, a[0].value(), a[0].Pos),
		fmt.Sprintf("%s then wrote %s at %s.", a[1].Task, a[1].value(), a[1].Pos),
		fmt.Sprintf("%s wrote %s at %s without having read that: the update is gone.", a[2].Task, a[2].value(), a[2].Pos),
	}
	e.Why = "What is written follows from a value that is out of date by then. Locking each access alone does not help: the variable may change between the two."
	e.Fix = w.oneSection(a[0], a[2], a[1]) + w.blind(a[0], a[2])
}

// blind mentions that a write may be meant to lose what it overwrites.
func (w *words) blind(read, s Site) string {
	if read.Pos != s.Pos && s.Step.Object >= 0 && w.r.Objects[s.Step.Object].Kind == kindVar {
		return fmt.Sprintf(" If what is written at %s does not depend on what was read, say so with Set instead of Store.", s.Pos)
	}
	return ""
}

func (w *words) lateAdd(e *Explanation) {
	a := w.at
	e.Summary = fmt.Sprintf("late add on %s: nothing orders %s's add before %s's wait", w.object, a[1].Task, a[0].Task)
	e.Details = []string{
		fmt.Sprintf("%s called Add at %s when the counter was zero.", a[1].Task, a[1].Pos),
		fmt.Sprintf("%s called Wait at %s, and may have returned at once.", a[0].Task, a[0].Pos),
	}
	e.Why = "Wait returns while the counter is zero: if it comes first it waits for nobody."
	start := "the task is started"
	if w.r.Unmodified {
		start = "the go statement"
	}
	e.Fix = fmt.Sprintf("Call Add before %s, not at %s inside it, or start it with WaitGroup.Go.", start, a[1].Pos)
}

// value says what was read or written.
func (s Site) value() string {
	if s.Value != "" {
		return s.Value
	}
	return "a value"
}

// did says what was done, in the past tense.
func (s Site) did() string {
	verb := "read"
	if s.Op.String() == "write" {
		verb = "wrote"
	}
	return fmt.Sprintf("%s %s %s", verb, s.Object, s.shown())
}

func (s Site) shown() string {
	if s.Value == "" {
		return "at " + s.Pos.String()
	}
	return fmt.Sprintf("= %s at %s", s.Value, s.Pos)
}

func (w *words) atomicity(e *Explanation) {
	a := w.at
	last := a[len(a)-1]
	e.Kind, e.Page = fmt.Sprintf("atomicity violation (%s)", w.f.Pattern), anchor(w.f.Pattern)
	for _, s := range a {
		e.Details = append(e.Details, fmt.Sprintf("%s %s, %s.", s.Task, s.did(), s.holding()))
	}
	between := w.other(a[0].Task)
	switch w.f.Pattern {
	case UnrepeatableRead:
		e.Summary = fmt.Sprintf("%s wrote between two reads of %s", between.Task, last.Task)
		e.Why = "The stage goes on as if it had read one value, and has read two."
	case OverwrittenWrite:
		e.Summary = fmt.Sprintf("%s wrote between a write of %s and its read", between.Task, last.Task)
		e.Why = "The stage reads what another task has written and takes it for its own."
	case DirtyRead:
		e.Summary = fmt.Sprintf("%s read between two writes of %s", between.Task, last.Task)
		e.Why = "The other task has seen a value that was not meant to be seen: the stage was not done with it."
	case CheckThenAct:
		e.Summary = fmt.Sprintf("%s found no value, and then stored one although %s had", last.Task, between.Task)
		e.Why = "The check was true when it was made and false when the task acted on it: what is to happen once happens twice."
	default:
		e.Summary = fmt.Sprintf("no order of the stages explains what %s saw", list(w.tasks()))
		e.Why = "Each stage has seen what another one did, or not seen it, as if it had come before and after it."
	}
	if all := w.objects(); len(all) > 1 {
		e.Object = list(all)
	}
	e.Summary = fmt.Sprintf("%s on %s: %s", e.Kind, e.Object, e.Summary)
	e.Fix = w.oneSection(a[0], last, between)
	if w.f.Pattern == CheckThenAct {
		pkg := "sched"
		if w.r.Unmodified {
			pkg = "sync"
		}
		e.Fix += " Or use an operation that does both, such as LoadOrStore of a " + pkg + ".Map."
	}
}

// other returns the first operation that is not of a task.
func (w *words) other(task string) Site {
	for _, s := range w.at {
		if s.Task != task {
			return s
		}
	}
	return w.at[0]
}

// tasks returns the names of the tasks, each once.
func (w *words) tasks() []string {
	var all []string
	for _, s := range w.at {
		if !slices.Contains(all, s.Task) {
			all = append(all, s.Task)
		}
	}
	return all
}

// objects returns the names of the objects, each once, sorted. A finding about
// several items of one object has the one name.
func (w *words) objects() []string {
	var all []string
	for _, s := range w.at {
		if !slices.Contains(all, s.Object) {
			all = append(all, s.Object)
		}
	}
	slices.Sort(all)
	return all
}

// list joins names with "and".
func list(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

func (w *words) torn(e *Explanation) {
	var reader, writer Site
	for i, s := range w.at {
		if w.f.Accesses[i].Write {
			writer = s
		} else {
			reader = s
		}
		e.Details = append(e.Details, fmt.Sprintf("%s %s, %s.", s.Task, s.did(), s.holding()))
	}
	e.Object = list(w.objects())
	e.Summary = fmt.Sprintf("torn snapshot of %s: %s read them around an update by %s", e.Object, reader.Task, writer.Task)
	e.Why = "One value is from before the update and one from after it: they never belonged together."
	switch updating, reading := w.common(true), w.common(false); {
	case updating != "":
		e.Fix = fmt.Sprintf("Hold %s, as %s does over all of the update, over both reads of %s.", updating, writer.Task, reader.Task)
	case reading != "":
		e.Fix = fmt.Sprintf("Hold %s, as %s does over both reads, over all of the update by %s.", reading, reader.Task, writer.Task)
	default:
		e.Fix = fmt.Sprintf("Hold one lock over all of the update by %s and over all of the reads of %s, not one for each variable.", writer.Task, reader.Task)
	}
}

// common returns a lock that is held at all writes of the finding, or at all reads,
// and was not let go in between; nothing if there is none.
func (w *words) common(writes bool) string {
	var all []Site
	for i, s := range w.at {
		if w.f.Accesses[i].Write == writes {
			all = append(all, s)
		}
	}
	first, last := all[0], all[len(all)-1]
	for i, l := range first.Locks {
		if slices.Contains(last.Locks, l) && !first.Reading[i] && w.unlock(first, last, l).N == 0 {
			return l
		}
	}
	return ""
}

func (w *words) lockOrder(e *Explanation) {
	var names, tasks []string
	for i := 0; i+1 < len(w.at); i += 2 {
		outer, inner := w.at[i], w.at[i+1]
		names, tasks = append(names, outer.Object), append(tasks, outer.Task)
		e.Details = append(e.Details, fmt.Sprintf("%s took %s at %s and then, while it held that, %s at %s.",
			outer.Task, outer.Object, outer.Pos, inner.Object, inner.Pos))
	}
	e.Object = list(names)
	e.Summary = fmt.Sprintf("lock-order inversion of %s: %s take them in different orders", e.Object, list(tasks))
	e.Why = "If each of them holds its first lock and waits for the next one, they wait for ever."
	slices.Sort(names)
	e.Fix = fmt.Sprintf("Take these locks in one order everywhere, such as %s, or hold one lock around all of it.", strings.Join(names, " before "))
}

func (w *words) mutated(e *Explanation) {
	c, s := w.f.Change, w.at[0]
	e.Summary = fmt.Sprintf("mutated immutable %s: %s changed it from %s to %s", c.Path, s.Task, c.Old, c.New)
	from, to := "its beginning", "its end"
	if s.N > 0 {
		from = fmt.Sprintf("its %s at %s", s.Op, s.Pos)
	} else {
		e.Sites = nil
	}
	if next := w.nextOf(w.f.Accesses[0].Task, w.f.Accesses[0].Step); next.Pos.Line > 0 {
		to = fmt.Sprintf("its %s at %s", next.Op, next.Pos)
	}
	e.Details = append(e.Details, fmt.Sprintf("%s did so between %s and %s.", s.Task, from, to))
	for _, p := range w.r.Steps {
		if p.Side && p.Op.String() == "go" && p.Peer == w.f.Accesses[0].Task && p.Pos.Line > 0 {
			e.Details = append(e.Details, fmt.Sprintf("It was started at %s.", p.Pos))
		}
	}
	e.Why = "Others read it without a lock because it was declared not to change."
	e.Fix = "Work on a copy, which for slices, maps and what pointers lead to must be a deep one, or keep what changes apart, in a sched.Guarded. If a caller may keep a way to it, copy it on entry."
}
