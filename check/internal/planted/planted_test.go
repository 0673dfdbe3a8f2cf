// Package planted has a bug that takes four rare orders, to measure how a fuzzer
// finds it.
package planted

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/atomic"
)

const rounds = 10

// next is the table of a machine: in state s only one number leads on.
var next [5][rounds + 1]int

func init() {
	for s := range next {
		for v := range next[s] {
			next[s][v] = s
		}
	}
	next[0][2], next[1][4], next[2][7], next[3][9] = 1, 2, 3, 4
}

// FuzzFour fails if a reader looks at four cells, one after the other, at the four
// right moments. No branch of the code tells how many of them it has met so far.
func FuzzFour(f *testing.F) {
	check.Fuzz(f, func(t *check.T, r *rapid.T) {
		var cells [len(next)]atomic.Int64
		var wg sched.WaitGroup
		wg.Go(func() {
			for v := range rounds {
				for i := range cells {
					cells[i].Store(int64(v + 1))
					cells[(i+3)%len(cells)].Store(0) // what was stored two steps before
				}
			}
		})
		wg.Go(func() {
			s := 0
			for range 4 {
				s = next[s][cells[s].Load()]
				sched.Yield()
			}
			if s == 4 {
				t.Error("the machine has come to its end")
			}
		})
		wg.Wait()
	})
}
