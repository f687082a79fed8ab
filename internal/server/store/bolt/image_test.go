package bolt

import "testing"

// A span lies in its page as a whole, or is none.
func TestSpan(t *testing.T) {
	p := page{data: make([]byte, 10)}
	for _, c := range []struct {
		at, n uint64
		lies  bool
	}{{0, 10, true}, {9, 1, true}, {10, 0, true}, {0, 11, false}, {9, 2, false}, {10, 1, false}, {11, 0, false}, {1, 1<<64 - 1, false}} {
		b := p.span(c.at, c.n)
		if (b != nil) != c.lies || c.lies && uint64(len(b)) != c.n {
			t.Errorf("%d bytes at %d: %v, want them: %v", c.n, c.at, b, c.lies)
		}
	}
}
