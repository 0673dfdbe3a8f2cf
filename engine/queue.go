package engine

// queue is a first-in, first-out queue. Its memory follows the most that it has
// held, not what has gone through it. The zero value is empty.
type queue[T any] struct {
	all  []T // those before head are taken
	head int
}

func (q *queue[T]) len() int { return len(q.all) - q.head }

// push adds v at the end. It makes room at the front when half of what there is
// has been taken.
func (q *queue[T]) push(v T) {
	if len(q.all) == cap(q.all) && q.head > len(q.all)/2 {
		n := copy(q.all, q.all[q.head:])
		clear(q.all[n:])
		q.all, q.head = q.all[:n], 0
	}
	q.all = append(q.all, v)
}

// first returns the first element. The queue is not empty.
func (q *queue[T]) first() T { return q.all[q.head] }

// pop removes and returns the first element. The queue is not empty.
func (q *queue[T]) pop() T {
	var none T
	v := q.all[q.head]
	q.all[q.head] = none
	if q.head++; q.head == len(q.all) {
		q.all, q.head = q.all[:0], 0
	}
	return v
}

func (q *queue[T]) clear() { *q = queue[T]{} }
