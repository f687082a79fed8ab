package playout

import (
	"testing"

	"github.com/lilo-live/lilo/internal/packet"
)

// An output that sends shorter datagrams from now on goes on with the first whole one.
func TestDestinationAdoptsShorterDatagrams(t *testing.T) {
	out := &recorder{packets: 6}
	for _, c := range []struct {
		before     packet.Number
		next, want datagramNumber
		skipped    int64
	}{
		{7, 10, 12, 1}, // Packet 70 lies in datagram 11, which begins with 66.
		{7, 6, 7, 0},   // Packet 42 begins datagram 7.
		{6, 10, 10, 0}, // Nothing has changed.
	} {
		d := destination{out: out, packets: c.before, next: c.next}
		d.adopt()
		if d.packets != 6 || d.next != c.want || d.counts.skipped.Load() != c.skipped {
			t.Errorf("datagram %d of %d packets becomes %d of %d, %d skipped; want %d of 6, %d skipped",
				c.next, c.before, d.next, d.packets, d.counts.skipped.Load(), c.want, c.skipped)
		}
	}
}
