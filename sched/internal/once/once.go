// Package once makes functions of package sync that are called once, such as
// sync.OnceValue, of anything that calls a function once.
package once

// Do calls its argument if it is its first call, as the method of a sync.Once does.
type Do func(f func())

// Func returns a function that calls f by do. If f panics, every call panics with the
// same value.
func Func(do Do, f func()) func() {
	c := call{do: do, f: f}
	return c.call
}

// Value is [Func] for a function that returns a value.
func Value[T any](do Do, f func() T) func() T {
	var value T
	once := Func(do, func() { value = f() })
	return func() T {
		once()
		return value
	}
}

// Values is [Func] for a function that returns two values.
func Values[T, U any](do Do, f func() (T, U)) func() (T, U) {
	var one T
	var two U
	once := Func(do, func() { one, two = f() })
	return func() (T, U) {
		once()
		return one, two
	}
}

// call remembers how its function ended.
type call struct {
	do    Do
	f     func()
	valid bool
	panic any
}

func (c *call) call() {
	c.do(c.first)
	if !c.valid {
		panic(c.panic)
	}
}

// first panics at once, if f does, so that its stack is seen.
func (c *call) first() {
	c.valid = false
	defer func() {
		if c.panic = recover(); !c.valid {
			panic(c.panic)
		}
	}()
	c.f()
	c.valid = true
}
