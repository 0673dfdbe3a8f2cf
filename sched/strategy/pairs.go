package strategy

import (
	"math/bits"

	"github.com/ravelgo/ravel/sched"
)

// Pairs returns the strategy that does what st does and notes which operations
// followed each other on a place: which write a read saw, and who handed a lock, a
// channel or a variable on to whom. Two runs with the same pairs have little to tell
// each other; one with a new pair is worth changing further.
//
// The pairs are those of the feedback of Wolff, Shi, Duck, Mathur, Roychoudhury:
// Greybox Fuzzing for Concurrency Testing, ASPLOS 2024, with hand-overs as in Fray.
// An operation is known by its task and its number in it: exactly up to 512, and
// then to a power of two.
func Pairs(st sched.Strategy) *Pairer {
	return &Pairer{Strategy: st, last: map[sched.Touch]uint64{}, seen: map[uint64]bool{}}
}

// Pairer is the strategy that [Pairs] returns.
type Pairer struct {
	sched.Strategy
	last map[sched.Touch]uint64 // what changed a place last
	seen map[uint64]bool
	all  []uint64
}

// Next forgets the last run.
func (p *Pairer) Next() bool {
	clear(p.last)
	clear(p.seen)
	p.all = p.all[:0]
	return p.Strategy.Next()
}

// Follow notes the pairs that an operation makes.
func (p *Pairer) Follow(tr *sched.Transition) {
	if f, ok := p.Strategy.(sched.Follower); ok {
		f.Follow(tr)
	}
	if tr.Kind == "waitgroup" {
		return // it only counts
	}
	op := scramble(tr.Key ^ uint64(rough(tr.Op))<<32)
	for _, t := range tr.Touches {
		at := sched.Touch{Object: t.Object, Loc: t.Loc}
		if pair := scramble(p.last[at] + op); !p.seen[pair] {
			p.seen[pair] = true
			p.all = append(p.all, pair)
		}
		if t.Write {
			p.last[at] = op + 1
		}
	}
}

// Finish tells the strategy of the end of the run.
func (p *Pairer) Finish(pending []sched.Transition) {
	if f, ok := p.Strategy.(sched.Follower); ok {
		f.Finish(pending)
	}
}

// All returns a number for each pair of the last run, in their order. The slice is
// used again by the next run.
func (p *Pairer) All() []uint64 { return p.all }

// rough returns op itself up to 512, and from there on the power of two below it.
func rough(op int) int {
	if op <= 512 {
		return op
	}
	return 1 << (bits.Len(uint(op)) - 1)
}
