package strategy

import "github.com/ravelgo/ravel/sched"

// URW returns the uniform random walk: the chance of a task is proportional to
// how many operations it has left, those of the tasks that it will start
// included. So every schedule is equally likely, where tasks neither wait nor do
// different things in different schedules. It never runs out.
//
// How many operations there will be follows from the runs before; in the first
// one all tasks count the same.
// Zhao, Wolff, Mathur, Roychoudhury: Selectively Uniform Concurrency Testing,
// ASPLOS 2025.
func URW(seed uint64) sched.Follower {
	return &urw{dice: dice{seed: seed}, profile: profile{known: map[uint64]*habit{}}}
}

type urw struct {
	dice
	profile
	weights []float64
}

func (u *urw) Next() bool {
	u.profile.learn()
	return u.dice.Next()
}

func (u *urw) Choose(c *sched.Choice) int {
	if c.Kind != sched.TaskChoice {
		return u.below(c.N)
	}
	u.weights = u.weights[:0]
	for i := range c.N {
		t := c.Task(i)
		u.weights = append(u.weights, u.left(u.member(t.ID(), t.Key(), t.Parent())))
	}
	if c.Tired {
		return u.another(c, c.Task(c.Current).ID())
	}
	return u.weighted(u.weights)
}

func (u *urw) Follow(tr *sched.Transition) { u.member(tr.Task, tr.Key, tr.Parent).ops++ }

// Finish notes who has not come to its end.
func (u *urw) Finish(pending []sched.Transition) {
	for _, p := range pending {
		u.member(p.Task, p.Key, p.Parent).short = true
	}
}

// weighted returns an index, by weight.
func (d *dice) weighted(weights []float64) int {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	x := float64(d.draw()>>11) / (1 << 53) * sum
	for i, w := range weights {
		if x -= w; x < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// profile is what the runs so far say of tasks, which it knows by their keys.
type profile struct {
	known map[uint64]*habit
	tasks []member // of this run, by number
}

// habit is how many operations a task usually does, and those that it starts.
type habit struct {
	runs      int
	own, kids float64
}

// member is a task of the run.
type member struct {
	habit   *habit // nil if it has not been met
	parent  int
	ops     int
	short   bool    // it did not come to its end
	started float64 // what was expected of the tasks that it has started
	kids    float64 // what these did, at the end
}

// learning is how much the last run counts.
const learning = 0.25

// learn updates the habits at the end of a run.
func (p *profile) learn() {
	for i := len(p.tasks) - 1; i >= 0; i-- {
		m := &p.tasks[i]
		if m.habit == nil {
			continue
		}
		if m.parent >= 0 && m.parent < len(p.tasks) {
			p.tasks[m.parent].kids += m.kids + float64(m.ops)
		}
		h, rate := m.habit, learning
		switch h.runs++; {
		case h.runs == 1:
			rate = 1
		case m.short:
			continue
		}
		h.own += rate * (float64(m.ops) - h.own)
		h.kids += rate * (m.kids - h.kids)
	}
	clear(p.tasks)
	p.tasks = p.tasks[:0]
}

// member returns what is known of a task of the run.
func (p *profile) member(id int, key uint64, parent int) *member {
	for len(p.tasks) <= id {
		p.tasks = append(p.tasks, member{})
	}
	m := &p.tasks[id]
	if m.habit != nil {
		return m
	}
	m.parent, m.habit = parent, p.known[key]
	if m.habit == nil {
		m.habit = &habit{own: 1}
		p.known[key] = m.habit
	}
	if parent >= 0 && parent < len(p.tasks) {
		p.tasks[parent].started += m.habit.own + m.habit.kids
	}
	return m
}

// left returns how many operations are to be expected: of a task that can go on
// at least 1.
func (p *profile) left(m *member) float64 {
	return max(m.habit.own-float64(m.ops), 1) + max(m.habit.kids-m.started, 0)
}
