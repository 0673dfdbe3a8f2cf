package strategy

import (
	"math/bits"
	"slices"

	"github.com/ravelgo/ravel/sched"
)

// ReadsFrom returns partial order sampling with feedback: it notes which write
// each read sees, and holds tasks back so that reads see what they seldom or
// never saw. If a run shows something rare, what its reads saw up to there is kept
// as a plan, which later runs change: the rarer ones more often. Operations that
// change a place, locks and channels too, count as reads of what was there. It
// never runs out.
//
// It soon finds bugs that need several rare orders, if each of them shows in what
// is read: [POS] must meet them all in one run, this one after the other. It does
// not help with others; nothing is known of their probability; and what it has
// seen of one task it does not expect of others like it.
//
// A task is held only as long as others can go on, and not for long if these
// wait for it in a loop. What is remembered is limited.
//
// Wolff, Shi, Duck, Mathur, Roychoudhury: Greybox Fuzzing for Concurrency
// Testing, ASPLOS 2024. Unlike there an operation is known by its task and its
// number in it, not by its line, and a plan begins with all that was seen.
func ReadsFrom(seed uint64) sched.Follower {
	return &readsFrom{pos: pos{dice: dice{seed: seed}}, flows: newFlows(), plans: make([]plan, 1)}
}

type readsFrom struct {
	pos
	flows   flows
	plans   []plan // the first is empty
	weights []float64

	// The run.
	wishes     []wish
	heldReads  uint64 // wishes whose reader is held
	heldWrites uint64 // those for whose reader others must not write
	patience   int    // for how many choices more tasks may be held
	roles      []role // of each access
	pending    []pending
}

const (
	maxPlans  = 64
	maxWishes = 64 // bits of a role

	maxPatience = 1000
)

// plan is what reads are to see.
type plan struct {
	wishes []wish
	hash   uint64 // of the flows of the run
	uses   int    // runs that changed it, or showed the same flows
}

// wish is for a flow, or against it.
type wish struct {
	flow
	not bool

	// In the run.
	last int32 // access that the reader would see, as far as is known
	came bool  // the write
	over bool  // the reader came
}

// role is the wishes that an access is the reader of, a source for, and one in
// another task.
type role struct{ reads, writes, foreign uint64 }

// pending is the operation that a task is about to do.
type pending struct {
	role
	op     int
	access int32
	open   bool // it was a choice
}

func (r *readsFrom) Next() bool {
	r.learn()
	r.flows.reset()
	clear(r.pending)
	r.patience = maxPatience
	r.pos.Next()
	r.change()
	r.cast()
	return true
}

// learn makes a plan of the last run if it has shown something rare, and is not
// like another.
func (r *readsFrom) learn() {
	rarest, runs := r.flows.learn()
	for i := 1; i < len(r.plans); i++ {
		if p := &r.plans[i]; p.hash == r.flows.hash {
			p.uses++
			return
		}
	}
	if runs < 2 {
		r.keep(rarest)
	}
}

// keep makes a plan of what the reads saw up to what is rare: of the last ones, if
// they are too many.
func (r *readsFrom) keep(rarest flow) {
	p := r.room()
	p.hash, p.uses, p.wishes = r.flows.hash, 0, p.wishes[:0]
	end := slices.Index(r.flows.shown, rarest) + 1
	for _, f := range slices.Backward(r.flows.shown[:end]) {
		if len(p.wishes) < maxWishes && (f == rarest || r.flows.accesses[f.read].listed) {
			p.wishes = append(p.wishes, wish{flow: f})
		}
	}
}

// room returns where a new plan goes: in the place of the one of most use, if
// there are too many.
func (r *readsFrom) room() *plan {
	if len(r.plans) < maxPlans {
		r.plans = append(r.plans, plan{})
		return &r.plans[len(r.plans)-1]
	}
	most := 1
	for i := range r.plans {
		if i > 0 && r.plans[i].uses > r.plans[most].uses {
			most = i
		}
	}
	return &r.plans[most]
}

// change makes the wishes of the next run: now and then none.
func (r *readsFrom) change() {
	r.wishes = r.wishes[:0]
	if len(r.flows.readers[0])+len(r.flows.readers[1]) == 0 || r.below(8) == 0 {
		return
	}
	r.weights = r.weights[:0]
	for _, p := range r.plans {
		r.weights = append(r.weights, 1/float64(1+p.uses))
	}
	p := &r.plans[r.weighted(r.weights)]
	p.uses++
	r.wishes = append(r.wishes, p.wishes...)
	r.mutate()
	for r.below(2) == 0 {
		r.mutate()
	}
}

// mutate makes one change to the wishes.
func (r *readsFrom) mutate() {
	n := len(r.wishes)
	what := r.below(8)
	if n == 0 || what > 2 && n < maxWishes {
		r.wish(r.flows.seldom(&r.dice, func() int32 { return r.flows.reader(&r.dice) }))
		return
	}
	w := &r.wishes[r.below(n)]
	switch what {
	case 0:
		*w = r.wishes[n-1]
		r.wishes = r.wishes[:n-1]
	case 1:
		w.not = !w.not
	default:
		read := w.read
		r.wish(r.flows.seldom(&r.dice, func() int32 { return read }))
	}
}

// cast gives the accesses their roles in the wishes.
func (r *readsFrom) cast() {
	clear(r.roles)
	for len(r.roles) < len(r.flows.accesses) {
		r.roles = append(r.roles, role{})
	}
	r.heldReads, r.heldWrites = 0, 0
	for i := range r.wishes {
		w := &r.wishes[i]
		w.came = w.write == beginning
		r.flows.wished(w.flow)
		r.hold(i)
		reader := &r.flows.accesses[w.read]
		r.roles[w.read].reads |= 1 << i
		if w.write != beginning {
			r.roles[w.write].writes |= 1 << i
		}
		for _, s := range reader.sources {
			r.roles[s].writes |= 1 << i
			if r.flows.accesses[s].task != reader.task {
				r.roles[s].foreign |= 1 << i
			}
		}
	}
}

// wish adds a wish, in the place of one for the same reader.
func (r *readsFrom) wish(f flow) {
	for i := range r.wishes {
		if w := &r.wishes[i]; w.read == f.read {
			*w = wish{flow: f}
			return
		}
	}
	r.wishes = append(r.wishes, wish{flow: f})
}

// Choose returns the task of the highest priority that is not held, or of all if
// all are.
func (r *readsFrom) Choose(c *sched.Choice) int {
	if c.Kind != sched.TaskChoice {
		return r.below(c.N)
	}
	holding := false
	for i := range c.N {
		holding = r.held(c.Task(i)) || holding
	}
	if holding {
		r.patience--
	}
	best := -1
	if r.patience > 0 {
		best = r.highest(c, r.held)
	}
	if best < 0 {
		best = r.highest(c, nobody)
	}
	r.chose(c, best)
	return best
}

// held reports whether t has to wait for a wish.
func (r *readsFrom) held(t *sched.Task) bool {
	p := r.about(t.ID(), operation{t.Key(), t.Ops()})
	p.open = true
	return p.reads&r.heldReads|p.foreign&r.heldWrites != 0
}

// about returns what a task is about to do.
func (r *readsFrom) about(id int, o operation) *pending {
	for len(r.pending) <= id {
		r.pending = append(r.pending, pending{})
	}
	p := &r.pending[id]
	if p.op == o.op {
		return p
	}
	n := r.flows.numbers[o]
	*p = pending{op: o.op, access: n}
	if int(n) < len(r.roles) {
		p.role = r.roles[n]
	}
	return p
}

// Follow notes what the operation saw, and what it means to the wishes.
func (r *readsFrom) Follow(tr *sched.Transition) {
	p := r.about(tr.Task, operation{tr.Key, tr.Op})
	r.flows.add(tr, p.open)
	if p.reads|p.writes == 0 {
		return
	}
	r.patience = maxPatience
	for left := p.reads | p.writes; left != 0; left &= left - 1 {
		i := bits.TrailingZeros64(left)
		w := &r.wishes[i]
		if p.reads&(1<<i) != 0 {
			w.over = true
		}
		if p.writes&(1<<i) != 0 {
			w.last, w.came = p.access, w.came || p.access == w.write
		}
		r.hold(i)
	}
}

// Finish has nothing to note: what did not come was not seen.
func (r *readsFrom) Finish([]sched.Transition) {}

// hold decides who has to wait for a wish: the reader until the write has come,
// or what must not be seen has gone; and then others that write.
func (r *readsFrom) hold(i int) {
	r.heldReads &^= 1 << i
	r.heldWrites &^= 1 << i
	w := &r.wishes[i]
	if w.over {
		return
	}
	switch sees := w.last == w.write; {
	case w.not && sees, !w.not && !w.came:
		r.heldReads |= 1 << i
	case sees && !w.not:
		r.heldWrites |= 1 << i
	}
}
