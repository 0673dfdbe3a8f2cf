// With it rand.Seed does something, as in a module of an older language version.
//
//go:debug randseednop=0

package std_test

import (
	"math/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/schedtest"
	"github.com/ravelgo/ravel/sched/std"
	"github.com/ravelgo/ravel/sched/strategy"
)

// Random numbers are in range everywhere.
func TestRandInRange(t *testing.T) {
	schedtest.RealAndSimulated(t, func(t testing.TB) {
		assert.Less(t, std.Rand().Intn(3), 3)
		assert.Less(t, std.RandV2().IntN(3), 3)
		assert.Less(t, std.RandN(3*time.Second), 3*time.Second)
		assert.Less(t, std.RandN(uint8(3)), uint8(3))
		assert.Len(t, std.Rand().Perm(4), 4)
		assert.Panics(t, func() { std.RandN(0) })
		var b [5]byte
		n, err := std.Rand().Read(b[:])
		assert.Equal(t, 5, n)
		assert.NoError(t, err)
	})
}

// In a simulation they follow from the seed of the run, whatever else was drawn and
// seeded.
func TestRandFollowsFromSeed(t *testing.T) {
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	draw := func(seed uint64) (got [4]int64) {
		st := strategy.RoundRobin()
		st.Next()
		sim.Run(st, seed, func() {
			std.RandSeed(rand.Int63())
			var b [3]byte
			std.Rand().Read(b[:])
			got = [4]int64{std.Rand().Int63(), int64(std.RandV2().Uint64()), int64(std.RandN(uint64(1 << 60))), int64(b[2])}
		})
		return got
	}
	assert.Equal(t, draw(1), draw(1))
	assert.NotEqual(t, draw(1), draw(2))
}

// Outside, math/rand gives what it gives when seeded.
func TestRandSeeded(t *testing.T) {
	std.RandSeed(7)
	a, b, c := std.Rand().Intn(1000), std.Rand().Float64(), std.Rand().Uint64()
	//lint:ignore SA1019 it is compared with it
	rand.Seed(7)
	assert.Equal(t, rand.Intn(1000), a)
	assert.Equal(t, rand.Float64(), b)
	assert.Equal(t, rand.Uint64(), c)
}
