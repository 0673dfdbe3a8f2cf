// Package ordinary has code that does not know ravel, and loses updates. One command
// shows that:
//
//	go run ./check/cmd/ravel test -tags demo ./examples/ordinary
package ordinary

import "sync"

// State is what the workers share.
type State struct {
	Counter int
	Results []int
}

// Work lets ten workers count.
func Work(s *State) {
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			s.Counter++
			s.Results = append(s.Results, i)
		}()
	}
	wg.Wait()
}
