//lint:file-ignore SA2001 the locks are taken in some order, and guard nothing

package guide

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/schedtest"
)

// Gauge is a number with the locks that its users take, or seem to take.
type Gauge struct {
	mu  sched.Mutex
	rw  sched.RWMutex
	sem *sched.Semaphore
	N   race.Var[int]
}

func newGauge() *Gauge {
	s := &Gauge{sem: sched.NewSemaphore(1)}
	sched.Describe(s)
	return s
}

func (s *Gauge) locked() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.N.Update(inc)
}

func (s *Gauge) value() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.N.Load()
}

// gauge is the body of a check: n workers that do something with one Gauge.
func gauge(n int, do func(s *Gauge, item int)) func(*check.T) {
	return runningOn(workers(n, 0, func(_ context.Context, s *Gauge, item int) error { do(s, item); return nil }), newGauge)
}

// notLocked are ways to lock that do not.
var notLocked = map[string]struct {
	do   func(s *Gauge, item int)
	want []string
}{
	"a, no Lock": {func(s *Gauge, item int) {
		if item == 0 {
			s.N.Update(inc)
			return
		}
		s.locked()
	}, unlockedAccess},
	"b, Unlock before the write": {func(s *Gauge, _ int) {
		s.mu.Lock()
		n := s.N.Load()
		s.mu.Unlock()
		s.N.Store(n + 1)
	}, unguardedWrite},
	"c, RLock for a write": {func(s *Gauge, _ int) {
		s.rw.RLock()
		defer s.rw.RUnlock()
		s.N.Update(inc)
	}, []string{"lost update on Gauge.N", "data race (write under a read lock) on Gauge.N"}},
	"d, result of TryLock ignored": {func(s *Gauge, _ int) {
		s.mu.TryLock()
		s.N.Update(inc)
	}, unlockedAccess},
	"d, and unlocked": {func(s *Gauge, _ int) {
		s.mu.TryLock()
		s.N.Update(inc)
		s.mu.Unlock()
	}, append([]string{unlockOfUnlocked}, unlockedAccess...)},
	"e, no Unlock": {func(s *Gauge, _ int) {
		s.mu.Lock()
		s.N.Update(inc)
	}, []string{"deadlock: "}},
	"f, lock round the read only": {func(s *Gauge, _ int) { s.N.Store(s.value() + 1) }, unguardedWrite},
}

var (
	unlockedAccess = []string{"lost update on Gauge.N", "data race (unlocked "}
	unguardedWrite = []string{"lost update on Gauge.N", "data race ("}
	unguarded      = []string{unlockOfUnlocked, "lost update on Gauge.N", "data race (no lock) on Gauge.N"}
)

const unlockOfUnlocked = "misuse: unlock of unlocked mutex by worker["

func TestSeedS31NotReallyLocked(t *testing.T) {
	for name, test := range notLocked {
		t.Run(name, func(t *testing.T) {
			reports(t, gauge(2, test.do), gauge(10, test.do), test.want...)
		})
	}
	silent(t, gauge(10, func(s *Gauge, _ int) { s.locked() }))
}

// A write without the lock that the reads hold is an unlocked write, also where two
// such writes race.
func TestSeedS31UnlockedWrites(t *testing.T) {
	for _, name := range []string{"b, Unlock before the write", "f, lock round the read only"} {
		body := gauge(2, notLocked[name].do)
		reports(t, body, body, "lost update on Gauge.N", "data race (unlocked write) on Gauge.N")
	}
}

// The report of a lock that is never unlocked says who holds it and who waits where.
func TestSeedS31NoUnlockNamesTheHolder(t *testing.T) {
	r := check.Config{}.Search(t.Name(), gauge(2, notLocked["e, no Unlock"].do))
	require.NotEmpty(t, r.Findings)
	assert.Contains(t, r.Findings[0].Report, "waits to lock Gauge.mu at notlocked_test.go")
	assert.Regexp(t, `Gauge\.mu at notlocked_test\.go:\d+, held by worker\[\d\]`, r.Findings[0].Report)
}

// Branch is what AB against BA is made of.
type Branch struct{ A, B sched.Mutex }

func inOrder(first, second *sched.Mutex) {
	first.Lock()
	second.Lock()
	second.Unlock()
	first.Unlock()
}

// Two locks that are taken in both orders. Each is locked and unlocked as it should be.
func TestSeedS31LockOrder(t *testing.T) {
	ab := func(_ context.Context, s *Branch) error { inOrder(&s.A, &s.B); return nil }
	ba := func(_ context.Context, s *Branch) error { inOrder(&s.B, &s.A); return nil }
	reports(t, running(branches(ab, ba)), running(branches(ab, ba)), "deadlock: branch1 and branch2 wait for each other")
	silent(t, running(branches(ab, ab)))

	f := check.Config{}.Search(t.Name(), running(branches(ab, ba))).Findings[0]
	assert.Contains(t, f.Report, "branch1 waits to lock Branch.B")
	assert.Contains(t, f.Report, "branch2 waits to lock Branch.A")
	assert.Contains(t, f.Report, "lock-order inversion")
}

// O7: in how many schedules each shape of locking leaves which number. -1
// stands for schedules in which somebody waits for ever.
func TestSeedS31EverySchedule(t *testing.T) {
	bare := func(s *Gauge) { s.N.Update(inc) }
	for name, test := range map[string]struct {
		one, two func(s *Gauge)
		want     map[int]int
	}{
		"one lock":                    {(*Gauge).locked, (*Gauge).locked, map[int]int{2: 2}},
		"one of two forgets the lock": {(*Gauge).locked, bare, map[int]int{1: 9, 2: 6}},
		"lock round the read only":    {readLocked, readLocked, map[int]int{1: 6, 2: 4}},
		"no Unlock":                   {neverUnlocked, neverUnlocked, map[int]int{-1: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, endings(t, func() func() int {
				s := newGauge()
				tasks(func() { test.one(s) }, func() { test.two(s) })
				return s.N.Load
			}))
		})
	}
	assert.Equal(t, map[int]int{-1: 2, 0: 4}, endings(t, func() func() int {
		s := &Branch{}
		tasks(func() { inOrder(&s.A, &s.B) }, func() { inOrder(&s.B, &s.A) })
		return func() int { return 0 }
	}))
}

// endings is finals for programs in some of whose schedules somebody waits for ever.
func endings(t *testing.T, body func() (final func() int)) map[int]int {
	t.Helper()
	got := map[int]int{}
	var final func() int
	schedtest.Explore(t, sched.Config{}, func() { final = body() }, func(r *sched.Result) {
		if r.End != nil {
			got[-1]++
			return
		}
		got[final()]++
	})
	return got
}

func readLocked(s *Gauge)    { s.N.Store(s.value() + 1) }
func neverUnlocked(s *Gauge) { s.mu.Lock(); s.N.Update(inc) }

// notTaken are ways to write down that a lock is taken which do not take it, or take
// it when it is too late.
var notTaken = map[string]struct {
	do   func(s *Gauge, item int)
	want []string
}{
	"go Lock": {func(s *Gauge, _ int) {
		sched.Go(s.mu.Lock)
		s.N.Update(inc)
		s.mu.Unlock()
	}, unguarded},
	"defer Lock": {func(s *Gauge, _ int) {
		defer s.mu.Lock()
		s.N.Update(inc)
		s.mu.Unlock()
	}, unguarded},
	"defer Lock for defer Unlock": {func(s *Gauge, _ int) {
		s.mu.Lock()
		defer s.mu.Lock()
		s.N.Update(inc)
	}, []string{"deadlock: "}},
	"error of Acquire ignored": {func(s *Gauge, _ int) {
		ctx, cancel := sched.WithCancel(context.Background())
		cancel()
		_ = s.sem.Acquire(ctx, 1)
		s.N.Update(inc)
	}, []string{"lost update on Gauge.N", "data race (no lock) on Gauge.N"}},
}

func TestSeedS32AcquiringWithoutEffect(t *testing.T) {
	for name, test := range notTaken {
		t.Run(name, func(t *testing.T) {
			reports(t, gauge(2, test.do), gauge(10, test.do), test.want...)
		})
	}
	silent(t, gauge(10, func(s *Gauge, _ int) {
		if s.sem.Acquire(context.Background(), 1) == nil {
			defer s.sem.Release(1)
			s.N.Update(inc)
		}
	}))
}
