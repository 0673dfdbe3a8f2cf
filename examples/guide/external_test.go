package guide

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// Database is what a pipeline knows of a store outside the process.
type Database interface {
	Get(k string) int
	Put(k string, v int)
}

// Store is a Database for tests: each call is marked as one operation on what is
// stored, so that a search orders the calls in all ways and watches them. It is
// safe in itself, as the real one is: no two calls happen at once.
type Store struct {
	mu   sched.Mutex // guards Rows
	Rows race.Map[string, int]
}

func (s *Store) Get(k string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Rows.Load(k)
}

func (s *Store) Put(k string, v int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Rows.Store(k, v)
}

// Add is what such a store offers in place of a Get and a Put.
func (s *Store) Add(k string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Rows.Store(k, s.Rows.Load(k)+n)
}

// plainStore is a Database that is not marked: a map, with nothing to see of it.
type plainStore map[string]int

func (s plainStore) Get(k string) int    { return s[k] }
func (s plainStore) Put(k string, v int) { s[k] = v }

// visit counts a visit in a database, in two calls.
func visit(db Database) { db.Put("visits", db.Get("visits")+1) }

// Reading a row and then writing it loses what others have written in between,
// however safe each call is.
func TestSeedS25ExternalStorage(t *testing.T) {
	body := func(n int) func(*check.T) {
		return running(workers(n, 0, func(_ context.Context, s *Store, _ int) error { visit(s); return nil }))
	}
	reports(t, body(2), body(10), "lost update on Store.Rows")
	silent(t, running(workers(10, 0, func(_ context.Context, s *Store, _ int) error { s.Add("visits", 1); return nil })))

	for n, want := range map[int]map[int]int{2: {1: 4, 2: 2}, 3: {1: 48, 2: 36, 3: 6}, 4: {1: 1152, 2: 1056, 3: 288, 4: 24}} {
		assert.Equal(t, want, finals(t, func() func() int {
			s := &Store{}
			for range n {
				sched.Go(func() { visit(s) })
			}
			return func() int { return s.Rows.Load("visits") }
		}))
	}
}

// A store that is not marked is out of reach: nothing is found, and nothing is tried.
func TestSeedS25UnmarkedStore(t *testing.T) {
	type state struct{ db Database }
	p := workers(10, 0, func(_ context.Context, s *state, _ int) error { visit(s.db); return nil })
	r := silent(t, runningOn(p, func() *state { return &state{plainStore{}} }))
	assert.Equal(t, 1, r.Distinct)
}

// Sales is a counter, and beside it what each worker has returned.
type Sales struct {
	Counter  race.Var[int]
	returned [100]int
}

// sell counts a sale without a lock, and returns its item.
func sell(_ context.Context, s *Sales, item int) error {
	s.Counter.Update(inc)
	s.returned[item] = item
	return nil
}

// distinct is the wrong test: it counts the different results.
func distinct(s *Sales) int {
	seen := map[int]bool{}
	for _, item := range s.returned {
		seen[item] = true
	}
	return len(seen)
}

// 100 workers return 100 different items although the counter is wrong: that test
// passes on every schedule.
func TestSeedS29WrongTestPasses(t *testing.T) {
	st := strategy.Random(29)
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	wrong := 0
	for range 100 {
		st.Next()
		s := &Sales{}
		r := sim.Run(st, 1, func() {
			_, err := workers(100, 0, sell).Run(t.Context(), s, engine.RunOptions{})
			assert.NoError(t, err)
		})
		require.NoError(t, r.End)
		require.Equal(t, 100, distinct(s), "the wrong test")
		if s.Counter.Load() != 100 {
			wrong++
		}
	}
	assert.Equal(t, 100, wrong)

	got := finals(t, func() func() [2]int {
		s := &Sales{}
		_, err := workers(2, 0, sell).Run(t.Context(), s, engine.RunOptions{})
		assert.NoError(t, err)
		return func() [2]int { return [2]int{s.Counter.Load(), s.returned[1]} }
	})
	assert.Equal(t, map[[2]int]int{{1, 1}: 4, {2, 1}: 2}, got)
}

// failure is a test that keeps what it fails with.
type failure struct {
	testing.TB
	text strings.Builder
}

func (f *failure) Errorf(format string, args ...any) { fmt.Fprintf(&f.text, format, args...) }
func (f *failure) Log(...any)                        {}
func (f *failure) Logf(string, ...any)               {}

// The right test searches the schedules for one where what must hold does not. It
// fails, and prints the command that replays the schedule.
func TestSeedS29RightTestFails(t *testing.T) {
	f := &failure{TB: t}
	check.Config{Dir: t.TempDir()}.Run(f, func(c *check.T) {
		s := &Sales{}
		_, err := workers(2, 0, sell).Run(c.Context(), s, engine.RunOptions{})
		require.NoError(c, err)
		require.Equal(c, 2, s.Counter.Load())
	})
	assert.Contains(t, f.text.String(), "lost update on Sales.Counter")
	assert.Contains(t, f.text.String(), "failed assertion at external_test.go")
	assert.Regexp(t, `Replay:\s+RAVEL_REPLAY=\S+\.trace go test`, f.text.String())
}
