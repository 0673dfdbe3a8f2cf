package sched

// Op is the kind of an operation: what a task does at a scheduling point.
// Its String is the word that reports use.
type Op uint8

// New ones go to the end: the hash of a run is made of their numbers.
const (
	opNone Op = iota
	opYield
	opSleep
	opLock
	opTryLock
	opUnlock
	opAnnounce
	opRLock
	opTryRLock
	opRUnlock
	opAdd
	opDone
	opWait
	opSend
	opRecv
	opClose
	opLen
	opSelect
	opRead
	opWrite
	opGo
	opPark
	opLoad
	opStore
	opModify
	opSignal
	opBroadcast
	opDo
	opFire
	opStop
	opReset
	opCancel
	opAcquire
	opTryAcquire
	opRelease
	opGet
	opPut
	opDelete
	opRange
	opClear
	opAdvance
)

var opNames = [...]string{
	opNone:       "-",
	opYield:      "yield",
	opSleep:      "sleep",
	opFire:       "fire",
	opStop:       "stop",
	opReset:      "reset",
	opCancel:     "cancel",
	opAdvance:    "advance",
	opAcquire:    "acquire",
	opTryAcquire: "tryacquire",
	opRelease:    "release",
	opGet:        "get",
	opPut:        "put",
	opDelete:     "delete",
	opRange:      "range",
	opClear:      "clear",
	opLock:       "lock",
	opTryLock:    "trylock",
	opUnlock:     "unlock",
	opAnnounce:   "lock (announce)",
	opRLock:      "rlock",
	opTryRLock:   "tryrlock",
	opRUnlock:    "runlock",
	opAdd:        "add",
	opDone:       "done",
	opWait:       "wait",
	opSignal:     "signal",
	opBroadcast:  "broadcast",
	opDo:         "do",
	opSend:       "send",
	opRecv:       "recv",
	opClose:      "close",
	opLen:        "len",
	opSelect:     "select",
	opRead:       "read",
	opWrite:      "write",
	opLoad:       "load",
	opStore:      "store",
	opModify:     "modify",
	opGo:         "go",
	opPark:       "park",
}

func (o Op) String() string { return opNames[o] }

// word is String as one word, as a Trace has it.
func (o Op) word() string {
	if o == opAnnounce {
		return "announce"
	}
	return o.String()
}

// isOpWord reports whether a Trace may name an operation so.
func isOpWord(word string) bool {
	for o := opNone + 1; int(o) < len(opNames); o++ {
		if o.word() == word {
			return true
		}
	}
	return false
}

// EventKind says what an [Event] means for the order of a run.
type EventKind uint8

const (
	// EventRead and EventWrite are accesses to shared data.
	EventRead EventKind = iota
	EventWrite
	// EventAcquire orders everything that was released into Slot of Object
	// before what Task does next.
	EventAcquire
	// EventRelease adds all that Task did so far to Slot of Object.
	EventRelease
	// EventExchange is an acquire and then a release that replaces what the
	// slot held: how an atomic variable behaves that is loaded and stored in one.
	EventExchange
	// EventReplace is a release that replaces what the slot held: how an atomic
	// variable behaves when it is stored to.
	EventReplace
	// EventMeet orders Task and Peer both ways: an unbuffered channel.
	EventMeet
	// EventStart says that Task started Peer.
	EventStart
	// EventRenew says that the thread of control that was Peer goes on as
	// Task, ordered after nothing but the EventAcquire events that follow.
	EventRenew
	// EventFence says that Task saw an effect of something that the simulation
	// does not: it is ordered after all that any task did so far.
	EventFence
	// EventRaise says that Task raised the counter of a wait group from zero,
	// EventAwait that it waits for zero, which must come after.
	EventRaise
	EventAwait
	// EventStage says that Task enters a stage, a piece of work that is meant to
	// see and leave shared data in order, EventAtomic that it enters one that is
	// meant to be as if nothing else happened meanwhile. Stages nest; EventLeave
	// ends the innermost one.
	EventStage
	EventAtomic
	EventLeave
	// EventTrade is an acquire and a release at once: the slot holds what Task did
	// before. So a place in the buffer of a channel behaves, which orders a send
	// before the receive of its value, and a receive before the send that takes the
	// place again, but not the one send before the other (golang.org/issue/37355).
	EventTrade
	// EventEnd says that Task has ended, which orders nothing.
	EventEnd
	// EventPoint says that Task has come to an operation. Only recorded runs have
	// it.
	EventPoint
)

// Manner says more of some effects.
type Manner uint8

const (
	// PlainManner is that of most effects.
	PlainManner Manner = iota
	// TakesLock is an EventAcquire with which Task holds the lock Object,
	// TakesReadLock one with which it holds it for reading. Tries is the same by
	// an operation that would not have waited.
	TakesLock
	TakesReadLock
	TriesLock
	TriesReadLock
	// LeavesLock is an EventRelease with which Task ceases to hold Object.
	LeavesLock
	// Blind is an EventWrite of what does not depend on what was there, Idle one
	// that leaves it as it was.
	Blind
	Idle
	// Everything is an EventRead of all items at all locations.
	Everything
	// Misses is an EventRead that has found no value.
	Misses
	// Bare is an EventWrite of plain memory, of which nobody says whether it
	// depends on what was there.
	Bare
)

// Event is one effect of an operation, as an [Observer] sees it. An operation
// has none, one or more of them.
type Event struct {
	Kind EventKind
	// Soft marks the order that a lock makes: another schedule may turn it
	// round. Starting, joining and passing messages are not soft.
	Soft bool
	// Manner says more of locks and of accesses.
	Manner Manner
	// Task is the number of the task; Peer of the other one, if there is one.
	Task, Peer int32
	// Object is the number of the object in this run, counted in order of
	// first use.
	Object int32
	// Slot tells apart the clocks of one object, from 0.
	Slot int32
	// Loc is the memory location inside Object that an access touches: -1 for
	// the whole or its header, else an element, which implies a read of the
	// header. Two accesses can race only at one location.
	Loc int32
	// Item is the value inside Object that an access is about, or -1 if it is
	// about none in particular. It differs from Loc where memory is shared by
	// values that programs treat as separate, such as the keys of a map.
	Item int32
	// Step is the number of the operation in the run, from 1.
	Step int
}

// An Observer is told the effects of a run in the order in which they happen.
// It is called on the goroutine of whichever task runs, one call at a time; it
// must not call operations of this package, but by [Outside], and must not keep
// the *Event.
type Observer interface {
	// Begin is called before each run.
	Begin()
	// Declare is called with what code tells by [Task.Declare].
	Declare(task int, what any)
	// Observe is called for each effect.
	Observe(e *Event)
}
