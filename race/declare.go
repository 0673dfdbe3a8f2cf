package race

import "github.com/ravelgo/ravel/sched"

// Atomic calls fn, which is meant to be as if nothing else happened meanwhile. In
// a simulation whatever shows that something did is reported, although each
// access may be locked: a value that was read twice and differs, an intermediate
// value that another task has read, several variables that no order of events
// explains. It synchronises nothing, and outside a simulation it only calls fn.
// An Atomic in another one belongs to that.
//
// Orders that starting tasks, waiting for their end and messages force are no
// violation, so fn may share its work among tasks that it waits for. Of a run with
// very many accesses in stages only the first part is judged: half a million
// comparisons.
func Atomic(fn func()) {
	t := sched.Current()
	if t == nil {
		fn()
		return
	}
	t.EnterStage(true)
	defer t.LeaveStage()
	fn()
}

// Shared is a [Var], [Slice] or [Map] by its address.
type Shared interface {
	shared() (*sched.Object, sched.Kind)
}

func (v *Var[T]) shared() (*sched.Object, sched.Kind)    { return &v.obj, kindVar }
func (s *Slice[T]) shared() (*sched.Object, sched.Kind)  { return &s.obj, kindSlice }
func (m *Map[K, V]) shared() (*sched.Object, sched.Kind) { return &m.obj, kindMap }

type together []int

// Together declares that variables belong together, such as the two sides of a
// balance: who reads several of them, at one time or one after the other, is meant
// to see them as they were between two updates. Of a [Slice] or [Map] all elements
// belong to the group. A variable belongs to the group that was declared last.
//
// It is declared in each run, before the tasks that use the variables. Outside a
// simulation it does nothing.
func Together(vars ...Shared) {
	t := sched.Current()
	if t == nil {
		return
	}
	var all together
	for _, v := range vars {
		all = append(all, t.Number(v.shared()))
	}
	t.Declare(all)
}
