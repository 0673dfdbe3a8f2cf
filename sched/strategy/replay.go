package strategy

import "github.com/ravelgo/ravel/sched"

// Replay returns the strategy that follows a trace: the plain schedule with
// the deviations of tr. Those whose moment does not come, or whose task is not
// ready then, are left out; Missed tells which. It may be used for any number
// of runs. The error is about a deviation that names no task.
func Replay(tr *sched.Trace) (*Replayer, error) {
	r := &Replayer{at: map[moment]int{}, trace: tr}
	for i, d := range tr.Deviations {
		at, err := sched.PathKey(d.At)
		if err != nil {
			return nil, err
		}
		to := uint64(d.Option)
		if d.Kind == sched.TaskChoice {
			if to, err = sched.PathKey(d.To); err != nil {
				return nil, err
			}
		}
		r.at[moment{at, d.Op, d.Kind}] = i
		r.to = append(r.to, to)
	}
	r.done = make([]bool, len(r.to))
	return r, nil
}

// Replayer is the strategy that [Replay] returns.
type Replayer struct {
	trace *sched.Trace
	at    map[moment]int // index of the deviation
	to    []uint64       // key of the task, or number of the option
	done  []bool
}

// moment identifies a choice in all schedules that have it.
type moment struct {
	where uint64
	op    int
	kind  sched.ChoiceKind
}

// Next begins the trace anew.
func (r *Replayer) Next() bool {
	clear(r.done)
	return true
}

// Choose follows the trace.
func (r *Replayer) Choose(c *sched.Choice) int {
	m := c.Moment()
	i, ok := r.at[moment{m.Task, m.Op, c.Kind}]
	if !ok {
		return plain(c)
	}
	if c.Kind != sched.TaskChoice {
		if r.to[i] < uint64(c.N) {
			r.done[i] = true
			return int(r.to[i])
		}
		return plain(c)
	}
	for j := range c.N {
		t := c.Task(j)
		if t.Key() == r.to[i] {
			r.done[i] = true
			return j
		}
	}
	return plain(c)
}

// Missed returns the deviations that the last run left out.
func (r *Replayer) Missed() []sched.Deviation {
	var missed []sched.Deviation
	for i, done := range r.done {
		if !done {
			missed = append(missed, r.trace.Deviations[i])
		}
	}
	return missed
}

// Taken returns the deviations that the last run did not leave out.
func (r *Replayer) Taken() []sched.Deviation {
	var taken []sched.Deviation
	for i, done := range r.done {
		if done {
			taken = append(taken, r.trace.Deviations[i])
		}
	}
	return taken
}

// Repeat returns the strategy that makes the choices of a run again, by their
// numbers, and after them those of the plain schedule. It notes the choices
// that differ from the plain schedule, which make the trace of the run.
func Repeat(log []int32) *Repeater { return &Repeater{log: log} }

// Repeater is the strategy that [Repeat] returns.
type Repeater struct {
	log        []int32
	next       int
	deviations []sched.Deviation
}

// Next begins the run anew.
func (r *Repeater) Next() bool {
	r.next, r.deviations = 0, nil
	return true
}

// Choose makes the next choice.
func (r *Repeater) Choose(c *sched.Choice) int {
	usual := plain(c)
	if r.next >= len(r.log) {
		return usual
	}
	i := int(r.log[r.next])
	r.next++
	if i >= c.N {
		i = usual
	}
	if i != usual {
		r.deviations = append(r.deviations, deviation(c, i))
	}
	return i
}

// deviation returns the choice of option i as one that differs from the plain
// schedule.
func deviation(c *sched.Choice, i int) sched.Deviation {
	m := c.Moment()
	d := sched.Deviation{At: c.Path(m), Op: m.Op, Kind: c.Kind, Option: i}
	if c.Kind == sched.TaskChoice {
		d.To, d.Option = c.Task(i).Path(), 0
	}
	return d
}

// Deviations returns those of the last run.
func (r *Repeater) Deviations() []sched.Deviation { return r.deviations }
