package race

import "github.com/ravelgo/ravel/sched"

// Var is a variable of type T that tasks share. The zero value holds the zero
// T. It makes no access safe: whatever synchronises the tasks must do so, and
// the search tells whether it does. A Var must not be copied after first use.
type Var[T any] struct {
	obj sched.Object
	v   T
}

const kindVar sched.Kind = "var"

// Load reads the variable. It is one operation.
func (v *Var[T]) Load() T {
	if t := sched.Current(); t != nil {
		return v.load(t)
	}
	return v.v
}

// Store writes the variable. It is one operation. If the task has read the variable
// before, and another one has written it since, that write counts as lost, as x may
// depend on what was read; if it does not, use [Var.Set].
func (v *Var[T]) Store(x T) {
	if t := sched.Current(); t != nil {
		t.Write(&v.obj, kindVar, -1, 0)
		v.stored(t, x)
		return
	}
	v.v = x
}

// Set is [Var.Store] of a value that does not depend on what the variable held: to
// write it over another task's is what is meant, and no lost update.
func (v *Var[T]) Set(x T) {
	if t := sched.Current(); t != nil {
		t.Set(&v.obj, kindVar, -1, 0)
		v.stored(t, x)
		return
	}
	v.v = x
}

// Update writes fn of what it reads, and returns it: v++ is Update of a
// function that adds one. It is two operations, a read and a write, and other
// tasks may come between them unless a lock keeps them out.
func (v *Var[T]) Update(fn func(T) T) T {
	x := fn(v.Load())
	v.Store(x)
	return x
}

func (v *Var[T]) load(t *sched.Task) T {
	t.Read(&v.obj, kindVar, -1, 0)
	if t.Recording() {
		t.Value(v.v)
	}
	return v.v
}

func (v *Var[T]) stored(t *sched.Task, x T) {
	v.v = x
	if t.Recording() {
		t.Value(x)
	}
}
