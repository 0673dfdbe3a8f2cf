// Package visits counts the visits of the pages of a site.
package visits

import (
	"github.com/ravelgo/ravel/race"
)

// Site counts its visits, of all pages and of each. Any number of tasks may use it.
type Site struct {
	total race.Var[int]
	pages race.Map[string, int]
}

// Visit counts a visit of a page.
func (s *Site) Visit(page string) {
	s.total.Store(s.total.Load() + 1)
	s.pages.Store(page, s.pages.Load(page)+1)
}

// Total returns the number of visits.
func (s *Site) Total() int {
	return s.total.Load()
}
