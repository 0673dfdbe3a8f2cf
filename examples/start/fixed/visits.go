// Package visits counts the visits of the pages of a site.
package visits

import (
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

// Site counts its visits, of all pages and of each. Any number of tasks may use it.
type Site struct {
	mu    sched.Mutex // guards the fields below
	total race.Var[int]
	pages race.Map[string, int]
}

// Visit counts a visit of a page.
func (s *Site) Visit(page string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total.Store(s.total.Load() + 1)
	s.pages.Store(page, s.pages.Load(page)+1)
}

// Total returns the number of visits.
func (s *Site) Total() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.total.Load()
}
