// Package properties has a store of numbers, right and wrong, that is tested by
// properties: docs/properties.md goes through it.
package properties

import (
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

// Store keeps a number for each key.
type Store struct {
	mu      sched.Mutex
	numbers race.Map[string, int]
	hasty   bool
}

// Get returns the number of a key, 0 if it has none.
func (s *Store) Get(key string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.numbers.Load(key)
}

// Add adds to the number of a key and returns the sum.
func (s *Store) Add(key string, n int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	sum := s.numbers.Load(key) + n
	if s.hasty {
		s.mu.Unlock() // the mistake: somebody else may add now
		s.mu.Lock()
	}
	s.numbers.Store(key, sum)
	return sum
}
