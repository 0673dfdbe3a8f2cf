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

// order is what orders one place in a run after others: all happens-before
// edges, and those alone that hold in every schedule, which locks make none of.
type order struct{ all, hard clock }

func (o *order) join(p *order) {
	o.all.join(p.all)
	o.hard.join(p.hard)
}

func (o *order) copyFrom(p *order) {
	o.all.copyFrom(p.all)
	o.hard.copyFrom(p.hard)
}

func (o *order) reset() { o.all, o.hard = o.all[:0], o.hard[:0] }

// begin starts the time of a task.
func (o *order) begin(task int32) {
	o.all.set(task, 1)
	o.hard.set(task, 1)
}

// tick begins a new time of the task that o belongs to: what it does from now
// on is not ordered before what others have acquired so far.
func (o *order) tick(task int32, soft bool) {
	o.all[task]++
	if !soft {
		o.hard[task]++
	}
}
