package sched

import "math/rand/v2"

// source draws from the task's own stream, or outside a simulation from the
// global generator.
type source struct{}

func (source) Uint64() uint64 {
	if t := Current(); t != nil {
		t.draws++
		t.sim.result.Draws++
		return mix(mix(t.sim.seed, t.key), t.draws)
	}
	return rand.Uint64()
}

var random = rand.New(source{})

// Rand returns a source of random numbers, which any number of tasks may use
// at once. In a simulation each task has a stream of its own, which follows
// from the run's seed and the task's [Task.Key]: a draw in one task does not
// shift those of another. Draws are no choices of the strategy.
func Rand() *rand.Rand { return random }
