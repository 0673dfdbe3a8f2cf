package race_test

import (
	"fmt"
	"slices"

	"github.com/ravelgo/ravel/race"
)

// mask is a set of places, or of memory locations: those places, but that all
// keys of a map are one.
type mask uint16

func bit(place int) mask { return 1 << place }

const sliceElements = mask(1<<placeS0 | 1<<placeS1)

func (m mask) String() string {
	var names []string
	for i, name := range placeNames {
		if m&bit(i) != 0 {
			names = append(names, name)
		}
	}
	return fmt.Sprint(names)
}

// event is something that a task did, as the log of a run has it.
type event struct {
	task int
	act  act
	on   int
	val  int  // that it wrote, sent or stored; it identifies a lock's region too
	seen int  // that it read, received or loaded, or was there after an Add
	ok   bool // it locked, swapped, got a value that was sent
	step int  // of an access: when it was, which for an Append is not when it was noted
}

// touches returns the memory locations that an access reads and writes. That of
// an element reads the header.
func (e *event) touches() (reads, writes mask) {
	if e.act == actReadAll {
		return [...]mask{bit(placeHeader) | sliceElements, bit(placeHeader), bit(placeA)}[e.on], 0
	}
	loc := bit(e.on)
	switch {
	case e.on == placeB:
		loc = bit(placeA)
	case loc&sliceElements != 0:
		reads = bit(placeHeader)
	}
	if e.act == actWrite {
		return reads, loc
	}
	return reads | loc, 0
}

// conflict returns the locations that both touch and one of them writes.
func (e *event) conflict(f *event) mask {
	reads, writes := e.touches()
	r, w := f.touches()
	return reads&w | writes&r | writes&w
}

func (e *event) isAccess() bool { return e.act == actRead || e.act == actWrite || e.act == actReadAll }

// modifies reports whether an event on an atomic has an effect to be observed,
// observes whether it observes one.
func (e *event) modifies() bool {
	return e.act == actStore || e.act == actAdd || e.act == actSwap && e.ok
}
func (e *event) observes() bool { return e.act == actLoad || e.act == actAdd || e.act == actSwap }
func (e *event) isAtomic() bool { return e.modifies() || e.observes() }

// maxEvents is how many events a log may have, so that a set of their beginnings
// and ends is a word.
const maxEvents = 32

// relation is a relation of the beginnings and ends of events: bit y of row x
// says that x comes before y.
type relation [2 * maxEvents]uint64

func begin(event int) int { return 2 * event }
func end(event int) int   { return 2*event + 1 }

// close makes the relation of the first n transitive, by Warshall's algorithm.
func (r *relation) close(n int) {
	for k := range n {
		for x := range n {
			if r[x]>>k&1 != 0 {
				r[x] |= r[k]
			}
		}
	}
}

// before reports whether event i comes before event j.
func (r *relation) before(i, j int) bool { return r[end(i)]>>begin(j)&1 != 0 }

// model is a run as its log tells it, and happens-before by the definition in
// the Go memory model: a graph and its transitive closure. It knows nothing of
// vector clocks, nor of what a tracker is told.
type model struct {
	log []event
	all relation
	// hard leaves out the edges that another schedule may turn round: those of
	// locks, and of atomic operations that read and write in one.
	hard relation
}

// newModel returns the model of a log, which must have at most maxEvents.
func newModel(log []event) *model {
	m := &model{log: log}
	for i := range log {
		m.edge(begin(i), end(i), false)
		if next := m.first(i+1, func(e *event) bool { return e.task == log[i].task }); next >= 0 {
			m.edge(end(i), begin(next), false)
		}
		m.synchronize(i)
	}
	m.all.close(2 * len(log))
	m.hard.close(2 * len(log))
	return m
}

func (m *model) edge(from, to int, soft bool) {
	m.all[from] |= 1 << to
	if !soft {
		m.hard[from] |= 1 << to
	}
}

// first returns the first event from i on that is so, or -1.
func (m *model) first(i int, so func(e *event) bool) int {
	for ; i < len(m.log); i++ {
		if so(&m.log[i]) {
			return i
		}
	}
	return -1
}

// count returns how many of the first n events are such an act that succeeded.
func (m *model) count(n int, act act, on int) int {
	c := 0
	for i := range m.log[:n] {
		if e := &m.log[i]; e.act == act && e.on == on && e.ok {
			c++
		}
	}
	return c
}

// synchronize adds the edges from event i to the completion of others. They lead
// from where i begins: what lets a call complete is not passed on by the call.
func (m *model) synchronize(i int) {
	a := &m.log[i]
	for j := range m.log {
		b := &m.log[j]
		switch {
		case a.act == actGo && b.act == actBegin && b.task == a.on,
			a.act == actOnceEnd && b.act == actOnce,
			a.act == actDone && b.act == actWait && i < j:
			m.edge(begin(i), end(j), false)
		case a.act == actUnlock && b.act == actLock && b.ok && m.unlocks(i, j):
			m.edge(begin(i), end(j), true)
		case a.on != b.on:
		case a.act == actClose && b.act == actRecv && !b.ok:
			m.edge(begin(i), end(j), false)
		case a.act == actSend && b.act == actRecv && b.ok, a.act == actRecv && a.ok && b.act == actSend:
			m.communicate(i, j)
		case a.modifies() && b.observes() && i < j && m.observed(i, j):
			// Of atomics the definition orders one before the other as a whole.
			m.edge(end(i), begin(j), a.observes() || b.act != actLoad)
		}
	}
}

// unlocks reports whether the unlock i is ordered before the lock j: the n-th
// Unlock before the m-th Lock for n < m, the last Unlock before an RLock that
// came after it, and an RUnlock before the next Lock after its RLock.
func (m *model) unlocks(i, j int) bool {
	a, b := &m.log[i], &m.log[j]
	switch {
	case a.on == lockRead && b.on == lockWrite:
		rlock := m.first(0, func(e *event) bool { return e.act == actLock && e.val == a.val })
		return m.count(rlock, actUnlock, lockWrite) == m.count(j, actLock, lockWrite)
	case a.on == lockWrite && b.on == lockRead:
		return m.count(i, actUnlock, lockWrite)+1 == m.count(j, actUnlock, lockWrite)
	case a.on == lockRead:
		return false // readers do not order readers
	}
	return a.on == b.on && m.count(i, actUnlock, a.on)+1 < m.count(j, actLock, b.on)+1
}

// communicate adds the edge between a send and a receive, if they belong
// together: the k-th send before the completion of the k-th receive; the k-th
// receive before the completion of the send k + the capacity. Without a buffer
// those who met are told by the value.
func (m *model) communicate(i, j int) {
	a, b := &m.log[i], &m.log[j]
	capacity, k, l := a.on, m.count(i, a.act, a.on), m.count(j, b.act, b.on)
	switch {
	case capacity == 0:
		if a.act == actSend && a.val == b.seen || a.act == actRecv && a.seen == b.val {
			m.edge(begin(i), end(j), false)
		}
	case a.act == actSend && k == l, a.act == actRecv && k+capacity == l:
		m.edge(begin(i), end(j), false)
	}
}

// observed reports whether j comes after i, and no modification of the atomic in
// between.
func (m *model) observed(i, j int) bool {
	on := m.log[i].on
	next := m.first(i+1, func(e *event) bool { return e.modifies() && e.on == on })
	return next < 0 || j <= next
}

// contradiction returns what in the log cannot be, given what the events have
// seen, or "". If it is in order, then its order is that of what happened.
func (m *model) contradiction() string {
	var value [2]int
	for i := range m.log {
		e := &m.log[i]
		old := 0
		if e.isAtomic() {
			old = value[e.on]
		}
		switch {
		case e.act == actLoad && e.seen != old, e.act == actAdd && e.seen != old+e.val, e.act == actSwap && e.ok != (old == 0):
			return fmt.Sprintf("event %d has not seen %d", i, old)
		case e.act == actAdd:
			value[e.on] = e.seen
		case e.modifies():
			value[e.on] = e.val
		case e.act == actRecv && e.ok && e.on > 0:
			k := m.count(i, actRecv, e.on)
			sent := m.first(0, func(f *event) bool { return f.act == actSend && f.on == e.on && f.val == e.seen })
			if sent < 0 || sent > i || m.count(sent, actSend, e.on) != k {
				return fmt.Sprintf("event %d has not received the next value", i)
			}
		}
	}
	return ""
}

// verdict is the locations with a data race and the places with a lost update.
type verdict struct {
	races, lost mask
	// bogus says that a finding is of accesses that are none.
	bogus string
}

// verdict judges by definition.
func (m *model) verdict() verdict {
	var v verdict
	for j := range m.log {
		for i := range m.log[:j] {
			v.races |= m.race(i, j)
		}
		read := m.readBefore(j)
		for i := range m.log {
			if read >= 0 && m.lost(read, i, j) {
				v.lost |= bit(m.log[j].on)
			}
		}
	}
	return v
}

// race returns the locations at which two events race.
func (m *model) race(i, j int) mask {
	a, b := &m.log[i], &m.log[j]
	if !a.isAccess() || !b.isAccess() || m.all.before(i, j) || m.all.before(j, i) {
		return 0
	}
	return a.conflict(b)
}

// readBefore returns the last read of the place that the task of a write has
// made, if it has not written since, or -1; and -1 for what is no write.
func (m *model) readBefore(write int) int {
	w, last := &m.log[write], -1
	if w.act != actWrite {
		return -1
	}
	for i := range m.log[:write] {
		if e := &m.log[i]; e.task == w.task && e.on == w.on && (e.act == actRead || e.act == actWrite) {
			last = i
		}
	}
	if last >= 0 && m.log[last].act == actWrite {
		return -1
	}
	return last
}

// lost reports whether the write stale has made the write over of another task
// undone: it came between the read and the stale write, and that is not so in
// every schedule.
func (m *model) lost(read, over, stale int) bool {
	r, o, w := &m.log[read], &m.log[over], &m.log[stale]
	if o.act != actWrite || o.on != w.on || o.task == w.task || o.step < r.step || o.step > w.step {
		return false
	}
	if !m.hard.before(read, over) {
		return true
	}
	return !m.hard.before(over, stale)
}

// reported is the verdict that a tracker's findings amount to.
func (m *model) reported(findings []race.Finding) verdict {
	var v verdict
	for _, f := range findings {
		var at []int
		for _, a := range f.Accesses {
			at = append(at, slices.IndexFunc(m.log, func(e event) bool { return e.isAccess() && e.step == a.Step }))
		}
		switch {
		case f.Kind == race.LateAdd:
			continue
		case slices.Contains(at, -1):
			v.bogus = fmt.Sprint(f, " is of what did not happen")
		case f.Kind == race.DataRace:
			v.races |= m.log[at[0]].conflict(&m.log[at[1]])
			if m.race(at[0], at[1]) == 0 {
				v.bogus = fmt.Sprintf("events %v do not race", at)
			}
		default:
			v.lost |= bit(m.log[at[2]].on)
			if m.readBefore(at[2]) != at[0] || !m.lost(at[0], at[1], at[2]) {
				v.bogus = fmt.Sprintf("events %v lose nothing", at)
			}
		}
	}
	return v
}
