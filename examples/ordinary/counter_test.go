//go:build demo

package ordinary

import "testing"

// With go test it passes nearly always.
func TestWork(t *testing.T) {
	var s State
	Work(&s)
	if s.Counter != 10 || len(s.Results) != 10 {
		t.Errorf("counted %d, with %d results", s.Counter, len(s.Results))
	}
}
