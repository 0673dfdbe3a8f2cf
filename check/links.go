package check

import (
	"cmp"
	"slices"

	"github.com/ravelgo/ravel/check/report"
	"github.com/ravelgo/ravel/sched"
)

// links notes, of a run that is recorded, which operations the others are ordered
// after, and which of them use one place.
type links struct {
	slots     map[slot]map[int32]moment // the last release of each task
	uses      map[place]*use
	orders    []link
	conflicts []link
}

// moment is what a task did at operation n of the run.
type moment struct {
	n    int
	task int32
}

// link is from one moment to another; the start of a task to its first operation
// has a moment with n 0.
type link struct{ from, to moment }

type slot struct{ object, slot int32 }

type place struct{ object, loc, item int32 }

// use is the last write of a place and the reads since.
type use struct {
	write moment
	reads []moment
}

func (l *links) begin() {
	*l = links{slots: map[slot]map[int32]moment{}, uses: map[place]*use{}}
}

// observe takes in one effect.
func (l *links) observe(e *sched.Event) {
	now := moment{e.Step, e.Task}
	switch e.Kind {
	case sched.EventRead, sched.EventWrite:
		l.access(now, place{e.Object, e.Loc, e.Item}, e.Kind == sched.EventWrite)
	case sched.EventStart:
		l.orders = append(l.orders, link{now, moment{0, e.Peer}})
	case sched.EventMeet:
		peer := moment{e.Step, e.Peer}
		l.orders = append(l.orders, link{now, peer})
	case sched.EventAcquire, sched.EventRelease, sched.EventReplace, sched.EventExchange, sched.EventTrade:
		l.sync(now, slot{e.Object, e.Slot}, e.Kind)
	}
}

func (l *links) sync(now moment, at slot, kind sched.EventKind) {
	released := l.slots[at]
	if kind == sched.EventAcquire || kind == sched.EventExchange || kind == sched.EventTrade {
		for _, from := range released {
			if from.task != now.task {
				l.orders = append(l.orders, link{from, now})
			}
		}
	}
	if kind == sched.EventAcquire {
		return
	}
	if released == nil || kind != sched.EventRelease {
		released = map[int32]moment{}
		l.slots[at] = released
	}
	released[now.task] = now
}

func (l *links) access(now moment, at place, write bool) {
	u := l.uses[at]
	if u == nil {
		u = &use{write: moment{0, -1}}
		l.uses[at] = u
	}
	if !write {
		l.conflict(u.write, now)
		u.reads = append(u.reads, now)
		return
	}
	for _, r := range u.reads {
		l.conflict(r, now)
	}
	if len(u.reads) == 0 {
		l.conflict(u.write, now)
	}
	u.write, u.reads = now, nil
}

func (l *links) conflict(from, to moment) {
	if from.n > 0 && from.task != to.task {
		l.conflicts = append(l.conflicts, link{from, to})
	}
}

// arrange gives the steps of a schedule their vector clocks, and the schedule the
// edges that are not implied by others.
func (l *links) arrange(s *report.Schedule, rec *sched.Record) {
	rows, firsts := rowsOf(rec)
	row := func(m moment, start int32) (int, bool) {
		switch i, ok := rows[m]; {
		case m.n == 0:
			i, ok = firsts[m.task]
			return i, ok
		case start >= 0: // the step that started a task
			i = slices.IndexFunc(rec.Steps, func(s sched.Step) bool {
				return s.Op.String() == "go" && s.Side && s.Peer == int(start)
			})
			return i, i >= 0
		default:
			return i, ok
		}
	}
	into := map[int][]int{} // by row: those before it
	for _, o := range l.orders {
		start := int32(-1)
		if o.to.n == 0 {
			start = o.to.task
		}
		from, ok := row(o.from, start)
		to, also := row(o.to, -1)
		if ok && also && from < to {
			into[to] = append(into[to], from)
		} else if ok && also && to < from { // a meeting
			into[from] = append(into[from], to)
		}
	}
	l.clocks(s, rec, into)
	for _, c := range l.conflicts {
		from, ok := rows[c.from]
		to, also := rows[c.to]
		if ok && also && !before(s, from, to) {
			s.Edges = append(s.Edges, report.Edge{From: from, To: to, Kind: report.Conflict})
		}
	}
	slices.SortStableFunc(s.Edges, func(a, b report.Edge) int { return cmp.Or(a.To-b.To, a.From-b.From) })
	s.Edges = slices.Compact(s.Edges)
}

// rowsOf returns the row of each moment, and of the first step of each task.
func rowsOf(rec *sched.Record) (rows map[moment]int, firsts map[int32]int) {
	rows, firsts = map[moment]int{}, map[int32]int{}
	for i, s := range rec.Steps {
		task := int32(s.Task)
		m := moment{s.N, task}
		if at, ok := rows[m]; !ok || rec.Steps[at].Side {
			rows[m] = i
		}
		if _, ok := firsts[task]; !ok {
			firsts[task] = i
		}
	}
	return rows, firsts
}

// clocks computes the vector clocks, in operations of each task, and with them
// which edges say something new.
func (l *links) clocks(s *report.Schedule, rec *sched.Record, into map[int][]int) {
	last := map[int]int{} // row of each task
	for i, step := range rec.Steps {
		clock := make([]int, len(rec.Tasks))
		if before, ok := last[step.Task]; ok {
			copy(clock, s.Steps[before].Clock)
		}
		_, begun := last[step.Task]
		from := into[i]
		slices.Sort(from)
		for _, f := range slices.Backward(from) {
			other := rec.Steps[f].Task
			if clock[other] >= s.Steps[f].Clock[other] && begun {
				continue
			}
			s.Edges = append(s.Edges, report.Edge{From: f, To: i, Kind: report.HappensBefore})
			for t, n := range s.Steps[f].Clock {
				clock[t] = max(clock[t], n)
			}
		}
		clock[step.Task] = max(clock[step.Task], step.Nth)
		s.Steps[i].Clock = clock
		last[step.Task] = i
	}
}

// before reports whether a step happens before another one.
func before(s *report.Schedule, from, to int) bool {
	task := s.Steps[from].Task
	return s.Steps[to].Clock[task] >= s.Steps[from].Clock[task]
}
