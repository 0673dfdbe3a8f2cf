package race_test

import (
	"math/rand/v2"
	"slices"
)

// generator makes a random program. Most of it is the usual ways to share a
// variable, so that there are as many that are right as not.
type generator struct {
	r      *rand.Rand
	p      program
	team   []int // the tasks that share
	hot    int   // the place that most accesses are to
	lock   int   // what mostly guards it
	proper bool  // every access has a reason to be safe
	raised int   // adds to the wait group that come first
	closer [3]int
}

// maxOrders is how many schedules a program may have, were its tasks independent.
const maxOrders = 2000

func randomProgram(r *rand.Rand) program {
	for {
		teams := [...][]int{{0, 1}, {1, 2}, {1, 2}, {0, 1, 2}, {1, 2, 3}}
		g := &generator{r: r, team: teams[r.IntN(len(teams))], hot: r.IntN(nplaces), lock: r.IntN(3), proper: r.IntN(2) == 0}
		g.p = make(program, slices.Max(g.team)+1)
		for range 2 + r.IntN(4) {
			g.pattern()
		}
		g.finish()
		if events, orders := g.p.size(); events <= maxEvents && orders <= maxOrders && g.p.shares() {
			return g.p
		}
	}
}

// once reports true once in n times.
func (g *generator) once(n int) bool { return g.r.IntN(n) == 0 }

func (g *generator) add(task int, ops ...op) { g.p[task] = append(g.p[task], ops...) }

// pair returns two tasks of the team.
func (g *generator) pair() (a, b int) {
	i := g.r.IntN(len(g.team))
	j := (i + 1 + g.r.IntN(len(g.team)-1)) % len(g.team)
	return g.team[i], g.team[j]
}

// access returns an access, or sometimes two.
func (g *generator) access() []op {
	on := g.hot
	if g.once(5) {
		on = g.r.IntN(nplaces)
	}
	read, write := op{act: actRead, on: on}, op{act: actWrite, on: on}
	switch {
	case on == placeHeader:
		read = op{act: actReadAll, on: lengthOfSlice}
	case on >= placeA && g.once(5):
		read = op{act: actReadAll, on: lengthOfMap}
	case (on == placeS0 || on == placeS1) && g.once(3):
		read = op{act: actReadAll, on: allOfSlice}
	}
	switch g.r.IntN(8) {
	case 0, 1, 2:
		return []op{read}
	case 3:
		return []op{read, write}
	}
	return []op{write}
}

// some returns an access or none.
func (g *generator) some() []op {
	if g.once(2) {
		return nil
	}
	return g.access()
}

// pattern adds a way to share to two tasks.
func (g *generator) pattern() {
	a, b := g.pair()
	patterns := []func(a, b int){g.guarded, g.guarded, g.message, g.message, g.channelLock, g.published, g.joined,
		g.doneOnce, g.closed, g.bare, g.bare, g.tried, g.overwritten, g.raisedLate}
	if g.proper {
		patterns = patterns[:9]
	}
	patterns[g.r.IntN(len(patterns))](a, b)
}

func (g *generator) bare(a, _ int) { g.add(a, g.access()...) }

// region returns accesses under a lock.
func (g *generator) region() op {
	o := op{act: actLock, on: g.lock, body: g.access()}
	if g.lock == lockWrite && (o.body[0].act != actWrite || !g.proper && g.once(3)) {
		o.on = lockRead
	}
	switch {
	case g.once(3):
		o.act = actTry
	case !g.proper && g.once(4):
		o.on = g.r.IntN(lockRead + 1)
	case g.once(8):
		o.body = nil
	case g.once(8):
		o.body = []op{{act: actLock, on: g.r.IntN(lockRead), body: o.body}}
		if o.body[0].on == o.on {
			o.body = o.body[0].body
		}
	}
	return o
}

func (g *generator) guarded(a, b int) {
	g.add(a, g.region())
	if g.once(2) {
		g.add(b, g.region())
	}
}

func (g *generator) message(a, b int) {
	on := g.r.IntN(3)
	if g.once(3) { // as a lock, or for its back edge
		g.add(a, g.some()...)
		g.add(a, op{act: actRecv, on: on})
		g.add(b, op{act: actSend, on: on})
		g.add(b, g.access()...)
		return
	}
	g.add(a, g.access()...)
	g.add(a, op{act: actSend, on: on})
	g.add(b, op{act: actRecv, on: on})
	g.add(b, g.some()...)
}

func (g *generator) channelLock(a, b int) {
	on := 1 + g.r.IntN(2)
	for _, task := range []int{a, b} {
		g.add(task, op{act: actSend, on: on})
		g.add(task, g.access()...)
		g.add(task, op{act: actRecv, on: on})
	}
}

func (g *generator) closed(a, b int) {
	if on := g.r.IntN(3); g.closer[on] == 0 {
		g.closer[on] = a + 1
		g.add(a, g.access()...)
		g.add(b, op{act: actRecv, on: on})
		g.add(b, g.access()...)
	}
}

func (g *generator) published(a, b int) {
	on := g.r.IntN(2)
	g.add(a, g.access()...)
	g.add(a, op{act: [...]act{actStore, actStore, actAdd, actSwap, actClear}[g.r.IntN(5)], on: on})
	see := op{act: [...]act{actLoad, actLoad, actLoad, actSwap, actAdd}[g.r.IntN(5)], on: on}
	if g.proper || g.once(2) {
		see.body = g.access()
	}
	g.add(b, see)
	if !g.proper {
		g.add(b, g.some()...)
	}
}

func (g *generator) joined(a, b int) {
	g.raised++
	g.add(a, g.access()...)
	g.add(a, op{act: actDone})
	if g.once(6) {
		g.p[a][len(g.p[a])-1].act = actRaise
		g.add(a, op{act: actDone})
	}
	g.add(b, op{act: actWait})
	g.add(b, g.some()...)
}

func (g *generator) doneOnce(a, b int) {
	for _, task := range []int{a, b} {
		g.add(task, op{act: actOnce, body: g.access()})
		g.add(task, g.some()...)
	}
}

// tried goes on whether it has locked or not.
func (g *generator) tried(a, b int) {
	on := g.r.IntN(lockRead + 1)
	by := on
	if on >= lockWrite {
		by = lockWrite + g.r.IntN(2)
	}
	g.add(a, op{act: actLock, on: by, body: g.access()}, op{act: actLock, on: by})
	g.add(b, op{act: actTry, on: on})
	g.add(b, g.access()...)
}

// overwritten is published, but what was stored last may be one's own.
func (g *generator) overwritten(a, b int) {
	on := g.r.IntN(2)
	g.add(a, g.access()...)
	g.add(a, op{act: actStore, on: on})
	g.add(b, op{act: actStore, on: on}, op{act: actLoad, on: on})
	g.add(b, g.access()...)
}

// raisedLate takes what another task adds, which is misuse if that comes later.
func (g *generator) raisedLate(a, b int) {
	if !g.once(4) {
		return
	}
	g.raised++
	g.add(a, g.access()...)
	g.add(a, op{act: actRaise})
	g.add(b, op{act: actDone}, op{act: actDone}, op{act: actWait})
	g.add(b, g.access()...)
}

// finish adds what comes last and what comes first, starts the tasks and gives
// each operation its value.
func (g *generator) finish() {
	for on, closer := range g.closer {
		if closer > 0 {
			g.add(closer-1, op{act: actClose, on: on})
		}
	}
	for task := len(g.p) - 1; task > 0; task-- {
		parent, at := 0, 0
		if task > 1 && g.once(5) {
			parent = task - 1
		}
		if g.once(3) {
			at = g.r.IntN(len(g.p[parent]) + 1)
		}
		g.p[parent] = slices.Insert(g.p[parent], at, op{act: actGo, on: task})
	}
	for range g.raised {
		g.p[0] = slices.Insert(g.p[0], 0, op{act: actRaise})
	}
	next := 1
	for _, ops := range g.p {
		number(ops, &next)
	}
}

func number(ops []op, next *int) {
	for i := range ops {
		ops[i].val = *next
		*next++
		number(ops[i].body, next)
	}
}

// size returns how many events a run has at most, and how many schedules there
// are if the tasks are independent.
func (p program) size() (events int, orders float64) {
	orders = 1
	total := 0
	for _, ops := range p {
		points := 0
		walk(ops, func(o *op) {
			e, n := o.size()
			events, points = events+e, points+n
		})
		events++
		for i := range points {
			total++
			orders *= float64(total) / float64(i+1)
		}
	}
	return events, orders
}

// size returns how many events and scheduling points o is, without its body.
func (o *op) size() (events, points int) {
	switch {
	case o.act == actGo, o.act == actRaise && o.on == 0:
		return 1, 0
	case o.act == actOnce:
		return 2, 1
	case o.act == actLock && o.on == lockWrite:
		return 2, 3
	case o.act == actLock, o.act == actTry, o.act == actWrite && o.on == placeHeader:
		return 2, 2
	}
	return 1, 1
}

func walk(ops []op, do func(o *op)) {
	for i := range ops {
		do(&ops[i])
		walk(ops[i].body, do)
	}
}

// shares reports whether two tasks have accesses that conflict.
func (p program) shares() bool {
	var all []event
	for i, ops := range p {
		walk(ops, func(o *op) {
			if e := (event{task: i, act: o.act, on: o.on}); e.isAccess() {
				all = append(all, e)
			}
		})
	}
	for i := range all {
		for j := range all[:i] {
			if all[i].task != all[j].task && all[i].conflict(&all[j]) != 0 {
				return true
			}
		}
	}
	return false
}
