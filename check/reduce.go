package check

import (
	"math"
	"slices"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// Bounds of making an input smaller, so that it takes the same steps on every
// machine.
const (
	maxReduceSteps = 4_000_000 // operations
	effortRuns     = 100       // schedules of each kind that are looked at for one input
	maxChunk       = 8         // words that are left out together, one size after the other, or change places
	lowered        = 4         // words that may go when another one becomes lower by one
)

// reducer makes the input of a failing run smaller, and its schedule with it: fewer
// words first, then lower ones. Draws are such that fewer and lower words give
// shorter and simpler values.
//
// A smaller input needs a schedule that fits: the choices are tried that are left
// of the last one, which are known by what the tasks do and to what; and if these
// do not show the problem, some that are close to the plain schedule, and others.
type reducer struct {
	*search
	candidate
	words      []uint64
	deviations []sched.Deviation
	steps      int
	tries      int
	effort     effort
}

// effort is what schedules are tried for an input, those before too.
type effort int

const (
	replays effort = iota // what is left of the last one
	singles               // the plain one, and those with one choice that differs from it
	samples               // others
)

// reduce returns c with the smallest input that it finds.
func (s *search) reduce(c candidate) candidate {
	if in := c.start.input; in.random == 0 && len(in.list) == 0 {
		return c // it has drawn nothing
	}
	c.start.input = c.start.input.listed()
	r := &reducer{search: s, candidate: c, words: c.start.input.list}
	if !r.replay(r.words, c.deviations) {
		return c
	}
	r.simplify()
	for {
		before := slices.Clone(r.words)
		r.effort = samples
		r.leaveOut(maxChunk + 1)
		r.effort = replays
		r.pass()
		r.effort = samples
		r.leaveOut(1)
		r.zero()
		r.equals()
		r.effort = singles
		r.swap()
		if r.exhausted() || slices.Equal(before, r.words) {
			break
		}
	}
	c.reduced = r.tries
	c.problem, c.start.input.list, c.deviations = r.problem, r.words, r.deviations
	return c
}

func (r *reducer) exhausted() bool { return r.steps >= maxReduceSteps || r.hurries() }

// pass does all that makes the input smaller, as long as anything does.
func (r *reducer) pass() {
	for !r.exhausted() {
		before := slices.Clone(r.words)
		r.leaveOut(1)
		for i := 0; i < len(r.words); i++ {
			r.lower(i)
		}
		if slices.Equal(before, r.words) {
			r.exchange()
			r.raise()
		}
		if slices.Equal(before, r.words) {
			return
		}
	}
}

// raise makes a word lower and the next one high: where the first says how many bits
// of the second count, that can be anything until now. All ones may be too high.
func (r *reducer) raise() {
	for i := 0; i+1 < len(r.words); i++ {
		word := r.words[i]
		for shift := 1; word>>shift > 0; shift++ {
			r.raiseNext(i, word>>shift)
			r.raiseNext(i, word-word>>shift)
		}
	}
}

func (r *reducer) raiseNext(i int, word uint64) {
	for bit := 0; bit < 12 && i+1 < len(r.words) && word < r.words[i]; bit++ {
		words := slices.Clone(r.words)
		words[i], words[i+1] = word, math.MaxUint64&^(1<<bit>>1)
		r.try(words)
	}
}

// swap puts words that stand together after those that follow them, if the first of
// these are lower: the simplest action comes first.
func (r *reducer) swap() {
	for from := range r.words {
		for a := 1; a <= maxChunk; a++ {
			for b := 1; b <= maxChunk && from+a+b <= len(r.words); b++ {
				w := r.words[from:]
				words := slices.Concat(r.words[:from], w[a:a+b], w[:a], w[a+b:])
				if slices.Compare(words, r.words) < 0 {
					r.try(words)
				}
			}
		}
	}
}

// leaveOut leaves out words that stand together, many first, the last ones first.
func (r *reducer) leaveOut(least int) {
	for size := len(r.words); size >= least; {
		step := 1
		if size > maxChunk {
			step = size
		}
		for from := len(r.words) - size; from >= 0; from -= step {
			for from+size <= len(r.words) && r.try(slices.Delete(slices.Clone(r.words), from, from+size)) {
			}
		}
		if size = min(size, len(r.words)); size > 2*maxChunk {
			size /= 2
		} else {
			size--
		}
	}
}

// zero makes single words zero.
func (r *reducer) zero() {
	for i := 0; i < len(r.words); i++ {
		r.set(i, 0)
	}
}

// equals makes words lower together that are the same, such as two times one key.
func (r *reducer) equals() {
	for i := 0; i < len(r.words); i++ {
		word := r.words[i]
		for low := uint64(0); low < min(word, lowered); low++ {
			words := slices.Clone(r.words)
			for j := range words {
				if words[j] == word {
					words[j] = low
				}
			}
			if r.try(words) {
				break
			}
		}
	}
}

// set tries another value for a word, if that is lower.
func (r *reducer) set(i int, word uint64) bool {
	if i >= len(r.words) || word >= r.words[i] {
		return false
	}
	words := slices.Clone(r.words)
	words[i] = word
	return r.try(words)
}

// lower makes a word as low as it can be: small, or with fewer bits, or with lower
// ones, or by halving.
func (r *reducer) lower(i int) {
	for small := range uint64(lowered) {
		if r.set(i, small) {
			return
		}
	}
	for i < len(r.words) && r.set(i, r.words[i]>>1) {
	}
	for bit := 63; bit >= 0; bit-- {
		if i < len(r.words) {
			r.set(i, r.words[i]&^(1<<bit))
		}
	}
	low := uint64(0)
	for i < len(r.words) && low < r.words[i] {
		half := low + (r.words[i]-low)/2
		if !r.set(i, half) {
			low = half + 1
		}
	}
}

// exchange makes a word lower by one and leaves out others: a number and as many
// values.
func (r *reducer) exchange() {
	for i := range r.words {
		for size := 1; size <= lowered; size++ {
			for from := 0; from+size <= len(r.words); from++ {
				if i >= len(r.words) || r.words[i] == 0 || from <= i && i < from+size {
					continue
				}
				words := slices.Clone(r.words)
				words[i]--
				r.try(slices.Delete(words, from, from+size))
			}
		}
	}
}

// try reports whether the problem shows with another input, which is then the best.
func (r *reducer) try(words []uint64) bool {
	if r.exhausted() {
		return false
	}
	if r.replay(words, r.deviations) {
		return true
	}
	if !r.explore(words) {
		return false
	}
	r.simplify()
	return true
}

// replay tries an input with a schedule.
func (r *reducer) replay(words []uint64, deviations []sched.Deviation) bool {
	st, err := strategy.Replay(&sched.Trace{Deviations: deviations})
	return err == nil && r.shows(words, st)
}

func (r *reducer) from(words []uint64) start {
	return start{r.start.seed, input{list: words, exact: true}}
}

// explore looks for a schedule that shows the problem with an input: the plain one,
// those with a single choice that differs from it, and some others.
func (r *reducer) explore(words []uint64) bool {
	if r.effort < singles {
		return false
	}
	options := strategy.Options()
	if r.shows(words, options) {
		return true
	}
	for _, d := range options.All()[:min(len(options.All()), effortRuns)] {
		st, err := strategy.Replay(&sched.Trace{Deviations: []sched.Deviation{d}})
		if err == nil && r.shows(words, st) {
			return true
		}
	}
	if r.effort < samples {
		return false
	}
	st := strategy.Portfolio(r.cfg.Seed, 1)
	for range effortRuns {
		if r.exhausted() || r.shows(words, st) {
			return !r.exhausted()
		}
	}
	return false
}

// shows makes a run and, if it seems to show the problem, a recorded one.
func (r *reducer) shows(words []uint64, st sched.Strategy) bool {
	st.Next()
	w := r.worker(0)
	r.tries++
	t, res := w.run(st, r.from(words))
	r.steps += res.Steps
	if !slices.Contains(signs(t, res, w.watch.Findings()), r.sign) {
		return false
	}
	repeat := strategy.Repeat(slices.Clone(res.Log))
	repeat.Next()
	t, res = r.slow.run(repeat, r.from(words))
	r.steps += recordedIsDoing * res.Steps
	all := problems(t, res, r.slow.watch.Findings())
	i := slices.IndexFunc(all, func(p problem) bool { return p.key == r.key })
	if i < 0 {
		return false
	}
	r.problem, r.words, r.deviations = all[i], words, repeat.Deviations()
	return true
}

// simplify leaves out choices of the schedule: the fewer there are, the sooner they
// fit another input.
func (r *reducer) simplify() {
	leaveOut(r.deviations, r.exhausted, func(rest []sched.Deviation) ([]sched.Deviation, bool) {
		ok := r.replay(r.words, rest)
		return r.deviations, ok
	})
}
