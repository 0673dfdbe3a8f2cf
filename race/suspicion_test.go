//lint:file-ignore SA2001 the programs lock only to be scheduled

package race_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// That no lock guards a variable is a suspicion; it is refuted if another order of
// the accesses is impossible, or if a lock keeps each pair of them apart.
func TestUnguardedVariables(t *testing.T) {
	type shared struct {
		x       race.Var[int]
		a, b, c sched.Mutex
		rw      sched.RWMutex
		ready   sched.Chan[int]
		sem     *sched.Semaphore
	}
	under := func(fn func(), locks ...interface {
		Lock()
		Unlock()
	}) {
		for _, l := range locks {
			l.Lock()
			defer l.Unlock()
		}
		fn()
	}
	pass := func(mu *sched.Mutex) { mu.Lock(); mu.Unlock() }
	tests := []struct {
		name    string
		body    func(s *shared, write func())
		suspect bool // else all suspicions are refuted
		refuted bool // or there is none
	}{
		{"hidden by a lock", func(s *shared, write func()) {
			tasks(func() { write(); pass(&s.a) }, func() { pass(&s.a); write() })
		}, true, false},
		{"hidden by a lock, under read locks", func(s *shared, write func()) {
			tasks(func() { under(write, s.rw.RLocker()); pass(&s.a) }, func() { pass(&s.a); under(write, s.rw.RLocker()) })
		}, true, false},
		{"one lock", func(s *shared, write func()) {
			tasks(func() { under(write, &s.a) }, func() { under(write, &s.a) })
		}, false, false},
		{"a lock for each pair", func(s *shared, write func()) {
			tasks(func() { under(write, &s.a, &s.b) }, func() { under(write, &s.b, &s.c) }, func() { under(write, &s.a, &s.c) },
				func() { under(write, &s.a, &s.b) })
		}, false, true},
		{"a message", func(s *shared, write func()) {
			tasks(func() { write(); s.ready.Send(1) }, func() { s.ready.Recv(); write() })
		}, false, true},
		{"a semaphore", func(s *shared, write func()) {
			task := func() { _ = s.sem.Acquire(t.Context(), 1); write(); s.sem.Release(1) }
			tasks(task, task)
		}, true, false}, // that it is a lock is not known: steering tells
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tr := &race.Tracker{}
			sim := sched.NewSim(sched.Config{Observer: tr})
			defer sim.Close()
			st := strategy.RoundRobin()
			st.Next()
			r := sim.Run(st, 1, func() {
				s := &shared{ready: sched.NewChan[int](1), sem: sched.NewSemaphore(1)}
				test.body(s, func() { s.x.Update(inc) })
			})
			require.NoError(t, r.End)
			assert.Empty(t, tr.Findings())
			suspect, refuted := false, false
			for _, s := range tr.Suspicions() {
				assert.Equal(t, race.DataRace, s.Kind)
				suspect, refuted = suspect || !s.Refuted, refuted || s.Refuted
			}
			assert.Equal(t, test.suspect, suspect, "suspected")
			assert.Equal(t, test.refuted, refuted, "refuted")
		})
	}
}
