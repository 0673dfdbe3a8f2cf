package std

// What is here stands for expressions that are no calls: method values, method
// expressions, and accesses of maps whose key comes from a call.

// Bind0 returns the method value of which f does the work, with the receiver p.
func Bind0[P any](f func(P), p P) func() { return func() { f(p) } }

// Bind0R1 is Bind0 for a method with a result.
func Bind0R1[P, R any](f func(P) R, p P) func() R { return func() R { return f(p) } }

// Bind1 is Bind0 for a method with a parameter.
func Bind1[P, A any](f func(P, A), p P) func(A) { return func(a A) { f(p, a) } }

// Bind1R1 is Bind0 for a method with a parameter and a result.
func Bind1R1[P, A, R any](f func(P, A) R, p P) func(A) R { return func(a A) R { return f(p, a) } }

// Bind1R2 is Bind0 for a method with a parameter and two results.
func Bind1R2[P, A, R, S any](f func(P, A) (R, S), p P) func(A) (R, S) {
	return func(a A) (R, S) { return f(p, a) }
}

// Bind2 is Bind0 for a method with two parameters.
func Bind2[P, A, B any](f func(P, A, B), p P) func(A, B) { return func(a A, b B) { f(p, a, b) } }

// Bind2R1 is Bind0 for a method with two parameters and a result.
func Bind2R1[P, A, B, R any](f func(P, A, B) R, p P) func(A, B) R {
	return func(a A, b B) R { return f(p, a, b) }
}

// Bind2R2 is Bind0 for a method with two parameters and two results.
func Bind2R2[P, A, B, R, S any](f func(P, A, B) (R, S), p P) func(A, B) (R, S) {
	return func(a A, b B) (R, S) { return f(p, a, b) }
}

// Bind3R1 is Bind0 for a method with three parameters and a result.
func Bind3R1[P, A, B, C, R any](f func(P, A, B, C) R, p P) func(A, B, C) R {
	return func(a A, b B, c C) R { return f(p, a, b, c) }
}

// BindLockerLock is the method value l.Lock.
func BindLockerLock(l interface{ Lock() }) func() {
	_ = l.Lock // panics here if l is nil
	return func() { LockerLock(l) }
}

// BindLockerUnlock is the method value l.Unlock.
func BindLockerUnlock(l interface{ Unlock() }) func() {
	_ = l.Unlock
	return func() { LockerUnlock(l) }
}

// BindLockerRLock is the method value l.RLock.
func BindLockerRLock(l interface{ RLock() }) func() {
	_ = l.RLock
	return func() { LockerRLock(l) }
}

// BindLockerRUnlock is the method value l.RUnlock.
func BindLockerRUnlock(l interface{ RUnlock() }) func() {
	_ = l.RUnlock
	return func() { LockerRUnlock(l) }
}

// BindLockerTryLock is the method value l.TryLock.
func BindLockerTryLock(l interface{ TryLock() bool }) func() bool {
	_ = l.TryLock
	return func() bool { return LockerTryLock(l) }
}

// BindLockerTryRLock is the method value l.TryRLock.
func BindLockerTryRLock(l interface{ TryRLock() bool }) func() bool {
	_ = l.TryRLock
	return func() bool { return LockerTryRLock(l) }
}

// Recv2As is [Recv2] whose second result has the type B.
func Recv2As[B ~bool, T any](ch <-chan T) (T, B) {
	v, ok := Recv2(ch)
	return v, B(ok)
}
