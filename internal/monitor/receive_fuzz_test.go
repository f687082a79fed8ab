package monitor

import (
	"testing"
	"time"
)

// FuzzReception receives any datagrams, as RTP or UDP, on one leg or two. No datagram
// makes it panic, and what is kept is bounded.
func FuzzReception(f *testing.F) {
	rtp := []byte{0x80, 33, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0x47, 0x1f, 0xff, 0x10}
	f.Add(rtp, uint8(16), uint8(0))
	f.Add(append([]byte{0x90, 33, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0xff, 0xff}, rtp...), uint8(20), uint8(1)) // An extension.
	f.Add(append([]byte{0xbf, 33}, rtp...), uint8(9), uint8(3))                                                  // 15 contributing sources, padding.
	f.Add([]byte{0x80, 200, 0, 6, 0, 0, 0, 1}, uint8(8), uint8(2))                                               // RTCP.
	f.Add([]byte{}, uint8(0), uint8(0))
	f.Fuzz(func(t *testing.T, b []byte, size, how uint8) {
		a := NewAnalyzer(Options{})
		legs := newReconstruction(make([]LegReport, 2), a.Datagram)
		at := time.Unix(1_700_000_000, 0)
		for i := 0; len(b) > 0; i++ {
			n := min(max(1, int(size)), len(b))
			at = at.Add(time.Duration(how) * time.Millisecond)
			if how&1 == 0 {
				a.Datagram(at, b[:n])
			} else {
				legs.datagram(i&1, at, b[:n])
				legs.advance(at)
			}
			b = b[n:]
		}
		legs.flush()
		a.flush()
		r := a.Report()
		_ = r.String()
		if len(a.sync.buf) > 65536 || len(a.queued) > maxQueued {
			t.Errorf("%d bytes and %d packets are kept", len(a.sync.buf), len(a.queued))
		}
	})
}
