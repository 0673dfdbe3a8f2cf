//lint:file-ignore SA2001 the programs lock only to be scheduled

package race_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

// balance is two variables that belong together.
type balance struct {
	x, y race.Var[int]
	mu   sched.Mutex
	mx   sched.Mutex
	my   sched.Mutex
}

func (b *balance) locked(fn func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	fn()
}

func (b *balance) move()  { b.x.Update(func(n int) int { return n - 1 }); b.y.Update(inc) }
func (b *balance) total() { b.x.Load(); b.y.Load() }

func (b *balance) each(mx, my func()) {
	b.mx.Lock()
	mx()
	b.mx.Unlock()
	b.my.Lock()
	my()
	b.my.Unlock()
}

// Correct code in stages, and with variables that belong together: nothing is
// found in any schedule.
func TestStagesThatAreRight(t *testing.T) {
	twice := func(fn func()) func() { return func() { fn(); fn() } }
	x := func(v *race.Var[int]) func() { return func() { v.Update(inc) } }
	tests := []struct {
		name     string
		one, two func(b *balance)
	}{
		{"again and again under a lock", func(b *balance) { twice(func() { b.locked(b.move) })() },
			func(b *balance) { b.locked(b.total) }},
		{"read again and again", func(b *balance) { b.locked(b.move) },
			func(b *balance) { twice(func() { b.locked(b.total) })() }},
		{"two counters with a lock each", func(b *balance) { b.each(x(&b.x), x(&b.y)) },
			func(b *balance) { b.each(x(&b.x), x(&b.y)) }},
		{"two locks, both held", func(b *balance) { b.locked(func() { b.each(x(&b.x), x(&b.y)) }) },
			func(b *balance) { b.locked(func() { b.each(func() { b.x.Load() }, func() { b.y.Load() }) }) }},
		{"a flag that is looked at again", func(b *balance) { b.locked(func() { b.x.Store(1) }) },
			func(b *balance) {
				twice(func() { b.locked(func() { b.x.Load() }) })()
			}},
		{"written, and looked at later", func(b *balance) {
			b.locked(func() { b.x.Store(1) })
			b.locked(func() { b.x.Load() })
		}, func(b *balance) { b.locked(func() { b.x.Store(2) }) }},
		{"progress that is told", func(b *balance) {
			b.locked(func() { b.x.Store(1) })
			b.locked(func() { b.x.Store(2) })
		}, func(b *balance) { b.locked(func() { b.x.Load() }) }},
		{"children that it waits for", func(b *balance) {
			var wg sched.WaitGroup
			b.x.Load()
			wg.Go(func() { b.x.Store(1); b.y.Store(1) })
			wg.Wait()
			b.x.Load()
			b.y.Load()
		}, func(b *balance) {}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for name, around := range map[string]func(func()){"stage": usualStage, "together": plain} {
				_, got := counted(t, func() {
					b := &balance{}
					if name == "together" {
						race.Together(&b.x, &b.y)
					}
					tasks(func() { around(func() { test.one(b) }) }, func() { around(func() { test.two(b) }) })
				})
				assert.Empty(t, got, name)
			}
		})
	}
}

// A stage that is declared atomic may share its work, and be one of others.
func TestAtomicThatIsRight(t *testing.T) {
	b := func() *balance { return &balance{} }
	for name, body := range map[string]func(){
		"one lock": func() {
			b := b()
			stages(func() { b.locked(b.move) }, func() { b.locked(b.total) })
		},
		"children": func() {
			b := b()
			stages(func() {
				var wg sched.WaitGroup
				b.locked(func() {
					b.x.Load()
					wg.Go(func() { b.x.Store(1); b.y.Store(1) })
					wg.Wait()
					b.y.Load()
					b.x.Load()
				})
			}, func() { b.locked(func() { b.x.Store(3) }) })
		},
		"nested": func() {
			b := b()
			stages(func() { b.locked(func() { race.Atomic(b.move); race.Atomic(b.total) }) }, func() { b.locked(b.total) })
		},
		"two in a row": func() {
			b := b()
			sched.Go(func() { race.Atomic(func() { b.locked(b.total) }); race.Atomic(func() { b.locked(b.total) }) })
			sched.Go(func() { b.locked(b.move) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, got := counted(t, body)
			assert.Empty(t, got)
		})
	}
}

// Who reads what it has written itself has not read what was there before: of the
// six schedules three can be explained, also the one in which it does so between two
// writes of another.
func TestOwnValueHidesOthers(t *testing.T) {
	n, got := counted(t, func() {
		var x race.Var[int]
		stages(func() { x.Set(1); x.Set(2) }, func() { x.Set(3); x.Load() })
	})
	assert.Equal(t, 6, n)
	assert.Equal(t, counts{"atomicity violation (dirty read) on x": 1, "atomicity violation (overwritten write) on x": 3}, counts(got))
}

// Tasks that are in no stage are judged by what was declared, even if others are in
// one.
func TestTasksBesideStages(t *testing.T) {
	_, got := counted(t, func() {
		b := &balance{}
		sched.Go(func() { usualStage(func() { b.locked(func() {}) }) })
		tasks(func() { b.each(func() { b.x.Store(1) }, func() { b.y.Store(1) }) },
			func() { b.each(func() { b.x.Load() }, func() { b.y.Load() }) })
	})
	assert.Empty(t, got)
}

// An update is one as long as a lock is held, whatever else is locked meanwhile; and
// to read what was written is part of it.
func TestUpdatesThatAreOne(t *testing.T) {
	for name, update := range map[string]func(b *balance){
		"under a lock, twice": func(b *balance) {
			b.mu.Lock()
			b.x.Store(1)
			b.y.Store(1)
			b.mx.Lock()
			b.mx.Unlock()
			b.x.Store(2)
			b.mu.Unlock()
		},
		"read in between": func(b *balance) {
			b.mx.Lock()
			b.x.Update(inc)
			b.mx.Unlock()
			b.my.Lock()
			b.y.Store(b.x.Load())
			b.my.Unlock()
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, got := counted(t, func() {
				b := &balance{}
				sched.Describe(b)
				race.Together(&b.x, &b.y)
				tasks(func() { update(b) }, func() { b.y.Load(); b.x.Load() }, func() {})
			})
			assert.Contains(t, got, "torn snapshot on balance.x and balance.y")
		})
	}
	_, got := counted(t, func() { // a reader that comes between the last two writes
		b := &balance{}
		sched.Describe(b)
		race.Together(&b.x, &b.y)
		written := sched.NewChan[int](0)
		tasks(func() {
			b.mu.Lock()
			b.x.Store(1)
			b.y.Store(1)
			written.Send(0) // not forced to come before the last write
			b.x.Store(2)
			b.mu.Unlock()
		}, func() { written.Recv(); b.y.Load(); b.x.Load() })
	})
	assert.Contains(t, got, "torn snapshot on balance.x and balance.y")
}

// Three stages, each of which is before the next: a cycle that no two of them make.
func TestCycleOfThree(t *testing.T) {
	_, got := counted(t, func() {
		var v struct{ x, y, z race.Var[int] }
		sched.Describe(&v)
		stages(func() { v.x.Store(1); v.y.Load() }, func() { v.y.Store(1); v.z.Load() }, func() { v.z.Store(1); v.x.Load() })
	})
	assert.Contains(t, got, "atomicity violation (not serialisable) on state.x, state.y and state.z")
}

// A task between two atomic stages does what it does in its own order, which
// counts: it writes x and then y, and a stage reads x before and y after.
func TestOrderOfATaskThatIsNoStage(t *testing.T) {
	body := func(first, second func(b *balance)) func() {
		return func() {
			b := &balance{}
			sched.Describe(b)
			sched.Go(func() { race.Atomic(func() { first(b); second(b) }) })
			sched.Go(func() { b.x.Store(1); b.y.Store(1) })
		}
	}
	_, got := counted(t, body(func(b *balance) { b.x.Load() }, func(b *balance) { b.y.Load() }))
	assert.Equal(t, counts{"atomicity violation (not serialisable) on balance.x and balance.y": 1}, counts(got))
	_, got = counted(t, body(func(b *balance) { b.y.Load() }, func(b *balance) { b.x.Load() }))
	assert.Empty(t, got, "between the two writes is a moment")
}

// To write blindly loses nothing; to write after a look that found nothing is to
// check and then act.
func TestBlindWritesAndChecks(t *testing.T) {
	_, got := counted(t, func() {
		var x race.Var[int]
		task := func() { x.Load(); x.Set(1) }
		tasks(task, task)
	})
	assert.Empty(t, got)

	_, got = counted(t, func() {
		var m race.Map[string, int]
		var mu sched.Mutex
		locked := func(fn func()) { mu.Lock(); defer mu.Unlock(); fn() }
		tasks(func() { locked(func() { m.Lookup("k") }); locked(func() { m.Store("k", 1) }) },
			func() { locked(func() { m.Delete("k") }) })
	})
	assert.Empty(t, got, "to delete what is not there changes nothing")

	_, got = counted(t, func() {
		var m race.Map[string, int]
		var mu sched.Mutex
		task := func() {
			mu.Lock()
			_, ok := m.Lookup("k")
			mu.Unlock()
			if !ok {
				mu.Lock()
				m.Store("k", 1)
				mu.Unlock()
			}
		}
		tasks(task, task)
	})
	assert.Equal(t, counts{"atomicity violation (check-then-act) on m": 4}, counts(got))
}

// Elements of a map that were declared to belong together are read at one moment
// or not.
func TestTogetherInAMap(t *testing.T) {
	body := func(audit func(m *race.Map[string, int], locked func(func()))) func() {
		return func() {
			var m race.Map[string, int]
			var mu sched.Mutex
			locked := func(fn func()) { mu.Lock(); defer mu.Unlock(); fn() }
			m.Store("a", 1)
			m.Store("b", 1)
			race.Together(&m)
			tasks(func() { locked(func() { m.Update("a", inc) }); locked(func() { m.Update("b", inc) }) },
				func() { audit(&m, locked) })
		}
	}
	_, got := counted(t, body(func(m *race.Map[string, int], locked func(func())) {
		locked(func() { m.Load("a") })
		locked(func() { m.Load("b") })
	}))
	assert.Equal(t, counts{"torn snapshot on m": 2}, counts(got))
	_, got = counted(t, body(func(m *race.Map[string, int], locked func(func())) {
		locked(func() {
			for range m.All() {
			}
		})
	}))
	assert.Equal(t, counts{"torn snapshot on m": 1}, counts(got), "between the two updates")
}

// What each finding says about the code.
func TestAdvice(t *testing.T) {
	all := explained(t, func() {
		b := &balance{}
		sched.Describe(b)
		race.Together(&b.x, &b.y)
		sched.GoNamed("move", func() { b.each(func() { b.x.Update(inc) }, func() { b.y.Update(inc) }) })
		sched.GoNamed("audit", func() { b.each(func() { b.x.Load() }, func() { b.y.Load() }) })
	})
	require.Len(t, all, 1)
	e := all[0]
	assert.Equal(t, "torn snapshot of balance.x and balance.y: audit read them around an update by move", e.Summary)
	assert.Contains(t, e.Fix, "Hold one lock over all of the update by move")
	assert.Equal(t, "torn-snapshot", e.Page)
	assert.NotEmpty(t, e.Why)
	require.Len(t, e.Sites, 4)
	assert.Equal(t, []string{"balance.mx"}, e.Sites[0].Locks)
}
