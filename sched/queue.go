package sched

// queue is tasks that wait for the same operation on one object: either all of
// them can go on or none.
//
// When they can, a few are among Sim.ready one by one. Many stay in the queue,
// which is in Sim.open as a whole, so that the step that makes a thousand tasks
// ready, and the next one that makes them wait again, cost no more than others.
type queue struct {
	tasks []*Task
	open  bool // they can go on
	place int  // in Sim.open, or -1
}

// many is how many tasks a queue must hold to be in Sim.open.
const many = 8

func (q *queue) reset() { *q = queue{tasks: q.tasks[:0], place: -1} }

// await stops t before an operation that waits until q is open.
func (t *Task) await(op Op, o *object, q *queue, by blocker) {
	t.op, t.obj, t.loc, t.by = op, o, -1, by
	if t.sim.killing {
		t.stop()
		return
	}
	t.join(q)
	t.stop()
	t.leaveQueue()
}

// join makes t wait in q.
func (t *Task) join(q *queue) {
	t.queue, t.line = q, int32(len(q.tasks))
	q.tasks = append(q.tasks, t)
	if q.place >= 0 {
		t.sim.setReady(t, false)
		t.sim.nopen++
	} else {
		t.sim.setReady(t, q.open)
	}
}

// leaveQueue takes t out of the queue that it is in.
func (t *Task) leaveQueue() {
	q, last := t.queue, len(t.queue.tasks)-1
	q.tasks[t.line], q.tasks[last].line = q.tasks[last], t.line
	q.tasks = q.tasks[:last]
	t.queue = nil
	if q.place >= 0 {
		t.sim.nopen--
		if last == 0 {
			t.sim.dropOpen(q)
		}
	}
}

// setOpen lets the tasks in q go on, or makes them wait.
func (s *Sim) setOpen(q *queue, open bool) {
	if q.open == open || s.killing {
		return
	}
	q.open = open
	switch {
	case q.place >= 0:
		for _, t := range q.tasks {
			s.disable(t)
		}
		s.nopen -= len(q.tasks)
		s.dropOpen(q)
	case open && len(q.tasks) >= many:
		q.place = len(s.open)
		s.open = append(s.open, q)
		s.nopen += len(q.tasks)
	default:
		for _, t := range q.tasks {
			s.setReady(t, open)
		}
	}
}

// dropOpen takes q out of Sim.open.
func (s *Sim) dropOpen(q *queue) {
	last := s.open[len(s.open)-1]
	s.open[q.place] = last
	last.place = q.place
	s.open = s.open[:len(s.open)-1]
	q.place = -1
}

// options returns how many tasks can go on.
func (s *Sim) options() int { return len(s.ready) + s.nopen }

// option returns the i-th of them.
func (s *Sim) option(i int) *Task {
	if i < len(s.ready) {
		return s.ready[i]
	}
	return s.queued(i - len(s.ready))
}

func (s *Sim) queued(i int) *Task {
	for _, q := range s.open {
		if i < len(q.tasks) {
			return q.tasks[i]
		}
		i -= len(q.tasks)
	}
	panic("sched: no such option")
}

// optionOf is the inverse of option; -1 if t cannot go on.
func (s *Sim) optionOf(t *Task) int {
	if t.seat >= 0 || t.queue == nil || t.queue.place < 0 {
		return int(t.seat)
	}
	i := len(s.ready)
	for _, q := range s.open[:t.queue.place] {
		i += len(q.tasks)
	}
	return i + int(t.line)
}
