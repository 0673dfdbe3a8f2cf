package std

// loader and the interfaces below it are pointers to the types of package
// sync/atomic, by their methods.
type loader[A, V any] interface {
	*A
	Load() V
}

type storer[A, V any] interface {
	*A
	Store(V)
}

type adder[A, V any] interface {
	*A
	Add(V) V
}

type swapper[A, V any] interface {
	*A
	Swap(V) V
}

type ander[A, V any] interface {
	*A
	And(V) V
}

type orer[A, V any] interface {
	*A
	Or(V) V
}

type comparer[A, V any] interface {
	*A
	CompareAndSwap(V, V) bool
}

// BindAtomicLoad is the method value p.Load.
func BindAtomicLoad[P loader[A, V], A, V any](p P) func() V {
	return func() V { return AtomicLoad(p) }
}

// BindAtomicStore is the method value p.Store.
func BindAtomicStore[P storer[A, V], A, V any](p P) func(V) {
	return func(v V) { AtomicStore(p, v) }
}

// BindAtomicAdd is the method value p.Add.
func BindAtomicAdd[P adder[A, V], A, V any](p P) func(V) V {
	return func(delta V) V { return AtomicAdd(p, delta) }
}

// BindAtomicSwap is the method value p.Swap.
func BindAtomicSwap[P swapper[A, V], A, V any](p P) func(V) V {
	return func(v V) V { return AtomicSwap(p, v) }
}

// BindAtomicAnd is the method value p.And.
func BindAtomicAnd[P ander[A, V], A, V any](p P) func(V) V {
	return func(mask V) V { return AtomicAnd(p, mask) }
}

// BindAtomicOr is the method value p.Or.
func BindAtomicOr[P orer[A, V], A, V any](p P) func(V) V {
	return func(mask V) V { return AtomicOr(p, mask) }
}

// BindAtomicCompareAndSwap is the method value p.CompareAndSwap.
func BindAtomicCompareAndSwap[P comparer[A, V], A, V any](p P) func(old, new V) bool {
	return func(old, new V) bool { return AtomicCompareAndSwap(p, old, new) }
}

// ExprAtomicLoad is the method expression P.Load.
func ExprAtomicLoad[P loader[A, V], A, V any](P) func(P) V { return AtomicLoad[P, A, V] }

// ExprAtomicStore is the method expression P.Store.
func ExprAtomicStore[P storer[A, V], A, V any](P) func(P, V) { return AtomicStore[P, A, V] }

// ExprAtomicAdd is the method expression P.Add.
func ExprAtomicAdd[P adder[A, V], A, V any](P) func(P, V) V { return AtomicAdd[P, A, V] }

// ExprAtomicSwap is the method expression P.Swap.
func ExprAtomicSwap[P swapper[A, V], A, V any](P) func(P, V) V { return AtomicSwap[P, A, V] }

// ExprAtomicAnd is the method expression P.And.
func ExprAtomicAnd[P ander[A, V], A, V any](P) func(P, V) V { return AtomicAnd[P, A, V] }

// ExprAtomicOr is the method expression P.Or.
func ExprAtomicOr[P orer[A, V], A, V any](P) func(P, V) V { return AtomicOr[P, A, V] }

// ExprAtomicCompareAndSwap is the method expression P.CompareAndSwap.
func ExprAtomicCompareAndSwap[P comparer[A, V], A, V any](P) func(P, V, V) bool {
	return AtomicCompareAndSwap[P, A, V]
}
