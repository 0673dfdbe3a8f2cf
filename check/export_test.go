package check

import "slices"

// FirstRun returns the number of the first run of a search that shows a problem
// of one of the kinds, or 0.
func (c Config) FirstRun(name string, body func(*T), kinds ...string) int {
	s := newSearch(name, c.filled(name).unsaved(), body)
	defer s.close()
	s.explore()
	first := 0
	for _, c := range s.candidates {
		if slices.Contains(kinds, c.kind) && (first == 0 || c.run < first) {
			first = c.run
		}
	}
	return first
}

// Shrink searches for a problem of a kind and returns the fewest preemptions that
// it finds for it, and whether there are none with fewer.
func (c Config) Shrink(name string, body func(*T), kind string) (preemptions int, minimal, found bool) {
	s := newSearch(name, c.filled(name).unsaved(), body)
	defer s.close()
	s.explore()
	i := slices.IndexFunc(s.candidates, func(c candidate) bool { return c.kind == kind })
	if i < 0 {
		return 0, false, false
	}
	small := s.shrink(s.candidates[i])
	return small.preemptions, small.minimal, true
}
