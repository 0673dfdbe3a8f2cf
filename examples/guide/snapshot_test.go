package guide

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// Accounts are two balances, the sum of which is 100.
type Accounts struct {
	muA sched.Mutex
	A   race.Var[int]
	muB sched.Mutex
	B   race.Var[int]
	mu  sched.Mutex // of those who take one lock for both
}

func newAccounts() *Accounts {
	s := &Accounts{}
	s.A.Store(50)
	s.B.Store(50)
	return s
}

// section calls fn, under a lock if there is one.
func section(mu *sched.Mutex, fn func()) {
	if mu != nil {
		mu.Lock()
		defer mu.Unlock()
	}
	fn()
}

// locking is which locks are taken: for A, for B and for both at once.
type locking func(s *Accounts) (a, b, both *sched.Mutex)

func noLock(*Accounts) (a, b, both *sched.Mutex)         { return nil, nil, nil }
func lockPerField(s *Accounts) (a, b, both *sched.Mutex) { return &s.muA, &s.muB, nil }
func lockTwice(s *Accounts) (a, b, both *sched.Mutex)    { return &s.mu, &s.mu, nil }
func lockOnce(s *Accounts) (a, b, both *sched.Mutex)     { return nil, nil, &s.mu }

// move moves 1 from A to B.
func (s *Accounts) move(locks locking) {
	a, b, both := locks(s)
	section(both, func() {
		section(a, func() { s.A.Update(dec) })
		section(b, func() { s.B.Update(inc) })
	})
}

// audit reads both.
func (s *Accounts) audit(locks locking) int {
	sum := 0
	a, b, both := locks(s)
	section(both, func() {
		section(a, func() { sum += s.A.Load() })
		section(b, func() { sum += s.B.Load() })
	})
	return sum
}

// transfer is one branch that moves money and one that adds it up.
func transfer(locks locking) func(*check.T) {
	return runningOn(branches(
		func(_ context.Context, s *Accounts) error { s.move(locks); return nil },
		func(_ context.Context, s *Accounts) error { s.audit(locks); return nil },
	), newAccounts)
}

// Two fields that are read together can be read around somebody's update. A lock for
// each of them mends the race and not that; one lock for both does.
func TestSeedS15TornSnapshot(t *testing.T) {
	torn := "torn snapshot of Accounts.A and Accounts.B"
	reports(t, transfer(noLock), transfer(noLock),
		torn, "data race (no lock) on Accounts.A", "data race (no lock) on Accounts.B")
	reports(t, transfer(lockPerField), transfer(lockPerField), torn)
	silent(t, transfer(lockOnce))
}

// sums is a writer that sets A to 49 and B to 51, one access each, and a reader; the
// two declare that the fields belong together, as they are no steps of a pipeline.
func sums(locks locking) func() (sum func() int) {
	return func() func() int {
		s, sum := newAccounts(), 0
		sched.Describe(s)
		race.Together(&s.A, &s.B)
		a, b, both := locks(s)
		tasks(func() {
			section(both, func() {
				section(a, func() { s.A.Store(49) })
				section(b, func() { s.B.Store(51) })
			})
		}, func() { sum = s.audit(locks) })
		return func() int {
			if s.A.Load()+s.B.Load() != 100 {
				return -1
			}
			return sum
		}
	}
}

// O5. A section under a lock counts as one access: nobody comes between.
func TestSeedS15EverySchedule(t *testing.T) {
	all := map[int]int{100: 4, 99: 1, 101: 1}
	for name, locks := range map[string]locking{"no lock": noLock, "one lock twice": lockTwice} {
		assert.Equal(t, all, finals(t, sums(locks)), name)
		n, show := findings(t, func() { sums(locks)() })
		assert.Equal(t, 6, n, name)
		assert.Equal(t, 2, show["torn snapshot on Accounts.A and Accounts.B"], name)
	}
	assert.Equal(t, map[int]int{100: 2}, finals(t, sums(lockOnce)))

	n, show := findings(t, func() { sums(lockOnce)() })
	assert.Equal(t, 2, n)
	assert.Empty(t, show)
}

// A lock for each field: a section is not contiguous to those who use the other
// lock. The orders that matter are four, with the same sums.
func TestSeedS15LockPerField(t *testing.T) {
	st := strategy.DPOR()
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	got := map[int]bool{}
	for st.Next() {
		var sum func() int
		if r := sim.Run(st, 1, func() { sum = sums(lockPerField)() }); r.End == nil {
			got[sum()] = true
		}
	}
	require.NoError(t, st.Err())
	assert.Equal(t, 4, st.Traces())
	assert.Equal(t, map[int]bool{99: true, 100: true, 101: true}, got)
}

// Publication is a value and a flag that says that it is there.
type Publication struct {
	mu    sched.Mutex
	V     race.Var[int]
	Ready race.Var[bool]
}

// publish writes the value and then the flag; use reads them the other way round.
func (s *Publication) publish() { s.V.Store(1); s.Ready.Store(true) }
func (s *Publication) use(t assert.TestingT) {
	if s.Ready.Load() {
		assert.Equal(t, 1, s.V.Load())
	}
}

// All values look right, and yet nothing promises that the writes are seen in the
// order in which they were made.
func TestSeedS16Visibility(t *testing.T) {
	body := func(lock func(s *Publication) *sched.Mutex) func(*check.T) {
		return func(t *check.T) {
			s := &Publication{}
			_, err := branches(
				func(_ context.Context, s *Publication) error { section(lock(s), s.publish); return nil },
				func(_ context.Context, s *Publication) error {
					section(lock(s), func() { s.use(t) })
					return nil
				},
			).Run(t.Context(), s, engine.RunOptions{})
			require.NoError(t, err)
		}
	}
	bare := body(func(*Publication) *sched.Mutex { return nil })
	reports(t, bare, bare, "data race (no lock) on Publication.Ready", "data race (no lock) on Publication.V")
	silent(t, body(func(s *Publication) *sched.Mutex { return &s.mu }))
}

func TestSeedS16EverySchedule(t *testing.T) {
	n, show := findings(t, func() {
		s := &Publication{}
		sched.Describe(s)
		tasks(s.publish, func() { s.use(t) })
	})
	assert.Equal(t, map[string]int{
		"data race on Publication.Ready": n,
		"data race on Publication.V":     1, // where it is read
	}, show)
}

// Two maps side by side are two roots. The first thing that the printed example
// tells is that this must be said; the snippets of the documents are compiled and run
// by the tests of examples/wordcount.
func TestSeedS17PrintedExamples(t *testing.T) {
	sideBySide := func(opts engine.Options) *engine.Pipeline[Fields] {
		p := engine.New[Fields]("fields", opts)
		addMap(p, "spawnA", 10, 0, func(_ context.Context, s *Fields, item int) error { s.addA(item); return nil })
		addMap(p, "spawnB", 10, 0, func(_ context.Context, s *Fields, item int) error { s.addB(item); return nil })
		return p
	}
	_, err := sideBySide(engine.Options{}).Run(t.Context(), &Fields{}, engine.RunOptions{})
	var definition *engine.DefinitionError
	require.ErrorAs(t, err, &definition)
	require.Len(t, definition.Findings, 1)
	assert.Contains(t, definition.Findings[0], "spawnA, spawnB")
	assert.Contains(t, definition.Findings[0], "[roots]")

	s := &Fields{}
	_, err = sideBySide(engine.Options{MultiRoot: true}).Run(t.Context(), s, engine.RunOptions{})
	require.NoError(t, err)
	assert.Equal(t, [2]int{45, 45}, [2]int{s.A.Load(), s.B.Load()})
}
