package monitor

import "github.com/lilo-live/lilo/internal/media"

// unit is one byte in the currency of the leaks: a leak of 1 bit/s takes one
// of them a tick, so that every fill is a whole number.
const unit = 8 * second

// tbSize is the size of TB and TBsys, in bytes (ISO/IEC 13818-1, 2.4.2.3).
const tbSize = 512

// leaky is a buffer that empties at a constant rate whenever there is
// something in it.
type leaky struct {
	rate int64
	size int64
	fill int64
	at   int64
	max  int64
	// emptied is when it last was empty.
	emptied int64
}

func newLeaky(rate media.BitRate, size int) leaky {
	return leaky{rate: max(int64(rate), 1), size: int64(size) * unit}
}

// restart empties it at a time.
func (l *leaky) restart(t int64) { l.fill, l.at, l.emptied = 0, t, t }

// leak lets out what leaves until t.
func (l *leaky) leak(t int64) {
	dt := t - l.at
	if dt <= 0 {
		return
	}
	l.at = t
	if dt > second && dt > l.fill/l.rate {
		l.fill = 0
	} else {
		l.fill = max(l.fill-l.rate*dt, 0)
	}
	if l.fill == 0 {
		l.emptied = t
	}
}

// put adds a byte at t. It reports whether that was one too many; the oldest
// byte then leaves early, so that one error does not breed others.
func (l *leaky) put(t int64) (over bool) {
	l.leak(t)
	l.fill += unit
	l.max = max(l.max, l.fill)
	if l.fill > l.size {
		l.fill -= unit
		return true
	}
	return false
}

// leaves is when the byte put last goes out, rounded up to a tick.
func (l *leaky) leaves() int64 { return l.at + (l.fill+l.rate-1)/l.rate }

// most is the highest fill there was, in bytes, rounded up.
func (l *leaky) most() int64 { return (l.max + unit - 1) / unit }
