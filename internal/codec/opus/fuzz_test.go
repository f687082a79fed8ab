package opus

import (
	"bytes"
	"testing"

	"github.com/lilo-live/lilo/internal/media"
)

func FuzzNew(f *testing.F) {
	f.Add(dops(2, 0), []byte{0xfc, 1, 2})
	f.Add(dops(6, 1, 4, 2, 0, 4, 1, 2, 3, 5), []byte{0xff, 3, 1, 2})
	f.Add(dops(3, 1, 3, 0, 0, 1, 2), []byte{3<<3 | 1})
	f.Fuzz(func(t *testing.T, config, packet []byte) {
		c, err := New(config, packet)
		if err != nil {
			return
		}
		if b := c.Buffer(); b.Leak <= 0 || b.Size <= 0 || c.String() == "" || c.FrameSamples() <= 0 || c.Channels() <= 0 {
			t.Errorf("%s: %+v, %d samples, %d channels", c, b, c.FrameSamples(), c.Channels())
		}
		for _, unit := range [][]byte{packet, c.Silence()} {
			if len(unit) > c.maxPacket() {
				continue
			}
			got, err := c.AppendUnit(nil, unit, media.Place{})
			if err != nil || !bytes.HasSuffix(got, unit) || len(got) > len(unit)+c.Extra(0) {
				t.Errorf("%x: became %x, %v, Extra is %d", unit, got, err, c.Extra(0))
			}
		}
		if len(c.Silence()) > c.maxPacket() {
			t.Errorf("silence of %d bytes, %d are the most", len(c.Silence()), c.maxPacket())
		}
	})
}
