package guide

import (
	"context"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

// Tally is a count behind a pointer, and the lock for it. Copies of a Tally share the
// count and not the lock.
type Tally struct {
	mu sched.Mutex
	N  *race.Var[int]
}

func newTally() *Tally { return &Tally{N: new(race.Var[int])} }

func (s *Tally) inc() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.N.Update(inc)
}

// copyOf is an assignment *p, which go vet does not recognise here.
func copyOf[T any](p *T) *T {
	v := *p
	return &v
}

// tally is the body of a check: n workers that do something with one Tally.
func tally(n int, do func(s *Tally, item int)) func(*check.T) {
	p := workers(n, 0, func(_ context.Context, s *Tally, item int) error { do(s, item); return nil })
	return runningOn(p, newTally)
}

// wrongLocks are ways to hold a lock that nobody else cares for.
var wrongLocks = map[string]struct {
	do   func(s *Tally, item int)
	race string // what the data race is called
}{
	"copied with the struct": {func(s *Tally, _ int) { copyOf(s).inc() }, "wrong instance of a lock"},
	"made per call": {func(s *Tally, _ int) {
		var mu sched.Mutex
		mu.Lock()
		defer mu.Unlock()
		s.N.Update(inc)
	}, "wrong instance of a lock"},
	"made per item": {func(s *Tally, item int) {
		own := Tally{N: s.N}
		own.inc()
	}, "wrong instance of a lock"},
}

func TestSeedS30WrongLock(t *testing.T) {
	for name, test := range wrongLocks {
		t.Run(name, func(t *testing.T) {
			reports(t, tally(2, test.do), tally(10, test.do), "lost update on ", "data race ("+test.race+") on ")
		})
	}
	silent(t, tally(10, func(s *Tally, _ int) { s.inc() }))
}

// Twice is a count with two locks.
type Twice struct {
	mu, other sched.Mutex
	N         race.Var[int]
}

// Two locks for one datum.
func TestSeedS30TwoLocksForOneDatum(t *testing.T) {
	body := func(n int) func(*check.T) {
		return running(workers(n, 0, func(_ context.Context, s *Twice, item int) error {
			if item%2 == 1 {
				s.other.Lock()
				defer s.other.Unlock()
			} else {
				s.mu.Lock()
				defer s.mu.Unlock()
			}
			s.N.Update(inc)
			return nil
		}))
	}
	reports(t, body(2), body(10), "lost update on Twice.N", "data race (inconsistent locks) on Twice.N")
}

// Shop has a lock for each department, and one till.
type Shop struct {
	departments [2]struct{ mu sched.Mutex }
	Till        race.Var[int]
}

// The right lock of another instance.
func TestSeedS30AnotherInstance(t *testing.T) {
	shop := func(n int) func(*check.T) {
		return running(workers(n, 0, func(_ context.Context, s *Shop, item int) error {
			d := &s.departments[item%2]
			d.mu.Lock()
			defer d.mu.Unlock()
			s.Till.Update(inc)
			return nil
		}))
	}
	reports(t, shop(2), shop(10), "lost update on Shop.Till", "data race (wrong instance of a lock) on Shop.Till")
}

// O7: a lock each.
func TestSeedS30EverySchedule(t *testing.T) {
	body := func() *Tally {
		s := newTally()
		tasks(copyOf(s).inc, copyOf(s).inc)
		return s
	}
	assert.Equal(t, map[int]int{1: 36, 2: 34}, finals(t, func() func() int { return body().N.Load }))
	n, show := findings(t, func() { sched.Describe(body()) })
	assert.Equal(t, 70, n)
	assert.Equal(t, 36, show["lost update on Tally.N"])
	assert.Equal(t, 70, show["data race on Tally.N"])
}

// A lock that is copied: go vet reports the method that does it.
func TestSeedS30CopyReportedByVet(t *testing.T) {
	out, err := exec.Command("go", "vet", "./testdata/copylock").CombinedOutput()
	require.Error(t, err)
	assert.Contains(t, string(out), "Inc passes lock by value")
}

// A lock that is copied while it is held: the copy would stay locked for ever.
func TestSeedS30CopyOfAHeldLock(t *testing.T) {
	body := tally(2, func(s *Tally, _ int) {
		s.mu.Lock()
		defer s.mu.Unlock()
		copyOf(s).inc()
	})
	reports(t, body, body, "misuse: use of a copy of a lock that worker[")
}

// oneForAll is a lock that all instances share.
type oneForAll struct {
	mu *sched.Mutex
	N  race.Var[int]
}

// One lock for all instances is right, and those who need not wait for each other do:
// two runs that have nothing in common but the lock.
func TestSeedS30OneLockForAllInstances(t *testing.T) {
	p := workers(3, 0, func(_ context.Context, s *oneForAll, _ int) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.N.Update(inc)
		return nil
	})
	twoRuns := func(lockOf func(all *sched.Mutex) *sched.Mutex) func(*check.T) {
		return func(t *check.T) {
			var all sched.Mutex
			var wg sched.WaitGroup
			for range 2 {
				wg.Go(func() {
					s := &oneForAll{mu: lockOf(&all)}
					_, err := p.Run(t.Context(), s, engine.RunOptions{})
					require.NoError(t, err)
					require.Equal(t, 3, s.N.Load())
				})
			}
			wg.Wait()
		}
	}
	shared := silent(t, twoRuns(func(all *sched.Mutex) *sched.Mutex { return all }))
	own := silent(t, twoRuns(func(*sched.Mutex) *sched.Mutex { return new(sched.Mutex) }))
	require.NotEmpty(t, shared.Waits)
	assert.Greater(t, shared.Waits[0].Waited*own.Waits[0].Taken, own.Waits[0].Waited*shared.Waits[0].Taken,
		"the part of those who waited")
}
