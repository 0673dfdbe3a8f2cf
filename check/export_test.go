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
