package playout

import (
	"time"

	"github.com/lilo-live/lilo/internal/packet"
)

// Stream is a constant-rate transport stream as a function of time: packet n always has
// the same bytes. Packets count from 0 at the epoch. One goroutine at a time calls Fill,
// and one, perhaps another, Idle; any goroutine may call the other methods at any time.
//
// A Stream that may have to wait for its source also has a method Waits() bool, which
// reports whether it may now. Its reads then get goroutines of their own.
type Stream interface {
	// Fill writes packets n, n+1, … into dst, whose length is a multiple of packet.Size.
	// It may block to read the source. An error is final.
	Fill(dst []byte, n packet.Number) error
	// Idle writes the packets that Fill does, but null packets in place of those that
	// need the source. It never blocks.
	Idle(dst []byte, n packet.Number)
	// Due returns when the first byte of packet n leaves after the epoch, rounded up to
	// a nanosecond.
	Due(n packet.Number) time.Duration
	// Before returns how many packets are due before d after the epoch, which is the
	// first n with Due(n) ≥ d. It is 0 for d ≤ 0.
	Before(d time.Duration) packet.Number
	// RTPTime returns the 90 kHz RTP timestamp of packet n (RFC 2250, 2).
	RTPTime(n packet.Number) uint32
	// BitRate returns the rate of the stream in bit/s, rounded.
	BitRate() int64
	// Lap returns the lap that packet n belongs to, from 0.
	Lap(n packet.Number) int64
}
