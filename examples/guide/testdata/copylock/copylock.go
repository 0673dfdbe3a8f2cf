// Package copylock copies a lock with its struct, which go vet reports.
package copylock

import "github.com/ravelgo/ravel/sched"

// State is a count and its lock.
type State struct {
	mu sched.Mutex
	n  *int
}

// Inc locks a lock of its own: the receiver is a copy.
func (s State) Inc() {
	s.mu.Lock()
	defer s.mu.Unlock()
	*s.n++
}
