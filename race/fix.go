package race

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ravelgo/ravel/sched"
)

func (w *words) dataRace(e *Explanation) {
	a, b := w.at[0], w.at[1]
	kind, why := w.cause(a, b)
	verb := func(i int) string {
		if w.f.Accesses[i].Write {
			return "wrote"
		}
		return "read"
	}
	e.Kind, e.Page = fmt.Sprintf("data race (%s)", kind), anchor(kind)
	if strings.HasPrefix(kind, "unlocked ") {
		e.Page = "unlocked-read-or-write"
	}
	e.Details = []string{
		fmt.Sprintf("%s %s it at %s, %s.", a.Task, verb(0), a.Pos, a.holding()),
		fmt.Sprintf("%s %s it at %s, %s.", b.Task, verb(1), b.Pos, b.holding()),
		why,
	}
	if s, ok := w.slept(b, a); ok && w.plain() {
		e.Details = append(e.Details, fmt.Sprintf("The sleep of %s at %s orders nothing: what it waits for may take longer.", s.Task, s.Pos))
	}
	e.Summary = fmt.Sprintf("%s on %s: nothing orders %s's %s before %s's %s", e.Kind, w.object, a.Task, a.Op, b.Task, b.Op)
	e.Why = "They may happen at the same time. Then what is read or left is neither value for sure, and the compiler and the processor may reorder what is around."
	e.Fix = w.order(kind, a, b)
}

// Words for data races, told apart by what is accessed and the locks held.
const (
	readLocked     = "write under a read lock"
	inconsistent   = "inconsistent locks"
	wrongInstance  = "wrong instance of a lock"
	mapAccess      = "concurrent map access"
	concurrentGrow = "concurrent append"
	noLock         = "no lock"
)

// cause tells the kinds of data race apart by the locks held.
func (w *words) cause(a, b Site) (kind, why string) {
	common := slices.ContainsFunc(a.Held, func(l int) bool { return slices.Contains(b.Held, l) })
	switch {
	case common:
		return readLocked, "Both hold the lock only for reading."
	case len(a.Held) > 0 && len(b.Held) > 0:
		if l, m, ok := w.twins(a, b); ok {
			return wrongInstance, fmt.Sprintf("They hold two locks, %s and %s, that the source calls by one name: one lock was copied with its struct, or made for each call or each key, or belongs to another instance.", l, m)
		}
		return inconsistent, "Each holds a lock, but there is none that both hold."
	case len(a.Held) > 0:
		return "unlocked " + b.Op.String(), b.Task + " holds no lock."
	case len(b.Held) > 0:
		return "unlocked " + a.Op.String(), a.Task + " holds no lock."
	}
	if s, ok := w.lockedElsewhere(); ok {
		op := a.Op
		if w.f.Accesses[1].Write {
			op = b.Op
		}
		return "unlocked " + op.String(), fmt.Sprintf("Neither holds a lock; %s holds %s when it does a %s at %s.", w.r.Tasks[s.Task].Name,
			w.r.Objects[s.Held[0]].Name, s.Op, s.Pos)
	}
	switch w.r.Objects[w.f.Object].Kind {
	case kindMap:
		return mapAccess, "Neither holds a lock; Go's runtime can end the process here."
	case kindSlice:
		if w.f.Loc < 0 {
			return concurrentGrow, "Neither holds a lock; elements can be lost."
		}
	}
	return noLock, "Neither holds a lock."
}

// twins returns two locks, one of each site, that were locked at the same place in
// the source or that it calls by the same name.
func (w *words) twins(a, b Site) (l, m string, ok bool) {
	for _, i := range a.Held {
		for _, j := range b.Held {
			p, q := w.lockedAt(a, i), w.lockedAt(b, j)
			if p.What != "" && (p.Pos == q.Pos || p.What == q.What && strings.Contains(p.What, ".")) {
				return w.r.Objects[i].Name, w.r.Objects[j].Name, true
			}
		}
	}
	return "", "", false
}

// lockedAt returns the operation with which the task of a site took a lock that it
// holds.
func (w *words) lockedAt(s Site, lock int) sched.Step {
	for _, p := range slices.Backward(w.r.Steps) {
		if p.N < s.N && p.Task == s.Step.Task && p.Object == lock && strings.HasSuffix(p.Op.String(), "lock") && !strings.HasSuffix(p.Op.String(), "unlock") {
			return p
		}
	}
	return sched.Step{}
}

// order says what would order two accesses.
func (w *words) order(kind string, a, b Site) string {
	switch kind {
	case readLocked:
		writer := a
		if !w.f.Accesses[0].Write {
			writer = b
		}
		return fmt.Sprintf("Use Lock instead of RLock around the write at %s.", writer.Pos)
	case wrongInstance:
		return "Keep one lock beside the data that guards all of it, and pass what holds it by pointer: a method with a value receiver locks a copy (go vet finds these)."
	case inconsistent:
		return fmt.Sprintf("Hold one of them at both places: %s at %s too, or %s at %s.", a.Locks[0], b.Pos, b.Locks[0], a.Pos)
	}
	switch {
	case len(a.Held) > 0:
		return fmt.Sprintf("Hold %s at %s, as %s does at %s.", a.Locks[0], b.Pos, a.Task, a.Pos)
	case len(b.Held) > 0:
		return fmt.Sprintf("Hold %s at %s, as %s does at %s.", b.Locks[0], a.Pos, b.Task, b.Pos)
	}
	return w.guard(a, b)
}

// guard names a lock that other accesses to the object hold, or advises one.
func (w *words) guard(a, b Site) string {
	where := a.Pos.String()
	if b.Pos != a.Pos {
		where += " and at " + b.Pos.String()
	}
	if s, ok := w.lockedElsewhere(); ok {
		return fmt.Sprintf("Hold %s at %s, as %s does at %s.", w.r.Objects[s.Held[0]].Name, where, w.r.Tasks[s.Task].Name, s.Pos)
	}
	if w.plain() {
		return w.guardPlain(where, a, b)
	}
	return fmt.Sprintf("Hold one lock at %s: a sched.Mutex beside %s, or put it into a sched.Guarded. Or let one task own it, and send to that.", where, w.object)
}

// lockedElsewhere returns an access to the location that is made under a lock.
func (w *words) lockedElsewhere() (sched.Step, bool) {
	for _, s := range w.r.Steps {
		if s.Object == w.f.Object && s.Loc == w.f.Loc && len(s.Held) > 0 && !s.Side {
			return s, true
		}
	}
	return sched.Step{}, false
}

// oneSection advises to hold one lock from one operation of a task to another one,
// so that a third one cannot come in between.
func (w *words) oneSection(first, last, between Site) string {
	if kind, _ := w.cause(first, between); kind == wrongInstance || kind == inconsistent {
		return w.order(kind, first, between)
	}
	lock := ""
	for _, s := range []Site{first, last, between} {
		for i := range s.Locks {
			if s.Reading[i] && slices.Contains(first.Locks, s.Locks[i]) && slices.Contains(last.Locks, s.Locks[i]) {
				return fmt.Sprintf("Hold %s for writing, by Lock and not by RLock, from the %s at %s to the %s at %s.",
					s.Locks[i], first.Op, first.Pos, last.Op, last.Pos)
			}
			if lock == "" {
				lock = s.Locks[i]
			}
		}
	}
	if lock == "" {
		it := "It"
		if w.plain() {
			it = "The lock"
		}
		return w.guard(first, between) + fmt.Sprintf(" %s must be held over both the %s and the %s of %s.", it, first.Op, last.Op, first.Task)
	}
	text := fmt.Sprintf("Hold %s from the %s at %s to the %s at %s", lock, first.Op, first.Pos, last.Op, last.Pos)
	if u := w.unlock(first, last, lock); u.N > 0 {
		text += fmt.Sprintf(": do not unlock it at %s in between", u.Pos)
	}
	if !slices.Contains(between.Locks, lock) {
		text += fmt.Sprintf(", and hold it at %s too", between.Pos)
	}
	return text + "."
}

// unlock returns where the task of two operations has unlocked a lock between them.
func (w *words) unlock(first, last Site, lock string) sched.Step {
	for _, s := range w.r.Steps {
		if s.N > first.N && s.N < last.N && s.Task == first.Step.Task && s.Object >= 0 && w.r.Objects[s.Object].Name == lock &&
			strings.HasSuffix(s.Op.String(), "unlock") {
			return s
		}
	}
	return sched.Step{}
}

// holding says which locks a task held.
func (s Site) holding() string {
	if len(s.Locks) == 0 {
		return "holding no lock"
	}
	var all []string
	for i, l := range s.Locks {
		if s.Reading[i] {
			l += " for reading"
		}
		all = append(all, l)
	}
	return "holding " + strings.Join(all, ", ")
}
