//lint:file-ignore SA2001 the programs lock only to be scheduled

package race_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// locking returns a task that locks one after the other and unlocks them.
func locking(locks ...interface {
	Lock()
	Unlock()
}) func() {
	return func() {
		for _, l := range locks {
			l.Lock()
			defer l.Unlock()
		}
	}
}

// In the plain schedule nobody meets anybody. What it tells about the order of
// locks is what other schedules may come to.
func TestLockOrder(t *testing.T) {
	var a, b, c, gate sched.Mutex
	var rw sched.RWMutex
	tests := []struct {
		name string
		body func()
		want []string
	}{
		{"F1 two locks", func() { tasks(locking(&a, &b), locking(&b, &a)) }, []string{"a and b"}},
		{"F2 behind a gate", func() { tasks(locking(&gate, &a, &b), locking(&gate, &b, &a)) }, nil},
		{"F3 three locks", func() { tasks(locking(&a, &b), locking(&b, &c), locking(&c, &a)) }, []string{"a and b and c"}},
		{"one order", func() { tasks(locking(&a, &b), locking(&b, &c), locking(&a, &c)) }, nil},
		{"one task", func() { sched.Go(func() { locking(&a, &b)(); locking(&b, &a)() }) }, nil},
		{"one after the other", func() {
			var wg sched.WaitGroup
			wg.Go(locking(&a, &b))
			wg.Wait()
			wg.Go(locking(&b, &a))
			wg.Wait()
		}, nil},
		{"by a message", func() {
			ready := sched.NewChan[int](1)
			tasks(func() { locking(&a, &b)(); ready.Send(1) }, func() { ready.Recv(); locking(&b, &a)() })
		}, nil},
		{"read locks", func() { tasks(locking(rw.RLocker(), &a), locking(&a, rw.RLocker())) }, nil},
		{"a read lock and a write lock", func() { tasks(locking(rw.RLocker(), &a), locking(&a, &rw)) }, []string{"a and rw"}},
		{"a lock that is only tried", func() {
			tasks(locking(&a, &b), func() {
				b.Lock()
				defer b.Unlock()
				if a.TryLock() {
					a.Unlock()
				}
			})
		}, nil},
		{"not unlocked in order", func() {
			tasks(func() {
				a.Lock()
				b.Lock()
				a.Unlock()
				c.Lock()
				c.Unlock()
				b.Unlock()
			}, locking(&c, &a), locking(&c, &b))
		}, []string{"b and c"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tr := &race.Tracker{}
			sim := sched.NewSim(sched.Config{Observer: tr, Record: true})
			defer sim.Close()
			st := strategy.RoundRobin()
			st.Next()
			r := sim.Run(st, 1, func() {
				sched.Named("a", &a)
				sched.Named("b", &b)
				sched.Named("c", &c)
				sched.Named("rw", &rw)
				test.body()
			})
			assert.NoError(t, r.End)
			assert.Empty(t, tr.Findings())
			var got []string
			for _, s := range tr.Suspicions() {
				assert.Equal(t, race.LockOrder, s.Kind)
				assert.False(t, s.Refuted)
				e := s.Explain(r.Record)
				got = append(got, fmt.Sprint(list(e.Sites)))
			}
			assert.Equal(t, test.want, got)
		})
	}
}

// list names the locks that are held at the sites, each once, sorted.
func list(sites []race.Site) string {
	held := map[string]bool{}
	for i := 0; i < len(sites); i += 2 {
		held[sites[i].Object] = true
	}
	text := ""
	for _, name := range []string{"a", "b", "c", "rw"} {
		if held[name] {
			if text != "" {
				text += " and "
			}
			text += name
		}
	}
	return text
}
