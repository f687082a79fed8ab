package source

import (
	"io"
	"sync"
	"sync/atomic"
)

// Memory bounds what sources keep in memory of what was read from them. Those that share
// one must not keep more than its size together. Any goroutine may use it; a nil Memory
// keeps nothing.
type Memory struct{ free atomic.Int64 }

// NewMemory returns a Memory of that many bytes.
func NewMemory(size int64) *Memory {
	m := new(Memory)
	m.free.Store(size)
	return m
}

// reserve returns whether there is room for n bytes.
func (m *Memory) reserve(n int64) bool {
	if m == nil {
		return false
	}
	if m.free.Add(-n) >= 0 {
		return true
	}
	m.free.Add(n)
	return false
}

func (m *Memory) release(n int64) { m.free.Add(n) }

// keepSize is how many bytes are read and kept at a time.
const keepSize = 64 << 10

// kept is the content of a source as far as it was read: each part is read once. It needs
// no system call then, of which each would wake the runtime's monitor thread.
type kept struct {
	parts   []atomic.Pointer[[]byte] // of keepSize, the last is shorter
	size    int64
	reading sync.Mutex
}

func newKept(size int64) *kept {
	return &kept{parts: make([]atomic.Pointer[[]byte], (size+keepSize-1)/keepSize), size: size}
}

// readAt reads as io.ReaderAt does, from memory or through read.
func (k *kept) readAt(p []byte, off int64, read func([]byte, int64) (int, error)) (n int, err error) {
	for n < len(p) {
		at := off + int64(n)
		if at >= k.size {
			return n, io.EOF
		}
		part, err := k.part(at/keepSize, read)
		if err != nil {
			return n, err
		}
		n += copy(p[n:], part[at%keepSize:])
	}
	return n, nil
}

func (k *kept) part(i int64, read func([]byte, int64) (int, error)) ([]byte, error) {
	if part := k.parts[i].Load(); part != nil {
		return *part, nil
	}
	k.reading.Lock()
	defer k.reading.Unlock()
	if part := k.parts[i].Load(); part != nil {
		return *part, nil
	}
	at := i * keepSize
	part := make([]byte, min(keepSize, k.size-at))
	if n, err := read(part, at); n < len(part) {
		return nil, err
	}
	k.parts[i].Store(&part)
	return part, nil
}
