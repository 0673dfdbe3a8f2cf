package strategy

import "github.com/ravelgo/ravel/sched"

// canon makes a hash of the trace of a run: schedules that differ only in the
// order of operations that can be exchanged have equal ones. Each operation's
// hash is made of those that it must follow: that of its task before, and of the
// uses of its places that conflict. The hash of the trace is their sum.
type canon struct {
	tasks  []uint64            // hash of the last operation, by number of the task
	places map[sched.Touch]int // index of the trail
	trails []trail
	time   uint64 // of what came before the clock went on
	sum    uint64
	choice uint64 // of the case and the partner of the operation
}

// trail is the last uses of a place.
type trail struct{ write, reads uint64 }

func (c *canon) reset() {
	if c.places == nil {
		c.places = map[sched.Touch]int{}
	}
	clear(c.places)
	c.tasks, c.trails = c.tasks[:0], c.trails[:0]
	c.time, c.sum, c.choice = 0, 0, 0
}

// chose notes a choice that is part of the next operation.
func (c *canon) chose(ch *sched.Choice, i int) {
	if ch.Kind != sched.TaskChoice {
		c.choice = scramble(c.choice ^ uint64(i+1))
	}
}

func (c *canon) task(id int) *uint64 {
	for len(c.tasks) <= id {
		c.tasks = append(c.tasks, 0)
	}
	return &c.tasks[id]
}

// add adds an operation.
func (c *canon) add(tr *sched.Transition) {
	if tr.Later || tr.All {
		c.time = scramble(c.time ^ c.sum)
	}
	h := scramble(tr.Key ^ uint64(tr.Op)<<48 ^ c.choice ^ *c.task(tr.Task) ^ c.time)
	c.choice = 0
	for _, t := range tr.Touches {
		h += c.before(t)
	}
	h = scramble(h)
	for _, t := range tr.Touches {
		p := c.trail(t.Object, t.Loc)
		if t.Write {
			*p = trail{write: h}
		} else {
			p.reads += h
		}
	}
	*c.task(tr.Task) = h
	for _, id := range tr.Next {
		*c.task(id) = scramble(*c.task(id) ^ h)
	}
	c.sum += h
}

func (c *canon) trail(object, loc int32) *trail {
	at := sched.Touch{Object: object, Loc: loc}
	i, known := c.places[at]
	if !known {
		i = len(c.trails)
		c.places[at] = i
		c.trails = append(c.trails, trail{})
	}
	return &c.trails[i]
}

// before returns a hash of what a use must follow.
func (c *canon) before(t sched.Touch) uint64 {
	p := c.trail(t.Object, t.Loc)
	h := p.write
	if t.Write {
		h += 3 * p.reads
	}
	if t.Loc >= 0 { // it looks at what all elements share
		h += 5 * c.trail(t.Object, -1).write
	}
	return scramble(h)
}
