package sched

// Guarded is data together with the lock that guards it: the data cannot be
// reached without the lock. The zero value holds the zero T and is unlocked. A
// Guarded must not be copied after first use.
type Guarded[T any] struct {
	mu Mutex
	v  T
}

// Do calls fn with the data, locked. The pointer must not be used after fn
// returns. Do waits while another Do runs; calling Do inside fn deadlocks. If
// fn panics the lock is released.
func (g *Guarded[T]) Do(fn func(v *T)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	fn(&g.v)
}
