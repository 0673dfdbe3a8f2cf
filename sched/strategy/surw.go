package strategy

import (
	"slices"

	"github.com/ravelgo/ravel/sched"
)

// SURW returns the selectively uniform random walk: of the operations of one
// place that tasks share, chosen anew for each run, every order is equally
// likely, as under [URW]; all others are in the way of a random priority of each
// task. It never runs out.
//
// Which places there are, and how many operations on them are to be expected of
// a task, follows from the runs before; those that were never a choice do not
// count. A place is chosen the likelier the more tasks use it; some runs take
// all of them, which is URW with priorities. The first run is one of
// priorities alone.
// Zhao, Wolff, Mathur, Roychoudhury: Selectively Uniform Concurrency Testing,
// ASPLOS 2025.
func SURW(seed uint64) sched.Follower {
	return &surw{dice: dice{seed: seed}, known: map[uint64]*worker{}, at: map[sched.Touch]int{}}
}

type surw struct {
	dice
	known  map[uint64]*worker
	places []crowd

	// The run.
	at       map[sched.Touch]int // places by object and element
	tasks    []hand              // by number
	place    int                 // the one whose operations matter; all or none
	intended int                 // the task whose turn it is, or -1
	held     []int
	last     int // the task that went on, and how often in a row
	row      int
	bottom   int64 // the lowest priority
}

const (
	allPlaces = -1
	noPlace   = -2
)

// worker is what a task usually does.
type worker struct {
	places []int     // of its operations, by number; noPlace if unknown
	open   []bool    // whether they were a choice
	counts []float64 // of open operations, by place
}

// hand is a task of the run.
type hand struct {
	*worker
	priority int64
	ops      int   // that mattered
	short    bool  // it did not come to its end
	counts   []int // of open operations, by place
}

// crowd is how much a place is shared: how many tasks use it, if one changes it.
type crowd struct {
	degree float64
	users  []int
	writes bool
}

func (s *surw) Next() bool {
	s.learn()
	clear(s.at)
	clear(s.tasks)
	s.tasks, s.held = s.tasks[:0], s.held[:0]
	s.intended, s.last, s.row, s.bottom = -1, -1, 0, 0
	s.dice.Next()
	s.place = s.choosePlace()
	return true
}

// learn updates what is known at the end of a run.
func (s *surw) learn() {
	for i := range s.tasks {
		h := &s.tasks[i]
		if h.worker == nil {
			continue
		}
		for len(h.worker.counts) < len(s.places) {
			h.worker.counts = append(h.worker.counts, -1)
		}
		for p := range h.worker.counts {
			n := 0.0
			if p < len(h.counts) {
				n = float64(h.counts[p])
			}
			if old := &h.worker.counts[p]; *old < 0 {
				*old = n
			} else if !h.short || n > *old {
				*old += learning * (n - *old)
			}
		}
	}
	for i := range s.places {
		p := &s.places[i]
		degree := 0.0
		if p.writes && len(p.users) > 1 {
			degree = float64(len(p.users) - 1)
		}
		p.degree += learning * (degree - p.degree)
		p.users, p.writes = p.users[:0], false
	}
}

// choosePlace draws the place of a run: all of them as likely as the most shared
// one.
func (s *surw) choosePlace() int {
	var weights []float64
	most := 0.0
	for _, p := range s.places {
		weights = append(weights, p.degree)
		most = max(most, p.degree)
	}
	if most == 0 {
		return noPlace
	}
	if i := s.weighted(append(weights, most)); i < len(s.places) {
		return i
	}
	return allPlaces
}

func (s *surw) hand(id int, key uint64) *hand {
	for len(s.tasks) <= id {
		s.tasks = append(s.tasks, hand{})
	}
	h := &s.tasks[id]
	if h.worker == nil {
		h.worker = s.known[key]
		if h.worker == nil {
			h.worker = &worker{}
			s.known[key] = h.worker
		}
		h.priority = int64(s.draw() >> 1)
	}
	return h
}

// grow makes room for an operation.
func (w *worker) grow(op int) {
	for len(w.places) <= op {
		w.places, w.open = append(w.places, noPlace), append(w.open, false)
	}
}

// matters reports whether the order of operation op of w matters in this run.
func (s *surw) matters(w *worker, op int) bool {
	return s.place == allPlaces || s.place >= 0 && w.places[op] == s.place
}

// left returns how many operations that matter are to be expected of a task.
func (s *surw) left(h *hand) float64 {
	n := 0.0
	for p, count := range h.worker.counts {
		if (p == s.place || s.place == allPlaces) && count > 0 {
			n += count
		}
	}
	return max(n-float64(h.ops), 0)
}

func (s *surw) Choose(c *sched.Choice) int {
	if c.Kind != sched.TaskChoice {
		return s.below(c.N)
	}
	for i := range c.N {
		t := c.Task(i)
		h := s.hand(t.ID(), t.Key())
		h.grow(t.Ops())
		h.open[t.Ops()] = true
	}
	for {
		if i := s.highest(c); i >= 0 {
			s.fair(c.Task(i))
			return i
		}
		s.held = s.held[:0] // all wait for a task that cannot go on
		s.intend(c)
	}
}

// highest returns the task to go on, or -1 if all are held back.
func (s *surw) highest(c *sched.Choice) int {
	for {
		best := -1
		for i := range c.N {
			if id := c.Task(i).ID(); !slices.Contains(s.held, id) && (best < 0 || s.tasks[id].priority > s.tasks[c.Task(best).ID()].priority) {
				best = i
			}
		}
		if best < 0 {
			return -1
		}
		t := c.Task(best)
		if !s.matters(s.tasks[t.ID()].worker, t.Ops()) {
			return best
		}
		if s.intended < 0 {
			s.intend(nil)
		}
		if s.intended == t.ID() || s.intended < 0 {
			return best
		}
		s.held = append(s.held, t.ID())
	}
}

// intend draws whose operation that matters comes next: of all tasks, or of the
// options of a choice, as many of them as are left.
func (s *surw) intend(c *sched.Choice) {
	var ids []int
	var weights []float64
	if c != nil {
		for i := range c.N {
			ids = append(ids, c.Task(i).ID())
			weights = append(weights, max(s.left(&s.tasks[c.Task(i).ID()]), 1))
		}
	} else {
		for id := range s.tasks {
			if h := &s.tasks[id]; h.worker != nil && s.left(h) > 0 {
				ids = append(ids, id)
				weights = append(weights, s.left(h))
			}
		}
	}
	s.intended = -1
	if len(ids) > 0 {
		s.intended = ids[s.weighted(weights)]
	}
}

// fair gives a task another priority, below all, when it yields or has gone on
// for very long.
func (s *surw) fair(t *sched.Task) {
	if s.row++; t.ID() != s.last {
		s.last, s.row = t.ID(), 1
	}
	if t.Yields() || s.row == maxRow {
		s.bottom--
		s.tasks[t.ID()].priority = s.bottom
		s.row = 0
	}
}

// Follow notes which place the operation used, and draws whose turn is next.
func (s *surw) Follow(tr *sched.Transition) {
	h := s.hand(tr.Task, tr.Key)
	h.grow(tr.Op)
	if s.matters(h.worker, tr.Op) {
		if h.open[tr.Op] {
			h.ops++
		}
		s.intended = -1
		s.held = s.held[:0]
	}
	if len(tr.Touches) == 0 {
		return
	}
	touch := tr.Touches[0]
	where := sched.Touch{Object: touch.Object, Loc: touch.Loc}
	p, known := s.at[where]
	if !known {
		if p = h.places[tr.Op]; p == noPlace {
			p = len(s.places)
			s.places = append(s.places, crowd{})
		}
		s.at[where] = p
	}
	h.places[tr.Op] = p
	if h.open[tr.Op] {
		for len(h.counts) <= p {
			h.counts = append(h.counts, 0)
		}
		h.counts[p]++
	}
	if cr := &s.places[p]; !slices.Contains(cr.users, tr.Task) {
		cr.users = append(cr.users, tr.Task)
	}
	s.places[p].writes = s.places[p].writes || touch.Write
}

// Finish notes who has not come to its end: nothing is learned from that.
func (s *surw) Finish(pending []sched.Transition) {
	for _, p := range pending {
		s.hand(p.Task, p.Key).short = true
	}
}
