package race

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
	// Atomicity is an operation of another task between two of one stage that
	// were meant to be as if nothing happened between them; Finding.Pattern says
	// how it shows.
	Atomicity
	// TornSnapshot is several variables that a stage has read around an update of
	// them by another one: their values never belonged together.
	TornSnapshot
	// LockOrder is locks that tasks take in different orders, so that each can
	// wait for the next one for ever.
	LockOrder
	// Mutated is a change of a value that was declared not to change; see
	// [Freeze].
	Mutated
)

func (k Kind) String() string {
	return [...]string{"data race", "lost update", "late add", "atomicity violation", "torn snapshot",
		"lock-order inversion", "mutated immutable"}[k]
}

// Patterns of [Atomicity]: how the values show that something happened between two
// operations of a stage.
const (
	UnrepeatableRead = "unrepeatable read" // it reads twice, and another task has written
	OverwrittenWrite = "overwritten write" // it writes, another task does, and it reads that
	DirtyRead        = "dirty read"        // it writes twice, and another task has read the first
	CheckThenAct     = "check-then-act"    // it finds no value for a key and stores one, as another task has
	Unserialisable   = "not serialisable"  // several items, and no order of the stages explains what they saw
)

// Finding is something wrong that a run has shown, in numbers of that run. A
// recorded repetition of the run puts it into words: [Finding.Explain].
type Finding struct {
	Kind Kind
	// Pattern is that of an atomicity violation, else empty.
	Pattern string
	// Object, Loc and Item say of what, as [sched.Event] does. Object is -1 for a
	// change of a frozen value; Item counts these then.
	Object, Loc, Item int
	// Accesses are those involved, in order: the two of a data race; the read,
	// the write in between and the stale write of a lost update; the Wait and the
	// Add of a late add; for each task of a lock-order inversion the lock that it
	// holds and the one that it takes. Of a change of a frozen value it is the
	// task that made it, and how many operations of the run came before.
	Accesses []Access
	// Change is what has changed of a frozen value, if the tracker is Detailed.
	Change Change
}

// Access is an access of a finding.
type Access struct {
	Task  int
	Write bool
	Step  int // number of the operation in the run, from 1
}

// same reports whether two findings of a run are about the same thing. Races at
// one location are, and torn snapshots that begin with one variable.
func (f Finding) same(g Finding) bool {
	if f.Kind != g.Kind || f.Object != g.Object || f.Loc != g.Loc || f.Pattern != g.Pattern || f.Change.Path != g.Change.Path {
		return false
	}
	return f.Item == g.Item || f.Kind == DataRace
}

// Suspicion is something that may be wrong: the locks of a run suggest it, and
// the run has not shown it. A data race is two accesses that no lock keeps apart,
// but that happened to be ordered by locks; a lock-order inversion has not led to
// a deadlock.
type Suspicion struct {
	Finding
	// Refuted is set if locks alone suggest it and starts, joins and messages
	// show that it cannot be so.
	Refuted bool
}
