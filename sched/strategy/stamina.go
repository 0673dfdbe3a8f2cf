package strategy

import "github.com/ravelgo/ravel/sched"

// stamina notes how often in a row a task went on while others could: one that
// waits in a loop for another must let it go on some time.
type stamina struct{ last, row int }

// maxRow is how often in a row a task may go on.
const maxRow = 1000

func (s *stamina) reset() { s.last, s.row = -1, 0 }

// spent notes that t goes on and reports whether another one should be next.
func (s *stamina) spent(t *sched.Task) bool {
	if t.ID() != s.last {
		s.last, s.row = t.ID(), 0
	}
	if s.row++; s.row < maxRow {
		return false
	}
	s.row = 0
	return true
}

// another draws one of the ready tasks other than the one with the given number,
// if there is one.
func (d *dice) another(c *sched.Choice, id int) int {
	i := d.below(c.N)
	if c.Task(i).ID() == id {
		return (i + 1 + d.below(c.N-1)) % c.N
	}
	return i
}
