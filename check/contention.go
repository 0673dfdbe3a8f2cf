package check

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ravelgo/ravel/sched"
)

// LockWait is how much tasks have waited for a lock.
type LockWait struct {
	// Lock is its name.
	Lock string
	// Taken counts how often it was taken, Waited how often of these a task had to
	// wait, and Operations what the other tasks did meanwhile, added up.
	Taken, Waited, Operations int
}

// contention adds up what recorded runs tell of locks.
type contention struct {
	locks map[string]*LockWait
}

// add looks at a run. A task has waited for a lock if somebody has unlocked it
// after the task came to it.
func (c *contention) add(rec *sched.Record) {
	if c.locks == nil {
		c.locks = map[string]*LockWait{}
	}
	unlocked := map[int]int{} // by object: the last unlock
	for _, s := range rec.Steps {
		op := s.Op.String()
		if s.Side || s.Object < 0 || !strings.HasSuffix(op, "lock") {
			continue
		}
		if strings.HasSuffix(op, "unlock") {
			unlocked[s.Object] = s.N
			continue
		}
		name := rec.Objects[s.Object].Name
		w := c.locks[name]
		if w == nil {
			w = &LockWait{Lock: name}
			c.locks[name] = w
		}
		w.Taken++
		if n := unlocked[s.Object] - s.Since; n > 0 {
			w.Waited++
			w.Operations += n
		}
	}
}

// waits returns the locks that tasks have waited for.
func (c *contention) waits() []LockWait {
	var all []LockWait
	for _, w := range c.locks {
		if w.Waited > 0 {
			all = append(all, *w)
		}
	}
	slices.SortFunc(all, func(a, b LockWait) int {
		return cmp.Or(cmp.Compare(b.Operations, a.Operations), cmp.Compare(a.Lock, b.Lock))
	})
	return all
}
