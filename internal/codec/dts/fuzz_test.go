package dts

import (
	"bytes"
	"testing"

	"github.com/lilo-live/lilo/internal/media"
)

func FuzzNew(f *testing.F) {
	f.Add(sample())
	f.Add(append(sample(), 0x64, 0x58, 0x20, 0x25, 0, 0, 0, 0))
	f.Add(withField(60, 6, 9))
	f.Add(withField(39, 7, 127))
	f.Fuzz(func(t *testing.T, sample []byte) {
		c, err := New(sample)
		if err != nil {
			return
		}
		if b := c.Buffer(); b.Leak <= 0 || b.Size <= 0 || c.String() == "" || c.SampleRate() <= 0 || c.FrameSamples() <= 0 || c.Channels() <= 0 {
			t.Errorf("%s: %+v, %d Hz, %d samples, %d channels", c, b, c.SampleRate(), c.FrameSamples(), c.Channels())
		}
		for _, unit := range [][]byte{sample, c.Silence()} {
			if got, err := c.AppendUnit(nil, unit, media.Place{}); err != nil || !bytes.Equal(got, unit) {
				t.Errorf("%x: became %x, %v", unit, got, err)
			}
		}
	})
}
