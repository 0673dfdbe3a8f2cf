package strategy

import (
	"slices"

	"github.com/ravelgo/ravel/sched"
)

// Replay returns the strategy that follows a trace: the plain schedule with
// the deviations of tr. Those whose moment does not come, or whose task is not
// ready then, are left out; Missed tells which. Those that say What, as in a
// saved trace, are found in recorded runs only. It may be used for any number
// of runs. The error is about a deviation that names no task.
func Replay(tr *sched.Trace) (*Replayer, error) {
	r := &Replayer{at: map[moment]int{}, points: map[point]int{}, trace: tr}
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
		if d.What == "" {
			r.at[moment{at, d.Op, d.Kind}] = i
		} else {
			r.points[point{at, d.What, d.Nth, d.Kind}] = i
		}
		r.to = append(r.to, to)
	}
	r.found = make([]found, len(r.to))
	return r, nil
}

// Replayer is the strategy that [Replay] returns.
type Replayer struct {
	trace  *sched.Trace
	at     map[moment]int // index of the deviation
	points map[point]int  // of those that say What
	to     []uint64       // key of the task, or number of the option
	found  []found
}

// found is what the last run has made of a deviation.
type found struct {
	came, done bool
	point      sched.Point // if it is done
}

// moment identifies a choice in all schedules that have it.
type moment struct {
	where uint64
	op    int
	kind  sched.ChoiceKind
}

// point is moment for recorded runs of what may have been edited.
type point struct {
	where uint64
	what  string
	nth   int
	kind  sched.ChoiceKind
}

// Next begins the trace anew.
func (r *Replayer) Next() bool {
	clear(r.found)
	return true
}

// Choose follows the trace.
func (r *Replayer) Choose(c *sched.Choice) int {
	i, ok := r.deviation(c)
	if !ok {
		return plain(c)
	}
	r.found[i].came = true
	j := option(c, r.to[i])
	if j < 0 {
		return plain(c)
	}
	r.found[i].done, r.found[i].point = true, c.Point()
	return j
}

// deviation returns the number of the deviation for c, if there is one.
func (r *Replayer) deviation(c *sched.Choice) (i int, ok bool) {
	m := c.Moment()
	i, ok = r.at[moment{m.Task, m.Op, c.Kind}]
	if !ok && len(r.points) > 0 {
		p := c.Point()
		i, ok = r.points[point{m.Task, p.What, p.Nth, c.Kind}]
	}
	return i, ok
}

// option returns the number of the task with a key, or a number itself, if
// there is such an option, else -1.
func option(c *sched.Choice, to uint64) int {
	if c.Kind != sched.TaskChoice {
		if to < uint64(c.N) {
			return int(to)
		}
		return -1
	}
	for j := range c.N {
		if c.Task(j).Key() == to {
			return j
		}
	}
	return -1
}

// Missed returns the deviations that the last run left out.
func (r *Replayer) Missed() []sched.Deviation {
	var missed []sched.Deviation
	for i, f := range r.found {
		if !f.done {
			missed = append(missed, r.trace.Deviations[i])
		}
	}
	return missed
}

// Taken returns the deviations that the last run did not leave out.
func (r *Replayer) Taken() []sched.Deviation {
	var taken []sched.Deviation
	for i, f := range r.found {
		if f.done {
			taken = append(taken, r.trace.Deviations[i])
		}
	}
	return taken
}

// Trace returns the trace of the last run, with what it left out, in words that
// survive edits. Its record must be that of the run.
func (r *Replayer) Trace(rec *sched.Record) *sched.Trace {
	tr := *r.trace
	all := rec.TraceSteps()
	tr.Steps = all[:min(len(all), sched.MaxTraceSteps)]
	tr.Deviations = slices.Clone(tr.Deviations)
	for i, f := range r.found {
		d := &tr.Deviations[i]
		if f.done {
			d.What, d.Nth, d.Op, d.Done = f.point.What, f.point.Nth, 0, f.point.Done
		}
		d.Done = min(d.Done, len(tr.Steps))
	}
	return &tr
}

// Repeat returns the strategy that makes the choices of a run again, by their
// numbers, and after them those of the plain schedule. It notes the choices
// that differ from the plain schedule, which make the trace of the run.
func Repeat(log []int32) *Repeater { return &Repeater{log: log} }

// Repeater is the strategy that [Repeat] returns.
type Repeater struct {
	log        []int32
	next       int
	options    []int
	deviations []sched.Deviation
}

// Next begins the run anew.
func (r *Repeater) Next() bool {
	r.next, r.options, r.deviations = 0, r.options[:0], nil
	return true
}

// Choose makes the next choice.
func (r *Repeater) Choose(c *sched.Choice) int {
	usual := plain(c)
	r.options = append(r.options, c.N)
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

// Options returns how many options there were at each choice of the last run.
func (r *Repeater) Options() []int { return r.options }

// Deviations returns those of the last run.
func (r *Repeater) Deviations() []sched.Deviation { return r.deviations }
