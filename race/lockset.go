package race

import (
	"encoding/binary"
	"slices"

	"github.com/ravelgo/ravel/sched"
)

// set is a set of locks, by its number in lockSets. 0 is the empty one.
type set int32

// lockSets keeps each set of locks once, so that a task and a memory location
// name theirs by a number.
type lockSets struct {
	all    []lockSet
	known  map[string]set
	single []set // by lock: the set of it alone
}

type lockSet struct {
	locks []int32 // sorted
	with  []link  // what adding a lock makes of it
	meets []link  // what it has in common with another set
}

type link struct {
	other int32
	is    set
}

func (ls *lockSets) begin() {
	const most = 1 << 14
	if len(ls.all) == 0 || len(ls.all) > most {
		*ls = lockSets{all: make([]lockSet, 1), known: map[string]set{"": 0}}
	}
}

// of returns the set of sorted locks.
func (ls *lockSets) of(locks []int32) set {
	var key []byte
	for _, l := range locks {
		key = binary.AppendVarint(key, int64(l))
	}
	s, ok := ls.known[string(key)]
	if !ok {
		s = set(len(ls.all))
		ls.all = append(ls.all, lockSet{locks: locks})
		ls.known[string(key)] = s
	}
	return s
}

// add returns s with a lock.
func (ls *lockSets) add(s set, lock int32) set {
	if s == 0 {
		if int(lock) < len(ls.single) {
			return ls.single[lock]
		}
		for len(ls.single) <= int(lock) {
			ls.single = append(ls.single, ls.of([]int32{int32(len(ls.single))}))
		}
		return ls.single[lock]
	}
	for _, l := range ls.all[s].with {
		if l.other == lock {
			return l.is
		}
	}
	is := s
	if i, found := slices.BinarySearch(ls.all[s].locks, lock); !found {
		is = ls.of(slices.Insert(slices.Clone(ls.all[s].locks), i, lock))
	}
	ls.all[s].with = append(ls.all[s].with, link{lock, is})
	return is
}

// common returns the locks that are in both sets.
func (ls *lockSets) common(s, u set) set {
	if s == u || s == 0 || u == 0 {
		return min(s, u)
	}
	for _, l := range ls.all[s].meets {
		if l.other == int32(u) {
			return l.is
		}
	}
	var both []int32
	for _, lock := range ls.all[s].locks {
		if slices.Contains(ls.all[u].locks, lock) {
			both = append(both, lock)
		}
	}
	is := ls.of(both)
	ls.all[s].meets = append(ls.all[s].meets, link{int32(u), is})
	return is
}

// locked is the locks that a task holds, and those of them that it does not hold
// for reading only.
type locked struct{ held, writing set }

// exclude reports whether a lock keeps what is done under p from being done at
// the same time as what is done under q.
func (ls *lockSets) exclude(p, q locked) bool {
	return ls.common(p.held, q.writing) != 0 || ls.common(p.writing, q.held) != 0
}

// heldLock is a lock that a task holds.
type heldLock struct {
	lock    int32
	reading bool
	step    int32
	before  locked // what it held before
}

// takes notes that t holds a lock now.
func (tr *Tracker) takes(e *sched.Event, t *taskState) {
	reading := e.Manner == sched.TakesReadLock || e.Manner == sched.TriesReadLock
	if len(t.holds) > 0 && (e.Manner == sched.TakesLock || e.Manner == sched.TakesReadLock) {
		tr.nest(e, t, reading)
	}
	t.holds = append(t.holds, heldLock{e.Object, reading, int32(e.Step), t.locked})
	tr.hold(t, e.Object, reading)
}

func (tr *Tracker) hold(t *taskState, lock int32, reading bool) {
	l := &t.locked
	same := l.held == l.writing
	l.held = tr.sets.add(l.held, lock)
	switch {
	case reading:
	case same:
		l.writing = l.held
	default:
		l.writing = tr.sets.add(l.writing, lock)
	}
}

// leaves notes that a lock is not held any more: by t, or by whom t does it for.
func (tr *Tracker) leaves(lock int32, t *taskState) {
	if n := len(t.holds) - 1; n >= 0 && t.holds[n].lock == lock {
		t.locked, t.holds = t.holds[n].before, t.holds[:n]
		return
	}
	if tr.drop(lock, t) {
		return
	}
	for i := range tr.tasks {
		if tr.drop(lock, &tr.tasks[i]) {
			return
		}
	}
}

// drop takes a lock from those that t holds.
func (tr *Tracker) drop(lock int32, t *taskState) bool {
	for i := len(t.holds) - 1; i >= 0; i-- {
		if t.holds[i].lock != lock {
			continue
		}
		t.locked = t.holds[i].before
		t.holds = slices.Delete(t.holds, i, i+1)
		for j := i; j < len(t.holds); j++ {
			h := &t.holds[j]
			h.before = t.locked
			tr.hold(t, h.lock, h.reading)
		}
		return true
	}
	return false
}

// nesting is that a task took the inner lock while it held the outer one.
type nesting struct {
	outer, inner heldLock
	task         int32
	hard         uint32 // the task's time in the hard order
	locked       locked // what it held when it took the inner one
}

// maxNestings bounds what is kept of a run, maxCycle how many locks a cycle has.
const (
	maxNestings = 1000
	maxCycle    = 6
)

// nest notes that t, which holds locks, took another one, and looks for tasks
// that took some of them in another order: Goodlock (Havelund, SPIN 2000), with
// gate locks and with starts, joins and messages taken into account.
func (tr *Tracker) nest(e *sched.Event, t *taskState, reading bool) {
	inner := heldLock{lock: e.Object, reading: reading, step: int32(e.Step)}
	for _, outer := range t.holds {
		if outer.lock == inner.lock {
			continue
		}
		n := nesting{outer: outer, inner: inner, task: e.Task, hard: t.hard.own, locked: t.locked}
		if len(tr.nestings) == maxNestings || slices.ContainsFunc(tr.nestings, n.same) {
			continue
		}
		tr.nestings = append(tr.nestings, n)
		tr.circle(t, []nesting{n})
	}
}

// same reports whether another nesting says nothing new.
func (n nesting) same(m nesting) bool {
	return n.task == m.task && n.outer.lock == m.outer.lock && n.inner.lock == m.inner.lock && n.locked == m.locked &&
		n.outer.reading == m.outer.reading && n.inner.reading == m.inner.reading
}

// circle looks for nestings that follow on those of a path, the first of which
// is t's, and lead back to where it began. It is a suspicion: another schedule may
// lead all the tasks there at once.
func (tr *Tracker) circle(t *taskState, path []nesting) {
	first, last := path[0], path[len(path)-1]
	if len(path) > 1 && blocks(last, first) {
		tr.suspectCycle(path)
		return
	}
	if len(path) == maxCycle {
		return
	}
	for _, n := range tr.nestings {
		if blocks(last, n) && n.hard > t.hard.at(n.task) && tr.concurrent(path, n) {
			tr.circle(t, append(path[:len(path):len(path)], n))
		}
	}
}

// blocks reports whether n's task waits for a lock that m's task holds.
func blocks(n, m nesting) bool {
	return n.inner.lock == m.outer.lock && !(n.inner.reading && m.outer.reading)
}

// concurrent reports whether the task of n can be at its place while the others
// are at theirs.
func (tr *Tracker) concurrent(path []nesting, n nesting) bool {
	for _, m := range path {
		if m.task == n.task || m.outer.lock == n.outer.lock || tr.sets.exclude(m.locked, n.locked) {
			return false
		}
	}
	return true
}

func (tr *Tracker) suspectCycle(path []nesting) {
	f := Finding{Kind: LockOrder, Object: int(path[0].outer.lock), Loc: -1, Item: -1}
	for _, n := range path {
		f.Accesses = append(f.Accesses, Access{Task: int(n.task), Step: int(n.outer.step)},
			Access{Task: int(n.task), Step: int(n.inner.step)})
	}
	tr.suspect(Suspicion{Finding: f})
}
