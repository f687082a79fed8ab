package monitor

// queue is a first-in first-out queue whose elements keep their number, counted
// from 0, while they are in it: those from first to before end.
type queue[T any] struct {
	ring       []T
	first, end int64
}

// newQueue has room for n elements, a power of two, and grows as needed.
func newQueue[T any](n int) queue[T] { return queue[T]{ring: make([]T, n)} }

func (q *queue[T]) len() int { return int(q.end - q.first) }

// at returns element i, nil if it is not in the queue.
func (q *queue[T]) at(i int64) *T {
	if i < q.first || i >= q.end {
		return nil
	}
	return &q.ring[i&int64(len(q.ring)-1)]
}

// push appends v and returns its number.
func (q *queue[T]) push(v T) int64 {
	if n := len(q.ring); q.len() == n {
		bigger := make([]T, 2*n)
		for i := q.first; i < q.end; i++ {
			bigger[i&int64(2*n-1)] = q.ring[i&int64(n-1)]
		}
		q.ring = bigger
	}
	q.end++
	*q.at(q.end - 1) = v
	return q.end - 1
}

func (q *queue[T]) pop() { q.first++ }
