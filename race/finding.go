package race

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ravelgo/ravel/sched"
)

// Kind is what is wrong.
type Kind uint8

const (
	// DataRace is two accesses to one location, at least one a write, that
	// happens-before does not order.
	DataRace Kind = iota
	// LostUpdate is a write that overwrites another task's write, made from a
	// value that was read before it.
	LostUpdate
	// LateAdd is an Add, to a wait group at zero, that nothing orders before a
	// Wait: the Wait may return too early.
	LateAdd
)

func (k Kind) String() string { return [...]string{"data race", "lost update", "late add"}[k] }

// Finding is something wrong that a run has shown, in numbers of that run. A
// recorded repetition of the run puts it into words: [Finding.Explain].
type Finding struct {
	Kind Kind
	// Object, Loc and Item say of what, as [sched.Event] does.
	Object, Loc, Item int
	// Accesses are those involved, in order: the two of a data race; the read,
	// the write in between and the stale write of a lost update; the Wait and
	// the Add of a late add.
	Accesses []Access
}

// Access is an access of a finding.
type Access struct {
	Task  int
	Write bool
	Step  int // number of the operation in the run, from 1
}

// Explanation is a finding in words.
type Explanation struct {
	// Kind is the most precise word for what is wrong, such as "data race
	// (unlocked write)".
	Kind string
	// Object is the name of what it is about.
	Object string
	// Summary is one sentence that begins with Kind and Object; Details are
	// sentences with the facts.
	Summary string
	Details []string
}

// Explain puts f into words, with the record of the run that f is of.
func (f Finding) Explain(r *sched.Record) Explanation {
	w := words{f: f, r: r, object: f.name(r)}
	for _, a := range f.Accesses {
		w.steps = append(w.steps, r.Operation(a.Step))
	}
	switch f.Kind {
	case LostUpdate:
		return w.lostUpdate()
	case LateAdd:
		return w.lateAdd()
	}
	return w.dataRace()
}

// name names the object and, if the finding is about one, the element.
func (f Finding) name(r *sched.Record) string {
	o := r.Objects[f.Object]
	if f.Loc >= 0 && o.Kind == kindSlice {
		return fmt.Sprintf("%s[%d]", o.Name, f.Loc)
	}
	return o.Name
}

// words is what the sentences about a finding are made of.
type words struct {
	f      Finding
	r      *sched.Record
	object string
	steps  []sched.Step // of the accesses
}

func (w words) task(i int) string { return w.r.Tasks[w.f.Accesses[i].Task].Name }

func (w words) pos(i int) string { return w.steps[i].Pos.String() }

func (w words) locks(i int) []string {
	var names []string
	for _, l := range w.steps[i].Held {
		names = append(names, w.r.Objects[l].Name)
	}
	return names
}

func (w words) lostUpdate() Explanation {
	return Explanation{
		Kind:    LostUpdate.String(),
		Object:  w.object,
		Summary: fmt.Sprintf("lost update on %s: %s overwrote %s's write", w.object, w.task(2), w.task(1)),
		Details: []string{
			fmt.Sprintf("%s read %s at %s.", w.task(0), w.value(0), w.pos(0)),
			fmt.Sprintf("%s then wrote %s at %s.", w.task(1), w.value(1), w.pos(1)),
			fmt.Sprintf("%s wrote %s at %s without having read that: the update is gone.", w.task(2), w.value(2), w.pos(2)),
		},
	}
}

func (w words) lateAdd() Explanation {
	return Explanation{
		Kind:    LateAdd.String(),
		Object:  w.object,
		Summary: fmt.Sprintf("late add on %s: nothing orders %s's add before %s's wait", w.object, w.task(1), w.task(0)),
		Details: []string{
			fmt.Sprintf("%s called Add at %s when the counter was zero.", w.task(1), w.pos(1)),
			fmt.Sprintf("%s called Wait at %s, and may have returned at once.", w.task(0), w.pos(0)),
			"Call Add before the go statement, or use WaitGroup.Go.",
		},
	}
}

// value says what was read or written.
func (w words) value(i int) string {
	if v := w.steps[i].Value; v != "" {
		return v
	}
	return "a value"
}

func (w words) dataRace() Explanation {
	verb := func(i int) string {
		if w.f.Accesses[i].Write {
			return "wrote"
		}
		return "read"
	}
	kind, why := w.cause()
	e := Explanation{
		Kind:   fmt.Sprintf("data race (%s)", kind),
		Object: w.object,
		Details: []string{
			fmt.Sprintf("%s %s it at %s, %s.", w.task(0), verb(0), w.pos(0), holding(w.locks(0))),
			fmt.Sprintf("%s %s it at %s, %s.", w.task(1), verb(1), w.pos(1), holding(w.locks(1))),
			why,
		},
	}
	e.Summary = fmt.Sprintf("%s on %s: nothing orders %s's %s before %s's %s", e.Kind, w.object,
		w.task(0), w.steps[0].Op, w.task(1), w.steps[1].Op)
	return e
}

// cause tells the kinds of data race apart by the locks held.
func (w words) cause() (kind, why string) {
	first, second := w.locks(0), w.locks(1)
	common := slices.ContainsFunc(first, func(l string) bool { return slices.Contains(second, l) })
	switch {
	case common:
		return "write under a read lock", "Both hold the lock only for reading."
	case len(first) > 0 && len(second) > 0:
		return "inconsistent locks", "Each holds a lock, but there is none that both hold."
	case len(first) > 0:
		return "unlocked " + w.steps[1].Op.String(), w.task(1) + " holds no lock."
	case len(second) > 0:
		return "unlocked " + w.steps[0].Op.String(), w.task(0) + " holds no lock."
	}
	switch w.r.Objects[w.f.Object].Kind {
	case kindMap:
		return "concurrent map access", "Neither holds a lock; Go's runtime can end the process here."
	case kindSlice:
		if w.f.Loc < 0 {
			return "concurrent append", "Neither holds a lock; elements can be lost."
		}
	}
	return "no lock", "Neither holds a lock."
}

func holding(locks []string) string {
	if len(locks) == 0 {
		return "holding no lock"
	}
	return "holding " + strings.Join(locks, ", ")
}
