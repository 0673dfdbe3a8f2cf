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

// Cache is data that steps share; N counts its uses.
type Cache struct {
	N    race.Var[int]
	Hits race.Map[string, int]
}

// Session is a state that nobody changes but for the cache in it, which cannot be
// reached without its lock.
type Session struct {
	UserID int
	cache  sched.Guarded[Cache]
}

func (s *Session) use() {
	s.cache.Do(func(c *Cache) {
		c.N.Update(inc)
		c.Hits.Update("all", inc)
	})
}

// Immutable state, and beside it what changes in a sched.Guarded: the sum is right
// on every schedule.
func TestSeedS18MutableDataBesideItsLock(t *testing.T) {
	body := func(n int) func(*check.T) {
		p := workers(n, 0, func(_ context.Context, s *Session, _ int) error { s.use(); return nil })
		return func(t *check.T) {
			s := &Session{UserID: 7}
			_, err := p.Run(t.Context(), s, engine.RunOptions{})
			require.NoError(t, err)
			s.cache.Do(func(c *Cache) {
				require.Equal(t, n, c.N.Load())
				require.Equal(t, n, c.Hits.Load("all"))
			})
		}
	}
	silent(t, body(3))
	silent(t, body(10))
	for n, want := range map[int]int{2: 2, 3: 6} {
		assert.Equal(t, map[int]int{n: want}, finals(t, func() func() int {
			s := &Session{}
			for range n {
				sched.Go(s.use)
			}
			return func() (sum int) {
				s.cache.Do(func(c *Cache) { sum = c.N.Load() })
				return sum
			}
		}))
	}
}

// A pointer that is let out of the closure is a way round the lock.
func TestSeedS18PointerLetOut(t *testing.T) {
	body := func(n int) func(*check.T) {
		return running(workers(n, 0, func(_ context.Context, s *Session, item int) error {
			if item > 0 {
				s.use()
				return nil
			}
			var out *Cache
			s.cache.Do(func(c *Cache) { out = c })
			out.N.Update(inc)
			return nil
		}))
	}
	reports(t, body(2), body(10), "lost update on Session.cache.N:", "data race (unlocked ")
}

// Pages is a cache with a locked get and a locked set.
type Pages struct {
	mu      sched.Mutex // guards the fields below
	Entries race.Map[string, int]
	Fetches race.Var[int]
}

func (c *Pages) Get(k string) (int, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.Entries.Lookup(k)
}

func (c *Pages) Set(k string, fetch func() int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Entries.Store(k, fetch())
}

// fetch is what costs money.
func (c *Pages) fetch() int { c.Fetches.Update(inc); return 1 }

// checkThenAct is right in each line, and not as a whole.
func (c *Pages) checkThenAct(k string) {
	if _, ok := c.Get(k); !ok {
		c.Set(k, c.fetch)
	}
}

// getOrSet does both under the lock.
func (c *Pages) getOrSet(k string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.Entries.Lookup(k); !ok {
		c.Entries.Store(k, c.fetch())
	}
}

// fetching lets n workers ask for one page, which is to be fetched once.
func fetching(n int, ask func(c *Pages, k string)) func(*check.T) {
	p := workers(n, 0, func(_ context.Context, c *Pages, _ int) error { ask(c, "k"); return nil })
	return func(t *check.T) {
		c := &Pages{}
		check.Invariant(func() error {
			if n := c.Fetches.Load(); n > 1 {
				return fmt.Errorf("the page was fetched %d times", n)
			}
			return nil
		})
		_, err := p.Run(t.Context(), c, engine.RunOptions{})
		require.NoError(t, err)
	}
}

// A locked get and a locked set are no locked get-or-set. There is no data race.
func TestSeedS19CheckThenAct(t *testing.T) {
	reports(t, fetching(2, (*Pages).checkThenAct), fetching(10, (*Pages).checkThenAct),
		"atomicity violation (check-then-act) on Pages.Entries", "broken invariant at context_test.go")
	silent(t, fetching(3, (*Pages).getOrSet))
	silent(t, fetching(10, (*Pages).getOrSet))
}

// fetches is O6: how often a page is fetched by so many workers.
var fetches = counting{
	2: {1: 2, 2: 4},
	3: {1: 6, 2: 24, 3: 36},
	4: {1: 24, 2: 144, 3: 432, 4: 576},
	5: {1: 120, 2: 960, 3: 4320, 4: 11520, 5: 14400},
}

func TestSeedS19EverySchedule(t *testing.T) {
	for n, want := range fetches {
		t.Run(fmt.Sprintf("%d workers", n), func(t *testing.T) {
			assert.Equal(t, want, finals(t, func() func() int {
				c := &Pages{}
				for range n {
					sched.Go(func() { c.checkThenAct("k") })
				}
				return c.Fetches.Load
			}))
		})
	}
	n, show := findings(t, func() {
		c := &Pages{}
		sched.Describe(c)
		tasks(func() { c.checkThenAct("k") }, func() { c.checkThenAct("k") })
	})
	assert.Equal(t, 6, n)
	assert.Equal(t, map[string]int{"atomicity violation on Pages.Entries": 4}, show)
}

// Stock is what is checked in one section and changed in another one, in forms that
// are no lookup of a key.
type Stock struct {
	mu    sched.Mutex // guards the fields below
	List  race.Slice[int]
	Names race.Map[string, int]
}

// Check-then-act in other forms than a lookup and a store of a key: that the two
// belong together has to be said.
func TestSeedS19OtherForms(t *testing.T) {
	for name, do := range map[string]func(s *Stock){
		"length of an empty list, then append": func(s *Stock) {
			n := 0
			section(&s.mu, func() { n = s.List.Len() })
			if n == 0 {
				section(&s.mu, func() { s.List.Append(1) })
			}
		},
		"number of keys, then a new one": func(s *Stock) {
			n := 0
			section(&s.mu, func() { n = s.Names.Len() })
			if n == 0 {
				section(&s.mu, func() { s.Names.Store("k", 1) })
			}
		},
		"lookup, then update": func(s *Stock) {
			found := false
			section(&s.mu, func() { _, found = s.Names.Lookup("k") })
			if !found {
				section(&s.mu, func() { s.Names.Update("k", inc) })
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			body := running(workers(2, 0, func(_ context.Context, s *Stock, _ int) error {
				race.Atomic(func() { do(s) })
				return nil
			}))
			reports(t, body, body, "atomicity violation (")
		})
	}
}
