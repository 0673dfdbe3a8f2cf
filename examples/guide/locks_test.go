package guide

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

// Locked is a state with a lock for all of it.
type Locked struct {
	mu      sched.Mutex // guards the fields below
	N       race.Var[int]
	Results race.Slice[int]
}

// add is what a worker does: the lock is held from the first read to the last write.
func (s *Locked) add(item int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.N.Update(inc)
	s.Results.Append(item)
}

// collect is add as the work of a pipeline.
func collect(_ context.Context, s *Locked, item int) error {
	s.add(item)
	return nil
}

// hundred is a map over 100 items, or 30 if the tests are to be quick, 10 at a time,
// whose counts are right on every schedule.
func hundred(t *check.T) {
	n := 100
	if quick() {
		n = 30
	}
	s := &Locked{}
	p := workers(n, 10, collect)
	_, err := p.Run(t.Context(), s, engine.RunOptions{})
	require.NoError(t, err)
	require.Equal(t, n, s.N.Load())
	require.Equal(t, n, s.Results.Len())
}

// A lock in the state makes a map over 100 items right; and it costs parallelism,
// which the result of a search tells: how many tasks could go on at once, and how
// long they waited for which lock.
func TestSeedS11LockInTheState(t *testing.T) {
	r := silent(t, hundred)
	costs(t, r)
}

// With a lock there are as many schedules as orders in which it can be taken.
func TestSeedS11OneLock(t *testing.T) {
	for n, want := range map[int]int{2: 2, 3: 6} {
		assert.Equal(t, map[int]int{n: want}, finals(t, func() func() int {
			s := &Locked{}
			for range n {
				sched.Go(func() { section(&s.mu, func() { s.N.Update(inc) }) })
			}
			return s.N.Load
		}))
	}
}

// The cost of a lock is no finding, and is told: nobody can go on while another one
// holds it, and without it ten can.
func TestSeedS12LocksCostParallelism(t *testing.T) {
	cfg := check.Config{Runs: 50}
	locked := cfg.Search(t.Name(), hundred)
	assert.Empty(t, locked.Findings)
	costs(t, locked)
	assert.Contains(t, locked.String(), fmt.Sprintf("up to %d tasks could go on at once", locked.Peak))
	assert.Contains(t, locked.String(), "most was waited for Locked.mu")

	free := cfg.Search(t.Name(), running(workers(100, 10, func(_ context.Context, s *[100]race.Var[int], i int) error {
		s[i].Update(inc)
		s[i].Update(inc)
		return nil
	})))
	assert.Empty(t, free.Findings)
	assert.Empty(t, free.Waits)
	assert.Less(t, locked.Average, free.Average)
}

// costs checks what a result tells of the lock.
func costs(t *testing.T, r *check.Result) {
	assert.LessOrEqual(t, r.Peak, 10)
	assert.Greater(t, r.Peak, 1)
	assert.Greater(t, r.Average, 1.0)
	assert.Less(t, r.Average, float64(r.Peak))
	require.Len(t, r.Waits, 1)
	w := r.Waits[0]
	assert.Equal(t, "Locked.mu", w.Lock)
	assert.Greater(t, w.Taken, w.Waited)
	assert.Greater(t, w.Waited, 0)
	assert.Greater(t, w.Operations, w.Waited)
}

// Fields is a state with a lock for each field.
type Fields struct {
	muA sched.Mutex
	A   race.Var[int]
	muB sched.Mutex
	B   race.Var[int]
}

func (s *Fields) addA(n int) {
	s.muA.Lock()
	defer s.muA.Unlock()
	s.A.Store(s.A.Load() + n)
}

func (s *Fields) addB(n int) {
	s.muB.Lock()
	defer s.muB.Unlock()
	s.B.Store(s.B.Load() + n)
}

// Two maps at once, each of which touches only the field of its lock.
func TestSeedS13OneLockPerField(t *testing.T) {
	p := engine.New[Fields]("fields", engine.Options{MultiRoot: true})
	addMap(p, "a", 10, 0, func(_ context.Context, s *Fields, item int) error { s.addA(item); return nil })
	addMap(p, "b", 10, 0, func(_ context.Context, s *Fields, item int) error { s.addB(item); return nil })
	silent(t, func(t *check.T) {
		s := &Fields{}
		_, err := p.Run(t.Context(), s, engine.RunOptions{})
		require.NoError(t, err)
		require.Equal(t, [2]int{45, 45}, [2]int{s.A.Load(), s.B.Load()})
	})
}

// Flags are fields that are close to each other, and some that are closer.
type Flags struct {
	A, B   race.Var[int]
	Bits   race.Var[uint]
	ByName race.Map[string, bool]
}

func (s *Flags) set(k int) { s.Bits.Update(func(bits uint) uint { return bits | 1<<k }) }

// Other fields are other locations, and need no lock.
func TestSeedS14SeparateFields(t *testing.T) {
	body := func() (*engine.Pipeline[Flags], *Flags) {
		return branches(
			func(_ context.Context, s *Flags) error { s.A.Update(inc); return nil },
			func(_ context.Context, s *Flags) error { s.B.Update(inc); return nil },
		), &Flags{}
	}
	silent(t, func(t *check.T) {
		p, s := body()
		_, err := p.Run(t.Context(), s, engine.RunOptions{})
		require.NoError(t, err)
		require.Equal(t, 1, s.A.Load())
		require.Equal(t, 1, s.B.Load())
	})
	assert.Equal(t, map[[2]int]int{{1, 1}: 6}, finals(t, func() func() [2]int {
		p, s := body()
		_, err := p.Run(t.Context(), s, engine.RunOptions{})
		assert.NoError(t, err)
		return func() [2]int { return [2]int{s.A.Load(), s.B.Load()} }
	}))
}

// The bits of one word are one location, and so are the keys of one map.
func TestSeedS14FlagsInOneWord(t *testing.T) {
	flags := func(n int) func(*check.T) {
		return running(workers(n, 0, func(_ context.Context, s *Flags, k int) error { s.set(k); return nil }))
	}
	reports(t, flags(2), flags(8), "lost update on Flags.Bits", "data race (no lock) on Flags.Bits")

	assert.Equal(t, map[int]int{1: 4, 2: 2}, finals(t, func() func() int {
		s := &Flags{}
		tasks(func() { s.set(0) }, func() { s.set(1) })
		return func() int { bits := s.Bits.Load(); return int(bits&1 + bits>>1) }
	}))
}

func TestSeedS14KeysOfOneMap(t *testing.T) {
	p := branches(
		func(_ context.Context, s *Flags) error { s.ByName.Store("a", true); return nil },
		func(_ context.Context, s *Flags) error { s.ByName.Store("b", true); return nil },
	)
	reports(t, running(p), running(p), "data race (concurrent map access) on Flags.ByName")
}
