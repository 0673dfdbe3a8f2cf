package check

import (
	"slices"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// FirstRun returns the number of the first run of a search that shows a problem
// of one of the kinds, or 0.
func (c Config) FirstRun(name string, body func(*T), kinds ...string) int {
	s := newSearch(name, c.filled(name).unsaved(), body)
	defer s.close()
	s.explore()
	first := 0
	for _, c := range s.candidates {
		if slices.Contains(kinds, c.kind) && (first == 0 || c.run < first) {
			first = c.run
		}
	}
	return first
}

// Shrink searches for a problem of a kind and returns the fewest preemptions that
// it finds for it, and whether there are none with fewer.
func (c Config) Shrink(name string, body func(*T), kind string) (preemptions int, minimal, found bool) {
	s := newSearch(name, c.filled(name).unsaved(), body)
	defer s.close()
	s.explore()
	i := slices.IndexFunc(s.candidates, func(c candidate) bool { return c.kind == kind })
	if i < 0 {
		return 0, false, false
	}
	small := s.shrink(s.candidates[i])
	return small.preemptions, small.minimal, true
}

// Cause searches for a problem of a kind and returns the orders that it depends
// on, and how it shows in a run that is not recorded.
func (c Config) Cause(name string, body func(*T), kind string) (orders []strategy.Order, sign string) {
	s := newSearch(name, c.filled(name).unsaved(), body)
	defer s.close()
	s.explore()
	i := slices.IndexFunc(s.candidates, func(c candidate) bool { return c.kind == kind })
	if i < 0 {
		return nil, ""
	}
	found := s.candidates[i]
	replay, _ := strategy.Replay(&sched.Trace{Deviations: s.shrink(found).deviations})
	replay.Next()
	_, r := s.slow.run(replay, found.start)
	a := &causes{fast: s.worker(0), slow: s.slow, stop: s.hurries, problem: found.problem, start: found.start,
		log: slices.Clone(r.Log), rec: r.Record}
	a.explain()
	for _, c := range a.least {
		orders = append(orders, c.Order)
	}
	return orders, a.sign
}

// Shows tries all schedules and returns those in which a sign shows, and those in
// which it does not, by whether the orders held.
func (c Config) Shows(body func(*T), sign string, orders []strategy.Order) (shown, not int) {
	c = c.filled("").unsaved()
	r := newRunner("", c, false, body)
	defer r.sim.Close()
	st := &holding{Exhaustive: strategy.DFS(), orders: orders}
	for st.Next() {
		t, res := r.run(st, start{seed: c.Seed})
		switch shows := slices.Contains(signs(t, res, r.watch.Findings()), sign); {
		case !st.held():
		case shows:
			shown++
		default:
			not++
		}
	}
	return shown, not
}

// holding tries all schedules and notes whether orders held.
type holding struct {
	*strategy.Exhaustive
	orders []strategy.Order
	came   []strategy.Operation
}

func (h *holding) Next() bool {
	h.came = nil
	return h.Exhaustive.Next()
}

func (h *holding) Follow(tr *sched.Transition) {
	h.came = append(h.came, strategy.OperationOf(tr))
}

func (h *holding) Finish([]sched.Transition) {}

func (h *holding) held() bool {
	for _, o := range h.orders {
		first, then := slices.Index(h.came, o.First), slices.Index(h.came, o.Then)
		if first < 0 || then >= 0 && then < first || o.Both && then < 0 {
			return false
		}
	}
	return true
}
