package strategy

import (
	"math/bits"

	"github.com/ravelgo/ravel/sched"
)

// Random returns the random walk: at every choice each option is equally
// likely. It never runs out.
//
// A schedule of k choices among n tasks has probability at least n^-k, but
// schedules are far from equally likely: one in which a task must do m
// operations before another does its first has probability 2^-m.
func Random(seed uint64) sched.Strategy { return &random{dice: dice{seed: seed}} }

type random struct{ dice }

func (r *random) Choose(c *sched.Choice) int { return r.below(c.N) }

// dice is the randomness of a strategy: run i of a search has a stream that
// follows from the seed and i alone. The generator is SplitMix64 (Steele, Lea,
// Flood: Fast splittable pseudorandom number generators, OOPSLA 2014).
type dice struct {
	seed, run, state uint64
}

const gamma = 0x9e3779b97f4a7c15

// Next begins the stream of the next run.
func (d *dice) Next() bool {
	d.run++
	d.state = d.seed ^ d.run*0xd1342543de82ef95
	d.state = d.draw()
	return true
}

func (d *dice) draw() uint64 {
	z := scramble(d.state)
	d.state += gamma
	return z
}

// scramble makes every bit matter.
func scramble(z uint64) uint64 {
	z += gamma
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below returns a number in [0, n), each equally likely but for 2^-32.
func (d *dice) below(n int) int {
	hi, _ := bits.Mul64(d.draw(), uint64(n))
	return int(hi)
}

// another draws one of the ready tasks other than the one with the given number,
// if there is one.
func (d *dice) another(c *sched.Choice, id int) int {
	i := d.below(c.N)
	if c.Task(i).ID() == id {
		return (i + 1 + d.below(c.N-1)) % c.N
	}
	return i
}
