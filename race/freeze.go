package race

import (
	"reflect"

	"github.com/ravelgo/ravel/sched"
)

// Freeze declares that nothing p leads to changes from now until the end of the
// run, and returns p. A change through whatever way is reported with its path, the
// old and the new value, the task, and, where it is in one, its stage: by the
// stage itself, by an alias that the caller has kept, by an assignment to a
// copied map. It is looked for when stages and tasks begin and end, and at each
// operation of the run that is reported.
//
// What is made to change does not count: locks, atomics, a sched.Guarded. Of a
// function only whether it is nil is looked at, and of a channel how much is in
// it. Outside a simulation Freeze does nothing.
func Freeze[T any](p *T) *T {
	if t := sched.Current(); t != nil && p != nil {
		t.Declare(freezing{reflect.ValueOf(p)})
	}
	return p
}

type freezing struct{ value reflect.Value }

// frozen is a value that must not change.
type frozen struct {
	name   string
	value  reflect.Value // what it points to
	print  uint64
	leaves []leaf // if the tracker is Detailed
}

// freeze begins to watch a value.
func (tr *Tracker) freeze(p reflect.Value) {
	f := frozen{value: p.Elem(), name: TypeName(p.Type().Elem())}
	f.take(tr.Detailed)
	tr.frozen = append(tr.frozen, f)
}

// take notes what the value is.
func (f *frozen) take(detailed bool) {
	f.print = fingerprint(f.value)
	if detailed {
		f.leaves = leaves(f.name, f.value)
	}
}

// inspect looks whether a frozen value has changed while a task ran, up to so many
// operations of the run.
func (tr *Tracker) inspect(task, steps int) {
	for i := range tr.frozen {
		f := &tr.frozen[i]
		if fingerprint(f.value) == f.print {
			continue
		}
		old := f.leaves
		f.take(tr.Detailed)
		found := Finding{Kind: Mutated, Object: -1, Loc: -1, Item: i, Accesses: []Access{{Task: task, Write: true, Step: steps}}}
		if !tr.Detailed {
			tr.found(found)
		}
		for _, c := range changes(old, f.leaves) {
			found.Change = c
			tr.found(found)
		}
	}
}

// boundary is where a task enters or leaves a stage, or comes to an operation.
func (tr *Tracker) boundary(e *sched.Event) {
	tr.inspect(int(e.Task), e.Step)
	switch e.Kind {
	case sched.EventStage, sched.EventAtomic:
		tr.stages.enter(tr.task(e.Task), e.Kind == sched.EventAtomic)
	case sched.EventLeave:
		tr.stages.leave(tr.task(e.Task))
	case sched.EventEnd:
		t := tr.task(e.Task)
		t.ended = true
		tr.stages.close(t)
	}
}

// close looks at the end of the run at what is frozen.
func (tr *Tracker) close() {
	if !tr.closed {
		tr.closed = true
		tr.inspect(0, 0)
	}
}

// Declare takes in what [Freeze] and [Together] tell.
func (tr *Tracker) Declare(_ int, what any) {
	switch what := what.(type) {
	case freezing:
		tr.freeze(what.value)
	case together:
		tr.together(what)
	}
}
