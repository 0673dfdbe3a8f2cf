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
	known   map[uint64]*worker
	degrees []float64 // of each place: how many tasks share it, but one

	// The run.
	at       map[sched.Touch]int // spots by object and element
	spots    []spot
	tasks    []hand // by number
	place    int    // the one whose operations matter; all or none
	intended int    // the task whose turn it is, or -1
	held     []int
	yielded  int // the task that lets another one go first, or -1
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
	kids   []float64 // of those of the tasks that it starts, and so on
}

// hand is a task of the run.
type hand struct {
	*worker
	parent   int
	priority int64
	ops      int     // that mattered
	started  float64 // those that matter of the tasks that it has started
	short    bool    // it did not come to its end
	counts   []int   // of open operations, by spot
	kids     []float64
}

// spot is a place as it was met in the run. Which one it is shows at the end:
// the one that most of the operations used before.
type spot struct {
	uses   []where
	users  []int // tasks that used it when there was a choice
	writes bool
}

// where is an operation: the number of one of a worker.
type where struct {
	*worker
	op int
}

// maxUses is how many operations are asked which place a spot is.
const maxUses = 64

func (s *surw) Next() bool {
	s.learn()
	clear(s.at)
	clear(s.tasks)
	s.tasks, s.spots, s.held = s.tasks[:0], s.spots[:0], s.held[:0]
	s.intended, s.yielded = -1, -1
	s.dice.Next()
	s.place = s.choosePlace()
	return true
}

// learn updates what is known at the end of a run.
func (s *surw) learn() {
	places := s.recognise()
	for i := len(s.tasks) - 1; i >= 0; i-- {
		h := &s.tasks[i]
		if h.worker == nil {
			continue
		}
		now := make([]float64, len(s.degrees))
		for spot, count := range h.counts {
			now[places[spot]] += float64(count)
		}
		h.worker.counts = expect(h.worker.counts, now, h.short)
		h.worker.kids = expect(h.worker.kids, h.kids, h.short)
		if h.parent >= 0 && h.parent < len(s.tasks) {
			add(&s.tasks[h.parent].kids, now)
			add(&s.tasks[h.parent].kids, h.kids)
		}
	}
	now := make([]float64, len(s.degrees))
	for i, sp := range s.spots {
		if sp.writes && len(sp.users) > 1 {
			now[places[i]] = float64(len(sp.users) - 1)
		}
		for _, u := range sp.uses {
			u.places[u.op] = places[i]
		}
	}
	for p := range s.degrees {
		s.degrees[p] += learning * (now[p] - s.degrees[p])
	}
}

// expect updates how many operations on each place are to be expected. Of a task
// that did not come to its end only more than that is learned.
func expect(counts, now []float64, short bool) []float64 {
	for p, n := range now {
		switch {
		case p == len(counts):
			counts = append(counts, n)
		case !short || n > counts[p]:
			counts[p] += learning * (n - counts[p])
		}
	}
	return counts
}

func add(sum *[]float64, counts []float64) {
	for len(*sum) < len(counts) {
		*sum = append(*sum, 0)
	}
	for p, n := range counts {
		(*sum)[p] += n
	}
}

// recognise returns the place of each spot, a new one for those that it does not
// know. No two spots are one place.
func (s *surw) recognise() []int {
	places := make([]int, len(s.spots))
	taken := make([]bool, len(s.degrees)+len(s.spots))
	votes := make([]int, len(s.degrees))
	for i, sp := range s.spots {
		clear(votes)
		best := noPlace
		for _, u := range sp.uses {
			p := u.places[u.op]
			if p < 0 || taken[p] {
				continue
			}
			if votes[p]++; best < 0 || votes[p] > votes[best] {
				best = p
			}
		}
		if best < 0 {
			best = len(s.degrees)
			s.degrees, votes = append(s.degrees, 0), append(votes, 0)
		}
		places[i], taken[best] = best, true
	}
	return places
}

// choosePlace draws the place of a run: all of them as likely as the most shared
// one.
func (s *surw) choosePlace() int {
	var weights []float64
	most := 0.0
	for _, d := range s.degrees {
		weights = append(weights, d)
		most = max(most, d)
	}
	if most == 0 {
		return noPlace
	}
	if i := s.weighted(append(weights, most)); i < len(s.degrees) {
		return i
	}
	return allPlaces
}

// hand returns a task of the run. When it is met first it takes over what was
// expected of the task that started it.
func (s *surw) hand(id int, key uint64, parent int) *hand {
	for len(s.tasks) <= id {
		s.tasks = append(s.tasks, hand{})
	}
	h := &s.tasks[id]
	if h.worker != nil {
		return h
	}
	h.parent, h.worker = parent, s.known[key]
	if h.worker == nil {
		h.worker = &worker{}
		s.known[key] = h.worker
	}
	h.priority = int64(s.draw() >> 1)
	if parent >= 0 && parent < len(s.tasks) && s.tasks[parent].worker != nil {
		p, own := &s.tasks[parent], s.left(h)
		if s.intended == parent && own > 0 && s.weighted([]float64{own, max(s.left(p)-own, 0)}) == 0 {
			s.intended = id
		}
		p.started += own
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

// left returns how many operations that matter are to be expected of a task and
// of those that it has yet to start.
func (s *surw) left(h *hand) float64 {
	return max(s.mattering(h.worker.counts)-float64(h.ops), 0) + max(s.mattering(h.worker.kids)-h.started, 0)
}

// mattering returns the counts of the places that matter.
func (s *surw) mattering(counts []float64) float64 {
	n := 0.0
	for p, count := range counts {
		if p == s.place || s.place == allPlaces {
			n += count
		}
	}
	return n
}

func (s *surw) Choose(c *sched.Choice) int {
	if c.Kind != sched.TaskChoice {
		return s.below(c.N)
	}
	for i := range c.N {
		t := c.Task(i)
		h := s.hand(t.ID(), t.Key(), t.Parent())
		h.grow(t.Ops())
		h.open[t.Ops()] = true
	}
	i := s.highest(c)
	if s.yielded >= 0 {
		i = s.another(c, s.yielded)
	} else if c.Tired {
		i = s.another(c, c.Task(c.Current).ID())
	}
	s.yielded = -1
	if t := c.Task(i); t.Yields() {
		s.yielded = t.ID()
	}
	return i
}

// highest returns the task of the highest priority that need not be held back.
func (s *surw) highest(c *sched.Choice) int {
	for {
		best := -1
		for i := range c.N {
			if id := c.Task(i).ID(); !slices.Contains(s.held, id) && (best < 0 || s.tasks[id].priority > s.tasks[c.Task(best).ID()].priority) {
				best = i
			}
		}
		if best < 0 { // all wait for a task that cannot go on
			s.held = s.held[:0]
			s.intend(c)
			continue
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

// Follow notes which place the operation used, and draws whose turn is next.
func (s *surw) Follow(tr *sched.Transition) {
	h := s.hand(tr.Task, tr.Key, tr.Parent)
	h.grow(tr.Op)
	if s.matters(h.worker, tr.Op) {
		if h.open[tr.Op] {
			h.ops++
		}
		s.intended = -1
		s.held = s.held[:0]
	}
	if len(tr.Touches) == 0 || tr.Kind == "waitgroup" {
		return
	}
	touch := tr.Touches[0]
	at := sched.Touch{Object: touch.Object, Loc: touch.Loc}
	i, known := s.at[at]
	if !known {
		i = len(s.spots)
		s.spots = append(s.spots, spot{})
		s.at[at] = i
	}
	sp := &s.spots[i]
	if len(sp.uses) < maxUses {
		sp.uses = append(sp.uses, where{h.worker, tr.Op})
	}
	if !h.open[tr.Op] {
		return
	}
	for len(h.counts) <= i {
		h.counts = append(h.counts, 0)
	}
	h.counts[i]++
	sp.writes = sp.writes || touch.Write
	if !slices.Contains(sp.users, tr.Task) {
		sp.users = append(sp.users, tr.Task)
	}
}

// Finish notes who has not come to its end: nothing is learned from that.
func (s *surw) Finish(pending []sched.Transition) {
	for _, p := range pending {
		s.hand(p.Task, p.Key, p.Parent).short = true
	}
}
