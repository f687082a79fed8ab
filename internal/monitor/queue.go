package monitor

// queue is a first-in first-out queue whose elements keep their number, from
// 0 on, while they are in it. It grows to what it ever held and not on.
type queue[T any] struct {
	ring  []T
	first int64
	last  int64
}

// newQueue has room for n at first, a power of two.
func newQueue[T any](n int) queue[T] { return queue[T]{ring: make([]T, n)} }

func (q *queue[T]) begin() int64 { return q.first }
func (q *queue[T]) end() int64   { return q.last }
func (q *queue[T]) len() int     { return int(q.last - q.first) }
func (q *queue[T]) clear()       { q.first = q.last }
func (q *queue[T]) pop()         { q.first++ }

func (q *queue[T]) at(i int64) *T { return &q.ring[i&int64(len(q.ring)-1)] }

// push appends v and returns its number.
func (q *queue[T]) push(v T) int64 {
	if q.len() == len(q.ring) {
		q.grow()
	}
	*q.at(q.last) = v
	q.last++
	return q.last - 1
}

func (q *queue[T]) grow() {
	bigger := queue[T]{make([]T, 2*len(q.ring)), q.first, q.last}
	for i := q.first; i < q.last; i++ {
		*bigger.at(i) = *q.at(i)
	}
	*q = bigger
}
