package race

// clock is a vector clock: the time of each task, by ID. What is missing is 0.
type clock []uint32

func (c clock) at(task int32) uint32 {
	if int(task) < len(c) {
		return c[task]
	}
	return 0
}

func (c *clock) set(task int32, time uint32) {
	if missing := int(task) + 1 - len(*c); missing > 0 {
		*c = append(*c, make([]uint32, missing)...)
	}
	(*c)[task] = time
}

// join makes c the later of c and d, task by task.
func (c *clock) join(d clock) {
	n := min(len(*c), len(d))
	own := (*c)[:n]
	for i, t := range d[:n] {
		own[i] = max(own[i], t)
	}
	*c = append(*c, d[n:]...)
}

// copyFrom makes c equal to d.
func (c *clock) copyFrom(d clock) { *c = append((*c)[:0], d...) }

// vector is the vector clock of a task, or what tasks have released into a slot.
// It says what happened before the time own of the task id, which is not in
// rest; id is -1 if it is about none in particular.
//
// Joining takes time in proportion to the number of tasks, so it is avoided
// where one side is known to contain the other: what task id has released at
// its time own is contained in every clock that has id at own or later, as what
// is learnt of a task is learnt as a whole.
type vector struct {
	rest clock
	id   int32
	own  uint32
	// Of a task: when it last released, if it has learnt nothing since; else 0.
	told uint32
}

func (v *vector) reset() { *v = vector{rest: v.rest[:0], id: -1} }

func (v *vector) at(task int32) uint32 {
	if task == v.id {
		return v.own
	}
	return v.rest.at(task)
}

// learn sets the time of a task, if that is later.
func (v *vector) learn(task int32, time uint32) {
	if task >= 0 && time > v.at(task) {
		v.rest.set(task, time)
	}
}

// begin makes v the clock of a task that starts, after all that is in v.
func (v *vector) begin(task int32) {
	id, own := v.id, v.own
	v.id, v.own, v.told = task, 1, 0
	v.learn(id, own)
}

func (v *vector) copyFrom(u *vector) {
	v.rest.copyFrom(u.rest)
	v.id, v.own, v.told = u.id, u.own, 0
}

// join makes the clock v of a task contain that of another one.
func (v *vector) join(u *vector) {
	v.rest.join(u.rest)
	v.learn(u.id, u.own)
	v.told = 0
}

// has reports whether the clock v of a task is known to contain a slot.
func (v *vector) has(slot *vector) bool { return slot.id >= 0 && v.at(slot.id) >= slot.own }

// within reports whether the clock v of a task, but for its own time, is known
// to be contained in a slot.
func (v *vector) within(slot *vector) bool { return v.told > 0 && slot.at(v.id) >= v.told }

// acquire makes the clock v of a task contain a slot.
func (v *vector) acquire(slot *vector) {
	switch {
	case v.has(slot):
	case v.within(slot):
		v.rest.copyFrom(slot.rest)
		v.learn(slot.id, slot.own)
		v.told = 0
	default:
		v.join(slot)
	}
}

// release makes a slot contain the clock v of a task, or only that.
func (v *vector) release(slot *vector, replace bool) {
	if replace || slot.id < 0 && len(slot.rest) == 0 || v.has(slot) {
		slot.copyFrom(v)
	} else {
		id, own := slot.id, slot.own
		slot.id = -1
		slot.learn(id, own)
		slot.join(v)
	}
	v.told = v.own
}

// exchange is acquire and then release, in place of what the slot had.
func (v *vector) exchange(slot *vector) {
	if v.has(slot) || !v.within(slot) {
		v.acquire(slot)
		v.release(slot, true)
		return
	}
	id, own := slot.id, slot.own
	slot.id, slot.own = v.id, v.own
	slot.learn(id, own)
	v.rest.copyFrom(slot.rest)
	v.told = v.own
}

// trade is acquire and release at once: the slot has what v was before. The slot
// and scratch exchange their memory.
func (v *vector) trade(slot, scratch *vector) {
	scratch.copyFrom(v)
	v.told = v.own
	v.acquire(slot)
	*slot, *scratch = *scratch, *slot
}

// order is what orders one place in a run after others: all happens-before
// edges, and those alone that hold in every schedule, which locks make none of.
type order struct{ all, hard vector }

func (o *order) join(p *order) {
	o.all.join(&p.all)
	o.hard.join(&p.hard)
}

func (o *order) copyFrom(p *order) {
	o.all.copyFrom(&p.all)
	o.hard.copyFrom(&p.hard)
}

func (o *order) reset() {
	o.all.reset()
	o.hard.reset()
}

// begin starts the time of a task.
func (o *order) begin(task int32) {
	o.all.begin(task)
	o.hard.begin(task)
}

// tick begins a new time of the task that o belongs to: what it does from now
// on is not ordered before what others have acquired so far.
func (o *order) tick(soft bool) {
	o.all.own++
	if !soft {
		o.hard.own++
	}
}
