package std

import (
	"math/rand"
	randv2 "math/rand/v2"

	"github.com/ravelgo/ravel/sched"
)

// source draws from the task's random numbers, outside a simulation from the
// global generator of package math/rand.
type source struct{}

func (source) Uint64() uint64 {
	if sched.Current() != nil {
		return sched.Rand().Uint64()
	}
	return rand.Uint64()
}

func (source) Int63() int64 {
	if sched.Current() != nil {
		return int64(sched.Rand().Uint64() >> 1)
	}
	return rand.Int63()
}

func (source) Seed(seed int64) { RandSeed(seed) }

var global = rand.New(source{})

// Rand returns what the functions of package math/rand are the methods of. In a
// simulation it draws from the random numbers of the task that uses it.
func Rand() *rand.Rand {
	if sched.Current() != nil {
		return rand.New(source{}) // its Read keeps what it has drawn too much
	}
	return global
}

// RandSeed is [rand.Seed]. In a simulation it does nothing: numbers follow from the
// seed of the run.
func RandSeed(seed int64) {
	if sched.Current() == nil {
		//lint:ignore SA1019 it stands for it
		rand.Seed(seed)
	}
}

// RandV2 returns what the functions of package math/rand/v2 are the methods of, but
// for N.
func RandV2() *randv2.Rand { return sched.Rand() }

// RandN is [randv2.N].
func RandN[Int interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr
}](n Int) Int {
	if sched.Current() != nil && n > 0 {
		return Int(sched.Rand().Uint64N(uint64(n)))
	}
	return randv2.N(n)
}
