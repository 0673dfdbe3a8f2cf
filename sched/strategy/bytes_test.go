package strategy_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/atomic"
	"github.com/ravelgo/ravel/sched/strategy"
)

// pile lets three tasks push their name twice, and returns the pile.
func pile(st sched.Strategy) (names string, hash uint64) {
	s := sched.NewSim(sched.Config{})
	defer s.Close()
	st.Next()
	r := s.Run(st, 1, func() {
		var all atomic.Value
		all.Store("")
		for _, name := range []string{"a", "b", "c"} {
			sched.Go(func() {
				for range 2 {
					sched.Yield()
					names += name
				}
			})
		}
	})
	return names, r.Hash
}

// Bytes are choices: so many of the plain schedule, and then another one.
func TestBytes(t *testing.T) {
	plain, _ := pile(strategy.RoundRobin())
	for _, c := range []struct {
		text []byte
		same bool
	}{
		{nil, true},
		{[]byte{0}, true},
		{[]byte{0, 4, 255 &^ 3}, true},
		{[]byte{1}, false},
		{[]byte{2}, false},
		{[]byte{3, 1}, false},
		{[]byte{3}, true},         // there are three tasks
		{[]byte{63<<2 | 1}, true}, // after the end
	} {
		names, _ := pile(strategy.Bytes(c.text))
		assert.Equal(t, c.same, names == plain, "%v gives %s, and none %s", c.text, names, plain)
	}
}

// Any bytes are a schedule, which is the same each time.
func TestBytesAny(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.SliceOf(rapid.Byte()).Draw(r, "text")
		names, hash := pile(strategy.Bytes(text))
		again, hash2 := pile(strategy.Bytes(text))
		assert.Equal(r, names, again)
		assert.Equal(r, hash, hash2)
		assert.Len(r, names, 6)
	})
}

// Pairs tells schedules apart by who used a place after whom, and by nothing else.
func TestPairs(t *testing.T) {
	run := func(text []byte, apart bool) (all []uint64) {
		s := sched.NewSim(sched.Config{})
		defer s.Close()
		st := strategy.Pairs(strategy.Bytes(text))
		st.Next()
		s.Run(st, 1, func() {
			var x, y atomic.Int64
			other := &x
			if apart {
				other = &y
			}
			sched.Go(func() { x.Store(1) })
			sched.Go(func() { other.Store(2) })
		})
		return append(all, st.All()...)
	}
	assert.ElementsMatch(t, run(nil, true), run([]byte{1}, true), "the two can be exchanged")
	assert.Len(t, run(nil, true), 2)
	assert.NotEqual(t, run(nil, false), run([]byte{1}, false))
	assert.Equal(t, run(nil, false), run(nil, false))
}
